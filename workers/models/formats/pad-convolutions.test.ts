import { describe, expect, test } from "vitest";
import { openNodeRuntime } from "../../../cli/node-runtime.ts";
import { convolutions, makeConvolution, openConvolution, titleOf } from "../../testing/convolutions.ts";
import { networkFactory } from "../runtime/network.ts";
import { readGraph } from "./onnx-graph.ts";
import { inMemory } from "./weight-file.ts";

const createNetwork = networkFactory(await openNodeRuntime("cpu"));

describe.each(convolutions.map((one) => [titleOf(one), one] as const))("%s", (_, one) => {
  test.each([false, true])("gives the plain sum; for WebGPU: %s", async (webgpu) => {
    const { files, x, dims, expected, half } = makeConvolution(one);
    const { bytes, externalData } = await openConvolution(files, webgpu);
    const network = await createNetwork("model.onnx", bytes, externalData);
    const { y } = await network.run({ x: { data: x, dims } }, ["y"]);
    await network.release();
    const worst = y.data.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0);
    expect(worst).toBeLessThan(half ? 0.02 : 1e-5);
  });

  test("is padded for WebGPU where it would be computed wrongly there, and nowhere else", async () => {
    const { inputs, outputs, groups = 1 } = one;
    const wrong = groups === 1 && inputs > 3 && inputs % 3 === 0 && inputs % 4 !== 0 && outputs % 4 === 0;
    const { files } = makeConvolution(one);
    const operators = async (webgpu: boolean) => {
      const { bytes } = await openConvolution(files, webgpu);
      return (await readGraph("model.onnx", inMemory(bytes))).nodes.map(({ operator }) => operator);
    };
    expect((await operators(true)).filter((operator) => operator === "Pad")).toHaveLength(wrong ? 2 : 0);
    expect(await operators(false)).not.toContain("Pad");
  });
});
