import { expect, test } from "vitest";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Feed, Network, NetworkInput } from "../runtime/network.ts";
import { createBackbone } from "./backbone.ts";

type Shape = (number | string)[];

/** A network that gives its noisy input back, and keeps what it was fed. */
function echo(inputs: Record<string, Shape>, sample: string, output = "out_sample") {
  const runs: Record<string, Feed>[] = [];
  const network: Network = {
    inputs: Object.entries(inputs).map(([name, shape]): NetworkInput => ({ name, type: "float32", shape })),
    outputs: [output],
    run: async (feeds) => {
      runs.push(feeds);
      return { [output]: feeds[sample] as Tensor };
    },
    release: async () => {},
  };
  return { network, runs };
}

const count = (dims: readonly number[]) => dims.reduce((product, size) => product * size, 1);
const tensor = (...dims: number[]): Tensor => ({ data: Float32Array.from({ length: count(dims) }, (_, i) => i), dims });
const config = { in_channels: 4, block_out_channels: [8, 16] };

test.each<[string, Record<string, Shape>, string, number[]]>([
  ["pictures", { sample: ["n", 4, "h", "w"], timestep: [1] }, "sample", [2, 4, 8, 8]],
  ["a name of the exporter's own", { noisy: ["n", 4, "h", "w"], timestep: [1] }, "noisy", [2, 4, 8, 8]],
  ["clips", { timestep: [], sample: ["n", 4, "frames", "h", "w"] }, "sample", [2, 4, 3, 8, 8]],
  ["vectors", { timestep: [], hidden_states: ["n", 4] }, "hidden_states", [2, 4]],
])("predicts for %s", async (_, inputs, name, dims) => {
  const { network, runs } = echo({ ...inputs, encoder_hidden_states: ["n", 7, 5] }, name);
  const backbone = createBackbone(network, config, "unet", "unet/model.onnx");
  const text = tensor(2, 7, 5);
  expect(await backbone.predict(tensor(...dims), 500, { encoder_hidden_states: text })).toEqual(tensor(...dims));
  expect(runs[0].timestep.data[0]).toBe(500);
  expect([backbone.conditions, backbone.fixedSize]).toEqual([["encoder_hidden_states"], undefined]);
});

test("the size that a graph was exported for is that of its last two axes", () => {
  const fixed = (...sample: number[]) =>
    createBackbone(echo({ sample, timestep: [1] }, "sample").network, config, "unet", "unet/model.onnx").fixedSize;
  expect(fixed(1, 4, 64, 96)).toEqual([64, 96]);
  expect(fixed(1, 4, 16, 64, 96)).toEqual([64, 96]);
});

test("a clip's network for one row takes several in turns, and with each the texts of its frames", async () => {
  const { network, runs } = echo(
    { sample: [1, 4, 3, "h", "w"], timestep: [1], encoder_hidden_states: [3, 7, 5] },
    "sample",
  );
  const backbone = createBackbone(network, config, "unet", "unet/model.onnx");
  const [sample, text] = [tensor(2, 4, 3, 8, 8), tensor(6, 7, 5)];
  expect(await backbone.predict(sample, 1, { encoder_hidden_states: text })).toEqual(sample);
  expect(runs.map((feeds) => feeds.encoder_hidden_states)).toEqual([
    { data: text.data.slice(0, 105), dims: [3, 7, 5] },
    { data: text.data.slice(105), dims: [3, 7, 5] },
  ]);
});
