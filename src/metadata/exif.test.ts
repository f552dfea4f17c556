/// <reference types="node" />
import { describe, expect, it } from "vitest";
import { readSettings } from "./read-settings";
import { avif, jpeg, TAGS, type Tag, tiff, userComment, utf16be, webp } from "./testing/exif";
import { chunk, pngBytes } from "./testing/png";

const TEXT = `a cat, Größe 東京 🍎
Negative prompt: dog
Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5, Size: 512x768`;
const SETTINGS = { prompt: "a cat, Größe 東京 🍎", negativePrompt: "dog", steps: 20, seed: 5, width: 512, height: 768 };
const ascii = (name: keyof typeof TAGS, text: string): Tag => ({
  tag: TAGS[name],
  type: "ASCII",
  bytes: Buffer.from(`${text}\0`),
});
const read = (bytes: Uint8Array<ArrayBuffer>) => readSettings(new Blob([bytes]));
const containers = { jpeg, webp, avif };

describe.each(Object.entries(containers))("EXIF in %s", (_, file) => {
  it.each<[string, Buffer]>([
    ["UTF-16, big-endian", tiff({ exif: [userComment("UNICODE", utf16be(TEXT))] })],
    ["UTF-16, big-endian in a little-endian file", tiff({ exif: [userComment("UNICODE", utf16be(TEXT))] }, true)],
    ["UTF-16, little-endian", tiff({ exif: [userComment("UNICODE", Buffer.from(TEXT, "utf16le"))] }, true)],
    ["UTF-16 with a byte order mark", tiff({ exif: [userComment("UNICODE", utf16be(`\ufeff${TEXT}`))] })],
    ["UTF-8 under the code of UTF-16", tiff({ exif: [userComment("UNICODE", Buffer.from(TEXT))] })],
    ["UTF-8 under the code of ASCII", tiff({ exif: [userComment("ASCII", Buffer.from(TEXT))] })],
    ["an undefined code", tiff({ exif: [userComment("", Buffer.from(TEXT))] })],
    [
      "no code, filled with zeros",
      tiff({ exif: [{ ...userComment("", Buffer.alloc(0)), bytes: Buffer.from(`${TEXT}\0\0\0`) }] }),
    ],
    ["as text among the picture's tags, as Fooocus writes it", tiff({ picture: [ascii("UserComment", TEXT)] }, true)],
    ["as the description", tiff({ picture: [ascii("ImageDescription", TEXT)] })],
  ])("%s", async (_, exif) => {
    expect(await read(file(exif))).toMatchObject({ source: "AUTOMATIC1111", settings: SETTINGS });
  });
});

it("a long prompt without ASCII is UTF-16 still", async () => {
  const prompt = "東京の猫、一".repeat(400);
  const exif = tiff({ exif: [userComment("UNICODE", utf16be(TEXT.replace(/^.*/, prompt)))] });
  expect((await read(jpeg(exif)))?.settings.prompt).toBe(prompt);
});

it("EXIF in PNG", async () => {
  const plain = Buffer.from(pngBytes());
  const header = 8 + 25;
  const exif = chunk("eXIf", tiff({ exif: [userComment("UNICODE", utf16be(TEXT))] }));
  const file = new Uint8Array(Buffer.concat([plain.subarray(0, header), exif, plain.subarray(header)]));
  expect(await read(file)).toMatchObject({ settings: SETTINGS });
});

it("ComfyUI's graphs in the tags of its animated WebP", async () => {
  const graph = {
    "1": { class_type: "KSampler", inputs: { seed: 1, steps: 2, cfg: 3, sampler_name: "euler", positive: ["2", 0] } },
    "2": { class_type: "CLIPTextEncode", inputs: { text: "a cat" } },
  };
  const exif = tiff({ picture: [ascii("Make", "workflow:{}"), ascii("Model", `prompt:${JSON.stringify(graph)}`)] });
  expect(await read(webp(exif))).toMatchObject({ source: "ComfyUI", settings: { prompt: "a cat", seed: 1 } });
});

it("a photo has none, nor has a file that is cut short", async () => {
  const photo = jpeg(
    tiff({
      picture: [ascii("Make", "Camera"), ascii("Model", "X 100")],
      exif: [userComment("ASCII", Buffer.alloc(20))],
    }),
  );
  expect(await read(photo)).toBeNull();
  for (const file of Object.values(containers)) {
    const whole = file(tiff({ exif: [userComment("UNICODE", utf16be(TEXT))] }));
    for (let length = 0; length < 60; length += 5) expect(await read(whole.slice(0, length))).toBeNull();
  }
});
