/**
 * A file of low-rank differences: which layers it changes, by what, and how strongly. diffusers names the layers by their modules
 * (unet.down_blocks.0. ... .to_q.lora_A.weight; in earlier versions .lora.down, .lora_linear_layer.down, .processor.to_q_lora.down), kohya's
 * scripts join them by underscores (lora_unet_down_blocks_0_ ... _to_q.lora_down.weight), PEFT puts its own prefix in front.
 */
import * as v from "valibot";
import { EngineError } from "../../errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { SafetensorsFile } from "../formats/safetensors.ts";
import { type Delta, deltaOf } from "./delta.ts";
import { isOriginal, keyOf } from "./layer-names.ts";

export interface Lora {
  /** of the file, for messages */
  readonly name: string;
  readonly scale: number;
  /** by part and layer, see `keyOf` */
  readonly layers: ReadonlyMap<string, LoraLayer>;
  /** what of the file is not applied, and what had to be assumed: a sentence each */
  readonly notices: readonly string[];
}

/** A layer's tensors. */
interface Group {
  /** as the file names them */
  readonly keys: string[];
  readonly factors: Record<string, Tensor>;
}

export interface LoraLayer {
  readonly delta: Delta;
  /** alpha and what it is divided by; the file's weight comes on top */
  readonly alpha: number;
  readonly divisor: number;
  /** DoRA (Liu et al. 2024): the norms of the changed weight, one an output, or LyCORIS' one an input */
  readonly magnitude?: { readonly norms: Float32Array; readonly isByInput: boolean };
}

const FACTOR = /^(.+?)[._]lora(?:_linear_layer)?[._](down|up|mid|A|B)(?:\.\w+)?\.weight$/;
const MAGNITUDE = /^(.+?)\.(dora_scale|lora_magnitude_vector)(?:\.\w+)*$/;
const OTHER_FACTOR =
  /^(.+?)\.(alpha|diff|hada_(?:w[12]_[ab]|t[12])|lokr_(?:w[12](?:_[ab])?|t2))(?:\.(?:default|weight))*$/;
/** One file may change as many layers; so many names are said. */
const NAMES_SAID = 3;

/** @throws EngineError ModelUnsupported when nothing in the file can be applied */
export function readLora(name: string, scale: number, file: SafetensorsFile): Lora {
  const groups = new Map<string, Group>();
  const unused = [...file.unread];
  for (const [key, tensor] of file.tensors) {
    const found = partOfKey(key);
    if (!found) {
      unused.push(key);
      continue;
    }
    const group = groups.get(found.path) ?? { keys: [], factors: {} };
    groups.set(found.path, group);
    group.keys.push(key);
    group.factors[found.factor] = tensor;
  }
  if (file.tensors.size === 0 && unused.length === 0) throw notALora(name, "it is empty");
  const paths = [...groups.keys()];
  const usesBoth = paths.some((path) => isOriginal(keyOf(path))) && paths.some((path) => DIFFUSERS.test(keyOf(path)));
  const { alphaOf, notice } = alphas(groups, file.metadata);
  const layers = new Map<string, LoraLayer>();
  for (const [path, { keys, factors: all }] of groups) {
    const { alpha, dora_scale: scaled, lora_magnitude_vector: vector, ...factors } = all;
    const delta = deltaOf(factors);
    const key = keyOf(path);
    // of a file with both namings diffusers leaves the original one out
    if (!delta || (usesBoth && isOriginal(key))) {
      unused.push(...keys);
      continue;
    }
    const norms = scaled ?? vector;
    const isByInput = scaled !== undefined && scaled.dims.length > 1 && scaled.dims[0] === 1;
    layers.set(key, {
      delta,
      ...(delta.rank === undefined ? { alpha: 1, divisor: 1 } : alphaOf(path, delta.rank, alpha?.data[0])),
      ...(norms && { magnitude: { norms: norms.data, isByInput } }),
    });
  }
  if (layers.size === 0) {
    throw notALora(
      name,
      `none of its tensors makes up a layer of a LoRA, LoCon, LoHa or LoKr ("${unused[0]}", for one)`,
    );
  }
  const are = unused.length === 1 ? "is" : "are";
  const notices = [
    ...(unused.length > 0
      ? [`${name}: ${some(unused, "tensor")} ${are} not part of a layer's difference and left out.`]
      : []),
    ...(notice ? [`${name}: ${notice}`] : []),
  ];
  return { name, scale, layers, notices };
}

