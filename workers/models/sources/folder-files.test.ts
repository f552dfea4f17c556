import { describe, expect, test } from "vitest";
import { filesIn, folderFiles, inDirectory, inFileList } from "./folder-files.ts";

const text = "the weights";
const file = () => new File([text], "model.onnx");

/** What the directory picker gives, as far as it is used. */
function directory(entries: Record<string, unknown>): FileSystemDirectoryHandle {
  const get = async (name: string) => {
    if (!(name in entries)) throw new DOMException("none", "NotFoundError");
    return entries[name];
  };
  return { getDirectoryHandle: get, getFileHandle: get } as unknown as FileSystemDirectoryHandle;
}

describe.each([
  ["a file list", inFileList([{ path: "unet/model.onnx", file: file() }])],
  [
    "a directory handle",
    inDirectory(directory({ unet: directory({ "model.onnx": { getFile: async () => file() } }) })),
  ],
])("a folder from the disk, as %s", (_, find) => {
  test("the bytes, and the file itself", async () => {
    const files = folderFiles(find);
    expect(new TextDecoder().decode(await files.read("unet/model.onnx"))).toBe(text);
    expect(await files.blob("unet/model.onnx")).toBeInstanceOf(File);
  });

  test.each(["unet/other.onnx", "vae_decoder/model.onnx"])("%s is missing", async (path) => {
    await expect(folderFiles(find).read(path)).rejects.toMatchObject({
      name: "ModelFileMissing",
      message: expect.stringContaining(`no ${path};`),
    });
  });
});

test("a file that was moved since: choose again", async () => {
  const find = async () => {
    throw new DOMException("gone", "NotReadableError");
  };
  await expect(folderFiles(find).read("unet/model.onnx")).rejects.toThrow(/choose the folder again/);
});

describe("a model in the hub's cache", () => {
  const picked = (...paths: string[]) =>
    filesIn(paths.map((path) => ({ path, file: new File([path === "refs/main" ? "abc\n" : path], "file") })));

  test("is read from the snapshot that its main branch stands for", async () => {
    const files = picked("refs/main", "blobs/1", "snapshots/0ld/model_index.json", "snapshots/abc/unet/model.onnx");
    expect(await files.list?.()).toEqual(["unet/model.onnx"]);
    expect(await (await files.blob("unet/model.onnx")).text()).toBe("snapshots/abc/unet/model.onnx");
    await expect(files.blob("model_index.json")).rejects.toMatchObject({ name: "ModelFileMissing" });
    expect(await picked("snapshots/0ld/model.onnx").list?.()).toEqual(["model.onnx"]);
  });

  test.each([[[]], [["refs/main", "blobs/1", "blobs/2"]]])("whose files are links is told apart: %j", async (paths) => {
    await expect(picked(...paths).list?.()).rejects.toMatchObject({
      name: "ModelFileMissing",
      message: expect.stringMatching(/links, of which the hub's cache consists, are hidden .*; copy the folder/),
    });
  });
});
