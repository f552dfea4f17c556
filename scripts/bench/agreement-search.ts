/**
 * Runs what `python -m training.reference.agreement_search` drew and says how far the latents are from diffusers'.
 *
 *     FAMILIES=/tmp/search npx tsx scripts/bench/agreement-search.ts [results.jsonl]
 *
 * The folder's golden.json holds the runs; each becomes a line of results.jsonl, and those that are there already are not run again.
 */
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { env, type InferenceSession } from "onnxruntime-web";
import { openNodeRuntime } from "../../cli/node-runtime.ts";
import { createEngine } from "../../workers/engine.ts";
import type { Runtime } from "../../workers/models/runtime/runtime.ts";
import {
  type Changes,
  families,
  type GoldenRun,
  golden,
  goldenFiles,
  recordingsOf,
  relativeError,
  requestOf,
} from "../../workers/testing/golden-pipelines.ts";

interface SearchRun extends GoldenRun {
  readonly family: string;
  readonly number: number;
  readonly model: string;
  readonly task: string;
  /** how far diffusers' own latents move when its network's input is moved by a millionth */
  readonly moved: number;
}

const path = process.argv[2] ?? resolve(fileURLToPath(families), "results.jsonl");
const done = new Set(
  existsSync(path)
    ? readFileSync(path, "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => keyOf(JSON.parse(line)))
    : [],
);

let changes: Changes = {};
let current: { name: string; base: string | null };
const engine = createEngine({
  openRuntime: async (device) => keepSessions(await openNodeRuntime(device)),
  openFiles: () => goldenFiles(current.name, current.base, changes),
});

for (const [name, { base, runs }] of Object.entries(golden.models)) {
  const mine = (runs as SearchRun[]).filter((run) => !done.has(keyOf(run)));
  if (mine.length === 0) continue;
  const recordings = recordingsOf(name);
  current = { name, base };
  for (const run of mine) {
    changes = run;
    const outcome = await attempt(run, recordings);
    const { family, number, model, task, sampler, steps, guidanceScale, width, height, strength, eta, moved } = run;
    const { config, modelIndex, vae, guidanceRescale } = run;
    const told = { family, number, model, task, sampler, steps, guidanceScale, width, height, strength, eta };
    const line = { ...told, guidanceRescale, moved, ...outcome, config, modelIndex, vae };
    appendFileSync(path, `${JSON.stringify(line)}\n`);
    if (!("error" in outcome) || outcome.error > 1e-3) console.log(JSON.stringify(line));
  }
}

/** Every run loads its model anew, for another config; the graphs are the same, and so are their sessions. */
function keepSessions(runtime: Runtime): Runtime {
  env.wasm.numThreads = 1; // the graphs are tiny: threads would only wait for each other
  const kept = new Map<string, Promise<InferenceSession>>();
  const { create } = runtime.ort.InferenceSession;
  const createOnce = (bytes: Uint8Array, options: InferenceSession.SessionOptions) => {
    const hash = createHash("sha256").update(bytes);
    for (const { data } of (options.externalData ?? []) as readonly { data: Uint8Array }[]) hash.update(data);
    const key = hash.digest("hex");
    const session =
      kept.get(key) ?? create(bytes, options).then((made) => Object.assign(made, { release: async () => {} }));
    kept.set(key, session);
    return session;
  };
  const InferenceSession = { ...runtime.ort.InferenceSession, create: createOnce };
  return { ...runtime, ort: { ...runtime.ort, InferenceSession } as unknown as Runtime["ort"] };
}

async function attempt(
  run: SearchRun,
  recordings: ReturnType<typeof recordingsOf>,
): Promise<{ error: number } | { refused: string }> {
  try {
    const info = await engine.load({ id: run.model, url: families.href }, "cpu", () => {});
    const plain = (await engine.readPrompt(run)).chunks > 1;
    const { latents } = await engine.generate(requestOf(run, recordings, info, plain), () => {});
    const error = relativeError(latents.data, recordings.tensor(run.latents));
    return { error: Number(error.toPrecision(3)) };
  } catch (error) {
    return { refused: (error as Error).message };
  }
}

function keyOf({ family, number }: Pick<SearchRun, "family" | "number">): string {
  return `${family} ${number}`;
}
