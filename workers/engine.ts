/** The engine without a thread around it: engine.worker.ts exposes it to the page, cli/ uses it as it is. */
import { createCalls } from "./calls.ts";
import { EngineError, toEngineError } from "./errors.ts";
import { contentHash, readSafetensors } from "./models/formats/safetensors.ts";
import { loadModel, type Model } from "./models/load-model.ts";
import { type Lora, readLora } from "./models/lora/lora-file.ts";
import { networkFactory, type Stopwatch } from "./models/runtime/network.ts";
import type { Runtime } from "./models/runtime/runtime.ts";
import type { ModelFiles } from "./models/sources/model-files.ts";
import { familyOfModel } from "./pipelines/families/registry.ts";
import type { Family } from "./pipelines/families/types.ts";
import { beginRun, combineTensors, noiseTensor, predictAt, readSchedule } from "./pipelines/inspect.ts";
import { type LatentSpace, mean, pixelSpace, vaeSpace } from "./pipelines/latent-space.ts";
import { describeModel } from "./pipelines/model-info.ts";
import type { Job } from "./pipelines/pipeline.ts";
import { previewOf } from "./pipelines/preview.ts";
import { readPrompt } from "./pipelines/prompt/encode-prompts.ts";
import { runPipeline } from "./pipelines/run-pipeline.ts";
import type { DevicePreference, Engine, LoraFile, MergedLora, ModelInfo, ModelSource } from "./protocol.ts";
import { toPixels } from "./tensor/pixels.ts";

export interface EngineParts {
  openRuntime(device: DevicePreference): Promise<Runtime>;
  openFiles(source: ModelSource): ModelFiles | Promise<ModelFiles>;
}

interface Loaded {
  readonly model: Model;
  readonly family: Family;
  readonly space: LatentSpace;
  readonly info: ModelInfo;
  readonly stopwatch: Stopwatch;
  readonly runtime: Runtime;
}

export function createEngine({ openRuntime, openFiles }: EngineParts): Engine {
  let runtime: { readonly device: DevicePreference; readonly opened: Promise<Runtime> } | undefined;
  let loaded: Loaded | undefined;
  let running: AbortController | undefined;

  /** onnxruntime-web is set up once in a thread: another device needs another worker. */
  const runtimeFor = (device: DevicePreference): Promise<Runtime> => {
    if (runtime && runtime.device !== device) {
      throw new EngineError("Busy", "The device cannot be changed while the engine runs; reload the page.");
    }
    if (!runtime) {
      const opened = openRuntime(device);
      runtime = { device, opened };
      // What could not be opened may be tried again, on another device too.
      opened.catch(() => {
        runtime = undefined;
      });
    }
    return runtime.opened;
  };

  const calls = createCalls();

  /** @throws EngineError InvalidSetting */
  const spaceOf = (id: string): Pick<LatentSpace, "decode" | "encode"> => {
    const { space } = current();
    if (id === space.id) return space;
    if (id === "pixels") return pixelSpace;
    throw new EngineError("InvalidSetting", `The loaded model has no space "${id}"; load the model of the run.`);
  };

  const current = (): Loaded => {
    if (!loaded) throw new EngineError("Internal", "No model is loaded; load one first.");
    return loaded;
  };

  return {
    load: guarded(async (source, device, onProgress) => {
      if (running) throw new EngineError("Busy", "A run is in progress; cancel it before another model is loaded.");
      const opened = await runtimeFor(device);
      const earlier = loaded;
      loaded = undefined;
      await earlier?.model.release();
      const createNetwork = networkFactory(opened);
      const { roomForWeights } = opened;
      const loras = await readLoras(source.loras);
      const model = await loadModel(source.id, await openFiles(source), createNetwork, onProgress, {
        roomForWeights,
        loras,
      });
      try {
        const family = familyOfModel(model);
        const space = vaeSpace(model, await previewOf(model, family));
        const described = describeModel(model, family, opened.backend);
        const merged = loras.map(({ name, scale, hash }) => ({ name, scale, hash }));
        const notices = [...model.notices];
        const info = {
          ...described,
          ...(merged.length > 0 && { loras: merged }),
          ...(notices.length > 0 && { notices }),
        };
        loaded = { model, family, space, info, stopwatch: createNetwork.stopwatch, runtime: opened };
        return info;
      } catch (error) {
        await model.release();
        throw error;
      }
    }),

    generate: guarded(async (request, onStep, onProgress) => {
      const { model, family, space, info, stopwatch, runtime: opened } = current();
      if (running) throw new EngineError("Busy", "A run is in progress; wait for it or cancel it.");
      running = new AbortController();
      const { signal } = running;
      const job: Job = { model, family, space, request, ...(onProgress && { onProgress }) };
      try {
        const result = await runPipeline(job, info, stopwatch, { signal, onStep });
        return { ...result, peakMemory: opened.peakMemory() };
      } catch (error) {
        throw signal.aborted ? new EngineError("Cancelled", "Cancelled.") : error;
      } finally {
        running = undefined;
      }
    }),

    decode: guarded((tensor, id, call) => calls.take(call, () => spaceOf(id).decode(tensor))),
    encode: guarded((picture, id, onProgress, call) =>
      calls.take(call, () => spaceOf(id).encode(toPixels(picture), mean, onProgress)),
    ),
    schedule: guarded(async (request) => readSchedule(current(), request)),
    begin: guarded((request, onProgress, call) =>
      calls.take(call, async () => {
        const { info, ...subject } = current();
        return beginRun({ ...subject, ...(onProgress && { onProgress }) }, request, info);
      }),
    ),
    addNoise: guarded(async (tensor, level, seed) => noiseTensor(tensor, level, seed)),
    combine: guarded(async (terms) => combineTensors(terms)),
    predict: guarded((request, call) => calls.take(call, async () => predictAt(current(), request, current().info))),
    readPrompt: guarded(async (text) => readPrompt(current().model, current().family, text)),
    cancel: (call) => (call === undefined ? running?.abort() : calls.cancel(call)),
  };
}

/** @throws EngineError InvalidSetting, ModelFileCorrupt, ModelUnsupported */
async function readLoras(files: readonly LoraFile[] = []): Promise<(Lora & MergedLora)[]> {
  const loras: (Lora & MergedLora)[] = [];
  for (const { name, scale, file } of files) {
    if (!Number.isFinite(scale)) {
      throw new EngineError("InvalidSetting", `The scale of ${name} is ${scale}; choose a number such as 1.`);
    }
    const bytes = new Uint8Array(await file.arrayBuffer());
    loras.push({ ...readLora(name, scale, readSafetensors(name, bytes)), hash: contentHash(bytes) });
  }
  return loras;
}

/** Whatever is thrown leaves as an EngineError. */
function guarded<A extends unknown[], R>(call: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
  return async (...args) => {
    try {
      return await call(...args);
    } catch (error) {
      throw toEngineError(error);
    }
  };
}
