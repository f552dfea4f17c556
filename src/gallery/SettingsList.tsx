import { loraTitle } from "../loras/loras";
import { formatBytes } from "../ui/format";
import type { PictureRecord } from "./record";

/** What made a picture, as a list of names and values. `other` marks the values that differ from another picture's. */
export function SettingsList({ record, other }: { record: PictureRecord; other?: PictureRecord }) {
  const values = valuesOf(record);
  const others = other && new Map(valuesOf(other));
  return (
    <dl className="gallery-settings">
      {values.map(([name, value]) => (
        <div key={name} className={others && others.get(name) !== value ? "differs" : undefined}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function valuesOf({
  settings,
  model,
  loras,
  strength,
  masked,
  width,
  height,
  created,
  bytes,
}: PictureRecord): [string, string][] {
  const rows: [string, string | number | undefined][] = [
    ["Prompt", settings.prompt || "none"],
    ["Negative prompt", settings.negativePrompt || undefined],
    ["Model", model.title],
    ["LoRA", loras?.map(({ name, scale }) => `${loraTitle(name)} at ${scale}`).join(", ")],
    ["Sampler", settings.sampler],
    ["Steps", settings.steps],
    ["Guidance scale", settings.guidanceScale],
    ["Seed", settings.seed],
    ["Strength", strength],
    ["Task", masked ? "Inpainting" : strength === undefined ? undefined : "Image to image"],
    ["Size", `${width} x ${height}, ${formatBytes(bytes)}`],
    ["Made", new Date(created).toLocaleString()],
  ];
  return rows.flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, String(value)]]));
}