const DIFFUSERS = /^unet: (down_blocks|mid_block|up_blocks)_/;

/** How many, and the first few by name. */
export function some(names: readonly string[], what: string): string {
  const said = names.slice(0, NAMES_SAID).join(", ");
  return `${names.length} ${what}${names.length === 1 ? "" : "s"} (${said}${names.length > NAMES_SAID ? ", ..." : ""})`;
}

function partOfKey(key: string): { path: string; factor: string } | undefined {
  const factor = FACTOR.exec(key);
  if (factor) return { path: factor[1], factor: { A: "down", B: "up" }[factor[2]] ?? factor[2] };
  const magnitude = MAGNITUDE.exec(key);
  if (magnitude) return { path: magnitude[1], factor: magnitude[2] };
  const other = OTHER_FACTOR.exec(key);
  return other ? { path: other[1], factor: other[2] } : undefined;
}

/** What PEFT's config says of a part, as diffusers writes it into the header. */
const configSchema = v.object({
  r: v.optional(v.number()),
  lora_alpha: v.optional(v.number()),
  use_rslora: v.optional(v.boolean(), false),
  alpha_pattern: v.optional(v.record(v.string(), v.number()), {}),
});
type Config = v.InferOutput<typeof configSchema>;

interface Alphas {
  /** @param alpha the layer's own, which has the last word */
  alphaOf(path: string, rank: number, alpha: number | undefined): Pick<LoraLayer, "alpha" | "divisor">;
  readonly notice?: string;
}

function alphas(groups: ReadonlyMap<string, Group>, metadata: Readonly<Record<string, string>>): Alphas {
  const configs = readConfigs(metadata.lora_adapter_metadata);
  const hasOwn = [...groups.values()].some(({ factors }) => factors.alpha);
  const trained = Number(metadata.ss_network_alpha);
  const fromHeader =
    !hasOwn && configs.size === 0 && metadata.ss_network_alpha !== undefined && Number.isFinite(trained);
  const isPeft = [...groups.keys()].some((path) => path.startsWith("base_model.model."));
  return {
    alphaOf(path, rank, alpha) {
      if (alpha !== undefined) return { alpha, divisor: rank };
      if (fromHeader) return { alpha: trained, divisor: rank };
      const [part] = keyOf(path).split(": ");
      const config = configs.get(path.split(".")[0]) ?? configs.get(part) ?? configs.get("");
      if (!config) return { alpha: rank, divisor: rank };
      const pattern = Object.keys(config.alpha_pattern).find((one) => matches(one, path));
      const stated = pattern === undefined ? config.lora_alpha : config.alpha_pattern[pattern];
      return { alpha: stated ?? rank, divisor: config.use_rslora ? Math.sqrt(rank) : rank };
    },
    ...(fromHeader && {
      notice: `its layers state no alpha, so the ${trained} that its training's settings name is used.`,
    }),
    ...(isPeft &&
      !hasOwn &&
      configs.size === 0 && {
        notice:
          "PEFT keeps alpha in adapter_config.json, not in this file, so alpha / rank is taken as 1; set its weight to alpha / rank where that differs.",
      }),
  };
}

/** PEFT's patterns: a layer's whole name, or the end of it from a dot on. */
function matches(pattern: string, path: string): boolean {
  try {
    return new RegExp(`^(?:.*\\.)?(?:${pattern})$`).test(path);
  } catch {
    return path === pattern || path.endsWith(`.${pattern}`);
  }
}

/** By part ("unet", "text_encoder", ...): diffusers puts each part's name in front of PEFT's fields. */
function readConfigs(text: string | undefined): Map<string, Config> {
  const parts = new Map<string, Record<string, unknown>>();
  try {
    for (const [key, value] of Object.entries(JSON.parse(text ?? "{}"))) {
      const [part, field] = key.includes(".")
        ? [key.slice(0, key.indexOf(".")), key.slice(key.indexOf(".") + 1)]
        : ["", key];
      parts.set(part, { ...parts.get(part), [field]: value });
    }
  } catch {
    return new Map();
  }
  return new Map(
    [...parts].flatMap(([part, fields]) => {
      const config = v.safeParse(configSchema, fields);
      return config.success ? [[part, config.output] as const] : [];
    }),
  );
}

export function notALora(name: string, problem: string): EngineError {
  return new EngineError("ModelUnsupported", `${name} cannot be used: ${problem}; choose another file.`);
}
