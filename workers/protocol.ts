/**
 * The types that cross the thread boundary between the page (or the terminal) and the engine.
 * This file imports nothing and contains no code.
 */

/** What the visitor asked for: `auto` takes WebGPU on real hardware and the CPU otherwise. */
export type DevicePreference = "auto" | "webgpu" | "cpu";

/** What the engine runs on. */
export type Backend =
  | { kind: "webgpu"; adapter: string; shaderF16: boolean; software: boolean }
  | { kind: "cpu"; threads: number; reason?: string };

/** A closed set: what the page can react to. The message carries the cause and the remedy, in one sentence. */
export type EngineErrorName =
  | "InvalidSetting" // a setting out of range
  | "ModelFileMissing" // a file that the model needs is not there
  | "ModelFileCorrupt" // cut short, or its SHA-256 differs
  | "ModelUnsupported" // the model's graph or config cannot be run
  | "NetworkFailed" // the model's source does not answer
  | "DeviceUnavailable" // the forced backend does not exist here
  | "DeviceLost" // the GPU device or the worker died
  | "OutOfMemory"
  | "NotFinite" // NaN or infinity in the latents or the picture
  | "Cancelled"
  | "Internal";

/** NCHW, float32, row-major. `data.length` is the product of `dims`. */
export interface Tensor {
  data: Float32Array;
  dims: [number, number, number, number];
}

/** Everything that decides one picture. */
export interface Settings {
  prompt: string;
  negativePrompt: string;
  /** id of one of `ModelInfo.samplers` */
  sampler: string;
  /** number of denoising steps, 1 or more */
  steps: number;
  /** classifier-free guidance scale; 1 or less runs the conditional branch alone */
  guidanceScale: number;
  /** 0 to 1: how far the guided prediction's deviation is brought back to the conditional one's (Lin et al. 2023); 0 when absent */
  guidanceRescale?: number;
  /** the part of the steps that are guided, from and to, 0 to 1; all when absent */
  guidanceInterval?: [number, number];
  /** DDIM and TCD: 0 (when absent) is deterministic, 1 as random as the sampler goes */
  eta?: number;
  /** 0 to 2^53 - 1, as in `torch.Generator().manual_seed(seed)` */
  seed: number;
  /** pixels, a multiple of `ModelInfo.sizeMultiple` */
  width: number;
  height: number;
}

/** Where a model's files come from: the address of a folder in the diffusers layout. */
export interface ModelSource {
  /** the name of the folder, which is also the key of the model's cache */
  id: string;
  /** absolute URL of the folder, ending in `/` */
  url: string;
}

/** What the page needs to know about a loaded model. */
export interface ModelInfo {
  id: string;
  title: string;
  license: string;
  samplers: { id: string; label: string }[];
  tasks: Task[];
  defaults: Settings;
  /** width and height are multiples of this, in pixels */
  sizeMultiple: number;
  minSize: number;
  maxSize: number;
  /** Linear map from one latent pixel to RGB in -1..1: `rgb = factors^T latent + bias`; `factors` has one row a channel. */
  preview: { factors: [number, number, number][]; bias: [number, number, number] };
  /** pixels per latent pixel along each side */
  vaeScaleFactor: number;
  latentChannels: number;
  backend: Backend;
}

/** Progress of `load`. Bytes are of the stored (not the transferred) files. */
export interface LoadProgress {
  stage: "fetch" | "verify" | "session";
  /** path of the file inside the model's folder */
  file: string;
  loadedBytes: number;
  totalBytes: number;
}

/** How the text encoder reads a prompt. */
export interface PromptReading {
  /** tokens used, begin and end tokens included */
  tokens: number;
  /** tokens that the text encoder's window holds */
  limit: number;
  /** the part of the prompt that lies beyond the window; empty when all was read */
  unread: string;
}

/** One denoising step, as it is streamed. Its buffers are transferred. */
export interface Step {
  /** 0 for the first step */
  index: number;
  total: number;
  timestep: number;
  /** noise level in the variance-exploding view, in standard deviations of the latents: sigma / alpha */
  sigma: number;
  milliseconds: number;
  /** the noisy latents after this step */
  x: Tensor;
  /** the estimate of x0 that the step was made from */
  denoised: Tensor;
}

/**
 * Where to go on: the steps that arrived, oldest first. The last one's `x` is the state; a multistep sampler
 * reads the `denoised` of the ones before. The random numbers that those steps drew are drawn again and thrown away.
 */
export interface ResumePoint {
  steps: Step[];
}

/** What a model can be asked for. */
export type Task = "text-to-image" | "image-to-image" | "inpainting";

export interface GenerateRequest {
  settings: Settings;
  /** The picture to start from, of the settings' size; strength 0 to 1 is how much of the schedule is run over it. */
  image?: { picture: Picture; strength: number };
  /** With `image`: white is made anew, black is kept. */
  mask?: Picture;
  resume?: ResumePoint;
}

/** sRGB, 8 bits, `width * height * 4` bytes, alpha 255. */
export interface Picture {
  width: number;
  height: number;
  rgba: Uint8ClampedArray<ArrayBuffer>;
}

/** The time that went where, in milliseconds. `sessionRun` is the sum of the bare session runs. */
export interface RunTimings {
  textEncoder: number;
  denoise: number;
  decode: number;
  sessionRun: number;
  total: number;
}

export interface GenerateResult {
  picture: Picture;
  latents: Tensor;
  reading: { prompt: PromptReading; negativePrompt: PromptReading };
  timings: RunTimings;
}

/**
 * What `engine.worker.ts` exposes through comlink. One run at a time; calls that need the sessions wait for each other.
 *
 * From its start to its end the worker also holds the Web Lock that bears its own name (`self.name`): no event tells the page that
 * a worker was ended, but its locks are released.
 */
export interface Engine {
  /** Fetches, checks and loads a model; replaces the one that was loaded. */
  load(source: ModelSource, device: DevicePreference, onProgress: (progress: LoadProgress) => void): Promise<ModelInfo>;
  /** Runs one picture. Each `onStep` is awaited: that is the back-pressure, and what lets a cancel in. */
  generate(request: GenerateRequest, onStep: (step: Step) => void | Promise<void>): Promise<GenerateResult>;
  /** Decodes latents (of any step) in full. */
  decode(latents: Tensor): Promise<Picture>;
  readPrompt(prompt: string): Promise<PromptReading>;
  /** Ends the run at its next step; `generate` rejects with `Cancelled`. Without a run it does nothing. */
  cancel(): void;
}
