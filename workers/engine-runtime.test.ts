/** What the engine asks of onnxruntime-web, and how often: the real one, watched. */

import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { diskFiles } from "../cli/disk-files.ts";
import { openNodeRuntime } from "../cli/node-runtime.ts";
import { createEngine } from "./engine.ts";
import { EngineError } from "./errors.ts";
import type { Ort, Runtime } from "./models/runtime/runtime.ts";
import type { Settings, Step } from "./protocol.ts";

const folder = new URL("./testing/tiny/", import.meta.url);
const source = { id: "tiny", url: folder.href };
const files = () => diskFiles(fileURLToPath(folder));
const ignore = () => {};

/** The runtime of Node, and the names of the inputs of every session run. */
async function watchedRuntime(): Promise<{ runtime: Runtime; runs: string[][] }> {
  const runtime = await openNodeRuntime("cpu");
  const runs: string[][] = [];
  const InferenceSession = {
    create: async (...args: Parameters<Ort["InferenceSession"]["create"]>) => {
      const session = await runtime.ort.InferenceSession.create(...args);
      const run = session.run.bind(session) as (...args: unknown[]) => ReturnType<typeof session.run>;
      session.run = (feeds: Parameters<typeof session.run>[0], ...rest: unknown[]) => {
        runs.push(Object.keys(feeds));
        return run(feeds, ...rest);
      };
      return session;
    },
  } as Ort["InferenceSession"];
  return { runtime: { ...runtime, ort: { ...runtime.ort, Tensor: runtime.ort.Tensor, InferenceSession } }, runs };
}

async function watchedEngine() {
  const { runtime, runs } = await watchedRuntime();
  const engine = createEngine({ openRuntime: async () => runtime, openFiles: files });
  const info = await engine.load(source, "cpu", ignore);
  const settings: Settings = { ...info.defaults, prompt: "a red cat", negativePrompt: "blue", steps: 3, seed: 1 };
  const ran = (input: string) => runs.filter((names) => names.includes(input)).length;
  return { engine, settings, ran };
}

test("the text of the last prompts is not encoded again, and the picture is the same", async () => {
  const { engine, settings, ran } = await watchedEngine();
  const first = await engine.generate({ settings }, ignore);
  const encoded = ran("input_ids");
  expect(encoded).toBeGreaterThan(0);
  const again = await engine.generate({ settings }, ignore);
  expect(ran("input_ids")).toBe(encoded);
  expect(again.output.picture.rgba).toEqual(first.output.picture.rgba);
  await engine.generate({ settings: { ...settings, prompt: "a blue dog" } }, ignore);
  expect(ran("input_ids")).toBeGreaterThan(encoded);
});

test("one U-Net run a step, with guidance or without; cancelling runs no further step", async () => {
  const { engine, settings, ran } = await watchedEngine();
  for (const guidanceScale of [4, 1]) {
    const before = ran("timestep");
    await engine.generate({ settings: { ...settings, sampler: "euler", guidanceScale } }, ignore);
    expect(ran("timestep") - before).toBe(settings.steps);
  }
  const before = ran("timestep");
  await expect(engine.generate({ settings }, () => engine.cancel())).rejects.toMatchObject({ name: "Cancelled" });
  expect(ran("timestep") - before).toBe(1);
  expect(ran("latent_sample")).toBe(2);
});

test("latents of another size are no point to go on from", async () => {
  const { engine, settings } = await watchedEngine();
  const steps: Step[] = [];
  await engine.generate({ settings }, (step) => void steps.push(step));
  const larger = { ...settings, width: settings.width + 32 };
  const resumed = engine.generate({ settings: larger, resume: { steps: steps.slice(0, 2) } }, ignore);
  await expect(resumed).rejects.toMatchObject({ name: "InvalidSetting", message: /latents of step 1 are 1 x 4 x/ });
});

test("a runtime that could not be opened may be asked for again, on another device too", async () => {
  const devices: string[] = [];
  const engine = createEngine({
    openFiles: files,
    openRuntime: async (device) => {
      devices.push(device);
      if (device === "webgpu" || devices.length === 2) throw new EngineError("DeviceUnavailable", "Not here.");
      return openNodeRuntime(device);
    },
  });
  const refused = { name: "DeviceUnavailable", message: "Not here." };
  await expect(engine.load(source, "webgpu", ignore)).rejects.toMatchObject(refused);
  await expect(engine.load(source, "cpu", ignore)).rejects.toMatchObject(refused);
  expect((await engine.load(source, "cpu", ignore)).id).toBe("tiny");
  await expect(engine.load(source, "webgpu", ignore)).rejects.toMatchObject({ message: /cannot be changed/ });
  expect(devices).toEqual(["webgpu", "cpu", "cpu"]);
});
