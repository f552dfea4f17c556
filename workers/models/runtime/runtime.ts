/** What the engine needs of onnxruntime-web; browser-runtime.ts opens one in a worker, cli/node-runtime.ts in Node. */

import type { InferenceSession } from "onnxruntime-web";
import { EngineError } from "../../errors.ts";
import type { Backend } from "../../protocol.ts";

export type Ort = Pick<typeof import("onnxruntime-web"), "InferenceSession" | "Tensor">;

export interface Runtime {
  readonly ort: Ort;
  readonly backend: Backend;
  /** in the order of preference, as InferenceSession.create takes them */
  readonly executionProviders: readonly InferenceSession.ExecutionProviderConfig[];
  /** bytes of weights up to which a whole model may be held */
  readonly roomForWeights: number;
  /** the most memory that was held so far, in bytes: by the process in Node, by onnxruntime-web and on the GPU in a browser */
  readonly peakMemory: () => number;
  /** why the GPU device is gone; undefined while it is there */
  readonly lost: () => Promise<string | undefined>;
}

/** As Chromium, Firefox, WebKit and Emscripten word a script or a WebAssembly file that did not arrive. */
const NOT_FETCHED =
  /failed to (fetch|load)|networkerror|load failed|dynamically imported module|importing a module script failed|fetching of the wasm failed/i;

/** @param message why onnxruntime-web's script or WebAssembly did not start: a file that did not arrive, or a browser that cannot run it */
export function startFailed(message: string): EngineError {
  const cause = message.replace(/\.$/, "");
  return NOT_FETCHED.test(cause)
    ? new EngineError(
        "NetworkFailed",
        `onnxruntime-web cannot be fetched (${cause}); check the connection and reload the page.`,
      )
    : new EngineError(
        "DeviceUnavailable",
        `onnxruntime-web cannot run in this browser (${cause}); update the browser.`,
      );
}
