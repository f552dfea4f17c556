/** Which files a model's tokenizers are read from, on the families' tiny models. */
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { diskFiles } from "../../../cli/disk-files.ts";
import { EngineError } from "../../errors.ts";
import { type Folder, openFolder, readIndex } from "../sources/folder.ts";
import type { ModelFiles } from "../sources/model-files.ts";
import { readTokenizer } from "./read-tokenizer.ts";

const folderOf = (family: string) => fileURLToPath(new URL(`../../testing/families/${family}/`, import.meta.url));

/** @param place where a path lies; undefined where it is not there. @param change of a file's text */
function opened(
  family: string,
  place: (path: string) => string | undefined = (path) => path,
  change: (text: string, path: string) => string = (text) => text,
): Promise<Folder> {
  const disk = diskFiles(folderOf(family));
  const files: ModelFiles = {
    list: async () => ["unet.onnx"],
    async read(path) {
      const at = place(path);
      if (at === undefined) throw new EngineError("ModelFileMissing", `${path} is not there.`);
      const text = new TextDecoder().decode(await disk.read(at));
      return new TextEncoder().encode(change(text, path)) as Uint8Array<ArrayBuffer>;
    },
  };
  return openFolder(
    files,
    () => true,
    () => {},
  );
}

async function read(folder: Folder, number: number) {
  const notices: string[] = [];
  const tokenizer = await readTokenizer(folder, await readIndex(folder), number, undefined, (one) => notices.push(one));
  return { tokenizer, notices };
}

const PROMPT = "a small red cat, two dogs";
const XL = "stable-diffusion-xl";

describe.each([
  ["Windows", "\r\n"],
  ["an old Mac", "\r"],
])("text files as %s ends lines", (_, end) => {
  test("are read as the others are", async () => {
    const changed = await opened("stable-diffusion", undefined, (text) => text.replaceAll("\n", end));
    const ids = (await read(await opened("stable-diffusion"), 1)).tokenizer.ids(PROMPT);
    expect((await read(changed, 1)).tokenizer.ids(PROMPT)).toEqual(ids);
    expect(new Set(ids).size).toBeGreaterThan(4);
  });
});

test.each([
  [XL, 2],
  ["stable-diffusion-3", 2],
  ["stable-diffusion-3", 3],
])("%s: tokenizer %i is not read with another one's files", async (family, number) => {
  const without = (path: string) => (path.startsWith(`tokenizer_${number}/`) ? undefined : path);
  await expect(read(await opened(family, without), number)).rejects.toMatchObject({
    name: "ModelFileMissing",
    message: expect.stringMatching(
      `^The model has neither tokenizer_${number}/tokenizer\\.json nor tokenizer_${number}/`,
    ),
  });
});

describe.each(["without", "with"])("a flat export %s model_index.json, of one tokenizer", (has) => {
  const flat = (path: string) => {
    if (path === "model_index.json") return has === "with" ? path : undefined;
    return path.includes("/") ? undefined : `tokenizer/${path}`;
  };

  test("the second CLIP reads with it, pads as Stable Diffusion XL's second one does, and the model says so", async () => {
    const usual = (await read(await opened(XL), 2)).tokenizer;
    const { tokenizer, notices } = await read(await opened(XL, flat), 2);
    expect(tokenizer.ids(PROMPT)).toEqual(usual.ids(PROMPT));
    expect(tokenizer.pad).not.toBe((await read(await opened(XL, flat), 1)).tokenizer.pad);
    expect(notices).toEqual([
      expect.stringMatching(/^The model has no tokenizer_2; its first tokenizer is used, padded/),
    ]);
  });

  test("T5 does not read with CLIP's", async () => {
    await expect(read(await opened("stable-diffusion-3", flat), 3)).rejects.toThrow(/neither tokenizer_3/);
  });
});
