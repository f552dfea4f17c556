/// <reference types="node" />
/** 130,000 mutated files through the readers: a right answer or a clear error, never a hang or a crash. */
import { crc32, deflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Settings } from "../../workers/protocol";
import { readExifTexts } from "./formats/exif-text";
import { readPngText } from "./formats/png-text";
import { xmpTexts } from "./formats/xmp";
import type { Found } from "./found";
import { writeOwn } from "./own-json";
import { writeParameters } from "./programs/automatic1111";
import { readSettings, settingsIn } from "./read-settings";
import { avif, jpeg, tiff, userComment, utf16be, webp } from "./testing/exif";
import { png } from "./testing/png";

/** of each reader */
const FILES = 50_000;
const EXIF_FILES = 15_000;
/** Two busy cores take their time for so many. */
const TIMEOUT = 300_000;

/** Mulberry32: the same files each time. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) % below;
  };
}

const settings: Settings = {
  prompt: 'a "red" apple: ripe\nsecond, line',
  negativePrompt: "blurry",
  sampler: "euler",
  steps: 20,
  guidanceScale: 7.5,
  seed: 7,
  width: 128,
  height: 128,
};
const made = { settings, model: { id: "m", title: "M" }, strength: 0.5 };
const fooocus = {
  prompt: "a",
  negative_prompt: "b",
  resolution: "(64, 128)",
  seed: "5",
  steps: 3,
  sampler: "euler",
  base_model: "x",
};
const comfy = {
  "1": {
    class_type: "KSampler",
    inputs: {
      seed: 1,
      steps: 2,
      cfg: 3,
      sampler_name: "euler",
      positive: ["2", 0],
      latent_image: ["3", 0],
      model: ["4", 0],
    },
  },
  "2": { class_type: "CLIPTextEncode", inputs: { text: "a" } },
  "3": { class_type: "EmptyLatentImage", inputs: { width: 64, height: 64 } },
  "4": { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "x" } },
};
const drawn = {
  nodes: [
    {
      id: 1,
      type: "KSampler",
      inputs: [{ name: "positive", link: 1 }],
      widgets_values: [1, "fixed", 2, 3, "euler", "normal", 1],
    },
    { id: 2, type: "CLIPTextEncode", widgets_values: ["a"] },
  ],
  links: [[1, 2, 0, 1, 0, "CONDITIONING"]],
};
const TEXTS = {
  darkroom: writeOwn(made),
  parameters: writeParameters(made),
  prompt: JSON.stringify(comfy),
  workflow: JSON.stringify(drawn),
};
const ORIGINALS = [...Object.values(TEXTS), JSON.stringify(fooocus)];

/** A form of each program, by its keyword. */
const FORMS: [string, string][] = [
  ...Object.entries(TEXTS),
  ["parameters", JSON.stringify(fooocus)],
  [
    "parameters",
    'a <lora:x:te=0.3:unet=-1>\nNegative prompt: b\nSteps: 3, Seed: 18446744073709551615, Size: 64x64, W: "x\ny", C: [{"a": 1}]\nTemplate: t',
  ],
  ["parameters", '{"Prompt":"a","Negative":"b","cfg":5,"loras":"Loras:<x:0.7>","software":"RuinedFooocus"}'],
  ["parameters", '{"sui_image_params":{"prompt":"a","seed":5,"cfgscale":4,"loras":["x"],"loraweights":["0.5"]}}'],
  ["parameters", '{"1":{"class_type":"KSampler","inputs":{}},"extraMetadata":"{\\"prompt\\":\\"a\\",\\"steps\\":3}"}'],
  [
    "invokeai_metadata",
    '{"positive_prompt":"a","seed":5,"model":{"name":"m"},"loras":[{"model":{"name":"x"},"weight":1}]}',
  ],
  [
    "sd-metadata",
    '{"model_weights":"m","image":{"prompt":[{"prompt":"a [b]","weight":1}],"steps":5,"sampler":"k_lms"}}',
  ],
  ["Dream", '"a \\"big\\" cat [dog]" -s 50 -S 42 -W 512 -A k_euler_a'],
  [
    "Comment",
    '{"prompt":"{{a}} [b]","uc":"c","sampler":"k_euler","scale":11,"v4_prompt":{"caption":{"char_captions":[]}}}',
  ],
  [
    "XML:com.adobe.xmp",
    '<CreatorTool>Draw Things<exif:UserComment><rdf:li>{&quot;c&quot;:"a","size":"64x64","lora":[{"model":"x","weight":1}]}</rdf:li></exif:UserComment>',
  ],
  [
    "XML:com.adobe.xmp",
    "<CreatorTool>Draw Things<dc:description><rdf:li>a &#65;\n-b\nSteps: 3, Seed: 1, Size: 64x64</rdf:li></dc:description>",
  ],
];
const latin1 = (text: string) => Buffer.from(text, "latin1");
const PLAIN: [string, Buffer][] = [
  ["tEXt", latin1(`darkroom\0${TEXTS.darkroom}`)],
  ["tEXt", latin1(`parameters\0${TEXTS.parameters}`)],
  ["iTXt", latin1(`prompt\0\0\0\0\0${TEXTS.prompt}`)],
  ["iTXt", latin1(`workflow\0\0\0\0\0${TEXTS.workflow}`)],
];
const DEFLATED: [string, Buffer][] = [
  ["tEXt", latin1(`darkroom\0${TEXTS.darkroom}`)],
  ["zTXt", Buffer.concat([latin1("parameters\0\0"), deflateSync(latin1(TEXTS.parameters))])],
  ["iTXt", latin1(`prompt\0\0\0\0\0${TEXTS.prompt}`)],
  ["iTXt", Buffer.concat([latin1("workflow\0\x01\0\0\0"), deflateSync(latin1(TEXTS.workflow))])],
];
/** Inflating takes a hundred times as long as the rest: one file in ten has it. */
const SAMPLES = [png(DEFLATED), ...Array<Uint8Array>(9).fill(png(PLAIN))];

