/** X/Y/Z plots: every combination of up to three lists of values, queued as runs. */
import type { ModelInfo } from "../../workers/protocol";
import type { Queue } from "../runs/queue";
import { isOver, type NewRun, type Run } from "../runs/run";
import { createStore, type ReadOnlyStore } from "../state/store";
import { AXIS_KINDS, type Axis, type AxisValue, ONE, readAxis } from "./axes";

export type Axes = readonly [x: Axis, y: Axis, z: Axis];

export interface Plot {
  /** labels of the values; one empty label for an axis that is not used */
  labels: readonly [x: readonly string[], y: readonly string[], z: readonly string[]];
  /** ids of the runs: x counts fastest, then y, then z */
  runs: readonly string[];
  /** of the largest picture, in pixels */
  picture: { width: number; height: number };
  prompt: string;
  seed: number;
}

export interface PlotState {
  axes: Axes;
  /** the plot that was started last */
  plot: Plot | null;
}

export interface Plots {
  store: ReadOnlyStore<PlotState>;
  setAxis(index: number, patch: Partial<Axis>): void;
  /** Queues the runs. `reading` must have no errors. */
  start(reading: AxesReading, base: NewRun, info: ModelInfo): Promise<void>;
  /** Takes out what waits and ends the one that runs; what is done stays. */
  cancel(): void;
}

/** The most pictures of one plot. */
const MOST_RUNS = 200;

export interface AxesReading {
  values: readonly (readonly AxisValue[])[];
  /** what is wrong with each axis */
  errors: readonly (string | undefined)[];
  /** what is wrong with all of them together */
  error: string | undefined;
  count: number;
}

/** Reads the axes as they are typed, for a run with the form's settings. */
export function readAxes(axes: Axes, base: NewRun, info: ModelInfo): AxesReading {
  const errors: (string | undefined)[] = [];
  const values = axes.map((axis, i) => {
    try {
      const earlier = axes.slice(0, i).some(({ kind }) => kind !== "" && kind !== "prompt" && kind === axis.kind);
      if (earlier) throw new Error("Another axis varies this already; choose something else.");
      const read = readAxis(axis, base, info);
      errors.push(undefined);
      return read;
    } catch (error) {
      errors.push((error as Error).message);
      return ONE;
    }
  });
  const count = values.reduce((product, { length }) => product * length, 1);
  const error = axes.every(({ kind }) => kind === "")
    ? "Choose what at least one axis varies."
    : count > MOST_RUNS
      ? `These are ${count} pictures; ${MOST_RUNS} is the most.`
      : undefined;
  return { values, errors, error, count };
}

export function hasErrors({ errors, error }: AxesReading): boolean {
  return error !== undefined || errors.some((one) => one !== undefined);
}

/**
 * The runs of every combination: x counts fastest, then y, then z.
 * @param withStart gives each run the start image at its size, where there is one
 */
export async function combinations(
  [xs, ys, zs]: AxesReading["values"],
  base: NewRun,
  withStart: (runs: NewRun[]) => Promise<NewRun[]>,
): Promise<NewRun[]> {
  const all = zs.flatMap((z) => ys.flatMap((y) => xs.map((x) => [x, y, z])));
  const apply = (run: NewRun, values: AxisValue[]) => values.reduce((made, value) => value.apply(made), run);
  const settled = all.map((values) =>
    apply(
      base,
      values.filter(({ late }) => !late),
    ),
  );
  const started = await withStart(settled);
  return started.map((run, i) =>
    apply(
      run,
      all[i].filter(({ late }) => late),
    ),
  );
}

/** The runs of a plot, in its order; one that was taken out of the queue is missing. */
export function runsOf(plot: Plot, runs: readonly Run[]): (Run | undefined)[] {
  const known = new Map(runs.map((run) => [run.id, run]));
  return plot.runs.map((id) => known.get(id));
}

/** The kinds that can be chosen, with a start image or without. */
export function kindsFor(withImage: boolean): typeof AXIS_KINDS {
  return AXIS_KINDS.filter(({ needsImage }) => withImage || !needsImage);
}

export function createPlots(queue: Queue, withStart: (runs: NewRun[]) => Promise<NewRun[]>): Plots {
  const none: Axis = { kind: "", text: "" };
  const store = createStore<PlotState>({ axes: [{ ...none, kind: "seed" }, none, none], plot: null });
  return {
    store,
    setAxis: (index, patch) =>
      store.set(({ axes }) => ({
        axes: axes.map((axis, i) => (i === index ? { ...axis, ...patch } : axis)) as unknown as Axes,
      })),
    async start({ values }, base, info) {
      const asked = await combinations(values, base, withStart);
      const before = new Set(queue.store.get().runs.map(({ id }) => id));
      queue.add(info, asked);
      const added = queue.store.get().runs.filter(({ id }) => !before.has(id));
      const [x, y, z] = values.map((list) => list.map(({ label }) => label));
      store.set({
        plot: {
          labels: [x, y, z],
          runs: added.map(({ id }) => id),
          picture: {
            width: Math.max(...asked.map(({ settings }) => settings.width)),
            height: Math.max(...asked.map(({ settings }) => settings.height)),
          },
          prompt: base.settings.prompt,
          seed: base.settings.seed,
        },
      });
    },
    cancel() {
      const { plot } = store.get();
      if (!plot) return;
      const open = runsOf(plot, queue.store.get().runs).filter((run) => run !== undefined && !isOver(run));
      for (const run of open) if (run?.status === "queued") queue.remove(run.id);
      if (open.some((run) => run?.status === "running")) queue.skip();
    },
  };
}
