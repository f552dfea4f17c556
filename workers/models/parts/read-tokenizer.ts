/** A model's tokenizers: each from its own folder, or from a flat one beside the graphs. */
import * as v from "valibot";
import { EngineError } from "../../errors.ts";
import { optional } from "../formats/json.ts";
import type { Folder, ModelIndex } from "../sources/folder.ts";
import {
  clipTokenizerJson,
  createTokenizer,
  ordinaryToken,
  specialToken,
  type Tokenizer,
  type TokenizerFiles,
  tokenizerConfigSchema,
} from "./tokenizer.ts";

const idsSchema = v.record(v.string(), v.number());
const addedTokenSchema = v.object({
  content: v.string(),
  lstrip: v.optional(v.boolean(), false),
  rstrip: v.optional(v.boolean(), false),
  single_word: v.optional(v.boolean(), false),
  normalized: v.optional(v.boolean(), true),
  special: v.optional(v.boolean(), false),
});
const configSchema = v.looseObject({
  ...tokenizerConfigSchema.entries,
  /** by id */
  added_tokens_decoder: optional(v.record(v.string(), addedTokenSchema)),
});
const specialSchema = tokenizerConfigSchema;

/** What every published model with two CLIPs pads the second one's prompts with. */
const SECOND_PAD = "!";
const [FIRST, SECOND] = ["tokenizer", "tokenizer_2"];

/**
 * @param part its folder
 * @param window of the text encoder, where tokenizer_config.json does not say
 * @param notify takes a sentence on what was assumed
 * @throws EngineError ModelFileMissing, ModelFileCorrupt
 */
export async function readTokenizer(
  folder: Folder,
  index: ModelIndex,
  part: string,
  window: number | undefined,
  notify: (notice: string) => void,
): Promise<Tokenizer> {
  const own = (await tokenizerIn(folder, `${part}/`)) ?? (part === FIRST ? await tokenizerIn(folder, "") : undefined);
  if (own) return createTokenizer(own, window, part);
  // A flat export has one tokenizer for both CLIPs, which read the same tokens and pad with others.
  const shared = part === SECOND ? await flatTokenizer(folder, index) : undefined;
  if (shared) {
    notify(
      `The model has no ${part}; its first tokenizer is used, padded with "${SECOND_PAD}" as Stable Diffusion XL does.`,
    );
    return createTokenizer({ ...shared, special: { pad_token: SECOND_PAD } }, window, part);
  }
  throw new EngineError(
    "ModelFileMissing",
    `The model has neither ${part}/tokenizer.json nor ${part}/vocab.json and ${part}/merges.txt; get the whole folder and load again.`,
  );
}

/** Beside the graphs, or where no model_index.json says which tokenizers there are, in the folder of the first one. */
const flatTokenizer = async (folder: Folder, index: ModelIndex) =>
  (await tokenizerIn(folder, "")) ??
  (Object.keys(index).length === 0 ? await tokenizerIn(folder, "tokenizer/") : undefined);

/** @param place a folder, ending in `/`, or empty for the model's own. @returns undefined where it holds none */
async function tokenizerIn(folder: Folder, place: string): Promise<TokenizerFiles | undefined> {
  const whole = await folder.optionalJson(`${place}tokenizer.json`, v.looseObject({}));
  const config = (await folder.optionalJson(`${place}tokenizer_config.json`, configSchema)) ?? {};
  const special = await folder.optionalJson(`${place}special_tokens_map.json`, specialSchema);
  const tokenizer = whole ?? (await bareTokenizer(folder, place, config, special ?? config));
  if (!tokenizer) return undefined;
  return { tokenizer, config, ...(special ? { special } : {}) };
}

async function bareTokenizer(
  folder: Folder,
  place: string,
  config: v.InferOutput<typeof configSchema>,
  special: v.InferOutput<typeof specialSchema>,
): Promise<object | undefined> {
  const vocabulary = await folder.optionalJson(`${place}vocab.json`, idsSchema);
  const merges = await folder.optionalText(`${place}merges.txt`);
  if (!vocabulary || merges === undefined) return undefined;
  const { added_tokens_decoder: decoder } = config;
  if (decoder) {
    const added = Object.entries(decoder).map(([id, token]) => ({
      ...specialToken(token.content, Number(id)),
      ...token,
    }));
    return clipTokenizerJson(vocabulary, merges, added);
  }
  // older versions of transformers
  const ids = (await folder.optionalJson(`${place}added_tokens.json`, idsSchema)) ?? {};
  const named = new Set(Object.values(special).map((token) => (typeof token === "string" ? token : contentOf(token))));
  const added = Object.entries(ids).map(([content, id]) =>
    (named.has(content) ? specialToken : ordinaryToken)(content, id),
  );
  return clipTokenizerJson(vocabulary, merges, added);
}

const contentOf = (token: unknown): unknown =>
  token !== null && typeof token === "object" && "content" in token ? token.content : undefined;
