/**
 * A chain of three stages whose denoiser is known in closed form: an embedding (rank 2), pixels (rank 4) and a clip's latents (rank 5).
 * For data ~ N(mean, 0) the ideal denoiser returns the mean, whatever the noise.
 */
import { describe, expect, test } from "vitest";
import type { Step } from "../protocol.ts";
import { combine } from "../tensor/arithmetic.ts";
import { sizeOf, type Tensor } from "../tensor/tensor.ts";
import { checkResume } from "./check-resume.ts";
import { createNoise } from "./noise-source.ts";
import { noisedAt } from "./noised.ts";
import type { Stage } from "./pipeline.ts";
import { runStages } from "./run-stages.ts";
import { createSchedule } from "./schedule.ts";

const STEPS = 4;
const CONFIG = {
  _class_name: "EulerAncestralDiscreteScheduler",
  beta_schedule: "scaled_linear",
  prediction_type: "epsilon",
};
const SHAPES: Record<string, readonly number[]> = { Prior: [1, 12], Decoder: [1, 3, 4, 6], Motion: [1, 2, 5, 4, 6] };

/** What a stage's tensor becomes: a constant that carries on from the stage before. */
const meanOf = (dims: readonly number[], previous: Tensor | undefined): Tensor => ({
  data: new Float32Array(sizeOf(dims)).fill(1 + (previous ? previous.data[0] : 0)),
  dims,
});

/** @param heard the indices that each stage's denoiser is told. @param first of the last stage, which enters its schedule there */
function chain(heard: number[][], first = 1): [Stage, ...Stage[]] {
  const stages = Object.entries(SHAPES).map(([name, dims], place): Stage => {
    const schedule = createSchedule(CONFIG, { sampler: "euler-ancestral", steps: STEPS });
    const noise = createNoise({ seed: 7 + place }, dims);
    const start = place === 2 ? first : 0;
    let mean: Tensor;
    return {
      name,
      dims,
      schedule,
      first: start,
      space: { id: name.toLowerCase(), preview: { kind: "pixels" } },
      noise: noise.step,
      async begin(previous) {
        mean = meanOf(dims, previous);
        return { x: noisedAt(mean, noise.initial(), schedule, start) };
      },
      denoiser: async () => async (x, _level, index) => {
        heard[place].push(index);
        // Half of the way to the mean: the state still matters, so that a wrong one would show.
        return combine([0.5, mean], [0.5, x]);
      },
    };
  });
  return stages as [Stage, ...Stage[]];
}

async function run(done: Step[] = [], onStep: (step: Step, controller: AbortController) => void = () => {}) {
  const heard: number[][] = [[], [], []];
  const steps: Step[] = [];
  const controller = new AbortController();
  const stages = chain(heard);
  checkResume({ settings: {} as never, resume: { steps: done } }, stages, []);
  const result = await runStages(stages, {
    signal: controller.signal,
    done,
    onStep(step) {
      steps.push(step);
      onStep(step, controller);
    },
  });
  return { latents: result.latents, steps, heard };
}

const placesOf = (steps: readonly Step[]) => steps.map(({ stage, index }) => [stage, index]);
const ALL = [0, 1, 2].flatMap((stage) => [0, 1, 2, 3].filter((index) => stage < 2 || index > 0).map((i) => [stage, i]));

describe("three stages of rank 2, 4 and 5", () => {
  test("are streamed one after the other, each step with its stage's name and tensor", async () => {
    const { latents, steps, heard } = await run();
    expect(placesOf(steps)).toEqual(ALL);
    expect(heard).toEqual([
      [0, 1, 2, 3],
      [0, 1, 2, 3],
      [1, 2, 3],
    ]);
    for (const { stages, stage, x, denoised } of steps) {
      const { name, first, steps: total, space } = stages[stage];
      expect([x.dims, denoised.dims]).toEqual([SHAPES[name], SHAPES[name]]);
      expect([first, total, space]).toEqual([stage === 2 ? 1 : 0, STEPS, name.toLowerCase()]);
    }
    expect(latents.dims).toEqual(SHAPES.Motion);
    expect(steps.at(-1)?.x).toEqual(latents);
    // Each stage begins from what the one before it came to.
    const ends = [3, 7].map((at) => steps[at].x.data[0]);
    const [, decoder, motion] = [0, 4, 8].map((at) => steps[at]);
    expect(decoder.denoised.data[0]).not.toBe(steps[0].denoised.data[0]);
    expect(ends[0]).not.toBe(ends[1]);
    expect(motion.stage).toBe(2);
  });

  test.each(ALL.map((_, at) => at + 1))("resumed after %i steps they come to the same, bit for bit", async (count) => {
    const whole = await run();
    const rest = await run(whole.steps.slice(0, count));
    expect(placesOf(rest.steps)).toEqual(ALL.slice(count));
    expect(rest.latents).toEqual(whole.latents);
    for (const [i, step] of rest.steps.entries()) expect(step.x).toEqual(whole.steps[count + i].x);
  });

  test.each([
    [0, 2],
    [1, 1],
    [2, 3],
  ])("cancelled in stage %i after step %i they end there", async (stage, index) => {
    const seen: number[][] = [];
    const cancelled = run([], (step, controller) => {
      seen.push([step.stage, step.index]);
      if (step.stage === stage && step.index === index) controller.abort();
    });
    await expect(cancelled).rejects.toMatchObject({ name: "Cancelled" });
    expect(seen.at(-1)).toEqual([stage, index]);
  });

  test("a tensor that is not finite ends the run with its step", async () => {
    const stages = chain([[], [], []]);
    const [first, ...others] = stages;
    const broken: Stage = {
      ...first,
      denoiser: async () => async (x) => combine([Number.NaN, x]),
    };
    const failing = runStages([broken, ...others], { signal: new AbortController().signal, onStep: () => {} });
    await expect(failing).rejects.toMatchObject({ name: "NotFinite", message: expect.stringContaining("step 1 ") });
  });
});
