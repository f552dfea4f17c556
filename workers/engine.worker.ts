import * as Comlink from "comlink";
import { createEngine } from "./engine.ts";
import { openBrowserRuntime } from "./models/browser-runtime.ts";
import { httpFiles } from "./models/http-files.ts";
import type { Engine, GenerateResult, Step, Tensor } from "./protocol.ts";

// Held for as long as the worker lives: see Engine in protocol.ts.
void navigator.locks?.request(self.name, () => new Promise(() => {}));

const engine = createEngine({ openRuntime: openBrowserRuntime, openFiles: httpFiles });

const buffersOf = (...tensors: Tensor[]) => tensors.map(({ data }) => data.buffer as ArrayBuffer);

/** The engine's calls, large results transferred instead of copied. */
const exposed: Engine = {
  ...engine,
  generate: async (request, onStep): Promise<GenerateResult> => {
    const send = (step: Step) => onStep(Comlink.transfer(step, buffersOf(step.x, step.denoised)));
    const result = await engine.generate(request, send);
    return Comlink.transfer(result, [result.picture.rgba.buffer, ...buffersOf(result.latents)]);
  },
  decode: async (latents) => {
    const picture = await engine.decode(latents);
    return Comlink.transfer(picture, [picture.rgba.buffer]);
  },
};

Comlink.expose(exposed);
