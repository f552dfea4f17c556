/** A graph's weights in files beside it, found the same way from the disk and from memory. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { diskFiles } from "../../../cli/disk-files.ts";
import { openNodeRuntime } from "../../../cli/node-runtime.ts";
import { FLOAT, message, onnxModel, text, value } from "../../testing/onnx-builder.ts";
import { integerField, lengthField } from "../formats/protobuf-write.ts";
import { networkFactory } from "../runtime/network.ts";
import { openFolder } from "./folder.ts";
import type { ModelFiles } from "./model-files.ts";

const BOOL = 9;
const entry = (key: string, content: string) => message(13, text(1, key), text(2, content));
const weight = [
  ...integerField(1, 4),
  ...integerField(2, FLOAT),
  ...text(8, "weight"),
  ...entry("location", "beside.data"),
  ...entry("offset", "0"),
  ...entry("length", "16"),
  ...integerField(14, 1),
];
const operation = (operator: string, output: string) =>
  message(1, text(1, "x"), text(1, "weight"), text(2, output), text(4, operator));

/** y = If(true) then x + weight else x - weight: initializers of subgraphs. */
const branch = (name: string, operator: string) => {
  const graph = message(6, operation(operator, name), text(2, name), message(5, weight), value(12, name, [4]));
  return message(5, text(1, name), graph, integerField(20, 5));
};
const subgraphs = model(
  message(1, text(1, "yes"), text(2, "y"), text(4, "If"), branch("then_branch", "Add"), branch("else_branch", "Sub")),
  message(5, integerField(2, BOOL), text(8, "yes"), lengthField(9, [1])),
);
/** y = x + weight, a node's attribute. */
const attribute = model(
  message(
    1,
    text(2, "weight"),
    text(4, "Constant"),
    message(5, text(1, "value"), message(5, weight), integerField(20, 4)),
  ),
  operation("Add", "y"),
);

function model(...graph: number[][]): Uint8Array<ArrayBuffer> {
  return onnxModel(...graph, value(11, "x", [4]), value(12, "y", [4]));
}

const place = mkdtempSync(join(tmpdir(), "darkroom-folder-"));
afterAll(() => rmSync(place, { recursive: true }));

const weights = Uint8Array.from(Buffer.from(Float32Array.of(1, 2, 3, 4).buffer));
const onDisk = diskFiles(place);
const inMemory: ModelFiles = { read: (path) => onDisk.read(path) };
async function openGraph(files: ModelFiles, bytes = subgraphs) {
  writeFileSync(join(place, "model.onnx"), bytes);
  writeFileSync(join(place, "beside.data"), weights);
  const folder = await openFolder(
    files,
    () => true,
    () => {},
  );
  return folder.graph("model.onnx");
}

test.each([
  ["subgraphs", "the disk", subgraphs, onDisk],
  ["subgraphs", "memory", subgraphs, inMemory],
  ["an attribute", "the disk", attribute, onDisk],
  ["an attribute", "memory", attribute, inMemory],
])("weights of %s in a file of their own, read from %s", async (_, __, bytes, files) => {
  const graph = await openGraph(files, bytes);
  expect(graph.bytes).toBe(bytes.length + weights.length);
  const opened = await graph.open();
  const network = await networkFactory(await openNodeRuntime("cpu"))("model.onnx", opened.bytes, opened.externalData);
  const { y } = await network.run({ x: { data: [10, 20, 30, 40], dims: [4] } }, ["y"]);
  expect([...y.data]).toEqual([11, 22, 33, 44]);
});

test("weights that are cut short are named, with both sizes", async () => {
  const short: ModelFiles = {
    read: async (path) => (path === "beside.data" ? weights.slice(0, 12) : inMemory.read(path)),
  };
  await expect(openGraph(short)).rejects.toMatchObject({
    name: "ModelFileCorrupt",
    message: expect.stringMatching(/^The model file beside\.data is cut short: it has 12 bytes, .* ends at byte 16;/),
  });
});
