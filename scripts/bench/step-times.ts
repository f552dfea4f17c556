/**
 * A process of its own that runs steps of a model's pipeline, without guidance, in onnxruntime-web's WebAssembly, and after each step the
 * bare session with the same feeds. Prints, as JSON, the milliseconds of each. For overhead.ts, which compares them.
 */

import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { InferenceSession } from "onnxruntime-web";
import { diskFiles } from "../../cli/disk-files.ts";
import { openNodeRuntime } from "../../cli/node-runtime.ts";
import { createEngine } from "../../workers/engine.ts";
import type { Ort, Runtime } from "../../workers/models/runtime/runtime.ts";

const folder = resolve(process.argv[2]);
const repeats = Number(process.argv[3]);

let bare: (() => Promise<unknown>) | undefined;

/** The runtime, which keeps the last step's session and feeds. */
async function watchedRuntime(): Promise<Runtime> {
  const runtime = await openNodeRuntime("cpu");
  const create = async (...args: Parameters<Ort["InferenceSession"]["create"]>) => {
    const session = await runtime.ort.InferenceSession.create(...args);
    if (!session.inputNames.some((name) => /^time_?steps?$|^t$/i.test(name))) return session;
    const run = session.run.bind(session) as (...given: unknown[]) => Promise<InferenceSession.ReturnType>;
    session.run = (...given: unknown[]) => {
      bare = () => run(...given);
      return run(...given);
    };
    return session;
  };
  return { ...runtime, ort: { Tensor: runtime.ort.Tensor, InferenceSession: { create } as Ort["InferenceSession"] } };
}

const engine = createEngine({ openRuntime: watchedRuntime, openFiles: () => diskFiles(folder) });
const info = await engine.load({ id: basename(folder), url: pathToFileURL(`${folder}/`).href }, "cpu", () => {});
const settings = {
  ...info.defaults,
  prompt: "a red apple",
  negativePrompt: "",
  sampler: "ddim",
  width: info.minSize,
  height: info.minSize,
  steps: repeats + 1,
  guidanceScale: 1,
  seed: 1,
};
const pipeline: number[] = [];
const alone: number[] = [];
// In turns, so that what else the machine does falls on both.
await engine.generate({ settings }, async ({ milliseconds }) => {
  pipeline.push(milliseconds);
  const start = performance.now();
  await bare?.();
  alone.push(performance.now() - start);
});
// The first of each warms up.
const result = { size: settings.width, pipeline: pipeline.slice(1), alone: alone.slice(1) };
process.stdout.write(JSON.stringify(result), () => process.exit(0));
