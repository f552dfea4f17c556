import type { Initializer, OnnxGraph } from "./onnx-graph.ts";
import type { MountedBytes } from "./weight-file.ts";

/** The weights of a graph that lie in files of their own. */
export interface ExternalData {
  /** as the graph names it */
  readonly path: string;
  readonly data: MountedBytes;
}

/** A graph and the files that hold its weights. */
export interface GraphFile extends OnnxGraph {
  readonly path: string;
  /** of the graph and its weights together */
  readonly bytes: number;
  /** a weight's bytes; undefined where they are written number by number */
  weight(tensor: Initializer): Promise<Uint8Array | undefined>;
  /** What a session is made of. */
  open(options?: OpenOptions): Promise<{
    bytes: Uint8Array<ArrayBuffer>;
    externalData: ExternalData[];
  }>;
}

export interface OpenOptions {
  /** weights that take the place of others, by name */
  readonly changed?: ReadonlyMap<string, Uint8Array<ArrayBuffer>> | undefined;
  /** for WebGPU: what onnxruntime-web computes wrongly there is worked round */
  readonly webgpu?: boolean;
}
