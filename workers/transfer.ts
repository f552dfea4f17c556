import * as Comlink from "comlink";
import type { Engine, Step, Tensor } from "./protocol.ts";

/** The engine's calls for another thread: large results are transferred instead of copied. */
export function transferring(engine: Engine): Engine {
  return {
    ...engine,
    generate: async (request, onStep, onProgress) => {
      const send = (step: Step) => onStep(Comlink.transfer(step, buffersOf(step.x, step.denoised)));
      const result = await engine.generate(request, send, onProgress);
      return Comlink.transfer(result, [result.picture.rgba.buffer, ...buffersOf(result.latents)]);
    },
    decode: async (latents) => {
      const picture = await engine.decode(latents);
      return Comlink.transfer(picture, [picture.rgba.buffer]);
    },
  };
}

const buffersOf = (...tensors: Tensor[]) => tensors.map(({ data }) => data.buffer as ArrayBuffer);
