import type { ModelInfo } from "../../workers/protocol";

/** What the tests of the page take for a loaded model. */
export const info = {
  id: "m",
  samplers: [
    { id: "ddim", label: "DDIM" },
    { id: "euler", label: "Euler" },
  ],
  tasks: ["text-to-image", "image-to-image", "inpainting"],
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
} as ModelInfo;
