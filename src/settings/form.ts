/** The settings as they are typed: text, so that nothing typed is lost, and their reading as numbers. */
import type { ModelInfo, Settings } from "../../workers/protocol";
import { describeRange, FRACTION, inRange } from "../../workers/settings/kinds";
import { carriedOf } from "../../workers/settings/read";
import type { Field, SettingName } from "../../workers/settings/setting";
import { settingsTable } from "../../workers/settings/table";
import { countAlternatives, expandAlternatives } from "./alternatives";

export interface Form {
  /** the model that the numbers were made for; empty before the first model is loaded */
  model: string;
  prompt: string;
  negativePrompt: string;
  sampler: string;
  steps: string;
  guidanceScale: string;
  guidanceStart: string;
  guidanceEnd: string;
  width: string;
  height: string;
  seed: string;
  count: string;
  /** whether each Generate draws a new seed */
  newSeed: boolean;
  /** what came with a picture's settings and has no field of its own */
  carried: Partial<Settings>;
}

export type NumberField =
  | "steps"
  | "guidanceScale"
  | "guidanceStart"
  | "guidanceEnd"
  | "width"
  | "height"
  | "seed"
  | "count";
export type FormErrors = Partial<Record<NumberField, string>>;

/** The most pictures of each prompt. */
export const MAX_COUNT = 16;
/** The most pictures that one Generate asks for, with the prompts' alternatives. */
const MAX_RUNS = 256;

const COUNT: Field = { label: "Number of pictures", range: () => ({ min: 1, max: MAX_COUNT, step: 1, whole: true }) };

/** What each number of the form is, from the table of settings. */
export const fields: Record<NumberField, Field> = {
  steps: fieldOf("steps"),
  guidanceScale: fieldOf("guidanceScale"),
  guidanceStart: { label: "Guidance start", range: () => FRACTION },
  guidanceEnd: { label: "Guidance end", range: () => FRACTION },
  width: fieldOf("width"),
  height: fieldOf("height"),
  seed: fieldOf("seed"),
  count: COUNT,
};

function fieldOf(name: SettingName): Field {
  const { field } = settingsTable[name];
  if (!field) throw new Error(`The setting ${name} is not a number.`);
  return field;
}

/** One sentence with the allowed range, or nothing when the text is in it. */
export function fieldError(text: string, { label, range: rangeOf }: Field, info: ModelInfo | null): string | undefined {
  const range = rangeOf(info);
  if (text.trim() !== "" && inRange(Number(text), range)) return undefined;
  return `${label} must be ${describeRange(range)}.`;
}

export function formErrors(form: Form, info: ModelInfo | null): FormErrors {
  const errors: FormErrors = {};
  for (const [field, known] of Object.entries(fields) as [NumberField, Field][]) {
    // Without a model the empty fields wait for its defaults.
    if (!info && form[field].trim() === "") continue;
    const error = fieldError(form[field], known, info);
    if (error) errors[field] = error;
  }
  if (!errors.guidanceStart && !errors.guidanceEnd && Number(form.guidanceStart) > Number(form.guidanceEnd))
    errors.guidanceEnd = `Guidance end must not come before its start at ${form.guidanceStart}.`;
  const runs = Number(form.count) * countPrompts(form);
  if (!errors.count && runs > MAX_RUNS) {
    errors.count = `The alternatives in the prompts make ${runs.toLocaleString("en")} pictures of this; at most ${MAX_RUNS} are made at once.`;
  }
  return errors;
}

function countPrompts({ prompt, negativePrompt }: Form): number {
  return countAlternatives(prompt) * countAlternatives(negativePrompt);
}

/** The pairs of prompts that the alternatives stand for. */
export function promptsOf(form: Form): Pick<Settings, "prompt" | "negativePrompt">[] {
  const negatives = expandAlternatives(form.negativePrompt);
  return expandAlternatives(form.prompt).flatMap((prompt) =>
    negatives.map((negativePrompt) => ({ prompt, negativePrompt })),
  );
}

/** `count` runs for each pair of prompts, with the same seeds for each, which follow each other. The form must have no errors. */
export function toRuns(form: Form): { settings: Settings }[] {
  const seed = Number(form.seed);
  const seeds = Array.from({ length: Number(form.count) }, (_, i) => Math.min(seed + i, Number.MAX_SAFE_INTEGER));
  const pairs = promptsOf(form);
  return seeds.flatMap((own) => pairs.map((pair) => ({ settings: settingsOf(form, pair, own) })));
}

/** The guidance scale, and the interval unless it is all of the steps. */
export function guidanceOf(form: Form): Pick<Settings, "guidanceScale" | "guidanceInterval"> {
  const [start, end] = [Number(form.guidanceStart), Number(form.guidanceEnd)];
  return {
    guidanceScale: Number(form.guidanceScale),
    ...((start > 0 || end < 1) && { guidanceInterval: [start, end] }),
  };
}

function settingsOf(form: Form, prompts: Pick<Settings, "prompt" | "negativePrompt">, seed: number): Settings {
  return {
    ...prompts,
    sampler: form.sampler,
    steps: Number(form.steps),
    ...guidanceOf(form),
    seed,
    width: Number(form.width),
    height: Number(form.height),
    ...form.carried,
  };
}

/** The guidance interval where settings have none. */
const WHOLE: [number, number] = [0, 1];

/** Fills what is empty with the model's defaults; settings made for another model are replaced. */
export function withDefaults(form: Form, info: ModelInfo): Form {
  const { defaults } = info;
  const [guidanceStart, guidanceEnd] = defaults.guidanceInterval ?? WHOLE;
  const first = form.model === "";
  const other = !first && form.model !== info.id;
  const take = (typed: string, value: number | string) => (other || typed.trim() === "" ? String(value) : typed);
  const known = info.samplers.some((sampler) => sampler.id === form.sampler);
  return {
    ...form,
    model: info.id,
    negativePrompt: first && form.negativePrompt === "" ? defaults.negativePrompt : form.negativePrompt,
    sampler: known && !other ? form.sampler : defaults.sampler,
    steps: take(form.steps, defaults.steps),
    guidanceScale: take(form.guidanceScale, defaults.guidanceScale),
    guidanceStart: take(form.guidanceStart, guidanceStart),
    guidanceEnd: take(form.guidanceEnd, guidanceEnd),
    width: take(form.width, defaults.width),
    height: take(form.height, defaults.height),
    carried: other ? {} : form.carried,
  };
}

/** A run's settings back in the form; its seed is kept. */
export function fromSettings(form: Form, settings: Settings): Form {
  const [guidanceStart, guidanceEnd] = settings.guidanceInterval ?? WHOLE;
  return {
    ...form,
    prompt: settings.prompt,
    negativePrompt: settings.negativePrompt,
    sampler: settings.sampler,
    steps: String(settings.steps),
    guidanceScale: String(settings.guidanceScale),
    guidanceStart: String(guidanceStart),
    guidanceEnd: String(guidanceEnd),
    width: String(settings.width),
    height: String(settings.height),
    seed: String(settings.seed),
    newSeed: false,
    carried: carriedOf(settings),
  };
}

/** 32 random bits: as many as people copy between tools. */
export function randomSeed(): string {
  return String(crypto.getRandomValues(new Uint32Array(1))[0]);
}

export function emptyForm(): Form {
  return {
    model: "",
    prompt: "",
    negativePrompt: "",
    sampler: "",
    steps: "",
    guidanceScale: "",
    guidanceStart: "",
    guidanceEnd: "",
    width: "",
    height: "",
    seed: randomSeed(),
    count: "1",
    newSeed: true,
    carried: {},
  };
}
