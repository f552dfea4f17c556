import type { ModelInfo } from "../../workers/protocol";
import { samplerName } from "../develop/run";
import { loraTitle } from "../loras/loras";
import { modelInfo } from "../models/loading";
import { useStore } from "../state/useStore";
import { useDarkroom } from "../ui/context";
import { formatBytes } from "../ui/format";
import { highResolutionText, variationText } from "../variations/words";
import type { PictureRecord } from "./record";

/** What made a picture, as a list of names and values. `other` marks the values that differ from another picture's. */
export function SettingsList({ record, other }: { record: PictureRecord; other?: PictureRecord }) {
  const { models } = useDarkroom();
  const samplers = useStore(models.store, modelInfo)?.samplers ?? [];
  const values = valuesOf(record, samplers);
  const others = other && new Map(valuesOf(other, samplers));
  return (
    <dl className="gallery-settings">
      {values.map(([name, value]) => (
        <div key={name} className={classOf(name, others !== undefined && others.get(name) !== value)}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What is written in sentences; the others stand two in a row. */
const LONG = ["Prompt", "Negative prompt", "LoRA", "Upscaled"];

function classOf(name: string, differs: boolean): string {
  return [LONG.includes(name) && "long", differs && "differs"].filter(Boolean).join(" ");
}

function valuesOf(record: PictureRecord, samplers: ModelInfo["samplers"]): [string, string][] {
  const { settings, model, loras, strength, masked, width, height, created, bytes } = record;
  const { variation, highResolution } = settings;
  const rows: [string, string | number | undefined][] = [
    ["Prompt", settings.prompt || "none"],
    ["Negative prompt", settings.negativePrompt || undefined],
    ["Model", model.title],
    ["LoRA", loras?.map(({ name, scale }) => `${loraTitle(name)} at ${scale}`).join(", ")],
    ["Sampler", samplerName(samplers, settings.sampler)],
    ["Steps", settings.steps],
    ["Guidance scale", settings.guidanceScale],
    ["Guidance interval", settings.guidanceInterval?.join(" to ")],
    ["Guidance rescale", settings.guidanceRescale],
    ["Eta", settings.eta],
    ["Brackets", settings.plainPrompt ? "read as text" : undefined],
    ["Seed", settings.seed],
    ["Noise seed", settings.noiseSeed],
    ["Variation", variation && variationText(variation)],
    ["Upscaled", highResolution && highResolutionText(highResolution)],
    ["Strength", strength],
    ["Mask feather", settings.maskFeather === undefined ? undefined : `${settings.maskFeather} px`],
    ["Task", masked ? "Inpainting" : strength === undefined ? undefined : "Image to image"],
    ["Size", `${width} × ${height}, ${formatBytes(bytes)}`],
    ["Made", new Date(created).toLocaleString()],
  ];
  return rows.flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, String(value)]]));
}
