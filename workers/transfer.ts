import * as Comlink from "comlink";
import type { Engine, Output, Step, Tensor } from "./protocol.ts";

/** The engine's calls for another thread: large results are transferred instead of copied. */
export function transferring(engine: Engine): Engine {
  return {
    ...engine,
    generate: async (request, onStep, onProgress) => {
      const send = (step: Step) => onStep(Comlink.transfer(step, buffersOf(step.x, step.denoised)));
      const result = await engine.generate(request, send, onProgress);
      return Comlink.transfer(result, [...buffersOfOutput(result.output), ...buffersOf(result.latents)]);
    },
    decode: async (tensor, space) => {
      const output = await engine.decode(tensor, space);
      return Comlink.transfer(output, buffersOfOutput(output));
    },
  };
}

const buffersOf = (...tensors: Tensor[]) => tensors.map(({ data }) => data.buffer as ArrayBuffer);

const buffersOfOutput = ({ picture }: Output) => [picture.rgba.buffer];
