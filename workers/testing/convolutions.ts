/** ONNX graphs of one convolution, written here, and what it should give: summed in the plainest way. */

import { toHalf } from "../models/formats/float16.ts";
import { integerField, lengthField, textField } from "../models/formats/protobuf-write.ts";
import { openFolder } from "../models/sources/folder.ts";
import { type FolderFiles, folderFiles } from "../models/sources/folder-files.ts";

export { toHalf };

export interface Convolution {
  readonly inputs: number;
  readonly outputs: number;
  /** of both axes, odd; the picture is padded to stay as large; 3 when absent */
  readonly kernel?: number;
  readonly groups?: number;
  readonly half?: boolean;
  /** the weight lies in a file beside the graph */
  readonly external?: boolean;
  /** the weight is stored otherwise than it is used */
  readonly stored?: "float16" | "transposed" | "constant";
  readonly opset?: number;
}

const SIDE = 6;
const FLOAT = 1;
const HALF = 10;

export function titleOf({ inputs, outputs, ...more }: Convolution): string {
  const words = Object.entries(more).map(([name, value]) => (value === true ? name : `${name} ${value}`));
  return [`${inputs} to ${outputs} channels`, ...words].join(", ");
}

/** The same numbers each time, between -1 and 1, which half precision holds exactly. */
function numbers(count: number, from: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => ((((i + from) * 1103515245 + 12345) >>> 8) % 65) / 32 - 1);
}

export function makeConvolution(one: Convolution) {
  const { inputs, outputs, kernel = 3, groups = 1 } = one;
  const x = numbers(inputs * SIDE * SIDE, 1);
  const weight = numbers((outputs * inputs * kernel * kernel) / groups, 7);
  const bias = numbers(outputs, 3);
  return {
    title: titleOf(one),
    half: one.half ?? false,
    dims: [1, inputs, SIDE, SIDE],
    x,
    expected: convolve(x, weight, bias, one),
    files: filesOf(one, weight, bias),
  };
}

function convolve(x: Float32Array, weight: Float32Array, bias: Float32Array, one: Convolution): Float32Array {
  const { inputs, outputs, kernel = 3, groups = 1 } = one;
  const [taken, given, reach] = [inputs / groups, outputs / groups, (kernel - 1) / 2];
  const y = new Float32Array(outputs * SIDE * SIDE);
  for (let o = 0; o < outputs; o++) {
    const first = Math.floor(o / given) * taken;
    for (let row = 0; row < SIDE; row++) {
      for (let column = 0; column < SIDE; column++) {
        let sum = bias[o];
        for (let i = 0; i < taken; i++) {
          for (let dy = -reach; dy <= reach; dy++) {
            for (let dx = -reach; dx <= reach; dx++) {
              const [r, c] = [row + dy, column + dx];
              if (r < 0 || c < 0 || r >= SIDE || c >= SIDE) continue;
              sum +=
                x[((first + i) * SIDE + r) * SIDE + c] *
                weight[((o * taken + i) * kernel + dy + reach) * kernel + dx + reach];
            }
          }
        }
        y[(o * SIDE + row) * SIDE + column] = sum;
      }
    }
  }
  return y;
}

