/**
 * The types that cross the thread boundary between the page (or the terminal) and the engine.
 * This file imports only the types of tensor/ and contains no code.
 */
import type { Picture } from "./tensor/pixels.ts";
import type { Tensor } from "./tensor/tensor.ts";

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
  | "DiskFull" // the disk, or the share of it that the browser gives the page
  | "StorageUnavailable" // the browser keeps no files for the page
  | "Busy" // something else of the same kind is in progress
  | "NotFinite" // NaN or infinity in the latents or the picture
  | "Cancelled"
  | "Internal";

export type { Picture, Tensor };

/** Everything that decides one picture. */
export interface Settings {
  /**
   * With AUTOMATIC1111's weights, schedules and alternations, read in as many chunks as it takes; so is the negative prompt. Its tags
   * (`<lora:name:1>`) and `#` comments are taken out, and AND is read as a comma.
   */
  prompt: string;
  negativePrompt: string;
  /** both prompts as diffusers reads them: brackets are text, and what lies beyond the text encoder's window is cut */
  plainPrompt?: boolean;
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
  /**
   * Where the sampler's noise comes from, when not from `seed` as the first latents do: each step draws what it would have drawn if the
   * whole run had this seed. 0 to 2^53 - 1. Samplers without noise do not heed it.
   */
  noiseSeed?: number;
  /**
   * With a mask: its edge is blended over so many pixels outwards, 0 to 64, and beyond them the result is the start image, pixel for pixel.
   * When absent the picture is as the VAE decodes it.
   */
  maskFeather?: number;
  /** The first noise is turned towards another seed's. */
  variation?: Variation;
  /** The latents are enlarged when the steps are done, and denoised once more. */
  highResolution?: HighResolution;
  /** In a branch: the sampler is not the one that the run began with. */
  takeover?: Takeover;
  /** pixels, a multiple of `ModelInfo.sizeMultiple` */
  width: number;
  height: number;
}

/** Spherical interpolation from the noise of `Settings.seed` to that of another seed (AUTOMATIC1111's variation seed). */
export interface Variation {
  /** 0 to 2^53 - 1 */
  seed: number;
  /** 0 is the seed's own noise, 1 the variation seed's */
  strength: number;
  /** the variation that this one is a variation of: its noise takes the place of the seed's */
  of?: Variation;
}

/** The second pass of a picture that is larger than what the model was trained on (AUTOMATIC1111's hires. fix). */
export interface HighResolution {
  /** more than 1 and up to 4: the sides are this many times as long, rounded to `ModelInfo.sizeMultiple` */
  scale: number;
  /** steps of the second pass, which follow `Settings.steps` of the first one */
  steps: number;
  /** above 0, to 1: how much noise the second pass begins with */
  strength: number;
  /**
   * What is enlarged: "latent" the latents, bilinearly (when absent); "pixels" the decoded picture, by Lanczos, which the VAE encodes again. Enlarged
   * latents decode to a smeared picture that only a large strength mends.
   */
  upscaler?: "latent" | "pixels";
}

/** Another sampler takes over in the middle of a run. Only together with the steps before it (`GenerateRequest.resume`). */
export interface Takeover {
  /** the stage that it happens in, 0 when absent */
  stage?: number;
  /** index of the first step that is the new sampler's; the ones before are not history to it */
  step: number;
  /** id of the sampler that the run began with: its noise levels stay the run's */
  levels: string;
}

/** A LoRA in safetensors. */
export interface LoraFile {
  /** of the file */
  name: string;
  /** 1 as it was trained, 0 none of it */
  scale: number;
  file: Blob;
}

/** A LoRA in the weights of a loaded model. */
export interface MergedLora {
  /** of the file */
  name: string;
  scale: number;
  /** first 12 digits of the SHA-256 of the file behind its header, as AUTOMATIC1111 tells LoRAs apart */
  hash: string;
}

/** Where a model's files come from, and what is merged into its weights as it is loaded. `id` names the model, here and in settings. */
export type ModelSource = { id: string; loras?: LoraFile[] } & (
  | {
      /** a folder at an absolute URL, ending in `/`; `id` is also the key of its cache */ url: string /** for messages */;
      title?: string;
    }
  | { /** downloaded from a hub, or copied from a folder, by the `ModelLibrary` */ stored: true }
  | {
      /** on the visitor's disk, read in place: a handle, or all files with their paths inside the folder */ folder: ModelFolder;
    }
);

export type ModelFolder = FileSystemDirectoryHandle | { path: string; file: File }[];

/** A repository of a hub that speaks the Hugging Face hub's API. */
export interface RepositoryAddress {
  /** the hub, an absolute URL ending in `/` */
  readonly hub: string;
  /** `owner/name` */
  readonly repository: string;
  /** a branch, a tag or a commit */
  readonly revision: string;
  /** the folder in the repository that holds the model, without a slash at its ends; absent for the root */
  readonly folder?: string;
}

