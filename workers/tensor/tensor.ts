/** Numbers of any rank, row-major: latents, pixels, embeddings, feature planes. This folder is the only code that loops over them. */
export interface Tensor {
  /** as many numbers as the product of `dims`; never written to once handed on */
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** How many numbers a shape holds. */
export function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, side) => product * side, 1);
}

export function zeros(...dims: readonly number[]): Tensor {
  return { data: new Float32Array(sizeOf(dims)), dims };
}

/** The same numbers under another shape. @throws Error where the shape holds another number of them */
export function reshape({ data, dims }: Tensor, shape: readonly number[]): Tensor {
  if (data.length === sizeOf(shape)) return { data, dims: shape };
  throw new Error(`A tensor of ${dims.join(" x ")} cannot be read as ${shape.join(" x ")}.`);
}

/** A copy that may be transferred to another thread. */
export function copy({ data, dims }: Tensor): Tensor {
  return { data: data.slice(), dims: [...dims] };
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((side, axis) => side === b[axis]);
}
