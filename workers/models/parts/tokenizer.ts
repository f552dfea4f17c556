/** A prompt as the text encoder reads it. @huggingface/tokenizers neither cuts nor pads: that is done here. */
import { Tokenizer as HuggingFaceTokenizer } from "@huggingface/tokenizers";
import * as v from "valibot";
import { EngineError } from "../../errors.ts";
import type { PromptReading } from "../../protocol.ts";
import { optional } from "../formats/json.ts";
import { linesOf } from "../formats/lines.ts";

const tokenName = v.union([v.string(), v.object({ content: v.string() })]);

/** The fields that are read of tokenizer_config.json and special_tokens_map.json. */
export const tokenizerConfigSchema = v.looseObject({
  model_max_length: optional(v.number()),
  pad_token: optional(tokenName),
});

export interface TokenizerFiles {
  /** tokenizer.json, or what stands in for it (see `clipTokenizerJson`) */
  readonly tokenizer: object;
  /** tokenizer_config.json */
  readonly config: v.InferOutput<typeof tokenizerConfigSchema>;
  /** special_tokens_map.json, which has the last word on the pad token */
  readonly special?: Pick<v.InferOutput<typeof tokenizerConfigSchema>, "pad_token">;
}

export interface Tokenizer {
  /** tokens that the window holds, begin and end included */
  readonly window: number;
  /** ids of exactly `length` tokens (the window): cut with the end token kept, padded with the pad token */
  ids(prompt: string, length?: number): number[];
  /** ids of the text alone, without begin and end tokens; of any length */
  content(text: string): number[];
  /** the tokens before the text: one, or none where the model has no such token */
  readonly begin: readonly number[];
  readonly end: number;
  readonly pad: number;
  /** a comma of its own; undefined where the vocabulary has none */
  readonly comma: number | undefined;
  /** as it is when it is cut at the window */
  reading(prompt: string): PromptReading;
}

/**
 * @param window of the text encoder, when tokenizer_config.json does not say
 * @param part the folder: tokenizer, tokenizer_2 or tokenizer_3
 */
export function createTokenizer(files: TokenizerFiles, window?: number, part = "tokenizer"): Tokenizer {
  const tokenizer = new HuggingFaceTokenizer(withPadToken(files), files.config);
  const limit = Math.min(files.config.model_max_length ?? Number.POSITIVE_INFINITY, window ?? Number.POSITIVE_INFINITY);
  if (!Number.isFinite(limit)) {
    throw new EngineError(
      "ModelUnsupported",
      `${part}/tokenizer_config.json does not say model_max_length; add it and load again.`,
    );
  }
  const encode = (text: string): number[] => tokenizer.encode(text).ids;
  const empty = encode("");
  const begin = empty.slice(0, -1);
  const end = empty[empty.length - 1];
  const pad = padId(tokenizer, files) ?? end;
  const content = (text: string): number[] => encode(text).slice(begin.length, -1);
  const comma = content(",");
  return {
    window: limit,
    content,
    begin,
    end,
    pad,
    comma: comma.length === 1 ? comma[0] : undefined,
    ids(prompt, length = limit) {
      const ids = encode(prompt);
      if (ids.length > length) return [...ids.slice(0, length - 1), end];
      return [...ids, ...new Array<number>(length - ids.length).fill(pad)];
    },
    reading(prompt) {
      const tokens = encode(prompt).length;
      const cut = tokens <= limit ? "" : unread(prompt, encode, limit);
      return { tokens: Math.min(tokens, limit), limit, chunks: 1, unread: cut };
    },
  };
}

/** The words from the first one on that does not fit as a whole. */
function unread(prompt: string, encode: (text: string) => number[], limit: number): string {
  const words = [...prompt.matchAll(/\S+/g)];
  let low = 0; // words that fit
  let high = words.length; // words that do not
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    const end = words[middle - 1].index + words[middle - 1][0].length;
    if (encode(prompt.slice(0, end)).length <= limit) low = middle;
    else high = middle;
  }
  return prompt.slice(words[low].index).trim();
}

function padToken({ special, config }: TokenizerFiles): string | undefined {
  const token = special?.pad_token ?? config.pad_token;
  return typeof token === "string" ? token : token?.content;
}

function padId(tokenizer: HuggingFaceTokenizer, files: TokenizerFiles): number | undefined {
  const token = padToken(files);
  return token === undefined ? undefined : tokenizer.token_to_id(token);
}

/** The pad token is a special one wherever it is named as such: with "!" to pad, a "!" in the prompt is that token too. */
function withPadToken(files: TokenizerFiles): object {
  const token = padToken(files);
  const tokenizer = files.tokenizer as { added_tokens?: AddedToken[]; model?: { vocab?: Record<string, number> } };
  const { added_tokens: added = [], model } = tokenizer;
  const id = token === undefined || Array.isArray(model?.vocab) ? undefined : model?.vocab?.[token];
  if (token === undefined || id === undefined || added.some(({ content }) => content === token)) return tokenizer;
  return { ...tokenizer, added_tokens: [...added, specialToken(token, id)] };
}

/** A token beside the vocabulary, as tokenizer.json has it. A normalized one is found in any case, as the text is once it is normalized. */
export type AddedToken = ReturnType<typeof specialToken>;

export function ordinaryToken(content: string, id: number): AddedToken {
  return { ...specialToken(content, id), normalized: true, special: false };
}

export function specialToken(content: string, id: number) {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
}

/**
 * A tokenizer.json for CLIP folders that ship vocab.json and merges.txt alone: NFC, white space to one space, lower case; split
 * by CLIP's pattern, bytes, BPE with `</w>` at the end of words; begin and end tokens (Radford et al. 2021, section 2.4).
 * @param added tokens beside the vocabulary, such as those of textual inversion
 */
export function clipTokenizerJson(
  vocabulary: Record<string, number>,
  merges: string,
  added: readonly AddedToken[] = [],
): object {
  const begin = "<|startoftext|>";
  const end = "<|endoftext|>";
  const special = (content: string) => specialToken(content, vocabulary[content]);
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [
      special(begin),
      special(end),
      ...added.filter(({ content }) => content !== begin && content !== end),
    ],
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "NFC" },
        { type: "Replace", pattern: { Regex: "\\s+" }, content: " " },
        { type: "Lowercase" },
      ],
    },
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        {
          type: "Split",
          pattern: { Regex: "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+" },
          behavior: "Removed",
          invert: true,
        },
        { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: {
      type: "RobertaProcessing",
      sep: [end, vocabulary[end]],
      cls: [begin, vocabulary[begin]],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: end,
      continuing_subword_prefix: "",
      end_of_word_suffix: "</w>",
      fuse_unk: false,
      vocab: vocabulary,
      merges: linesOf(merges)
        .filter((line) => line !== "" && !line.startsWith("#version"))
        .map((line) => line.split(" ")),
    },
  };
}