/** One to four bytes changed, cut out, doubled, or the end cut off. */
function mutate(bytes: Uint8Array, pick: (below: number) => number): Buffer {
  let result = Buffer.from(bytes);
  for (let times = 1 + pick(4); times > 0; times--) {
    const at = pick(result.length || 1);
    const length = 1 + pick(16);
    const part = result.subarray(at, at + length);
    const kind = pick(8);
    if (kind < 4 && result.length > 0) result[at] = pick(2) ? pick(256) : result[at] ^ (1 << pick(8));
    else if (kind === 4) result = Buffer.concat([result.subarray(0, at), result.subarray(at + length)]);
    else if (kind === 5) result = Buffer.concat([result.subarray(0, at), part, result.subarray(at)]);
    else if (kind === 6)
      result = Buffer.concat([result.subarray(0, at), latin1('{}[]",:0-9\\n'[pick(11)]), result.subarray(at)]);
    else if (pick(4) === 0) result = result.subarray(0, at);
  }
  return result;
}

/** Makes the checksums right again, as far as the frames still stand: so the reader gets to what lies inside. */
function withChecksums(file: Buffer): Buffer {
  for (let at = 8; at + 12 <= file.length; ) {
    const length = file.readUInt32BE(at);
    if (at + length + 12 > file.length) break;
    file.writeUInt32BE(crc32(file.subarray(at + 4, at + 8 + length)), at + 8 + length);
    at += length + 12;
  }
  return file;
}

const CLEAR = /^(The PNG file (is|holds) .{10,}|This is no PNG file\. .{10,})/;
const UNREAD =
  /^The file holds (settings of .{3,} in a form that Darkroom does not read|a ComfyUI graph without a sampler node)/;

