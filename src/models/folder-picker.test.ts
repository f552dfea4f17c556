/** Folders that are dropped: the entries of a browser's drop event, which no script can make, are stood in for. */
import { expect, test } from "vitest";
import { fromDrop, fromInput } from "./folder-picker";

type Tree = { [name: string]: string | Tree };

/** As Chromium gives a folder's entries: a hundred at a time. */
function entry(name: string, content: string | Tree): FileSystemEntry {
  if (typeof content === "string") {
    const file = (done: (file: File) => void) => done(new File([content], name));
    return { name, isDirectory: false, isFile: true, file } as unknown as FileSystemEntry;
  }
  const createReader = () => {
    const left = Object.entries(content).map(([child, below]) => entry(child, below));
    return { readEntries: (done: (entries: FileSystemEntry[]) => void) => done(left.splice(0, 100)) };
  };
  return { name, isDirectory: true, isFile: false, createReader } as unknown as FileSystemEntry;
}

const dropped = (...entries: (FileSystemEntry | null)[]) =>
  entries.map((one) => ({ webkitGetAsEntry: () => one })) as unknown as DataTransferItemList;

test("a folder that is dropped: every file by its path inside of it, more than one batch of them", async () => {
  const many = Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`part-${i}.data`, String(i)]));
  const folder = entry("my-model", { "model_index.json": "{}", unet: { "model.onnx": "graph", weights: many } });
  const picked = await fromDrop(dropped(entry("notes.txt", "x"), null, folder));
  expect(picked?.title).toBe("my-model");
  const files = picked?.folder as { path: string; file: File }[];
  expect(files).toHaveLength(252);
  expect(files.map(({ path }) => path)).toContain("unet/weights/part-249.data");
  expect(await files.find(({ path }) => path === "unet/model.onnx")?.file.text()).toBe("graph");
});

test("no folder among what is dropped", async () => {
  expect(await fromDrop(dropped(entry("model.onnx", "graph")))).toBeNull();
});

test("an input's files: the chosen folder's name is the title and no part of the paths", () => {
  const file = Object.assign(new File(["{}"], "config.json"), { webkitRelativePath: "my-model/unet/config.json" });
  expect(fromInput([file])).toEqual({ title: "my-model", folder: [{ path: "unet/config.json", file }] });
  expect(fromInput([])).toBeNull();
});
