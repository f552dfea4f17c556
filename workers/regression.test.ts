/**
 * The built-in models draw what they drew before the engine was rebuilt: final latents of six settings, recorded at 1dc5800.
 * `RECORD=1 npx vitest run workers/regression.test.ts` records them anew; only after new weights.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { diskFiles } from "../cli/disk-files.ts";
import { openNodeRuntime } from "../cli/node-runtime.ts";
import { createEngine } from "./engine.ts";
import type { Engine, GenerateRequest, Picture, Settings } from "./protocol.ts";

const SIDE = 128;
const golden = new URL("./testing/regression.bin", import.meta.url);

const models = ["safelight", "safelight-4-steps"] as const;

const requests: {
  model: (typeof models)[number];
  over: Partial<Settings>;
  from?: Omit<GenerateRequest, "settings">;
}[] = [
  { model: "safelight", over: { prompt: "a red apple", seed: 1 } },
  { model: "safelight-4-steps", over: { prompt: "a dog to the left of a car", seed: 2 } },
  {
    model: "safelight",
    over: {
      prompt: "a cat",
      seed: 3,
      sampler: "euler-ancestral",
      noiseSeed: 5,
      guidanceRescale: 0.5,
      guidanceInterval: [0.2, 0.8],
    },
    from: { image: { picture: gradient(), strength: 0.6 } },
  },
  {
    model: "safelight",
    over: { prompt: "a blue star", negativePrompt: "red", seed: 4, sampler: "ddim", eta: 0.5, maskFeather: 8 },
    from: { image: { picture: gradient(), strength: 1 }, mask: half() },
  },
  {
    model: "safelight",
    over: { prompt: "two owls", seed: 5, highResolution: { scale: 1.5, steps: 2, strength: 0.5 } },
  },
  {
    model: "safelight",
    over: {
      prompt: "[a cat:a dog:0.5] in (snow:1.2)",
      seed: 6,
      sampler: "heun",
      variation: { seed: 7, strength: 0.3, of: { seed: 8, strength: 0.2 } },
    },
  },
];

const LATENTS_BYTES = 16 * (SIDE / 16) ** 2 * Float32Array.BYTES_PER_ELEMENT;
/** Where each setting's latents begin in the file: the second pass of one of them has 1.5 times the sides. */
const LENGTHS = requests.map(({ over }) => LATENTS_BYTES * (over.highResolution?.scale ?? 1) ** 2);
const offsetOf = (index: number) => LENGTHS.slice(0, index).reduce((sum, length) => sum + length, 0);

const engines = new Map(
  models.map((id) => [id, createEngine({ openRuntime: openNodeRuntime, openFiles: () => diskFiles(folderOf(id)) })]),
);
const defaults = new Map<string, Settings>();

test.each(requests.map((request, index) => ({ ...request, index })))("setting $index: $over", async (request) => {
  const { model, over, from, index } = request;
  const engine = engines.get(model) as Engine;
  if (!defaults.has(model))
    defaults.set(model, (await engine.load({ id: model, url: "file:///" }, "cpu", () => {})).defaults);
  const settings = { ...(defaults.get(model) as Settings), steps: 4, width: SIDE, height: SIDE, ...over };
  const { data } = (await engine.generate({ settings, ...from }, () => {})).latents;
  expect(data.byteLength).toBe(LENGTHS[index]);
  if (process.env.RECORD) {
    const recording = index === 0 ? Buffer.alloc(offsetOf(requests.length)) : readFileSync(golden);
    recording.set(new Uint8Array(data.buffer), offsetOf(index));
    writeFileSync(golden, recording);
  }
  const recorded = Uint8Array.from(readFileSync(golden).subarray(offsetOf(index), offsetOf(index + 1)));
  const expected = new Float32Array(recorded.buffer);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(largest).toBeGreaterThan(1);
  const worst = data.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0);
  // To the bit where the same WebAssembly instructions round the same way; other processors get the last bits.
  expect(worst / largest).toBeLessThan(1e-6);
});

function folderOf(id: string): string {
  return fileURLToPath(new URL(`../public/models/${id}/`, import.meta.url));
}

/** A start image: red grows to the right, green downwards. */
function gradient(): Picture {
  return picture((x, y) => [(255 * x) / SIDE, (255 * y) / SIDE, 128]);
}

/** A mask: the left half is regenerated. */
function half(): Picture {
  return picture((x) => (x < SIDE / 2 ? [255, 255, 255] : [0, 0, 0]));
}

function picture(colour: (x: number, y: number) => number[]): Picture {
  const rgba = new Uint8ClampedArray(SIDE * SIDE * 4);
  for (let i = 0; i < SIDE * SIDE; i++) rgba.set([...colour(i % SIDE, Math.floor(i / SIDE)), 255], i * 4);
  return { width: SIDE, height: SIDE, rgba };
}
