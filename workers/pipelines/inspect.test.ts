/** The pieces of a run, against closed forms and against the runs themselves, on the tiny model of training/fixture.py. */
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { diskFiles } from "../../cli/disk-files.ts";
import { openNodeRuntime } from "../../cli/node-runtime.ts";
import { normalTensor, torchGenerator } from "../diffusion/random.ts";
import { createEngine } from "../engine.ts";
import type { GenerateRequest, Picture, Settings, Step, Tensor } from "../protocol.ts";

const folder = new URL("../testing/tiny/", import.meta.url);
const engine = createEngine({ openRuntime: openNodeRuntime, openFiles: () => diskFiles(fileURLToPath(folder)) });
let settings: Settings;
beforeAll(async () => {
  const info = await engine.load({ id: "tiny", url: folder.href }, "cpu", () => {});
  settings = { ...info.defaults, prompt: "a red cat", negativePrompt: "blue", seed: 3, steps: 5, sampler: "ddim" };
});

async function steps(request: GenerateRequest): Promise<Step[]> {
  const made: Step[] = [];
  await engine.generate(request, (step) => void made.push(step));
  return made;
}

const distance = (a: Tensor, b: Tensor) =>
  a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i])), 0);
const size = ({ data }: Tensor) => data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** Any tensor of a shape, other numbers for other seeds. */
const tensor = (dims: readonly number[], seed: number) => normalTensor(torchGenerator(seed), dims);

const picture = (): Picture => {
  const { width, height } = settings;
  const rgba = new Uint8ClampedArray(width * height * 4).map((_, i) => (i % 4 === 3 ? 255 : (i * 7) % 256));
  return { width, height, rgba };
};

describe("the schedule", () => {
  test("a run's levels are those that its steps are made at, and all levels preserve the variance", async () => {
    const { levels, training, predictionType } = await engine.schedule({ settings });
    expect(predictionType).toBe("v_prediction");
    expect(levels).toHaveLength(settings.steps + 1);
    const made = await steps({ settings });
    expect(levels.slice(0, -1).map(({ timestep }) => timestep)).toEqual(made.map(({ timestep }) => timestep));
    for (const [i, { alpha, sigma }] of levels.slice(0, -1).entries())
      expect(sigma / alpha).toBeCloseTo(made[i].sigma, 6);
    expect(training).toHaveLength(1000);
    for (const { alpha, sigma } of training) expect(alpha ** 2 + sigma ** 2).toBeCloseTo(1, 6);
    // a run goes through levels of the training
    for (const { timestep, alpha } of levels.slice(0, -1)) expect(alpha).toBe(training[timestep].alpha);
  });

  test("other schedules: linear betas as they are defined, and a zero terminal SNR ends without a signal", async () => {
    const betas = { beta_schedule: "linear", beta_start: 1e-4, beta_end: 0.02 };
    const { training } = await engine.schedule({ settings, scheduler: betas });
    let product = 1;
    for (const [t, { alpha }] of training.entries()) {
      product *= 1 - (1e-4 + ((0.02 - 1e-4) * t) / 999);
      expect(alpha).toBeCloseTo(Math.sqrt(product), 5);
    }
    const zero = await engine.schedule({ settings, scheduler: { ...betas, rescale_betas_zero_snr: true } });
    expect(zero.training[999]).toMatchObject({ timestep: 999, alpha: 0, sigma: 1 });
    await expect(engine.schedule({ settings, scheduler: { beta_schedule: "none" } })).rejects.toMatchObject({
      name: "InvalidSetting",
    });
  });
});

describe("adding noise", () => {
  test("x_t = alpha x0 + sigma noise, with the noise that torch draws from the seed, in pixels too", async () => {
    const level = { timestep: 300, alpha: 0.8, sigma: 0.6 };
    for (const dims of [
      [1, 4, 16, 16],
      [1, 3, 8, 24],
    ]) {
      const clean = tensor(dims, 5);
      const { x, noise } = await engine.addNoise(clean, level, 9);
      expect(noise).toEqual(tensor(dims, 9));
      for (const [i, value] of x.data.entries())
        expect(Math.abs(value - (0.8 * clean.data[i] + 0.6 * noise.data[i]))).toBeLessThan(1e-6);
    }
  });

  test("a linear combination; tensors of two shapes have none", async () => {
    const [a, b] = [tensor([1, 2, 2, 2], 1), tensor([1, 2, 2, 2], 2)];
    const mixed = await engine.combine([
      [0.25, a],
      [-2, b],
    ]);
    for (const [i, value] of mixed.data.entries()) expect(value).toBeCloseTo(0.25 * a.data[i] - 2 * b.data[i], 6);
    const misfits = [
      [1, a],
      [1, tensor([1, 1, 2, 2], 3)],
    ] as const;
    await expect(engine.combine(misfits)).rejects.toThrow(/1 x 2 x 2 x 2 and 1 x 1 x 2 x 2/);
    await expect(engine.combine([])).rejects.toMatchObject({ name: "InvalidSetting" });
  });
});

