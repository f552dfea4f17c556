import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { type Manifest, type ModelFiles, type ReadOptions, readChecked, readManifest, sha256 } from "./model-files.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;
const good = bytesOf("the right bytes");

async function manifestOf(bytes: Uint8Array<ArrayBuffer>): Promise<Manifest> {
  const files = { "unet/model.onnx": { bytes: bytes.length, sha256: await sha256(bytes) } };
  return { files } as unknown as Manifest;
}

/** Answers one after the other; the last one for ever. */
function filesThatGive(...answers: Uint8Array<ArrayBuffer>[]) {
  const asked: ReadOptions[] = [];
  const files: ModelFiles = {
    read: async (_, options = {}) => {
      asked.push(options);
      return answers[Math.min(asked.length, answers.length) - 1];
    },
  };
  return { files, asked };
}

describe("checked files", () => {
  test("SHA-256 of a known text (FIPS 180-2, appendix B.1)", async () => {
    expect(await sha256(bytesOf("abc"))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  test("the right bytes are read once", async () => {
    const { files, asked } = filesThatGive(good);
    expect(await readChecked(files, await manifestOf(good), "unet/model.onnx")).toBe(good);
    expect(asked).toHaveLength(1);
  });

  test("wrong bytes are read once more, past the cache", async () => {
    const { files, asked } = filesThatGive(bytesOf("the wrong bytes"), good);
    expect(await readChecked(files, await manifestOf(good), "unet/model.onnx")).toBe(good);
    expect(asked.map(({ fresh }) => fresh)).toEqual([false, true]);
  });

  test.each([
    ["cut short", good.subarray(0, 5), /unet\/model\.onnx has 5 bytes instead of 15/],
    ["changed", bytesOf("the wrong bytes"), /unet\/model\.onnx is not the file/],
  ])("wrong twice (%s): the file is named", async (_, bytes, message) => {
    const { files } = filesThatGive(bytes as Uint8Array<ArrayBuffer>);
    const reading = readChecked(files, await manifestOf(good), "unet/model.onnx");
    await expect(reading).rejects.toMatchObject({ name: "ModelFileCorrupt", message: expect.stringMatching(message) });
  });

  test("a file that the manifest does not list", async () => {
    const { files } = filesThatGive(good);
    const reading = readChecked(files, await manifestOf(good), "vae_decoder/model.onnx");
    await expect(reading).rejects.toMatchObject({ name: "ModelFileMissing", message: /vae_decoder\/model\.onnx/ });
  });

  test.each([
    ["{", /not valid JSON/],
    ["[]", /is a list, where an object is expected/],
    ["null", /says null, where/],
    ['{"title": "x"}', /nothing of "license"/],
    ['{"title": 3}', /says 3 for "title", where string is expected/],
  ])("a manifest that is none: %s", async (text, message) => {
    const { files } = filesThatGive(bytesOf(text));
    await expect(readManifest(files)).rejects.toMatchObject({ name: "ModelFileCorrupt", message });
  });
});

test.each(["safelight", "safelight-4-steps"])("the committed %s is what its manifest says", async (id) => {
  const folder = new URL(`../../../public/models/${id}/`, import.meta.url);
  const files: ModelFiles = {
    read: async (path, { expected } = {}) =>
      new Uint8Array(await readFile(new URL((expected?.folder ?? "") + path, folder))),
  };
  const manifest = await readManifest(files);
  if (!manifest) throw new Error(`There is no darkroom.json in ${folder}.`);
  // docs/upscaling.md: what keeps objects, places and sizes
  expect(manifest.upscaleStrength).toBe(0.05);
  const paths = Object.keys(manifest.files);
  expect(paths).toContain("unet/model.onnx");
  for (const path of paths) await readChecked(files, manifest, path);
});
