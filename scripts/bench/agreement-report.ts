/**
 * docs/agreement-search.md from what agreement-search.ts found.
 *
 *     npx tsx scripts/bench/agreement-report.ts /tmp/search/results.jsonl
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { SchedulerConfig } from "../../workers/diffusion/types.ts";

interface Result {
  readonly family: string;
  readonly number: number;
  readonly model: string;
  readonly task: "text" | "picture" | "mask";
  readonly sampler: string;
  readonly steps: number;
  readonly guidanceScale: number;
  readonly width: number;
  readonly height: number;
  readonly strength?: number;
  readonly eta?: number;
  readonly moved: number;
  /** of the latents, relative to their largest value */
  readonly error?: number;
  /** what Darkroom says instead */
  readonly refused?: string;
  readonly config: SchedulerConfig;
  readonly vae?: object;
}

const BOUND = 1e-3;
/** A run is chaotic where diffusers' own latents move as much as this part of the difference when its input moves by a millionth. */
const CHAOTIC_SHARE = 1 / 30;

/** Why a run differs, where it is known; the first that holds. */
const REASONS: readonly [holds: (run: Result) => boolean, reason: (run: Result) => string][] = [
  [({ refused }) => refused !== undefined, ({ refused }) => `Darkroom refuses: ${refused}`],
  [
    (run) => run.sampler === "pndm" && run.task !== "text" && run.config.skip_prk_steps !== true,
    () =>
      "a quirk of diffusers: PNDM's Runge-Kutta steps take several timesteps each, and a run from a picture begins in the middle of one",
  ],
  [
    ({ vae, task }) => vae !== undefined && task === "mask",
    () =>
      "a quirk of diffusers: StableDiffusionXLInpaintPipeline decodes with latents_mean and latents_std and encodes without them",
  ],
  [
    ({ sampler, config }) =>
      sampler === "euler" &&
      config.interpolation_type === "log_linear" &&
      config.timestep_type === "continuous" &&
      config.prediction_type === "v_prediction",
    () => "a quirk of diffusers: it makes one step more than it was asked for, and ends at another level",
  ],
  [
    ({ moved, error = 0 }) => moved >= error * CHAOTIC_SHARE,
    ({ moved }) => `float chaos: diffusers' own latents move by ${moved.toExponential(1)}`,
  ],
];

const reasonOf = (run: Result): string => REASONS.find(([holds]) => holds(run))?.[1](run) ?? "not explained";

const results = process.argv
  .slice(2)
  .flatMap((path) => readFileSync(path, "utf8").split("\n").filter(Boolean))
  .map((line) => JSON.parse(line) as Result);
const families = [...new Set(results.map(({ family }) => family))];
const agrees = ({ error = Number.POSITIVE_INFINITY }: Result) => error <= BOUND;

const counts = families.map((family) => {
  const own = results.filter((run) => run.family === family);
  const errors = own.map(({ error = Number.POSITIVE_INFINITY }) => error).sort((a, b) => a - b);
  const beyond = own.filter((run) => !agrees(run));
  const median = errors[Math.floor(errors.length / 2)].toExponential(1);
  const unexplained = beyond.filter((run) => reasonOf(run) === "not explained").length;
  return `| ${family} | ${own.length} | ${own.length - beyond.length} | ${median} | ${beyond.length} | ${unexplained} |`;
});

const rows = results
  .filter((run) => !agrees(run))
  .sort((a, b) => families.indexOf(a.family) - families.indexOf(b.family) || a.number - b.number)
  .map((run) => {
    const { family, number, model, task, sampler, steps, guidanceScale, width, height, strength = "", error } = run;
    const size = `${width} x ${height}`;
    const cells = [family, number, model, task, sampler, steps, guidanceScale, size, strength, error?.toExponential(1)];
    return `| ${[...cells, reasonOf(run), `\`${JSON.stringify(run.config)}\``].join(" | ")} |`;
  });

writeFileSync(
  new URL("../../docs/agreement-search.md", import.meta.url),
  `# A random search for settings in which Darkroom and diffusers differ

\`python -m training.reference.agreement_search\` draws a model, a task, a sampler, a scheduler_config.json of any class and the settings of each run from a
seed, and diffusers' pipeline runs it on a tiny model with random weights. Darkroom runs the same. The error is the largest difference of the final
latents, relative to their largest value. For each run diffusers also runs with the input of its network moved by a millionth, at random: where its
own latents then move by as much as a thirtieth of the difference, the run is chaotic and says nothing of either program.

A whole search is 300 runs of each of four families: stable-diffusion, guidance-embedding, stable-diffusion-xl and stable-diffusion-3. The table
counts those that have been run; a family that it does not name has not been run.

What diffusers itself refuses is drawn anew. DPM++ SDE draws the generator's numbers in place of a Brownian tree's.

| Family | Runs | Within ${BOUND} | Median error | Beyond | Of these not explained |
|---|---|---|---|---|---|
${counts.join("\n")}

Each run beyond:

| Family | Number | Model | Task | Sampler | Steps | Guidance | Size | Strength | Error | Reason | scheduler_config.json |
|---|---|---|---|---|---|---|---|---|---|---|---|
${rows.join("\n")}

Written by \`npx tsx scripts/bench/agreement-report.ts\` from what \`scripts/bench/agreement-search.ts\` found.
`,
);