describe("what a run begins with", () => {
  test("text to image: its seed's noise, or the noise that was given", async () => {
    const { x, stage } = await engine.begin({ settings });
    expect(stage).toMatchObject({ first: 0, steps: settings.steps, space: "latents" });
    expect(x).toEqual(tensor(x.dims, settings.seed));
    const own = tensor(x.dims, 4);
    expect((await engine.begin({ settings, noise: own })).x).toEqual(own);
    const given = await steps({ settings, noise: own });
    expect(given.at(-1)?.x).toEqual((await steps({ settings: { ...settings, seed: 4 } })).at(-1)?.x);
    await expect(engine.begin({ settings, noise: tensor([1, 4, 2, 2], 1) })).rejects.toMatchObject({
      name: "InvalidSetting",
    });
  });

  test("image to image: the picture's latents at the level that the strength leaves", async () => {
    const { x, stage } = await engine.begin({ settings, image: { picture: picture(), strength: 0.6 } });
    expect(stage.first).toBe(2);
    const { levels } = await engine.schedule({ settings });
    const made = await steps({ settings, image: { picture: picture(), strength: 0.6 } });
    expect(made[0].index).toBe(2);
    // DDIM's first step from there
    const next = await engine.predict({ settings, x, level: levels[2], step: 2 });
    expect(distance(next.guided.denoised, made[0].denoised)).toBe(0);
  });
});

describe("a prediction", () => {
  test("is what the run's step was made from, to the bit, at every step", async () => {
    const asked = {
      ...settings,
      prompt: "[a red cat:two houses:0.4]",
      guidanceInterval: [0.2, 0.8] as [number, number],
    };
    const { levels } = await engine.schedule({ settings: asked });
    const made = await steps({ settings: asked });
    let { x } = await engine.begin({ settings: asked });
    for (const step of made) {
      const { index } = step;
      const { guided, unconditional } = await engine.predict({ settings: asked, x, level: levels[index], step: index });
      expect(guided.denoised).toEqual(step.denoised);
      expect(unconditional !== undefined).toBe(index >= 1 && index < 4);
      x = step.x;
    }
  });

  test("is guided from its halves, u + scale (c - u), and each half is alpha x0 + sigma noise", async () => {
    const level = { timestep: 500, alpha: 0.6, sigma: 0.8 };
    const { x } = await engine.begin({ settings });
    const { conditional, unconditional, guided } = await engine.predict({ settings, x, level });
    if (!unconditional) throw new Error("no unconditional half");
    const scale = settings.guidanceScale;
    const expected = conditional.denoised.data.map((c, i) => {
      const u = unconditional.denoised.data[i];
      return u + scale * (c - u);
    });
    expect(distance(guided.denoised, { ...x, data: expected })).toBeLessThan(1e-5 * size(guided.denoised));
    for (const { denoised, noise } of [conditional, unconditional, guided])
      for (const [i, value] of x.data.entries())
        expect(Math.abs(value - (0.6 * denoised.data[i] + 0.8 * noise.data[i]))).toBeLessThan(1e-5);
    const alone = await engine.predict({ settings: { ...settings, guidanceScale: 1 }, x, level });
    expect(alone.unconditional).toBeUndefined();
    expect(distance(alone.guided.denoised, conditional.denoised)).toBeLessThan(1e-5);
  });

  test("of latents of another size, or at a step that the run has not, is refused in one sentence", async () => {
    const level = { timestep: 500, alpha: 0.6, sigma: 0.8 };
    const small = tensor([1, 4, 2, 2], 1);
    await expect(engine.predict({ settings, x: small, level })).rejects.toThrow(/The latents are 1 x 4 x 2 x 2 and/);
    const { x } = await engine.begin({ settings });
    await expect(engine.predict({ settings, x, level, step: 5 })).rejects.toThrow(/no step 6 of 5/);
    const none = { ...level, alpha: 1, sigma: 0 };
    await expect(engine.predict({ settings, x, level: none })).rejects.toMatchObject({ name: "InvalidSetting" });
  });
});

describe("pictures as tensors", () => {
  test("pixels go there and back unchanged; latents are the mean of what the encoder gives", async () => {
    const { rgba } = picture();
    const pixels = await engine.encode(picture(), "pixels");
    expect((await engine.decode(pixels, "pixels")).picture.rgba).toEqual(rgba);
    const [once, again] = [await engine.encode(picture(), "latents"), await engine.encode(picture(), "latents")];
    expect(again).toEqual(once);
    await expect(engine.encode(picture(), "nowhere")).rejects.toMatchObject({ name: "InvalidSetting" });
  });

  test("a cancelled call rejects, and the network is not run for it", async () => {
    const waiting = engine.encode(picture(), "latents", () => {}, 1);
    engine.cancel(1);
    await expect(waiting).rejects.toMatchObject({ name: "Cancelled" });
    expect((await engine.encode(picture(), "latents", () => {}, 2)).dims).toHaveLength(4);
  });
});
