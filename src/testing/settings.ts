import type { Settings } from "../../workers/protocol";

/** A value of each setting that is not a default. The type asks for one of every setting. */
export const OTHER_VALUES: Required<Settings> = {
  prompt: 'a cat, "quoted": 50 %\n日本 🐈',
  negativePrompt: "dog",
  plainPrompt: true,
  sampler: "ddim",
  steps: 7,
  guidanceScale: 4.5,
  guidanceRescale: 0.3,
  guidanceInterval: [0.2, 0.8],
  eta: 0.4,
  seed: 12345678901,
  noiseSeed: 99,
  maskFeather: 12,
  variation: { seed: 5, strength: 0.25, of: { seed: 6, strength: 0.5 } },
  highResolution: { scale: 2, steps: 3, strength: 0.2, upscaler: "pixels" },
  takeover: { stage: 1, step: 2, levels: "euler" },
  width: 192,
  height: 64,
};
