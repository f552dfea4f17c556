import { describe, expect, test } from "vitest";
import { OTHER_VALUES } from "../src/testing/settings.ts";
import { settingNames } from "../workers/settings/read.ts";
import { readLine, readOptions } from "./generate-options.ts";
import { toNpy } from "./npy.ts";

describe("the command line of generate", () => {
  test("settings by the names of the options", () => {
    const { settings, output, latents } = readOptions(
      "--prompt apple --negative-prompt blurry --sampler ddim --steps 4 --guidance-scale 2.5 --width 320 --height 256 --seed 7 --output a.png --latents a.npy".split(
        " ",
      ),
    );
    expect(settings).toEqual({
      prompt: "apple",
      negativePrompt: "blurry",
      sampler: "ddim",
      steps: 4,
      guidanceScale: 2.5,
      width: 320,
      height: 256,
      seed: 7,
    });
    expect([output, latents]).toEqual(["a.png", "a.npy"]);
  });

  test("a picture, a mask, and what else guides", () => {
    const args = "--image a.png --mask b.png --strength 0.4 --guidance-rescale 0.7 --guidance-interval 0.1,0.9 --eta 1";
    const { image, mask, strength, settings } = readOptions(args.split(" "));
    expect([image, mask, strength]).toEqual(["a.png", "b.png", 0.4]);
    expect(settings).toEqual({ guidanceRescale: 0.7, guidanceInterval: [0.1, 0.9], eta: 1 });
  });

  test.each(["a.PNG", "out", "/dev/stdout"])("a picture may be called %s", (name) => {
    expect(readOptions(["--output", name]).output).toBe(name);
  });

  test("how prompts are read", () => {
    expect(readOptions(["--plain-prompt"]).settings).toEqual({ plainPrompt: true });
    expect(readOptions(["--no-plain-prompt"]).settings).toEqual({ plainPrompt: false });
    expect(readLine('{"plain_prompt": true}', "line 1")).toEqual({ plainPrompt: true });
    expect(() => readLine('{"plain_prompt": "yes"}', "line 1")).toThrow(/plain_prompt is "yes"; give true or false/);
  });

  test.each([
    [["--mask", "b.png"], /--mask needs the picture to start from; add --image/],
    [["--strength", "0.5"], /--strength needs the picture/],
    [["--image", "a.png", "--strength", "much"], /strength is "much"; give a number/],
    [["--guidance-interval", "0.5"], /give two numbers/],
    [["--seed", "seven"], /seed is "seven"; give a number/],
    [["--sede", "7"], /--sede.*there are .*--guidance-scale.*--seed.* and --output-dir\.$/],
    [["--seed"], /--seed.* missing/],
    [["--seed", "-1"], /use '--seed=-XYZ'/],
    [["a", "red", "apple"], /argument 'a'/],
    [
      ["--output", "x.jpg"],
      /^--output x\.jpg ends in \.jpg, but a picture can only be written as \.png; give x\.png\.$/,
    ],
    [["--output", "a/x.WebP"], /give x\.png\.$/],
    [["--latents", "x.pt"], /only be written as \.npy; give x\.npy\.$/],
    [["--prompts", "list.jsonl", "--latents", "x.npy"], /--latents goes with a single picture/],
  ])("%j is refused in one line", (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
    expect(() => readOptions(args)).not.toThrow(/\n/);
  });

  test.each([
    '{"prompt": "a cat", "guidanceScale": 3}',
    '{"prompt": "a cat", "guidance_scale": "3"}',
    '{"prompt": "a cat", "guidance-scale": 3}',
  ])("a line of the prompts file: %s", (line) => {
    expect(readLine(line, "line 1")).toEqual({ prompt: "a cat", guidanceScale: 3 });
  });

  test("null is the default, and an id is passed over", () => {
    expect(readLine('{"id": "a/7", "prompt": "a cat", "seed": null}', "line 1")).toEqual({ prompt: "a cat" });
  });

  test.each([
    ["a cat", /line 3 is no JSON/],
    ["[1]", /line 3 is no JSON object/],
    ['{"promt": "a cat"}', /"promt" in line 3 is not a setting/],
  ])("a line that is none: %s", (line, message) => {
    expect(() => readLine(line, "line 3")).toThrow(message);
  });
});

test("NumPy's format: header, shape, and the numbers at a multiple of 64 bytes", () => {
  const data = Float32Array.from([1, 2, 3, 4, 5, 6]);
  const npy = Buffer.from(toNpy({ data, dims: [1, 2, 1, 3] }));
  expect(npy.subarray(0, 8).toString("latin1")).toBe("\x93NUMPY\x01\x00");
  const headerLength = npy.readUInt16LE(8);
  expect((10 + headerLength) % 64).toBe(0);
  expect(npy.subarray(10, 10 + headerLength).toString()).toMatch(
    /^\{'descr': '<f4', 'fortran_order': False, 'shape': \(1, 2, 1, 3\), \} *\n$/,
  );
  expect(new Float32Array(Uint8Array.from(npy.subarray(10 + headerLength)).buffer)).toEqual(data);
});

describe("every setting", () => {
  test("in a line of a prompts file", () => {
    expect(readLine(JSON.stringify(OTHER_VALUES), "line 1")).toEqual(OTHER_VALUES);
  });

  test.each(settingNames)("as an option: %s", (name) => {
    const value = OTHER_VALUES[name];
    const option = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const text = typeof value === "object" && !Array.isArray(value) ? JSON.stringify(value) : String(value);
    const { settings } = readOptions(value === true ? [option] : [`${option}=${text}`]);
    expect(settings).toEqual({ [name]: value });
  });
});
