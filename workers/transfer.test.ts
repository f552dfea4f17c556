/** What crosses a real MessageChannel, and what is left of it on the engine's side. */
import * as Comlink from "comlink";
import { expect, test } from "vitest";
import type { Engine, GenerateRequest, GenerateResult, Output, Step, Tensor } from "./protocol.ts";
import { transferring } from "./transfer.ts";

const tensor = (value: number): Tensor => ({ data: new Float32Array(16).fill(value), dims: [1, 4, 2, 2] });
const output = (value: number): Output => ({
  kind: "picture",
  picture: { width: 2, height: 2, rgba: new Uint8ClampedArray(16).fill(value) },
});

const sent: Step[] = [];
const results: GenerateResult[] = [];
const outputs: Output[] = [];
/** the order in which steps were made and taken */
const events: string[] = [];

const engine = {
  generate: async (_: GenerateRequest, onStep: (step: Step) => void | Promise<void>) => {
    for (const index of [0, 1]) {
      const step = { index, x: tensor(index + 1), denoised: tensor(index + 5) } as Step;
      sent.push(step);
      events.push(`made ${index}`);
      await onStep(step);
    }
    const result = { output: output(7), latents: tensor(9) } as GenerateResult;
    results.push(result);
    return result;
  },
  decode: async () => {
    outputs.push(output(3));
    return outputs[0];
  },
} as unknown as Engine;

const { port1, port2 } = new MessageChannel();
Comlink.expose(transferring(engine), port1 as unknown as Comlink.Endpoint);
const remote = Comlink.wrap<Engine>(port2 as unknown as Comlink.Endpoint);

test("steps and the result arrive whole, leave nothing behind, and each step is waited for", async () => {
  const arrived: Step[] = [];
  const onStep = async (step: Step) => {
    arrived.push(step);
    await new Promise((resolve) => setTimeout(resolve, 5));
    events.push(`taken ${step.index}`);
  };
  const result = await remote.generate({} as GenerateRequest, Comlink.proxy(onStep));
  expect(events).toEqual(["made 0", "taken 0", "made 1", "taken 1"]);
  expect(arrived.map(({ x, denoised }) => [x, denoised])).toEqual([
    [tensor(1), tensor(5)],
    [tensor(2), tensor(6)],
  ]);
  expect(result).toEqual({ output: output(7), latents: tensor(9) });
  const left = [...sent.flatMap(({ x, denoised }) => [x, denoised]), results[0].latents].map(({ data }) => data.length);
  expect(left).toEqual([0, 0, 0, 0, 0]);
  expect(results[0].output.picture.rgba).toHaveLength(0);
});

test("a decoded picture is transferred too", async () => {
  expect(await remote.decode(tensor(0), "latents")).toEqual(output(3));
  expect(outputs[0].picture.rgba).toHaveLength(0);
  port1.close();
  port2.close();
});