/** A file and what its publisher recorded of its content. */
export interface RepositoryFile {
  readonly path: string;
  readonly content: {
    /** "git-blob": SHA-1 over git's header `blob <bytes>\0` and the content, which is all that git records of a small file */
    readonly algorithm: "sha256" | "git-blob";
    /** lower-case hexadecimal */
    readonly digest: string;
    /** length of the content */
    readonly bytes: number;
  };
}

export type Precision = "float16" | "float32";

/** What a hub has of a model, before any byte of its files is fetched. */
export interface OfferedModel {
  readonly id: string;
  readonly title: string;
  readonly address: RepositoryAddress;
  /** what the revision stood for when it was listed: all is fetched from it */
  readonly commit: string;
  /** as the model card names it */
  readonly license: string | undefined;
  readonly gated: boolean;
  /** those that a run needs, by their paths in the model's folder */
  readonly files: readonly RepositoryFile[];
  /** what the name of each part's graph says of its precision */
  readonly parts: readonly { readonly part: string; readonly precision: Precision | "quantized" | "as published" }[];
  readonly bytes: number;
}

/** A model in the origin private file system, whole or on its way. */
export interface StoredModel {
  readonly id: string;
  readonly title: string;
  readonly license: string | undefined;
  readonly bytes: number;
  /** of them here */
  readonly storedBytes: number;
  /** where the rest is fetched from; absent for a copied folder */
  readonly offer?: OfferedModel;
}

export interface TransferProgress {
  readonly stage: "fetch" | "verify";
  readonly path: string;
  /** of all files together */
  readonly loadedBytes: number;
  readonly totalBytes: number;
}

/** What `library.worker.ts` exposes through comlink: the models that are kept in the browser. Errors have the names of `EngineErrorName`. */
export interface ModelLibrary {
  list(): Promise<StoredModel[]>;
  /** Lists a repository. Nothing of it is fetched or kept. */
  inspect(address: RepositoryAddress, precision: Precision): Promise<OfferedModel>;
  /** Fetches what is not here yet. Rejects with `Cancelled` when it is paused; what has arrived stays. */
  download(offer: OfferedModel, onProgress: (progress: TransferProgress) => void): Promise<void>;
  /** Compares all files with their record, and fetches again the parts that differ. @returns whether all was right */
  check(id: string, onProgress: (progress: TransferProgress) => void): Promise<boolean>;
  /** Copies a folder from the disk. @returns the model's id */
  copy(title: string, folder: ModelFolder, onProgress: (progress: TransferProgress) => void): Promise<string>;
  /** Fetches what a folder at an address has and a run may need later, where it is not kept yet. */
  keep(source: Extract<ModelSource, { url: string }>): Promise<void>;
  /** Breaks off what is under way for a model. */
  pause(id: string): void;
  remove(id: string): Promise<void>;
}

export interface SamplerInfo {
  id: string;
  label: string;
  /** whether it draws noise on its way: always, with `eta` above 0, or never (when absent) */
  noise?: "always" | "with eta";
}

/** What a request can bring besides its settings. */
export type InputName = "image" | "mask";

/** A task that a loaded model does. */
export interface PipelineInfo {
  /** kebab-case */
  id: string;
  label: string;
  /** the request has exactly these */
  inputs: readonly InputName[];
  /** the optional settings that it reads */
  settings: readonly (keyof Settings)[];
  output: Output["kind"];
}

/** How a stage's tensor is shown without a network. */
export type Preview =
  | {
      /** `rgb = factors^T latent + bias` in -1..1 for each latent pixel; `factors` has one row a channel */
      kind: "linear";
      factors: readonly (readonly [number, number, number])[];
      bias: readonly [number, number, number];
      /** pixels per latent pixel along each side */
      scale: number;
    }
  | { /** the tensor is the picture, RGB in -1..1 */ kind: "pixels" };

/** A stage of a run: it denoises one tensor, from which the next one begins or the output is decoded. */
export interface StageInfo {
  name: string;
  /** index of the first step that is run; image to image enters the schedule later */
  first: number;
  /** steps of its schedule */
  steps: number;
  /** id of the space that its tensor lies in, for `Engine.decode` */
  space: string;
  preview: Preview;
}

/** What the page needs to know about a loaded model. */
export interface ModelInfo {
  id: string;
  title: string;
  license: string;
  samplers: SamplerInfo[];
  /** what it can be asked for */
  pipelines: PipelineInfo[];
  defaults: Settings;
  /** width and height are multiples of this, in pixels */
  sizeMultiple: number;
  minSize: number;
  maxSize: number;
  /** of the second pass that makes a picture larger: what was measured to keep it; absent where nobody has */
  upscaleStrength?: number;
  backend: Backend;
  /** absent where none were merged */
  loras?: MergedLora[];
  /** what was assumed or left out as the model was loaded, a sentence each; absent where there was nothing */
  notices?: string[];
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
  /** tokens used, begin and end tokens included; chunks before the last count as full */
  tokens: number;
  /** tokens that the chunks hold */
  limit: number;
  /** how many times the text encoder's window is filled */
  chunks: number;
  /** of a plain prompt the part that lies beyond the window; empty when all was read */
  unread: string;
  /** tags like `<lora:name:1>`, `#` comments and AND as they were typed: none is read. Absent where there are none */
  ignored?: string[];
}

