import type { ModelInfo } from "../../workers/protocol";
import { describeSettings } from "../../workers/settings/read";
import { loraTitle } from "../loras/loras";
import { useModels } from "../models/context";
import { modelInfo } from "../models/loading";
import type { PictureRecord } from "../records/picture";
import { useStore } from "../state/useStore";
import { formatBytes } from "../ui/format";

/** What made a picture, as a list of names and values. `other` marks the values that differ from another picture's. */
export function SettingsList({ record, other }: { record: PictureRecord; other?: PictureRecord }) {
  const models = useModels();
  const samplers = useStore(models.store, modelInfo)?.samplers ?? [];
  const values = valuesOf(record, samplers);
  const others = other && new Map(valuesOf(other, samplers));
  return (
    <dl className="gallery-settings">
      {values.map(([name, value]) => (
        <div key={name} className={classOf(name, others !== undefined && others.get(name) !== value)}>
          <dt>{name}</dt>
          <dd dir="auto">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What is written in sentences; the others stand two in a row. */
const LONG = ["Prompt", "Negative prompt", "LoRA", "Second pass", "Variation"];

function classOf(name: string, differs: boolean): string {
  return [LONG.includes(name) && "long", differs && "differs"].filter(Boolean).join(" ");
}

/** Said once, as the size of the file's picture. */
const SIDES: readonly string[] = ["width", "height"];

function valuesOf(record: PictureRecord, samplers: ModelInfo["samplers"]): [string, string][] {
  const { settings, model, loras, strength, masked, width, height, created, bytes } = record;
  const said = describeSettings(settings, samplers).filter(([name]) => !SIDES.includes(name));
  const rows: [string, string | number | undefined][] = [
    ...(settings.prompt === "" ? [["Prompt", "none"] satisfies [string, string]] : []),
    ...said.map(([, label, text]): [string, string] => [label, text]),
    ["Model", model.title],
    ["LoRA", loras?.map(({ name, scale }) => `${loraTitle(name)} at ${scale}`).join(", ")],
    ["Strength", strength],
    ["Task", masked ? "Inpainting" : strength === undefined ? undefined : "Image to image"],
    ["Size", `${width} × ${height}, ${formatBytes(bytes)}`],
    ["Created", new Date(created).toLocaleString()],
  ];
  return rows.flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, String(value)]]));
}
