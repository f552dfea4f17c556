import { describe, expect, test } from "vitest";
import { readGraph } from "./onnx-graph.ts";
import { integerField, lengthField } from "./protobuf-write.ts";
import { type FilePart, inMemory } from "./weight-file.ts";

/** A protobuf field with bytes in it. */
const field = (number: number, ...content: (readonly number[] | string)[]): number[] =>
  lengthField(
    number,
    content.flatMap((part) => (typeof part === "string" ? [...Buffer.from(part)] : part)),
  );
const entry = (key: string, value: string) => field(13, field(1, key), field(2, value));
const external = (location: string) => [
  ...entry("location", location),
  ...entry("offset", "0"),
  ...entry("length", "64"),
];
const model = (...graph: number[][]) => Uint8Array.from(field(7, ...graph));
const read = (bytes: Uint8Array<ArrayBuffer>) => readGraph("unet/model.onnx", inMemory(bytes));
const locations = async (bytes: Uint8Array<ArrayBuffer>) =>
  (await read(bytes)).external.map(({ location }) => location).sort();

describe("where an ONNX graph's weights lie", () => {
  test("initializers, attributes, sparse tensors, subgraphs and functions", async () => {
    const subgraph = field(5, field(1, "then_branch"), field(6, field(5, external("inner.data"))));
    const attribute = field(5, field(1, "value"), field(5, external("attribute.data")));
    const sparse = field(5, field(1, "sparse_value"), field(22, field(1, external("sparse.data"))));
    const graph = field(
      7,
      field(1, subgraph, attribute, sparse),
      field(5, field(8, "weight"), external("model.onnx_data")),
      field(5, external("model.onnx_data")),
      field(15, field(2, external("indices.data"))),
    );
    const functions = field(25, field(7, field(5, field(1, "value"), field(5, external("function.data")))));
    expect(await locations(Uint8Array.from([...graph, ...functions]))).toEqual([
      "attribute.data",
      "function.data",
      "indices.data",
      "inner.data",
      "model.onnx_data",
      "model.onnx_data",
      "sparse.data",
    ]);
  });

  test("weights inside the graph are stepped over, whatever they look like", async () => {
    expect(await locations(model(field(5, field(9, external("no.data")))))).toEqual([]);
  });

  test("megabytes in a node's attribute are not read", async () => {
    const constant = field(
      1,
      field(4, "Constant"),
      field(5, field(1, "value"), field(5, field(9, new Array(2e6).fill(7)))),
    );
    const bytes = model(constant, field(5, field(8, "weight"), external("model.onnx_data")));
    let most = 0;
    const part = (from: number, to: number): FilePart => ({
      size: to - from,
      slice: (start, end) => part(from + start, from + end),
      async arrayBuffer() {
        most = Math.max(most, to - from);
        return bytes.slice(from, to).buffer;
      },
    });
    const { nodes, external: found } = await readGraph("unet/model.onnx", part(0, bytes.length));
    expect(nodes.map(({ operator }) => operator)).toEqual(["Constant"]);
    expect(found).toMatchObject([{ name: "weight", location: "model.onnx_data", offset: 0, length: 64 }]);
    expect(most).toBeLessThan(1e6);
  });

  test.each(["../secret", "/etc/passwd", "a/../../b", "C:\\x", "..\\x"])("%s is refused", async (location) => {
    await expect(read(model(field(5, external(location))))).rejects.toThrow(
      /unet\/model\.onnx asks for weights outside its folder/,
    );
  });

  test("whatever the bytes, it ends: with a graph, or with the file named", async () => {
    const whole = model(field(5, field(8, "weight"), external("model.onnx_data")), field(1, field(4, "Conv")));
    for (let length = 0; length < whole.length; length++) {
      await expect(read(whole.slice(0, length))).rejects.toThrow(/unet\/model\.onnx is not an ONNX graph/);
    }
    for (let i = 0; i < 2000; i++) {
      const broken = whole.slice();
      broken[(i * 7) % whole.length] = (i * 31) % 256;
      try {
        await read(broken);
      } catch (error) {
        expect((error as Error).message).toContain("unet/model.onnx");
      }
    }
  });

  test("graphs nested without end are not an ONNX graph", async () => {
    let nested: number[] = [];
    for (let i = 0; i < 500; i++) nested = field(1, field(5, field(6, nested)));
    await expect(read(model(nested))).rejects.toThrow(/is not an ONNX graph/);
  });
});

test("a dimension is a number, a name, or neither", async () => {
  const shape = field(2, field(1, integerField(1, 4)), field(1, field(2, "height")), field(1));
  const type = field(2, field(1, integerField(1, 10), shape));
  const { inputs } = await read(model(field(11, field(1, "sample"), type)));
  expect(inputs).toEqual([{ name: "sample", type: "float16", shape: [4, "height", "axis 2"] }]);
});
