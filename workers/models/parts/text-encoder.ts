import * as v from "valibot";
import { EngineError } from "../../errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { optional, type WithoutNulls } from "../formats/json.ts";
import { type Network, pick } from "../runtime/network.ts";
import { anyBatch } from "./fixed-batch.ts";
import { keepLast } from "./keep-last.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** how many prompts: enough to compare a few, at some hundred kilobytes each */
const KEPT = 16;

export interface TextEncoder {
  readonly tokenizer: Tokenizer;
  /**
   * @param ids one row of token ids
   * @param outputs what is wanted of it
   * @returns by what was asked for; it is kept, and not to be written to: `last` and `penultimate` hidden states, [1, tokens, width], `pooled`: the projected embedding, [1, width]
   * @throws EngineError ModelUnsupported when the graph has no such output
   */
  encode<K extends TextOutput>(ids: readonly number[], outputs: readonly K[]): Promise<Record<K, Tensor>>;
}

/** `penultimate`: the states that go into the last layer; `pooled`: the whole text in one vector. */
export type TextOutput = "last" | "penultimate" | "pooled";

/** The fields that are read of an encoder's config.json. */
export const textEncoderSchema = v.object({
  max_position_embeddings: optional(v.number()),
  num_hidden_layers: optional(v.number()),
});
export type TextEncoderConfig = WithoutNulls<v.InferOutput<typeof textEncoderSchema>>;

/**
 * @param part the folder: text_encoder, text_encoder_2 or text_encoder_3
 * @param path of its graph, for messages
 */
export function createTextEncoder(
  given: Network,
  config: TextEncoderConfig,
  tokenizer: Tokenizer,
  part: string,
  path: string,
): TextEncoder {
  const network = anyBatch(given, "input_ids");
  const name = (output: TextOutput): string => {
    if (output === "last") return pick(network, path, "last_hidden_state");
    if (output === "pooled") return pick(network, path, "text_embeds");
    const { num_hidden_layers: layers } = config;
    if (!layers) {
      throw new EngineError("ModelUnsupported", `${part}/config.json lacks num_hidden_layers; add it and load again.`);
    }
    // hidden_states.0 are the embeddings, hidden_states.N what the last of N layers gives
    return pick(network, path, `hidden_states.${layers - 1}`);
  };
  const kept = keepLast<Record<string, Tensor>>(KEPT);
  return {
    tokenizer,
    async encode<K extends TextOutput>(ids: readonly number[], outputs: readonly K[]) {
      const names = outputs.map(name);
      const results = await kept(`${names} ${ids}`, () =>
        network.run({ input_ids: { data: ids, dims: [1, ids.length] } }, names),
      );
      return Object.fromEntries(outputs.map((output, i) => [output, results[names[i]]])) as Record<K, Tensor>;
    },
  };
}
