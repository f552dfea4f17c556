/** What the backbone is told of the prompts at each step, and how the prompts are counted. */
import { EngineError } from "../../errors.ts";
import type { Model } from "../../models/load-model.ts";
import type { Conditioning } from "../../models/parts/backbone.ts";
import type { Tokenizer } from "../../models/parts/tokenizer.ts";
import type { Engine, PromptReading, Settings } from "../../protocol.ts";
import type { Family } from "../families/types.ts";
import { GUIDANCE_EMBEDDING, guidanceEmbedding, hasGuidanceEmbedding } from "../guidance-embedding.ts";
import type { Halves } from "../guided-denoiser.ts";
import { countTokens } from "./chunks.ts";
import { parseEmphasis } from "./emphasis.ts";
import { promptAtSteps } from "./schedule.ts";
import { separateTags } from "./tags.ts";

/**
 * As in diffusers, a scale of 1 or less runs the prompt's branch alone, and so does a network that is told the scale.
 * @param steps that are run
 * @returns one for each step; the same object where both prompts are the same
 */
export async function encodePrompts(
  model: Model,
  family: Family,
  settings: Settings,
  steps: number,
): Promise<Halves[]> {
  const { guidanceScale, width, height, plainPrompt: literal = false } = settings;
  const [prompt, negativePrompt] = [settings.prompt, settings.negativePrompt].map((text) =>
    literal ? text : separateTags(text).text,
  );
  const atSteps = (text: string) => (literal ? new Array<string>(steps).fill(text) : promptAtSteps(text, steps));
  const positive = atSteps(prompt);
  const told = hasGuidanceEmbedding(model.backbone);
  const negative = told || guidanceScale <= 1 ? undefined : atSteps(negativePrompt);
  const texts = new Set([...positive, ...(negative ?? [])]);
  const chunks = literal ? 1 : Math.max(1, ...[...texts].map((text) => chunksOf(model, family, text)));
  const encode = (text: string | undefined, isNegative: boolean) =>
    family.encode(model, { text, isNegative, literal, chunks }, { width, height });
  const scale = told ? { [GUIDANCE_EMBEDDING]: toldScale(model, guidanceScale) } : {};
  const made = new Map<string, Halves>();
  const halves: Halves[] = [];
  for (const [step, text] of positive.entries()) {
    const key = JSON.stringify([text, negative?.[step]]);
    const own = made.get(key) ?? {
      conditional: { ...(await encode(text, false)), ...scale },
      ...(negative && { unconditional: await encode(negativePrompt === "" ? undefined : negative[step], true) }),
    };
    made.set(key, own);
    halves.push(own);
  }
  return halves;
}

/** How the text encoders read a prompt: where it changes on the way, at the step that takes the most of it. */
export function readPrompt(model: Model, family: Family, { prompt, steps, plainPrompt }: PromptText): PromptReading {
  const tokenizers = chunkedTokenizers(model, family);
  if (tokenizers.length === 0) {
    throw new EngineError("ModelUnsupported", "The model has no text encoder; choose another model.");
  }
  const [tokenizer] = tokenizers;
  if (plainPrompt) return tokenizer.reading(prompt);
  const { text: words, ignored } = separateTags(prompt);
  const texts = new Set(promptAtSteps(words, Math.max(1, steps)));
  const counts = [...texts].map((text) => countTokens(parseEmphasis(text), tokenizer));
  const { tokens, chunks } = counts.reduce((most, one) => (one.tokens > most.tokens ? one : most));
  return { tokens, limit: chunks * tokenizer.window, chunks, unread: "", ...(ignored.length > 0 && { ignored }) };
}

type PromptText = Parameters<Engine["readPrompt"]>[0];

function chunksOf(model: Model, family: Family, text: string): number {
  const sections = parseEmphasis(text);
  return Math.max(...chunkedTokenizers(model, family).map((tokenizer) => countTokens(sections, tokenizer).chunks));
}

function chunkedTokenizers({ textEncoders }: Model, { chunked }: Family): Tokenizer[] {
  return chunked.flatMap((index) => textEncoders[index]?.tokenizer ?? []);
}

function toldScale({ backbone }: Model, guidanceScale: number): Conditioning[string] {
  const length = backbone.config.time_cond_proj_dim;
  if (length) return guidanceEmbedding(guidanceScale, length);
  throw new EngineError("ModelUnsupported", "unet/config.json lacks time_cond_proj_dim; add it and load again.");
}
