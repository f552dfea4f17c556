import * as Comlink from "comlink";
import type { Engine, Estimate, Output, Step, Tensor } from "./protocol.ts";

/** The engine's calls for another thread: large results are transferred instead of copied. */
export function transferring(engine: Engine): Engine {
  return {
    ...engine,
    generate: async (request, onStep, onProgress) => {
      const send = (step: Step) => onStep(Comlink.transfer(step, buffersOf(step.x, step.denoised)));
      const result = await engine.generate(request, send, onProgress);
      return Comlink.transfer(result, [...buffersOfOutput(result.output), ...buffersOf(result.latents)]);
    },
    decode: async (...asked) => {
      const output = await engine.decode(...asked);
      return Comlink.transfer(output, buffersOfOutput(output));
    },
    encode: async (...asked) => {
      const tensor = await engine.encode(...asked);
      return Comlink.transfer(tensor, buffersOf(tensor));
    },
    begin: async (...asked) => {
      const start = await engine.begin(...asked);
      return Comlink.transfer(start, buffersOf(start.x));
    },
    addNoise: async (...asked) => {
      const noised = await engine.addNoise(...asked);
      return Comlink.transfer(noised, buffersOf(noised.x, noised.noise));
    },
    combine: async (terms) => {
      const tensor = await engine.combine(terms);
      return Comlink.transfer(tensor, buffersOf(tensor));
    },
    predict: async (...asked) => {
      const prediction = await engine.predict(...asked);
      const estimates: Estimate[] = Object.values(prediction);
      return Comlink.transfer(
        prediction,
        estimates.flatMap(({ denoised, noise }) => buffersOf(denoised, noise)),
      );
    },
  };
}

const buffersOf = (...tensors: Tensor[]) => tensors.map(({ data }) => data.buffer as ArrayBuffer);

const buffersOfOutput = ({ picture }: Output) => [picture.rgba.buffer];
