import { EngineError } from "../errors.ts";
import type { FloatTensor, Network } from "./network.ts";

export interface TextEncoder {
  /** @param ids rows of equal length. @returns last hidden states, [rows, tokens, width] */
  encode(ids: readonly (readonly number[])[]): Promise<FloatTensor>;
}

export function createTextEncoder(network: Network): TextEncoder {
  return {
    async encode(ids) {
      const { last_hidden_state: states } = await network.run({
        input_ids: { integers: ids.flat(), dims: [ids.length, ids[0].length] },
      });
      if (!states) {
        throw new EngineError(
          "ModelUnsupported",
          'text_encoder/model.onnx has no output "last_hidden_state"; export it again.',
        );
      }
      return states;
    },
  };
}