/** One denoising step, as it is streamed. Its buffers are transferred. */
export interface Step {
  /** all stages of the run */
  stages: readonly StageInfo[];
  /** the one that it belongs to: its place among them */
  stage: number;
  /** counts from 0 inside the stage's schedule */
  index: number;
  timestep: number;
  /** noise level in the variance-exploding view, in standard deviations of the latents: sigma / alpha */
  sigma: number;
  milliseconds: number;
  /** the noisy tensor after this step */
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

export interface GenerateRequest {
  settings: Settings;
  /** The picture to start from, of the settings' size; strength 0 to 1 is how much of the schedule is run over it. */
  image?: { picture: Picture; strength: number };
  /** With `image`: white is made anew, black is kept. */
  mask?: Picture;
  /** Standard normal numbers of the first stage's shape, in place of those that the seed draws first. */
  noise?: Tensor;
  resume?: ResumePoint;
}

/** What a run makes. */
export type Output = { kind: "picture"; picture: Picture };

/** The time that went where, in milliseconds. `sessionRun` is the sum of the bare session runs. */
export interface RunTimings {
  textEncoder: number;
  denoise: number;
  decode: number;
  sessionRun: number;
  total: number;
}

export interface GenerateResult {
  output: Output;
  /** the last stage's tensor */
  latents: Tensor;
  reading: { prompt: PromptReading; negativePrompt: PromptReading };
  timings: RunTimings;
  /** bytes: the most that the models took so far, in WebAssembly and on the GPU; in Node, the process */
  peakMemory: number;
}

/** How noisy a tensor is: `x = alpha * x0 + sigma * noise`, and the timestep that the network is told. */
export interface NoiseLevel {
  timestep: number;
  alpha: number;
  sigma: number;
}

export interface ScheduleRequest {
  settings: Pick<Settings, "sampler" | "steps" | "width" | "height">;
  /** fields of scheduler_config.json that take the place of the model's own */
  scheduler?: Readonly<Record<string, string | number | boolean | null>>;
}

export interface NoiseSchedule {
  /** of a run's steps, the noisiest first; one more than there are steps */
  levels: NoiseLevel[];
  /** of every timestep that the model was trained at, the least noisy first */
  training: NoiseLevel[];
  /** what the network predicts: epsilon, sample, v_prediction or flow_prediction */
  predictionType: string;
}

/** What a run begins with, before its first step. */
export interface RunStart {
  x: Tensor;
  /** the steps of its first stage, of which image to image leaves some out */
  stage: StageInfo;
}

export interface PredictRequest {
  settings: Settings;
  /** noisy latents at `level` */
  x: Tensor;
  level: NoiseLevel;
  /** index of the step whose prompt and guidance are meant, where they change on the way; 0 when absent */
  step?: number;
}

/** What the network makes of a noisy tensor: `x = alpha * denoised + sigma * noise`. */
export interface Estimate {
  /** of x0 */
  denoised: Tensor;
  /** of the noise that was added */
  noise: Tensor;
}

export interface Prediction {
  conditional: Estimate;
  /** absent where the step runs the conditional half alone */
  unconditional?: Estimate;
  /** what a step is made from */
  guided: Estimate;
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
  generate(
    request: GenerateRequest,
    onStep: (step: Step) => void | Promise<void>,
    /** of what the model fetches only now: the first picture that starts from a picture needs the VAE's encoder */
    onProgress?: (progress: LoadProgress) => void,
  ): Promise<GenerateResult>;
  /** Decodes the tensor of any step in full. @param space of its stage, or "pixels" */
  decode(tensor: Tensor, space: string, call?: number): Promise<Output>;
  /** The picture as a tensor of the space: of what the VAE's encoder gives, the mean. */
  encode(
    picture: Picture,
    space: string,
    onProgress?: (progress: LoadProgress) => void,
    call?: number,
  ): Promise<Tensor>;
  /** Computes no part of a picture. */
  schedule(request: ScheduleRequest): Promise<NoiseSchedule>;
  /** What a run would begin with. */
  begin(request: GenerateRequest, onProgress?: (progress: LoadProgress) => void, call?: number): Promise<RunStart>;
  /** `x = alpha * tensor + sigma * noise`, with the noise that a run of that seed draws first. */
  addNoise(tensor: Tensor, level: NoiseLevel, seed: number): Promise<{ x: Tensor; noise: Tensor }>;
  /** The linear combination of tensors of one shape. */
  combine(terms: readonly (readonly [coefficient: number, tensor: Tensor])[]): Promise<Tensor>;
  /** Runs the network once, at any level with any prompt. */
  predict(request: PredictRequest, call?: number): Promise<Prediction>;
  /** @param text a schedule switches at its steps */
  readPrompt(text: Pick<Settings, "prompt" | "steps" | "plainPrompt">): Promise<PromptReading>;
  /**
   * Without a number it ends the run at its next step; `generate` rejects with `Cancelled`. With one it ends the call that was given this
   * number, before the network is run for it. What is over is not touched.
   */
  cancel(call?: number): void;
}