function filesOf(one: Convolution, weight: Float32Array, bias: Float32Array): FolderFiles {
  const { inputs, outputs, kernel = 3, groups = 1, half = false, external = false, stored, opset = 17 } = one;
  const type = half ? HALF : FLOAT;
  const bytesOf = (values: Float32Array, as: number) =>
    Uint8Array.from(new Uint8Array((as === HALF ? toHalf(values) : values).buffer));
  const shape = [outputs, inputs / groups, kernel, kernel];
  const transposed = stored === "transposed";
  const weightType = stored === "float16" ? HALF : type;
  const held = bytesOf(transposed ? firstAxesSwapped(weight, shape) : weight, weightType);
  const heldShape = transposed ? [shape[1], shape[0], kernel, kernel] : shape;
  // TensorProto: dims 1, data_type 2, name 8, raw_data 9, external_data 13, data_location 14
  const tensor = (name: string, as: number, dims: number[], content: number[]) => [
    ...dims.flatMap((dim) => integerField(1, dim)),
    ...integerField(2, as),
    ...textField(8, name),
    ...content,
  ];
  const entry = (key: string, value: string) => lengthField(13, [...textField(1, key), ...textField(2, value)]);
  const weightTensor = tensor(
    stored ? "stored" : "weight",
    weightType,
    heldShape,
    external
      ? [...entry("location", "weights"), ...entry("length", String(held.length)), ...integerField(14, 1)]
      : lengthField(9, held),
  );
  const node = (operator: string, names: string[], output: string, attributes: number[][]) =>
    lengthField(1, [
      ...names.flatMap((name) => textField(1, name)),
      ...textField(2, output),
      ...textField(4, operator),
      ...attributes.flatMap((attribute) => lengthField(5, attribute)),
    ]);
  // AttributeProto: name 1, i 3, t 5, ints 8, type 20 (2 whole number, 4 tensor, 7 whole numbers)
  const whole = (name: string, value: number) => [
    ...textField(1, name),
    ...integerField(3, value),
    ...integerField(20, 2),
  ];
  const list = (name: string, values: number[]) => [
    ...textField(1, name),
    ...values.flatMap((value) => integerField(8, value)),
    ...integerField(20, 7),
  ];
  const before = {
    float16: () => node("Cast", ["stored"], "weight", [whole("to", type)]),
    transposed: () => node("Transpose", ["stored"], "weight", [list("perm", [1, 0, 2, 3])]),
    constant: () =>
      node("Constant", [], "weight", [
        [...textField(1, "value"), ...lengthField(5, weightTensor), ...integerField(20, 4)],
      ]),
  };
  const reach = (kernel - 1) / 2;
  const value = (name: string, channels: number) => {
    const dims = [1, channels, SIDE, SIDE].flatMap((dim) => lengthField(1, integerField(1, dim)));
    const typed = lengthField(1, [...integerField(1, type), ...lengthField(2, dims)]);
    return [...textField(1, name), ...lengthField(2, typed)];
  };
  const graph = [
    ...(stored ? before[stored]() : []),
    ...node("Conv", ["x", "weight", "bias"], "y", [
      list("kernel_shape", [kernel, kernel]),
      list("pads", [reach, reach, reach, reach]),
      whole("group", groups),
    ]),
    ...textField(2, "convolution"),
    ...(stored === "constant" ? [] : lengthField(5, weightTensor)),
    ...lengthField(5, tensor("bias", type, [outputs], lengthField(9, bytesOf(bias, type)))),
    ...lengthField(11, value("x", inputs)),
    ...lengthField(12, value("y", outputs)),
  ];
  const model = [...integerField(1, 5), ...lengthField(7, graph), ...lengthField(8, integerField(2, opset))];
  const files: Record<string, Uint8Array<ArrayBuffer>> = {
    "model.onnx": Uint8Array.from(model),
    ...(external ? { weights: held } : {}),
  };
  return folderFiles(async (path) => (files[path] ? new File([files[path]], path) : undefined));
}

function firstAxesSwapped(weight: Float32Array, [outputs, inputs, ...kernel]: number[]): Float32Array {
  const size = kernel[0] * kernel[1];
  const out = new Float32Array(weight.length);
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      out.set(weight.subarray((o * inputs + i) * size, (o * inputs + i + 1) * size), (i * outputs + o) * size);
    }
  }
  return out;
}

/** What a session is made of, as the engine makes it. */
export async function openConvolution(files: FolderFiles, webgpu: boolean) {
  const folder = await openFolder(
    files,
    () => true,
    () => {},
  );
  return (await folder.graph("model.onnx")).open({ webgpu });
}

/** All on which onnxruntime-web 1.30 errs on WebGPU, and their neighbours. */
export const convolutions: readonly Convolution[] = [
  ...[1, 3, 4, 5, 6, 8, 9, 12, 15, 16, 18, 21].flatMap((inputs) => [4, 6, 8].map((outputs) => ({ inputs, outputs }))),
  ...[6, 9].flatMap((inputs): Convolution[] => [
    { inputs, outputs: 320 },
    { inputs, outputs: 8, kernel: 1 },
    { inputs, outputs: 8, kernel: 5 },
    { inputs, outputs: 12, groups: 3 },
    { inputs: 2 * inputs, outputs: 8, groups: 2 },
    { inputs, outputs: 8, external: true },
    { inputs, outputs: 8, stored: "float16" },
    { inputs, outputs: 8, stored: "float16", external: true },
    { inputs, outputs: 8, stored: "transposed" },
    { inputs, outputs: 8, stored: "constant" },
    { inputs, outputs: 8, opset: 10 },
    { inputs, outputs: 8, half: true },
    { inputs, outputs: 8, half: true, external: true },
  ]),
];
