/** The built-in model's VAE on pictures that are too large for one run, in tiles and (here, where there is memory) in one. */

import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { openNodeRuntime } from "../../../cli/node-runtime.ts";
import type { Picture } from "../../protocol.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Network, networkFactory } from "../runtime/network.ts";
import { createVaeDecoder, createVaeEncoder, type VaeConfig } from "./vae.ts";

const folder = new URL("../../../public/models/safelight/", import.meta.url);
const [WIDTH, HEIGHT] = [1024, 640];

async function open(part: string) {
  const createNetwork = networkFactory(await openNodeRuntime("cpu"));
  const network = await createNetwork(`${part}/model.onnx`, await readFile(new URL(`${part}/model.onnx`, folder)));
  const config = JSON.parse(await readFile(new URL(`${part}/config.json`, folder), "utf8")) as VaeConfig;
  const { sample_size: _, ...unsized } = config;
  return { network, config, unsized };
}

function watched(network: Network): { network: Network; largest: () => number } {
  let largest = 0;
  const run: Network["run"] = (feeds, outputs) => {
    for (const { data } of Object.values(feeds)) largest = Math.max(largest, data.length);
    return network.run(feeds, outputs);
  };
  return { network: { ...network, run }, largest: () => largest };
}

/** Discs on a graded ground, RGB in -1..1. */
function drawing(): Tensor {
  const data = new Float32Array(3 * WIDTH * HEIGHT);
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
    const inside = (x % 192) - 96;
    const disc = inside ** 2 + ((y % 192) - 96) ** 2 < 60 ** 2;
    const colour = disc ? [0.8, -0.6, -0.5] : [0.5 + x / 2500, 0.6, 0.9 - y / 1600];
    for (let c = 0; c < 3; c++) data[c * WIDTH * HEIGHT + i] = colour[c];
  }
  return { data, dims: [1, 3, HEIGHT, WIDTH] };
}

function meanDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i] - b[i]);
  return sum / a.length;
}

/** Where a tile begins or ends: by how much the difference of two pictures jumps there, a mean over the column, of 255. */
function seam(x: number, a: Picture, b: Picture): number {
  const off = (at: number, y: number) => a.rgba[(y * WIDTH + at) * 4] - b.rgba[(y * WIDTH + at) * 4];
  let sum = 0;
  for (let y = 0; y < HEIGHT; y++) sum += off(x, y) - off(x - 1, y);
  return Math.abs(sum / HEIGHT);
}

test("in tiles the VAE makes nearly the same latents and the same picture as in one run, and never sees more than a tile", async () => {
  const none = (count: number) => new Float32Array(count);
  const encoding = await open("vae_encoder");
  const seen = watched(encoding.network);
  const latents = await createVaeEncoder(seen.network, encoding.config).encode(drawing(), none);
  expect(seen.largest()).toBe(3 * 576 * 576);
  const whole = await createVaeEncoder(encoding.network, encoding.unsized).encode(drawing(), none);
  // latents have a deviation of 1
  expect(meanDifference(latents.data, whole.data)).toBeLessThan(0.1);

  const decoding = await open("vae_decoder");
  const watching = watched(decoding.network);
  expect(whole.dims).toEqual([1, 16, HEIGHT / 16, WIDTH / 16]);
  const tiled = await createVaeDecoder(watching.network, decoding.config).decode(whole);
  expect(watching.largest()).toBe(16 * 36 * 36);
  const once = await createVaeDecoder(decoding.network, decoding.unsized).decode(whole);
  expect([tiled.width, tiled.height]).toEqual([WIDTH, HEIGHT]);
  expect(meanDifference(tiled.rgba, once.rgba)).toBeLessThan(3);
  for (const x of [28 * 16, 36 * 16]) expect(seam(x, tiled, once)).toBeLessThan(0.5);
  await encoding.network.release();
  await decoding.network.release();
}, 300_000);
