import type { ModelInfo, StageInfo } from "../../workers/protocol";

/** What the tests of the page take for a loaded model. */
export const info = {
  id: "m",
  samplers: [
    { id: "ddim", label: "DDIM" },
    { id: "euler", label: "Euler" },
  ],
  pipelines: [
    { id: "text-to-image", label: "Text to image", inputs: [], settings: [], output: "picture" },
    { id: "image-to-image", label: "Image to image", inputs: ["image"], settings: [], output: "picture" },
    { id: "inpainting", label: "Inpainting", inputs: ["image", "mask"], settings: [], output: "picture" },
  ],
  defaults: {
    prompt: "",
    negativePrompt: "",
    sampler: "euler",
    steps: 20,
    guidanceScale: 5,
    seed: 0,
    width: 128,
    height: 128,
  },
  sizeMultiple: 8,
  minSize: 64,
  maxSize: 256,
} as Partial<ModelInfo> as ModelInfo;

/** A stage of so many steps, from the first on. */
export const stageInfo = (steps: number): StageInfo => ({
  name: "First pass",
  first: 0,
  steps,
  space: "latents",
  preview: {
    kind: "linear",
    factors: [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [0, 0, 0],
    ],
    bias: [0, 0, 0],
    scale: 8,
  },
});