/** Settings of the right kinds, whatever they say. */
function isRight(found: Found | null): boolean {
  if (!found) return true;
  const { prompt, negativePrompt, sampler, steps, guidanceScale, seed, width, height } = found.settings;
  return (
    [prompt, negativePrompt, sampler].every((text) => text === undefined || typeof text === "string") &&
    [steps, seed, width, height].every((one) => one === undefined || (Number.isSafeInteger(one) && one >= 0)) &&
    (guidanceScale === undefined || Number.isFinite(guidanceScale)) &&
    (found.loras ?? []).every(({ name, scale }) => typeof name === "string" && Number.isFinite(scale)) &&
    (found.model === undefined || typeof found.model === "string") &&
    found.unmapped.every((one) => typeof one === "string")
  );
}

/** Null too where a program's form is said not to be read. */
function readTexts(texts: Parameters<typeof settingsIn>[0]): Found | null {
  try {
    return settingsIn(texts);
  } catch (error) {
    if (error instanceof Error && UNREAD.test(error.message)) return null;
    throw error;
  }
}

describe("mutated files", () => {
  it(
    "PNG: the texts that were written, or a clear error",
    () => {
      for (const file of SAMPLES) expect(readPngText(file).map(({ text }) => text)).toEqual(Object.values(TEXTS));
      const pick = random(1);
      const seen = { read: 0, refused: 0 };
      for (let i = 0; i < FILES; i++) {
        const sound = pick(2) === 0;
        const mutated = mutate(SAMPLES[i % SAMPLES.length], pick);
        const file = sound ? withChecksums(mutated) : mutated;
        try {
          const texts = readPngText(file);
          seen.read++;
          // Where no checksum was forged, no text is another one.
          const wrong = sound ? [] : texts.filter(({ text }) => !ORIGINALS.includes(text));
          if (wrong.length > 0 || !isRight(readTexts(texts))) expect.fail(`file ${i}: ${JSON.stringify(texts)}`);
        } catch (error) {
          seen.refused++;
          if (!(error instanceof Error) || !CLEAR.test(error.message)) throw error;
        }
      }
      expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(FILES / 100);
    },
    TIMEOUT,
  );

  it(
    "JSON and parameters: settings of the right kinds, or none",
    () => {
      const pick = random(2);
      const read = FORMS.map(() => 0);
      for (let i = 0; i < FILES; i++) {
        const which = i % FORMS.length;
        const [keyword, original] = FORMS[which];
        const text = mutate(latin1(original), pick).toString("latin1");
        const found = readTexts([{ keyword, text }]);
        if (found) read[which]++;
        if (!isRight(found)) expect.fail(`text ${i}: ${text}`);
      }
      expect(Math.min(...read)).toBeGreaterThan(FILES / FORMS.length / 20);
    },
    TIMEOUT,
  );

  it(
    "EXIF: settings of the right kinds, or none",
    async () => {
      const pick = random(3);
      const comments = [
        userComment("UNICODE", utf16be(TEXTS.parameters)),
        userComment("ASCII", latin1(TEXTS.parameters)),
      ];
      const samples = comments.flatMap((comment, i) =>
        [jpeg, webp, avif].map((file) => file(tiff({ exif: [comment] }, i > 0))),
      );
      for (const file of samples) expect(readExifTexts(file)[0].text).toBe(TEXTS.parameters);
      let read = 0;
      for (let i = 0; i < EXIF_FILES; i++) {
        const file = new Uint8Array(mutate(Buffer.from(samples[i % samples.length]), pick));
        const found = await readSettings(new Blob([file])).catch((error: Error) => {
          if (UNREAD.test(error.message)) return null;
          throw error;
        });
        if (found) read++;
        if (!isRight(found)) expect.fail(`file ${i}: ${Buffer.from(file).toString("base64")}`);
      }
      expect(read).toBeGreaterThan(EXIF_FILES / 10);
    },
    TIMEOUT,
  );

  it("XMP: texts, or none", () => {
    const pick = random(4);
    const [, original] = FORMS[FORMS.length - 1];
    for (let i = 0; i < EXIF_FILES; i++) {
      const texts = xmpTexts(mutate(latin1(original), pick).toString("latin1"), "dc:description");
      expect(texts.every((text) => typeof text === "string")).toBe(true);
    }
  });
});
