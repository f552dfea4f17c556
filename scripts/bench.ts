/**
 * `npm run bench`: what the app costs, measured on the built app in a real browser (and for what needs none, in Node).
 * Prints tables and writes bench.json. Nothing is asserted: numbers depend on the machine, targets stand beside them.
 */
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { mainThread } from "./bench/main-thread.ts";
import { memory } from "./bench/memory.ts";
import { overhead } from "./bench/overhead.ts";
import { printSection, type Section } from "./bench/report.ts";
import { speed } from "./bench/speed.ts";
import { openStand } from "./bench/stand.ts";

const HELP = `npm run bench -- [options]

  --only GROUPS    some groups alone, separated by commas: speed, main-thread, and with --model: memory, overhead
  --model FOLDER   a model in the diffusers layout for memory and overhead; of real size, with random weights:
                   python -m training.reference.real_size --model stable-diffusion-1.5 --output FOLDER
  --device DEVICE  cpu (default) or webgpu
  --runs N         how often what varies is measured (3)
  --steps N        of a run, where it is not the model's default
  --output FILE    where the numbers go (bench.json)
`;

const { values: options } = parseArgs({
  options: {
    only: { type: "string" },
    model: { type: "string" },
    device: { type: "string", default: "cpu" },
    runs: { type: "string", default: "3" },
    steps: { type: "string" },
    output: { type: "string", default: fileURLToPath(new URL("../bench.json", import.meta.url)) },
    help: { type: "boolean", default: false },
  },
});
if (options.help) {
  console.log(HELP);
  process.exit(0);
}

const runs = Number(options.runs);
const steps = options.steps === undefined ? undefined : Number(options.steps);
const groups: Record<string, () => Promise<Section[]>> = {
  speed: () => speed(stand, runs, steps),
  "main-thread": () => mainThread(stand, runs, steps),
  memory: () => memory(stand, givenModel()),
  overhead: async () => overhead(givenModel(), runs),
};
const needsModel = ["memory", "overhead"];
const usual = Object.keys(groups).filter((name) => options.model !== undefined || !needsModel.includes(name));
const chosen = options.only?.split(",") ?? usual;
for (const name of chosen) {
  if (name in groups) continue;
  console.error(`There is no group "${name}"; --only takes ${Object.keys(groups).join(", ")}.`);
  process.exit(2);
}
if (options.model === undefined && chosen.some((name) => needsModel.includes(name))) {
  console.error("memory and overhead need a model of real size: give --model (--help says how to make one).");
  process.exit(2);
}

const stand = await openStand(options.device);
try {
  const machine = { processor: cpus()[0]?.model ?? "unknown", cores: cpus().length, browser: stand.browser.version() };
  console.log(`${machine.processor}, ${machine.cores} cores, Chromium ${machine.browser}\n`);
  const sections: Section[] = [];
  for (const name of chosen) {
    for (const section of await groups[name]()) {
      sections.push(section);
      printSection(section);
    }
  }
  await writeFile(options.output, `${JSON.stringify({ machine, sections }, null, 2)}\n`);
  console.log(`Written to ${options.output}`);
} finally {
  await stand.close();
}

function givenModel(): string {
  return resolve(options.model ?? "");
}
