/** What the engine needs of onnxruntime-web; browser-runtime.ts opens one in a worker, cli/node-runtime.ts in Node. */
import type { InferenceSession } from "onnxruntime-web";
import type { Backend } from "../protocol.ts";

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
