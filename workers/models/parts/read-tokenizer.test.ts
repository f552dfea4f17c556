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
  const tokenizer = await readTokenizer(
    folder,
    await readIndex(folder),
    `tokenizer${number === 1 ? "" : `_${number}`}`,
    undefined,
    (one) => notices.push(one),
  );
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

describe("tokens beside a bare vocabulary", () => {
  const SIZE = 560; // of the tiny vocabulary
  const decoded = (content: string, more: object = {}) => ({ content, normalized: true, special: false, ...more });

  /** The ids of the text, with these files changed or added. */
  async function content(prompt: string, files: Record<string, object>) {
    const name = (path: string) => path.replace("tokenizer/", "");
    const place = (path: string) => (name(path) in files ? "tokenizer/tokenizer_config.json" : path);
    const folder = await opened("stable-diffusion", place, (text, path) => {
      const change = files[name(path)];
      if (!change) return text;
      return JSON.stringify(path.endsWith("config.json") ? { ...JSON.parse(text), ...change } : change);
    });
    return (await read(folder, 1)).tokenizer.content(prompt);
  }

  // transformers 5.23: CLIPTokenizer.from_pretrained on the same files
  const legacy = { "added_tokens.json": { "<my-cat>": SIZE, Sks: SIZE + 1 } };
  const decoder = { [SIZE]: decoded("<my-cat>"), [SIZE + 1]: decoded("Sks", { normalized: false, special: true }) };
  const config = {
    "tokenizer_config.json": { added_tokens_decoder: decoder },
    "added_tokens.json": { sks: SIZE + 1 },
  };
  const pad = { "added_tokens.json": { "<pad!>": SIZE }, "special_tokens_map.json": { pad_token: "<pad!>" } };
  test.each([
    ["a red <my-cat> on the beach", legacy, [320, 527, 560, 540, 514, 551]],
    ["a red<my-cat>, a dog", legacy, [320, 527, 560, 267, 320, 547]],
    ["a SKS cat", legacy, [320, 561, 518]],
    ["asksb cat", legacy, [320, 561, 321, 518]],
    ["<MY-CAT>", legacy, [560]],
    ["a sks cat", {}, [320, 82, 74, 338, 518]],
    ["<MY-CAT>", config, [560]],
    ["a sks cat", config, [320, 82, 74, 338, 518]],
    ["a Sks cat", config, [320, 561, 518]],
    ["<pad!> a cat", pad, [560, 320, 518]],
  ])("%s with %o", async (prompt, files, ids) => {
    expect(await content(prompt, files)).toEqual(ids);
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
