/// <reference types="node" />
import { deflateSync, crc32 as nodeCrc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { ModelInfo, Settings } from "../../workers/protocol";
import { emptyForm, withDefaults } from "../settings/form";
import { createStore } from "../state/store";
import { info } from "../testing/model-info";
import type { FileText } from "./formats/file-text";
import { readPngText } from "./formats/png-text";
import { readLink, settingsLink } from "./link";
import { createOpening } from "./opening";
import { type Made, readParameters, writeParameters } from "./programs/automatic1111";
import { readSettings, settingsIn, sourceOfText } from "./read-settings";
import { restore } from "./restore";
import { chunk, png, pngBytes } from "./testing/png";
import { withSettings } from "./write-settings";

const settings: Settings = {
  prompt: 'a "red" apple: ripe, Größe\n東京 🍎, Steps: 3, (x:1.2)',
  negativePrompt: "blurry,\nbad: \\hands\\",
  sampler: "dpmpp-2m",
  steps: 20,
  guidanceScale: 7.5,
  seed: 9007199254740991,
  width: 128,
  height: 192,
};
const made: Made = { settings, model: { id: "safelight", title: "Safelight, the: first" } };
const A1111 = `girl with an artist's beret, (eyeshadow:1.2), "quoted"
second line: with a colon
Negative prompt: ugly, [blurry]
(worst quality:1.4)
Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 965400086, Size: 512x768, Model hash: 45dee52b, Model: sd_xl, Clip skip: 2, Lora hashes: "one: 12ab, two: 34cd", Hires prompt: "a, \\"b\\"\\nc", Version: v1.10.1`;

describe("PNG text", () => {
  it("is read by a plain reader: tEXt for Latin-1, iTXt for the rest, with right checksums", async () => {
    const file = new Uint8Array(await (await withSettings(new Blob([pngBytes()]), made)).arrayBuffer());
    const read: Record<string, string> = {};
    const buffer = Buffer.from(file);
    const types: string[] = [];
    for (let at = 8; at < buffer.length; at += buffer.readUInt32BE(at) + 12) {
      const length = buffer.readUInt32BE(at);
      const type = buffer.toString("latin1", at + 4, at + 8);
      const data = buffer.subarray(at + 8, at + 8 + length);
      expect(buffer.readUInt32BE(at + 8 + length)).toBe(nodeCrc32(buffer.subarray(at + 4, at + 8 + length)));
      types.push(type);
      const end = data.indexOf(0);
      if (type === "tEXt") read[data.toString("latin1", 0, end)] = data.toString("latin1", end + 1);
      if (type === "iTXt") read[data.toString("latin1", 0, end)] = data.toString("utf8", end + 5);
    }
    expect(types).toEqual(["IHDR", "iTXt", "tEXt", "IDAT", "IEND"]);
    expect(read.parameters).toBe(writeParameters(made));
    expect(JSON.parse(read.darkroom)).toMatchObject({ settings });
  });

  it("reads Latin-1, UTF-8 and deflated text, and replaces its own", async () => {
    const texts: [string, Buffer][] = [
      ["tEXt", Buffer.from("a\0caf\xe9\x80", "latin1")],
      ["zTXt", Buffer.concat([Buffer.from("b\0\0"), deflateSync(Buffer.from("f\xfcr\nzwei", "latin1"))])],
      ["iTXt", Buffer.from("c\0\0\0de\0t\0東京")],
      ["iTXt", Buffer.concat([Buffer.from("d\0\x01\0\0\0"), deflateSync(Buffer.from("🍎"))])],
    ];
    expect(readPngText(png(texts))).toEqual([
      { keyword: "a", text: "caf\xe9\x80" },
      { keyword: "b", text: "für\nzwei" },
      { keyword: "c", text: "東京" },
      { keyword: "d", text: "🍎" },
    ]);
    const twice = await withSettings(await withSettings(new Blob([png(texts)]), made), made);
    const keywords = readPngText(new Uint8Array(await twice.arrayBuffer())).map(({ keyword }) => keyword);
    expect(keywords).toEqual(["parameters", "darkroom", "a", "b", "c", "d"]);
  });

  it("reads UTF-8 in tEXt and zTXt, and writes no Latin-1 that could be taken for it", async () => {
    const texts: [string, Buffer][] = [
      ["tEXt", Buffer.from("a\0Größe 東京 🍎")],
      ["zTXt", Buffer.concat([Buffer.from("b\0\0"), deflateSync(Buffer.from("naïve"))])],
    ];
    expect(readPngText(png(texts)).map(({ text }) => text)).toEqual(["Größe 東京 🍎", "naïve"]);
    const prompt = "Ã© for é";
    const file = await withSettings(new Blob([pngBytes()]), { ...made, settings: { ...settings, prompt } });
    const [parameters] = readPngText(new Uint8Array(await file.arrayBuffer()));
    expect(parameters.text).toContain(prompt);
  });

  it("refuses what is damaged, cut short, no PNG, or a bomb, each with a sentence", () => {
    const good = png([["tEXt", Buffer.from("a\0text")]]);
    const damaged = good.slice();
    damaged[damaged.indexOf(0x61, 40)] ^= 1;
    expect(() => readPngText(damaged)).toThrow(/wrong checksum/);
    expect(() => readPngText(good.subarray(0, good.length - 6))).toThrow(/cut short/);
    expect(() => readPngText(Buffer.from("GIF89a........"))).toThrow(/no PNG/);
    const bomb = deflateSync(Buffer.alloc(1 << 25));
    expect(() => readPngText(png([["zTXt", Buffer.concat([Buffer.from("b\0\0"), bomb])]]))).toThrow(/16 MB/);
    expect(() => readPngText(new Uint8Array([...good.subarray(0, 8), ...chunk("IEND", Buffer.alloc(0))]))).toThrow(
      /header/,
    );
  });
});

it("a PNG without settings, or another file, holds none", async () => {
  expect(await readSettings(new Blob([pngBytes()]))).toBeNull();
  expect(await readSettings(new Blob(["parameters"]))).toBeNull();
});

describe("our own files", () => {
  it("give the exact settings back, also those that only some runs have", async () => {
    const more: Settings = {
      ...settings,
      eta: 0.5,
      noiseSeed: 3,
      guidanceInterval: [0, 0.5],
      takeover: { step: 2, levels: "ddim" },
      maskFeather: 8,
      highResolution: { scale: 2, steps: 6, strength: 0.25, upscaler: "pixels" },
      variation: { seed: 3, strength: 0.2, of: { seed: 4, strength: 0.5, of: { seed: 5, strength: 1 } } },
    };
    const file = await withSettings(new Blob([pngBytes()]), { ...made, settings: more });
    const found = { source: "Darkroom", settings: more, model: "safelight", unmapped: [] };
    expect(await readSettings(file)).toEqual(found);
    expect(readLink(new URL(settingsLink("https://example.test/", { ...made, settings: more })).hash)).toEqual(found);
  });

  it("of before there were upscalers have none, and one that is not known is named", () => {
    const read = (highResolution: object) =>
      settingsIn([{ keyword: "darkroom", text: JSON.stringify({ darkroom: 1, settings: { highResolution } }) }]);
    const old = { scale: 2, steps: 6, strength: 0.5 };
    expect(read(old)).toMatchObject({ settings: { highResolution: old }, unmapped: [] });
    const other = read({ ...old, upscaler: "esrgan" });
    expect(other?.settings).toEqual({});
    expect(other?.unmapped).toEqual([expect.stringContaining("esrgan")]);
  });

  it("name a variation of something that is none, and one without end", () => {
    const bad = { seed: 1, strength: 0.5, of: { seed: 2 } };
    let endless: object = { seed: 0, strength: 1 };
    for (let i = 0; i < 2000; i++) endless = { seed: i, strength: 1, of: endless };
    for (const variation of [bad, endless]) {
      const text = JSON.stringify({ darkroom: 1, settings: { variation } });
      const found = settingsIn([{ keyword: "darkroom", text }]);
      expect(found?.settings).toEqual({});
      expect(found?.unmapped).toEqual([expect.stringMatching(/^variation: \{"seed"/)]);
    }
  });

  it("also give them back from the parameters text alone", () => {
    const plain = { ...settings, prompt: 'a "red" apple: ripe', negativePrompt: "bad: hands" };
    const found = readParameters(writeParameters({ ...made, settings: plain }));
    expect(found).toEqual({ source: "AUTOMATIC1111", settings: plain, model: made.model.title, unmapped: [] });
  });

  it.each<[[number, number]]>([[[0.4, 1]], [[0, 0.5]]])("with the guidance interval %j", (guidanceInterval) => {
    const found = readParameters(writeParameters({ ...made, settings: { ...settings, guidanceInterval } }));
    expect(found).toMatchObject({ settings: { guidanceInterval }, unmapped: [] });
    const wrong = readParameters("a cat\nSteps: 5, CFG scale: 3, Guidance interval: 1-0.5, Seed: 4, RNG: CPU");
    expect(wrong?.settings).not.toHaveProperty("guidanceInterval");
    expect(wrong?.unmapped).toEqual(["Guidance interval: 1-0.5"]);
  });

  it("travel in a link", () => {
    const link = settingsLink("https://example.test/app/?device=cpu#old", made);
    const { hash, origin, search } = new URL(link);
    expect([origin, search]).toEqual(["https://example.test", "?device=cpu"]);
    expect(readLink(hash)).toMatchObject({ settings, unmapped: [] });
    expect(readLink("#other")).toBeNull();
    expect(() => readLink(hash.slice(0, -9))).toThrow(/damaged/);
  });

  it("name settings of a wrong kind instead of using them", () => {
    const text = JSON.stringify({
      darkroom: 1,
      settings: { prompt: 5, steps: "9", seed: -1, eta: 0.5, __proto: 1, toString: 2 },
    });
    expect(settingsIn([{ keyword: "darkroom", text }])).toMatchObject({
      settings: { eta: 0.5 },
      unmapped: ["prompt: 5", "steps: 9", "seed: -1", "__proto: 1", "toString: 2"],
    });
  });
});

describe("AUTOMATIC1111", () => {
  it("reads its text: line breaks, quotes, colons, and what has no counterpart", () => {
    expect(readParameters(A1111)).toEqual({
      source: "AUTOMATIC1111",
      settings: {
        prompt: 'girl with an artist\'s beret, (eyeshadow:1.2), "quoted"\nsecond line: with a colon',
        negativePrompt: "ugly, [blurry]\n(worst quality:1.4)",
        sampler: "dpmpp-2m",
        steps: 20,
        guidanceScale: 7,
        seed: 965400086,
        width: 512,
        height: 768,
      },
      model: "sd_xl",
      unmapped: [
        "Schedule type: Karras",
        "Clip skip: 2",
        'Hires prompt: a, "b" c',
        "LoRAs: one: 12ab, two: 34cd",
        "the noise of RNG GPU (the seed gives other noise here)",
      ],
    });
  });

  it("splits older sampler names and names unknown ones", () => {
    const read = (sampler: string) => readParameters(`x\nSteps: 5, Sampler: ${sampler}, Seed: 1, RNG: CPU`);
    expect(read("Euler a")).toMatchObject({ settings: { sampler: "euler-ancestral" }, unmapped: [] });
    expect(read("DPM++ SDE Karras")).toMatchObject({
      settings: { sampler: "dpmpp-sde" },
      unmapped: ["Schedule type: Karras"],
    });
    expect(read("Restart")).toMatchObject({ unmapped: ["Sampler: Restart"] });
  });

  it("takes a text without pairs for another tool's", () => {
    expect(readParameters("just a prompt, with: colon")).toBeNull();
    expect(readParameters("")).toBeNull();
  });

  // Anything but a single pass over them takes hours.
  it.each<[string, string[] | null]>([
    ["a", null],
    [",", null],
    [":", null],
    ['"', null],
    ['\\"', null],
    ['a:"\\', null],
    [" ", null],
    ["a:[", null],
    ["\na:b", null],
    ['a:"\n', null],
    ["\nTemplate: ", null],
    ["a:,", []],
    ['a:"b"c,', ['a: "b"c']],
    ["a:{b},", ["a: {b}"]],
    ["\nSteps: 1, b: 2, c: 3", ["b: 2", "c: 3"]],
  ])("reads a million characters at once: %j", (part, unmapped) => {
    const found = readParameters(`p\n${part.repeat(1_000_000 / part.length)}`);
    expect(found?.unmapped ?? null).toEqual(unmapped);
  });
});

describe("LoRAs", () => {
  const loras = [{ name: "ink.safetensors", scale: 0.8, hash: "0123456789ab" }];
  const withLora: Made = { ...made, settings: { ...settings, prompt: "a cat" }, loras };
  const unmapped = (found: ReturnType<typeof readParameters>, loaded?: typeof loras) =>
    found && restore(emptyForm(), found, { ...info, id: "safelight", ...(loaded && { loras: loaded }) }).unmapped;
  const ofLoras = (list: string[] | null) => list?.filter((one) => one.includes("LoRA"));

  it("are written as the web UI writes them, and taken out of its prompts", () => {
    const text = writeParameters(withLora);
    expect(text).toMatch(/^a cat <lora:ink:0\.8>\n/);
    expect(text).toContain('Lora hashes: "ink: 0123456789ab"');
    expect(readParameters(text)).toMatchObject({ settings: { prompt: "a cat" }, loras: [{ name: "ink", scale: 0.8 }] });
  });

  it("are named where another set is loaded", async () => {
    const ours = await readSettings(await withSettings(new Blob([pngBytes()]), withLora));
    for (const found of [ours, readParameters(writeParameters(withLora))]) {
      expect(ofLoras(unmapped(found, loras))).toEqual([]);
      expect(ofLoras(unmapped(found))).toEqual(["LoRA ink at 0.8 (not loaded; add it or switch it on under Models)"]);
    }
    expect(ofLoras(unmapped({ source: "Darkroom", settings: {}, unmapped: [] }, loras))).toEqual([
      "no LoRA ink at 0.8 (it is loaded; switch it off under Models)",
    ]);
  });
});

describe("Fooocus", () => {
  const json = {
    adm_guidance: "(1.5, 0.8, 0.3)",
    base_model: "juggernautXL_v8Rundiffusion",
    base_model_hash: "aeb7e9e689",
    created_by: "",
    full_negative_prompt: ["x"],
    full_prompt: ["a cat", "style"],
    guidance_scale: 4.0,
    loras: [],
    metadata_scheme: "fooocus",
    negative_prompt: "dog",
    performance: "Speed",
    prompt: 'a cat: "big"',
    resolution: "(1152, 896)",
    sampler: "dpmpp_2m_sde_gpu",
    scheduler: "karras",
    seed: "3192843453",
    sharpness: 2.0,
    steps: 30,
    styles: "['Fooocus V2']",
    version: "Fooocus v2.5.5",
  };
  const read = (texts: FileText[]) => settingsIn(texts);

  it("reads its JSON", () => {
    expect(read([{ keyword: "parameters", text: JSON.stringify(json) }])).toEqual({
      source: "Fooocus",
      settings: {
        prompt: 'a cat: "big"',
        negativePrompt: "dog",
        sampler: "dpmpp-2m-sde",
        steps: 30,
        guidanceScale: 4,
        seed: 3192843453,
        width: 1152,
        height: 896,
      },
      model: "juggernautXL_v8Rundiffusion",
      unmapped: [
        "adm_guidance: (1.5, 0.8, 0.3)",
        "performance: Speed",
        "Schedule type: karras",
        "sharpness: 2",
        "styles: ['Fooocus V2']",
        "the noise of the GPU (the seed gives other noise here)",
      ],
    });
  });
});

describe("text in the prompt", () => {
  it.each<[string, string | undefined]>([
    [A1111, "AUTOMATIC1111"],
    [JSON.stringify({ prompt: "a", steps: 3, resolution: "(64, 64)" }), "Fooocus"],
    ["a prompt\nof two lines: with, colons: and, more: of, them", undefined],
    ["{a red|a blue} cat with a {hat|cap}", undefined],
    ['{"3": {"class_type": "Unheard", "inputs": {}}}', undefined],
    ["a cat", undefined],
  ])("%j is the settings of %s", (text, source) => expect(sourceOfText(text)).toBe(source));

  it("is applied like a file's", () => {
    const form = createStore(withDefaults(emptyForm(), info));
    const opening = createOpening(
      form,
      () => info,
      () => {},
    );
    expect(opening.openText("a cat")).toBe(false);
    expect(opening.openText("a cat\nNegative prompt: dog\nSteps: 7, Seed: 5, Size: 64x64")).toBe(true);
    expect(form.get()).toMatchObject({ prompt: "a cat", negativePrompt: "dog", steps: "7", seed: "5" });
    expect(opening.store.get()).toMatchObject({ opened: { source: "AUTOMATIC1111" }, file: null });
  });
});

describe("into the form", () => {
  const model = { ...info, title: "M" } as ModelInfo;
  const typed = { ...withDefaults(emptyForm(), model), count: "4", prompt: "before" };

  it("takes over what the model can do and names the rest", () => {
    const found = readParameters(A1111);
    if (!found) throw new Error("not read");
    const { form, unmapped } = restore(typed, found, model);
    expect(form).toMatchObject({
      steps: "20",
      seed: "965400086",
      newSeed: false,
      count: "1",
      sampler: "euler",
      width: "128",
    });
    expect(form.prompt).toBe(found.settings.prompt);
    expect(unmapped.slice(-4)).toEqual([
      "Sampler: dpmpp-2m (M does not offer it)",
      "Width: 512 (Width must be a multiple of 8 from 64 to 256)",
      "Height: 768 (Height must be a multiple of 8 from 64 to 256)",
      "Model: sd_xl (M is loaded)",
    ]);
  });

  it("leaves every step guided where the file says nothing of an interval, whatever the model's default", () => {
    const found = readParameters(A1111);
    if (!found) throw new Error("not read");
    const late = { ...model, defaults: { ...model.defaults, guidanceInterval: [0.4, 1] as [number, number] } };
    const { form } = restore({ ...typed, guidanceStart: "0.4" }, found, late);
    expect(form).toMatchObject({ guidanceStart: "0", guidanceEnd: "1" });
  });

  it("knows flow matching's own Euler, and names settings that the form does not have", () => {
    const flow = { ...model, samplers: [{ id: "flow-euler", label: "Euler" }] };
    const found = {
      source: "Darkroom" as const,
      settings: { sampler: "euler", maskFeather: 5 },
      model: "m",
      unmapped: [],
    };
    const { form, unmapped } = restore(typed, found, flow);
    expect(form.sampler).toBe("flow-euler");
    expect(unmapped).toEqual(["maskFeather: 5"]);
  });
});
