/**
 * What the kinds of low-rank files add to a layer's weight, row by row: LoRA and LoCon (Hu et al. 2021; a convolution's, in three factors
 * too), LoHa (Hyeon-Woo et al. 2022, FedPara), LoKr (Edalati et al. 2022, KronA) and whole differences. LoHa's, LoKr's and LoCon's layouts
 * are LyCORIS'.
 */
import type { Tensor } from "../../tensor/tensor.ts";

/** Tensors by the end of their names, as `lora-file.ts` writes them. */
export type Factors = Readonly<Record<string, Tensor | undefined>>;

export interface Delta {
  readonly outputs: number;
  /** numbers of a row: the inputs, times the places of a convolution's kernel */
  readonly inputs: number;
  /** what alpha is divided by; undefined where alpha has no meaning */
  readonly rank: number | undefined;
  /** writes a row of the difference, not yet scaled */
  fill(output: number, row: Float64Array): void;
}

/** A matrix of numbers; a convolution's kernel is flattened into the columns. */
interface Matrix {
  readonly data: Float32Array | Float64Array;
  readonly rows: number;
  readonly columns: number;
  /** of the kernel */
  readonly places: number;
}

/** @returns undefined where factors are missing or do not fit each other */
export function deltaOf(factors: Factors): Delta | undefined {
  return lora(factors) ?? hadamard(factors) ?? kronecker(factors) ?? whole(factors);
}

function lora({ up, down, mid }: Factors): Delta | undefined {
  if (!up || !down) return undefined;
  if (mid) return core(mid, transposed(up), flat(down));
  const [left, right] = [flat(up), flat(down)];
  if (left.columns !== right.rows) return undefined;
  return product(left, right, right.rows);
}

function hadamard(factors: Factors): Delta | undefined {
  const { hada_w1_a: a1, hada_w1_b: b1, hada_w2_a: a2, hada_w2_b: b2, hada_t1: t1, hada_t2: t2 } = factors;
  if (!a1 || !b1 || !a2 || !b2) return undefined;
  const one = factored(a1, b1, t1);
  const other = factored(a2, b2, t2);
  if (!one || !other || one.outputs !== other.outputs || one.inputs !== other.inputs) return undefined;
  const second = new Float64Array(one.inputs);
  return {
    ...one,
    fill(output, row) {
      one.fill(output, row);
      other.fill(output, second);
      for (let i = 0; i < row.length; i++) row[i] *= second[i];
    },
  };
}

function kronecker(factors: Factors): Delta | undefined {
  const { lokr_w1: w1, lokr_w1_a: a1, lokr_w1_b: b1, lokr_w2: w2, lokr_w2_a: a2, lokr_w2_b: b2, lokr_t2: t2 } = factors;
  const left = w1 ? flat(w1) : a1 && b1 && inFull(factored(a1, b1), 1);
  const places = kernelOf(t2 ?? w2 ?? b2);
  const right = w2 ? flat(w2) : a2 && b2 && inFull(factored(a2, b2, t2), places);
  if (!left || !right) return undefined;
  const inputs = left.columns * right.columns;
  return {
    outputs: left.rows * right.rows,
    inputs,
    rank: b1 && !w1 ? b1.dims[0] : b2 && !w2 ? b2.dims[0] : undefined,
    fill(output, row) {
      const above = Math.floor(output / right.rows) * left.columns;
      const below = (output % right.rows) * right.columns;
      for (let i = 0; i < inputs; i++) {
        const factor = left.data[above + Math.floor(i / right.columns)];
        row[i] = factor * right.data[below + (i % right.columns)];
      }
    },
  };
}

/** Full fine-tuning's difference. */
function whole({ diff }: Factors): Delta | undefined {
  if (!diff) return undefined;
  const { data, rows, columns } = flat(diff);
  return {
    outputs: rows,
    inputs: columns,
    rank: undefined,
    fill: (output, row) => row.set(data.subarray(output * columns, (output + 1) * columns)),
  };
}

/** a b, [rows of a, columns of b], or with a convolution's core [a's rank, b's rank, kernel] between them: then a is [rank, outputs]. */
function factored(a: Tensor, b: Tensor, between?: Tensor): Delta | undefined {
  if (between) return core(between, flat(a), flat(b));
  const [left, right] = [flat(a), flat(b)];
  return left.columns === right.rows ? product(left, right, right.rows) : undefined;
}

function product(left: Matrix, right: Matrix, rank: number): Delta {
  return {
    outputs: left.rows,
    inputs: right.columns,
    rank,
    fill(output, row) {
      row.fill(0);
      for (let r = 0; r < rank; r++) {
        const one = left.data[output * rank + r];
        for (let i = 0; i < row.length; i++) row[i] += one * right.data[r * right.columns + i];
      }
    },
  };
}

/** Sum over r and s of a[r, output] core[r, s, place] b[s, input]. */
function core(between: Tensor, a: Matrix, b: Matrix): Delta | undefined {
  const [left, right] = between.dims;
  const places = kernelOf(between);
  if (a.rows !== left || b.rows !== right || b.places !== 1) return undefined;
  return {
    outputs: a.columns,
    inputs: b.columns * places,
    rank: right,
    fill(output, row) {
      row.fill(0);
      for (let s = 0; s < right; s++) {
        for (let place = 0; place < places; place++) {
          let factor = 0;
          for (let r = 0; r < left; r++) {
            factor += a.data[r * a.columns + output] * between.data[(r * right + s) * places + place];
          }
          for (let i = 0; i < b.columns; i++) row[i * places + place] += factor * b.data[s * b.columns + i];
        }
      }
    },
  };
}

function inFull(delta: Delta | undefined, places: number): Matrix | undefined {
  if (!delta) return undefined;
  const { outputs, inputs } = delta;
  const data = new Float64Array(outputs * inputs);
  for (let output = 0; output < outputs; output++)
    delta.fill(output, data.subarray(output * inputs, (output + 1) * inputs));
  return { data, rows: outputs, columns: inputs, places };
}

const kernelOf = (tensor: Tensor | undefined) => (tensor?.dims ?? []).slice(2).reduce((all, size) => all * size, 1);

function flat(tensor: Tensor): Matrix {
  const [rows] = tensor.dims;
  return { data: tensor.data, rows, columns: tensor.data.length / rows, places: kernelOf(tensor) };
}

function transposed(tensor: Tensor): Matrix {
  const { data, rows, columns } = flat(tensor);
  const turned = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) turned[column * rows + row] = data[row * columns + column];
  }
  return { data: turned, rows: columns, columns: rows, places: 1 };
}
