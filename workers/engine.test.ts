/** The whole engine on onnxruntime-web's WebAssembly, with the tiny model of training/reference/fixture.py. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as Comlink from "comlink";
import { beforeAll, describe, expect, test } from "vitest";
import { diskFiles } from "../cli/disk-files.ts";
import { openNodeRuntime } from "../cli/node-runtime.ts";
import { createEngine } from "./engine.ts";
import type { ModelFiles } from "./models/sources/model-files.ts";
import type { Engine, GenerateRequest, ModelInfo, Settings, Step } from "./protocol.ts";

const testing = new URL("./testing/", import.meta.url);
const folder = fileURLToPath(new URL("tiny/", testing));
const source = { id: "tiny", url: new URL("tiny/", testing).href };

interface Recorded {
  offset: number;
  dims: number[];
}
interface GoldenRun extends Omit<Settings, "sampler"> {
  scheduler: string;
  ids: { prompt: number[]; negativePrompt: number[] };
  timesteps: number[];
  latents: Recorded;
  picture: Recorded;
}
const golden = JSON.parse(readFileSync(new URL("tiny-golden.json", testing), "utf8")) as { runs: GoldenRun[] };
const recorded = readFileSync(new URL("tiny-golden.bin", testing));
const samplerOf: Record<string, string> = {
  DPMSolverMultistepScheduler: "dpmpp-2m",
  EulerDiscreteScheduler: "euler",
  DDIMScheduler: "ddim",
};

const engineWith = (files: ModelFiles) => createEngine({ openRuntime: openNodeRuntime, openFiles: () => files });
const ignore = () => {};

const engine = engineWith(diskFiles(folder));
let info: ModelInfo;
let settings: Settings;
beforeAll(async () => {
  info = await engine.load(source, "cpu", ignore);
  settings = { ...info.defaults, prompt: "a red cat", negativePrompt: "blue", seed: 3, steps: 5, sampler: "dpmpp-2m" };
});

async function run(over: Partial<Settings> = {}, steps: Step[] = []) {
  return engine.generate({ settings: { ...settings, ...over } }, (step) => void steps.push(step));
}

describe("agreement with diffusers' StableDiffusionPipeline", () => {
  test.each(
    golden.runs.map((one) => ({ ...one, name: `${one.scheduler}, seed ${one.seed}, guidance ${one.guidanceScale}` })),
  )(
    "$name",
    async ({
      scheduler,
      prompt,
      negativePrompt,
      seed,
      guidanceScale,
      steps,
      width,
      height,
      timesteps,
      latents,
      picture,
    }) => {
      const seen: Step[] = [];
      const asked = {
        prompt,
        negativePrompt,
        seed,
        guidanceScale,
        steps,
        width,
        height,
        sampler: samplerOf[scheduler],
        plainPrompt: (await engine.readPrompt({ prompt, steps })).chunks > 1, // diffusers cuts what lies beyond the window
      };
      const result = await run(asked, seen);
      expect(seen.map(({ timestep }) => Math.round(timestep))).toEqual(timesteps);
      expect(result.latents.dims).toEqual(latents.dims);

      const expected = new Float32Array(
        Uint8Array.from(recorded.subarray(latents.offset)).buffer,
        0,
        result.latents.data.length,
      );
      const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const worst = result.latents.data.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0);
      expect(worst / largest).toBeLessThan(1e-3);

      const pixels = width * height;
      let difference = 0;
      for (let i = 0; i < pixels; i++)
        for (let c = 0; c < 3; c++)
          difference += Math.abs(result.output.picture.rgba[i * 4 + c] - recorded[picture.offset + i * 3 + c]);
      expect(difference / (pixels * 3)).toBeLessThan(1);
    },
  );
});

describe("a run", () => {
  test("the same seed gives the same pixels, another seed others", async () => {
    const [first, second, other] = [await run(), await run(), await run({ seed: 4 })];
    expect(second.output.picture.rgba).toEqual(first.output.picture.rgba);
    expect(other.output.picture.rgba).not.toEqual(first.output.picture.rgba);
  });

  test("every step arrives in order, each with latents of its own", async () => {
    const steps: Step[] = [];
    const { latents } = await run({}, steps);
    expect(steps.map(({ stage, index, stages }) => [stage, index, stages[0].steps])).toEqual(
      [0, 1, 2, 3, 4].map((i) => [0, i, 5]),
    );
    expect(steps.at(-1)?.x).toEqual(latents);
    for (let i = 1; i < steps.length; i++) {
      expect(steps[i].sigma).toBeLessThan(steps[i - 1].sigma);
      expect(steps[i].x.data).not.toEqual(steps[i - 1].x.data);
    }
  });

  test("cancelled at step 2 it ends there, and the next run starts clean", async () => {
    const unbroken = await run();
    const steps: Step[] = [];
    const cancelled = engine.generate({ settings }, (step) => {
      steps.push(step);
      if (steps.length === 2) engine.cancel();
    });
    await expect(cancelled).rejects.toMatchObject({ name: "Cancelled" });
    expect(steps).toHaveLength(2);
    expect((await run()).output.picture.rgba).toEqual(unbroken.output.picture.rgba);
  });

  test.each(["dpmpp-2m", "euler-ancestral", "ddpm", "lcm"])(
    "%s resumed after step 3 equals the unbroken run",
    async (sampler) => {
      const steps: Step[] = [];
      const unbroken = await run({ sampler }, steps);
      const rest: Step[] = [];
      const resumed = await engine.generate(
        { settings: { ...settings, sampler }, resume: { steps: steps.slice(0, 3) } },
        (step) => void rest.push(step),
      );
      expect(rest.map(({ index }) => index)).toEqual([3, 4]);
      expect(resumed.output.picture.rgba).toEqual(unbroken.output.picture.rgba);
    },
  );

  test("guidance scale 1 heeds no negative prompt, any other does", async () => {
    const one = { guidanceScale: 1 };
    expect((await run({ ...one, negativePrompt: "dog" })).latents.data).toEqual((await run(one)).latents.data);
    expect((await run({ negativePrompt: "dog" })).latents.data).not.toEqual((await run()).latents.data);
  });

  test("guidance scales below 1 run the prompt alone too, as in diffusers", async () => {
    const zero = await run({ guidanceScale: 0, negativePrompt: "a small house" });
    expect(zero.latents.data).toEqual((await run({ guidanceScale: 1 })).latents.data);
  });

  test("a guidance interval leaves the steps outside of it to the prompt alone", async () => {
    const [none, late] = [await run({ guidanceInterval: [0, 0] }), await run({ guidanceInterval: [0.6, 1] })];
    expect(none.latents.data).toEqual((await run({ guidanceScale: 1 })).latents.data);
    const unguided: Step[] = [];
    await run({ guidanceScale: 1 }, unguided);
    const steps: Step[] = [];
    await run({ guidanceInterval: [0.6, 1] }, steps);
    // three of the five steps are unguided
    expect(steps[2].x).toEqual(unguided[2].x);
    expect(steps[3].x).not.toEqual(unguided[3].x);
    expect(late.latents.data).not.toEqual(none.latents.data);
  });

  test("image-to-image resumed after its second step equals the unbroken run", async () => {
    const { picture } = (await run()).output;
    const request = { settings: { ...settings, sampler: "euler-ancestral" }, image: { picture, strength: 0.8 } };
    const steps: Step[] = [];
    const unbroken = await engine.generate(request, (step) => void steps.push(step));
    expect(steps.map(({ index }) => index)).toEqual([1, 2, 3, 4]);
    const resumed = await engine.generate({ ...request, resume: { steps: steps.slice(0, 2) } }, ignore);
    expect(resumed.output.picture.rgba).toEqual(unbroken.output.picture.rgba);
  });

  test("an empty prompt is the unconditional picture: guidance away from nothing changes nothing", async () => {
    const empty = { prompt: "", negativePrompt: "" };
    const unguided = await run({ ...empty, guidanceScale: 1 });
    const guided = await run({ ...empty, guidanceScale: 7 });
    const largest = unguided.latents.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    for (const [i, value] of guided.latents.data.entries())
      expect(Math.abs(value - unguided.latents.data[i])).toBeLessThan(1e-4 * largest);
    const prompted = await run({ negativePrompt: "", guidanceScale: 7 });
    expect(prompted.latents.data).not.toEqual(guided.latents.data);
  });

  test("the final latents decode to the final picture, any step's to another", async () => {
    const steps: Step[] = [];
    const { output, latents } = await run({}, steps);
    const [{ stages }] = steps;
    expect(await engine.decode(latents, stages[0].space)).toEqual(output);
    expect((await engine.decode(steps[1].x, stages[0].space)).picture.rgba).not.toEqual(output.picture.rgba);
    await expect(engine.decode(latents, "pixels")).rejects.toMatchObject({ name: "InvalidSetting" });
  });

  test("a prompt beyond the window is read in chunks; as a plain prompt it is cut, and the unread words are named", async () => {
    const prompt = `${"red ".repeat(40)}house`;
    const { reading, latents } = await run({ prompt, steps: 1 });
    const window = reading.prompt.limit / reading.prompt.chunks;
    expect(reading.prompt).toMatchObject({ chunks: Math.ceil(41 / (window - 2)), unread: "" });
    expect(await engine.readPrompt({ prompt, steps: 1 })).toEqual(reading.prompt);
    const plain = await run({ prompt, steps: 1, plainPrompt: true });
    expect(plain.reading.prompt).toMatchObject({ tokens: window, limit: window, chunks: 1 });
    expect(plain.reading.prompt.unread).toMatch(/^(red )+house$/);
    expect(plain.latents.data).not.toEqual(latents.data);
  });
});

describe("prompts with syntax", () => {
  const states = async (over: Partial<Settings>) => {
    const steps: Step[] = [];
    await run(over, steps);
    return steps.map(({ x }) => x.data);
  };

  test("a schedule reads the first prompt for its share of the steps, and then the other", async () => {
    const first = await states({ prompt: "a red cat" });
    const second = await states({ prompt: "two houses" });
    const both = await states({ prompt: "[a red cat:two houses:0.4]" });
    expect(both.slice(0, 2)).toEqual(first.slice(0, 2));
    expect(both[2]).not.toEqual(first[2]);
    expect(await states({ prompt: "[a red cat:two houses:0]" })).toEqual(second);
    expect(await states({ prompt: "[a red cat:two houses:5]" })).toEqual(first);
  });

  test("a scheduled run that is resumed equals the unbroken one", async () => {
    const steps: Step[] = [];
    const prompt = "[a red cat:two houses:3], [big|small]";
    const unbroken = await run({ prompt }, steps);
    const resume = { steps: steps.slice(0, 2) };
    const resumed = await engine.generate({ settings: { ...settings, prompt }, resume }, ignore);
    expect(resumed.output.picture.rgba).toEqual(unbroken.output.picture.rgba);
  });

  test("a weight of 1 is the plain prompt to the bit, another weight is another picture", async () => {
    const plain = await states({ prompt: "a red cat" });
    expect(await states({ prompt: "a (red:1) cat" })).toEqual(plain);
    expect(await states({ prompt: "a (red:1.4) cat" })).not.toEqual(plain);
    expect(await states({ prompt: "a red cat", plainPrompt: true })).toEqual(plain);
    expect(await states({ prompt: "a (red:1.4) cat", plainPrompt: true })).not.toEqual(plain);
  });

  test("tags and comments are not drawn as words, and are named; in a plain prompt they are words", async () => {
    const plain = await states({ prompt: "a red cat", negativePrompt: "blue" });
    const tagged = { prompt: "# light\na red cat <lora:ink:0.8>", negativePrompt: "blue <lyco:x:1>" };
    expect(await states(tagged)).toEqual(plain);
    expect(await states({ ...tagged, plainPrompt: true })).not.toEqual(plain);
    expect(await states({ prompt: "a red cat AND houses" })).toEqual(await states({ prompt: "a red cat, houses" }));
    const { reading } = await run(tagged);
    expect(reading.prompt).toMatchObject({ ignored: ["# light", "<lora:ink:0.8>"] });
    expect(reading.negativePrompt).toMatchObject({ ignored: ["<lyco:x:1>"] });
    expect((await run({ prompt: "a red cat" })).reading.prompt).not.toHaveProperty("ignored");
  });

  test("a long negative prompt beside a short prompt: both have as many chunks", async () => {
    const short = await states({ negativePrompt: "blue" });
    const long = await states({ negativePrompt: "blue ".repeat(40) });
    expect(long).not.toEqual(short);
    expect(long.flatMap((data) => [...data]).every(Number.isFinite)).toBe(true);
  });

  test("weights without a number to it are refused in one sentence", async () => {
    const deep = 8000;
    const error = await run({ prompt: `${"(".repeat(deep)}cat${")".repeat(deep)}` }).catch((caught) => caught);
    expect(error).toMatchObject({ name: "InvalidSetting", message: expect.stringMatching(/weights in the prompt/) });
  });
});

describe("bad settings are refused in one sentence that says what may be chosen", () => {
  test.each<[Partial<Settings>, RegExp]>([
    [{ steps: 0 }, /Steps is 0; choose a whole number from 1/],
    [{ steps: 2.5 }, /Steps is 2\.5/],
    [{ width: 63 }, /Width is 63; choose a multiple of \d+ from 32 to 128/],
    [{ height: 4096 }, /Height is 4096/],
    [{ guidanceScale: -1 }, /Guidance scale is -1/],
    [{ guidanceScale: Number.NaN }, /Guidance scale is NaN/],
    [{ guidanceRescale: 1.5 }, /Guidance rescale is 1\.5; choose a number from 0 to 1/],
    [
      { guidanceInterval: [0.5, 0.2] },
      /Guidance interval is \[0\.5,0\.2\]; give two numbers from 0 to 1, the lower one first/,
    ],
    [{ eta: -1 }, /Eta is -1/],
    [{ seed: -1 }, /Seed is -1/],
    [{ sampler: "magic" }, /"magic" is not one of ddpm|"magic" is not one of euler/],
  ])("%j", async (over, message) => {
    await expect(run(over)).rejects.toMatchObject({ name: "InvalidSetting", message: expect.stringMatching(message) });
  });
});

describe("bad pictures are refused in one sentence", () => {
  const blank = (width: number, height: number) => ({
    width,
    height,
    rgba: new Uint8ClampedArray(width * height * 4),
  });
  const given = (more: Partial<GenerateRequest>) => engine.generate({ settings, ...more }, ignore);

  test.each<[string, Partial<GenerateRequest>, RegExp]>([
    ["of another size", { image: { picture: blank(32, 64), strength: 0.5 } }, /picture has 32 x 64 pixels and the run/],
    ["strength", { image: { picture: blank(64, 64), strength: 2 } }, /strength is 2; choose a number from 0 to 1/],
    ["too little strength", { image: { picture: blank(64, 64), strength: 0.1 } }, /leaves none of the 5 steps/],
    ["a mask alone", { mask: blank(64, 64) }, /mask was given without the picture/],
    [
      "a small mask",
      { image: { picture: blank(64, 64), strength: 1 }, mask: blank(32, 32) },
      /mask has 32 x 32 pixels and the run/,
    ],
  ])("%s", async (_, more, message) => {
    await expect(given(more)).rejects.toMatchObject({
      name: "InvalidSetting",
      message: expect.stringMatching(message),
    });
  });
});

describe("damaged models", () => {
  const disk = diskFiles(folder);
  const damaged = (path: string, damage: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>): ModelFiles => ({
    read: async (asked, options) => {
      const bytes = await disk.read(asked, options);
      return asked === path ? damage(bytes) : bytes;
    },
  });

  test.each<[string, (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>]>([
    ["cut short", (bytes) => bytes.slice(0, bytes.length / 2)],
    ["changed", (bytes) => bytes.map((byte, i) => (i === 1000 ? byte ^ 1 : byte)) as Uint8Array<ArrayBuffer>],
  ])("a U-Net that is %s is named", async (_, damage) => {
    const loading = engineWith(damaged("unet/model.onnx", damage)).load(source, "cpu", ignore);
    await expect(loading).rejects.toMatchObject({
      name: "ModelFileCorrupt",
      message: expect.stringContaining("unet/model.onnx"),
    });
  });

  test("a file that is missing is named", async () => {
    const loading = engineWith(diskFiles(`${folder}/nowhere`)).load(source, "cpu", ignore);
    await expect(loading).rejects.toMatchObject({
      name: "ModelFileMissing",
      message: expect.stringContaining("darkroom.json"),
    });
  });

  test("weights that are no numbers: said, never shown as a black square", async () => {
    const broken = engineWith(diskFiles(folder));
    await broken.load(source, "cpu", ignore);
    const latents = {
      data: new Float32Array(4 * 16 * 16).fill(Number.NaN),
      dims: [1, 4, 16, 16],
    };
    await expect(broken.decode(latents, "latents")).rejects.toMatchObject({ name: "NotFinite" });
  });
});

test("the protocol over a real MessageChannel: steps arrive, errors keep name and message", async () => {
  const { port1, port2 } = new MessageChannel();
  Comlink.expose(engine, port1 as unknown as Comlink.Endpoint);
  const remote = Comlink.wrap<Engine>(port2 as unknown as Comlink.Endpoint);
  const indices: number[] = [];
  const result = await remote.generate(
    { settings },
    Comlink.proxy((step: Step) => void indices.push(step.index)),
  );
  expect(indices).toEqual([0, 1, 2, 3, 4]);
  expect(result.output.picture.rgba).toEqual((await run()).output.picture.rgba);
  const refused = remote.generate({ settings: { ...settings, steps: 0 } }, Comlink.proxy(ignore));
  await expect(refused).rejects.toMatchObject({ name: "InvalidSetting", message: /Steps is 0/ });
  port1.close();
  port2.close();
});

describe("inpainting with a feather", () => {
  test("keeps every pixel beyond it and paints anew inside", async () => {
    const { width, height } = info.defaults;
    const size = width * height;
    const picture = { width, height, rgba: new Uint8ClampedArray(size * 4).fill(255) };
    for (let i = 0; i < size; i++) picture.rgba.set([i % 256, (i * 7) % 256, (i * 3) % 256], i * 4);
    const mask = { width, height, rgba: new Uint8ClampedArray(size * 4).fill(255) };
    // the left third is painted anew
    const edge = Math.floor(width / 3);
    for (let i = 0; i < size; i++) if (i % width >= edge) mask.rgba.fill(0, i * 4, i * 4 + 3);
    const feather = 4;
    const result = await engine.generate(
      { settings: { ...settings, maskFeather: feather }, image: { picture, strength: 1 }, mask },
      ignore,
    );
    let inside = 0;
    for (let i = 0; i < size; i++) {
      const off = [0, 1, 2].map((c) => Math.abs(result.output.picture.rgba[i * 4 + c] - picture.rgba[i * 4 + c]));
      if (i % width >= edge + feather) expect(off).toEqual([0, 0, 0]);
      else inside += off[0] + off[1] + off[2];
    }
    expect(inside / size).toBeGreaterThan(1);
    await expect(
      engine.generate({ settings: { ...settings, maskFeather: 65 }, image: { picture, strength: 1 }, mask }, ignore),
    ).rejects.toMatchObject({ name: "InvalidSetting", message: expect.stringContaining("0 to 64") });
  });
});

describe("a variation", () => {
  test("of strength 0 is the seed's picture, of strength 1 the variation seed's, and in between another", async () => {
    const vary = (strength: number) => run({ variation: { seed: 9, strength } });
    const [own, other, none, all, some] = [
      await run(),
      await run({ seed: 9 }),
      await vary(0),
      await vary(1),
      await vary(0.5),
    ];
    expect(none.output.picture.rgba).toEqual(own.output.picture.rgba);
    expect(all.output.picture.rgba).toEqual(other.output.picture.rgba);
    expect(some.output.picture.rgba).not.toEqual(own.output.picture.rgba);
    expect(some.output.picture.rgba).not.toEqual(other.output.picture.rgba);
    const again = await run({ variation: { seed: 4, strength: 0, of: { seed: 9, strength: 0.5 } } });
    expect(again.output.picture.rgba).toEqual(some.output.picture.rgba);
    await expect(vary(2)).rejects.toMatchObject({ name: "InvalidSetting" });
  });
});

describe("a larger picture in two passes", () => {
  const SECOND = { scale: 2, steps: 2, strength: 0.5 };

  test.each([{}, { upscaler: "pixels" as const }])(
    "has twice the sides, the first pass's steps and then its own, and goes on from any of them: %o",
    async (more) => {
      const highResolution = { ...SECOND, ...more };
      const plain: Step[] = [];
      await run({}, plain);
      const steps: Step[] = [];
      const whole = await run({ highResolution }, steps);
      const { width, height } = settings;
      const { picture } = whole.output;
      expect([picture.width, picture.height]).toEqual([2 * width, 2 * height]);
      // two steps at strength 0.5 are the last two of a schedule of four
      const places = [...[0, 1, 2, 3, 4].map((index) => [0, index]), [1, 2], [1, 3]];
      expect(steps.map(({ stage, index }) => [stage, index])).toEqual(places);
      expect(steps[6].stages).toMatchObject([
        { name: "First pass", first: 0, steps: 5 },
        { name: "Second pass", first: 2, steps: 4 },
      ]);
      expect(steps[4].x.data).toEqual(plain[4].x.data);
      expect(steps[5].x.dims.slice(2)).toEqual(steps[4].x.dims.slice(2).map((side) => 2 * side));
      for (const done of [3, 5, 6]) {
        const rest: number[][] = [];
        const resumed = await engine.generate(
          { settings: { ...settings, highResolution }, resume: { steps: steps.slice(0, done) } },
          ({ stage, index }) => void rest.push([stage, index]),
        );
        expect(rest).toEqual(places.slice(done));
        expect(resumed.output.picture.rgba).toEqual(whole.output.picture.rgba);
      }
      // the steps of the picture itself are the first pass, already done
      const enlarged = await engine.generate(
        { settings: { ...settings, highResolution }, resume: { steps: plain } },
        ignore,
      );
      expect(enlarged.output.picture.rgba).toEqual(whole.output.picture.rgba);
    },
  );

  test("the strength that was measured for a model reaches the page, and is absent where none was", async () => {
    const disk = diskFiles(folder);
    const manifest = JSON.parse(readFileSync(`${folder}/darkroom.json`, "utf8"));
    const bytes = new TextEncoder().encode(JSON.stringify({ ...manifest, upscaleStrength: 0.07 }));
    const measured = engineWith({
      ...disk,
      read: async (path, ...rest) => (path === "darkroom.json" ? bytes : disk.read(path, ...rest)),
    });
    expect((await measured.load(source, "cpu", ignore)).upscaleStrength).toBe(0.07);
    expect(info).not.toHaveProperty("upscaleStrength");
  });

  test("of enlarged pixels is another picture than of enlarged latents, and another upscaler is refused", async () => {
    const large = await run({ highResolution: { ...SECOND, upscaler: "pixels" } });
    expect(large.output.picture.rgba).not.toEqual((await run({ highResolution: SECOND })).output.picture.rgba);
    await expect(run({ highResolution: { ...SECOND, upscaler: "bicubic" as "pixels" } })).rejects.toMatchObject({
      name: "InvalidSetting",
      message: expect.stringMatching(/^Second pass is .*bicubic.*such as .*"upscaler": "pixels"/),
    });
  });

  test("out of range it says so", async () => {
    for (const wrong of [{ scale: 1 }, { scale: 5 }, { steps: 0 }, { strength: 0 }]) {
      await expect(run({ highResolution: { ...SECOND, ...wrong } })).rejects.toMatchObject({
        name: "InvalidSetting",
        message: expect.stringContaining("second pass"),
      });
    }
  });
});
