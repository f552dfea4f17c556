/** A model's folder on the disk: links, the layout of the hub's cache, and Windows' way of joining paths. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { diskFiles } from "./disk-files.ts";

// What Windows' Node does where this project joins paths; the file system here is the one of the machine.
vi.mock("node:path", async (original) => {
  const real = await original<typeof import("node:path")>();
  return { ...real, join: real.win32.join };
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(`${tmpdir()}/darkroom-disk-`);
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (path: string, text = path) => {
  mkdirSync(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
  writeFileSync(`${folder}/${path}`, text);
};
async function contents(place: string): Promise<Record<string, string>> {
  const files = diskFiles(place);
  const found: Record<string, string> = {};
  for (const path of (await files.list?.()) ?? []) found[path] = Buffer.from(await files.read(path)).toString();
  return found;
}

test("paths are joined with a slash on every system, and read so; hidden files are left out", async () => {
  write("model_index.json");
  write("unet/model.onnx");
  write("unet/weights/part-0.data");
  write(".cache/huggingface/unet/model.onnx.metadata");
  expect(await contents(folder)).toEqual({
    "model_index.json": "model_index.json",
    "unet/model.onnx": "unet/model.onnx",
    "unet/weights/part-0.data": "unet/weights/part-0.data",
  });
  const part = await diskFiles(folder).blob?.("unet/weights/part-0.data");
  expect(part?.size).toBe("unet/weights/part-0.data".length);
  await expect(diskFiles(folder).read("unet/gone")).rejects.toMatchObject({ name: "ModelFileMissing" });
});

test("files and folders that are symbolic links, among them one to nothing and one to the folder around it", async () => {
  write("blobs/1", "graph");
  write("model/config.json");
  mkdirSync(`${folder}/model/unet`);
  symlinkSync("../../blobs/1", `${folder}/model/unet/model.onnx`);
  symlinkSync("unet", `${folder}/model/transformer`);
  symlinkSync("../gone", `${folder}/model/broken.json`);
  symlinkSync("..", `${folder}/model/unet/above`);
  expect(await contents(`${folder}/model`)).toEqual({
    "config.json": "model/config.json",
    "unet/model.onnx": "graph",
    "transformer/model.onnx": "graph",
  });
});

test("the folder of a model in the hub's cache: the snapshot that its main branch stands for", async () => {
  write("refs/main", "abc\n");
  write("blobs/1", "{}");
  for (const commit of ["0ld", "abc"]) {
    mkdirSync(`${folder}/snapshots/${commit}`, { recursive: true });
    symlinkSync("../../blobs/1", `${folder}/snapshots/${commit}/${commit}.json`);
  }
  expect(await contents(folder)).toEqual({ "abc.json": "{}" });
  rmSync(`${folder}/refs`, { recursive: true });
  rmSync(`${folder}/snapshots/abc`, { recursive: true });
  expect(await contents(folder)).toEqual({ "0ld.json": "{}" });
});

test("a folder that is not there has no files", async () => {
  expect(await contents(`${folder}/gone`)).toEqual({});
});
