/** What a step of the pipeline costs beyond the bare session.run of its network, in Node. */
import { execFileSync } from "node:child_process";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { median, type Section } from "./report.ts";

/** @param folder of a model in the diffusers layout */
export function overhead(folder: string, repeats: number): Section[] {
  const script = fileURLToPath(new URL("step-times.ts", import.meta.url));
  const child = execFileSync("npx", ["tsx", script, folder, String(repeats)], { encoding: "utf8" });
  const { size, pipeline, alone } = JSON.parse(child) as { size: number; pipeline: number[]; alone: number[] };
  return [
    {
      title: `overhead: ${basename(folder)}, ${size} x ${size} pixels, no guidance, median of ${repeats} steps`,
      rows: [
        { what: "one step of the pipeline", value: median(pipeline), unit: "ms" },
        { what: "one bare session.run", value: median(alone), unit: "ms" },
        { what: "step / session.run", value: median(pipeline) / median(alone), atMost: 1.05 },
      ],
      details: { pipeline, alone },
    },
  ];
}
