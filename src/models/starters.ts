/** Public repositories that run in a browser. What is downloaded is listed from the hub itself; sizes here are what to expect. */
export interface Starter {
  repository: string;
  title: string;
  about: string;
  /** bytes of the files that a run needs, about */
  bytes: number;
  license: string;
  conditions: string;
  /** float16 tensors that only an adapter with shader-f16 takes at speed */
  needsHalf: boolean;
}

const RESEARCH = "No commercial use; research and private use under Stability AI's terms.";
const RAIL =
  "Free use, also commercial, except for the uses that the licence forbids (harm, deception, discrimination).";

export const STARTERS: readonly Starter[] = [
  {
    repository: "schmuell/sd-turbo-ort-web",
    title: "SD-Turbo",
    about: "One step, 512 x 512",
    bytes: 2_513_937_681,
    license: "Stability AI non-commercial research licence",
    conditions: RESEARCH,
    needsHalf: true,
  },
  {
    repository: "nmkd/stable-diffusion-1.5-onnx-fp16",
    title: "Stable Diffusion 1.5",
    about: "All samplers, from a picture too, 512 x 512",
    bytes: 2_140_000_000,
    license: "CreativeML OpenRAIL-M",
    conditions: RAIL,
    needsHalf: true,
  },
  {
    repository: "aislamov/lcm-dreamshaper-v7-onnx",
    title: "LCM Dreamshaper 7",
    about: "Four steps, 512 x 512",
    bytes: 2_140_000_000,
    license: "CreativeML OpenRAIL-M",
    conditions: RAIL,
    needsHalf: true,
  },
  {
    repository: "aislamov/stable-diffusion-2-1-base-onnx",
    title: "Stable Diffusion 2.1 base",
    about: "All samplers, 512 x 512",
    bytes: 2_600_000_000,
    license: "CreativeML OpenRAIL++-M",
    conditions: RAIL,
    needsHalf: true,
  },
  {
    repository: "webnn/sdxl-turbo",
    title: "SDXL-Turbo, 4 bits",
    about: "One step, two text encoders, 512 x 512",
    bytes: 2_502_000_000,
    license: "Stability AI non-commercial research licence",
    conditions: RESEARCH,
    needsHalf: true,
  },
];
