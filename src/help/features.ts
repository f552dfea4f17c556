import type sizes from "./pictures.json";

/** One of `npm run pictures`. */
export interface Picture {
  name: keyof typeof sizes;
  alt: string;
}

/** What the app does beyond a prompt and its picture, in the order in which one comes across it. */
export const FEATURES: [feature: string, how: string, picture: Picture][] = [
  [
    "Suggestions and marks",
    "What the model was taught is suggested while you type; words that it never saw are underlined. The count of tokens stands below the prompt.",
    {
      name: "marks",
      alt: "A prompt with an underlined word, the sentence about it, suggestions and the count of tokens.",
    },
  ],
  [
    "Timeline",
    "Every step stays: click the strip below the picture, drag over it, or use the arrow keys; play it, and decode any step in full.",
    { name: "timeline", alt: "A finished picture above the strip of its steps; an early, noisy step is chosen." },
  ],
  [
    "Branch",
    "From any step on with another prompt, guidance scale, sampler or noise seed; the steps before it are taken over.",
    { name: "branch", alt: "The banner of a branch from a step, with the settings that may change." },
  ],
  [
    "Start image",
    "Drop, paste or choose a picture, or use a finished one. Strength says how much of it is made anew: a low one keeps it, 1 keeps nothing.",
    { name: "start-image", alt: "A picture made from a start image, which stands by the prompt with its strength." },
  ],
  [
    "Inpainting",
    "Paint over a part of the start image to have it made anew. Beyond the feathered edge nothing changes.",
    { name: "inpainting", alt: "The mask editor: a part of the start image is painted over." },
  ],
  [
    "Outpainting",
    "Extend the start image to any side, or zoom out to all of them. The new room is filled from the prompt.",
    {
      name: "outpainting",
      alt: "A picture that was extended to the right, beside the settings that it was made with.",
    },
  ],
  [
    "Vary or upscale",
    "Four variations that stay near a picture or go far from it, the same settings with another seed, or the picture at twice the size in a second pass. What was asked for together is shown as a grid.",
    { name: "variations", alt: "Four variations of a picture as a grid, each with what can be made of it." },
  ],
  [
    "X/Y/Z plot",
    "Every combination of up to three lists of values. Numbers: 1, 2, 5 or 1-5 or 1-9 (+2) or 0-1 [5]. Prompt S/R looks for the first value and replaces it by each; quotes keep a comma.",
    { name: "plot", alt: "A plot of three guidance scales and two prompts, and the axes that it was asked for with." },
  ],
  [
    "Compare",
    "Two finished pictures side by side, or under a slider, with the settings in which they differ.",
    { name: "compare", alt: "Two pictures side by side, and the settings in which they differ." },
  ],
  [
    "Save as",
    "PNG, JPEG or WebP, a sheet of all steps, or a video of them.",
    { name: "export", alt: "The dialog with the kinds of files, a contact sheet chosen." },
  ],
  [
    "Settings in files",
    "Every PNG made here holds its settings, also as the text that AUTOMATIC1111 reads. Opening, dropping or pasting a picture made with Darkroom, AUTOMATIC1111, Forge, Civitai, ComfyUI, SwarmUI, InvokeAI, NovelAI, Draw Things, Easy Diffusion, Fooocus or RuinedFooocus loads them and names what is not applied. So does a copied link.",
    {
      name: "metadata",
      alt: "Settings read from a file of AUTOMATIC1111's, and a list of what has no counterpart here.",
    },
  ],
  [
    "Queue",
    "What runs and what waits, with the time left: put it in another order (Alt with Up and Down), cancel one or all, and be notified of long runs. Tabs take turns.",
    { name: "queue", alt: "A running picture and two that wait, with their settings and the time left." },
  ],
  [
    "Resume",
    "A run that was cancelled, or interrupted by a crash, a closed tab or a reload, resumes at its last step.",
    { name: "unfinished", alt: "The offer to go on with a run that was broken off." },
  ],
  [
    "Gallery",
    "Finished pictures are kept in this browser: search, reuse, compare, delete, and export all as one zip.",
    { name: "gallery", alt: "The gallery with its pictures and the search." },
  ],
  [
    "Models and LoRAs",
    "Download a model from a hub, once its licence is accepted, or open a folder on the disk; a download that was paused or broken off goes on where it was. A LoRA is a .safetensors file from there, or dropped on the page: its weight is chosen, and the model is loaded again with it. Its pictures name it.",
    { name: "models", alt: "The built-in model, a field for a repository and a list of known ones." },
  ],
];
