import { EngineError } from "../errors.ts";
import { keepLast } from "./keep-last.ts";
import type { FloatTensor, Network } from "./network.ts";

/** how many sets of prompts: enough to compare a few, at some hundred kilobytes each */
const KEPT = 8;

export interface TextEncoder {
  /** @param ids rows of equal length. @returns last hidden states, [rows, tokens, width]; they are kept, and not to be written to */
  encode(ids: readonly (readonly number[])[]): Promise<FloatTensor>;
}

export function createTextEncoder(network: Network): TextEncoder {
  const kept = keepLast<FloatTensor>(KEPT);
  const run = async (ids: readonly (readonly number[])[]) => {
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
  };
  return { encode: (ids) => kept(JSON.stringify(ids), () => run(ids)) };
}
