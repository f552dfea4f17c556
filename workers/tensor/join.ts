import { sizeOf, type Tensor } from "./tensor.ts";

/** Joins tensors along an axis (negative counts from the last); all other axes must agree. @throws Error where they do not */
export function join(axis: number, ...tensors: readonly Tensor[]): Tensor {
  const [first] = tensors;
  if (tensors.length === 1) return first;
  const at = axis < 0 ? axis + first.dims.length : axis;
  const others = (dims: readonly number[]) => dims.toSpliced(at, 1).join();
  if (tensors.some(({ dims }) => others(dims) !== others(first.dims))) {
    throw new Error(`Tensors of ${tensors.map(({ dims }) => dims.join(" x ")).join(" and ")} cannot be joined.`);
  }
  const dims = first.dims.with(
    at,
    tensors.reduce((sum, tensor) => sum + tensor.dims[at], 0),
  );
  const data = new Float32Array(sizeOf(dims));
  const blocks = sizeOf(dims.slice(0, at));
  const lengths = tensors.map((tensor) => tensor.data.length / blocks);
  let to = 0;
  for (let block = 0; block < blocks; block++) {
    for (const [i, tensor] of tensors.entries()) {
      data.set(tensor.data.subarray(block * lengths[i], (block + 1) * lengths[i]), to);
      to += lengths[i];
    }
  }
  return { data, dims };
}

/** Entries `from` to `to` (exclusive) along an axis; along the first one they share the tensor's memory. */
export function slice({ data, dims }: Tensor, axis: number, from: number, to: number): Tensor {
  const blocks = sizeOf(dims.slice(0, axis));
  const inner = sizeOf(dims.slice(axis + 1));
  const shape = dims.with(axis, to - from);
  if (blocks === 1) return { data: data.subarray(from * inner, to * inner), dims: shape };
  const out = new Float32Array(sizeOf(shape));
  const length = (to - from) * inner;
  for (let block = 0; block < blocks; block++) {
    const start = (block * dims[axis] + from) * inner;
    out.set(data.subarray(start, start + length), block * length);
  }
  return { data: out, dims: shape };
}
