import type { Tensor } from "./tensor.ts";

/**
 * The linear combination `sum_i c_i * x_i`, added up in double precision and rounded once.
 * A term whose coefficient is 0 is left out, so that it cannot bring in a NaN.
 */
export function combine(...terms: readonly (readonly [coefficient: number, tensor: Tensor])[]): Tensor {
  const { dims, data } = terms[0][1];
  const live = terms.filter(([coefficient]) => coefficient !== 0);
  const out = new Float32Array(data.length);
  if (live.length === 1) {
    const [a, { data: x }] = live[0];
    for (let i = 0; i < out.length; i++) out[i] = a * x[i];
  } else if (live.length === 2) {
    const [[a, { data: x }], [b, { data: y }]] = live;
    for (let i = 0; i < out.length; i++) out[i] = a * x[i] + b * y[i];
  } else {
    for (let i = 0; i < out.length; i++) {
      let sum = 0;
      for (const [coefficient, term] of live) sum += coefficient * term.data[i];
      out[i] = sum;
    }
  }
  return { data: out, dims };
}

/** Every number brought into `-limit..limit`. */
export function clamp({ data, dims }: Tensor, limit: number): Tensor {
  return { data: data.map((value) => Math.min(Math.max(value, -limit), limit)), dims };
}

/** `map` on every number, told its row: the index along the first axis. */
export function mapRows({ data, dims }: Tensor, map: (value: number, row: number) => number): Tensor {
  const size = data.length / dims[0];
  return { data: data.map((value, i) => map(value, Math.floor(i / size))), dims };
}

/** `map` on every number, told its channel: the index along the second axis. */
export function mapChannels({ data, dims }: Tensor, map: (value: number, channel: number) => number): Tensor {
  const channels = dims[1];
  const plane = data.length / (dims[0] * channels);
  return { data: data.map((value, i) => map(value, Math.floor(i / plane) % channels)), dims };
}

/** Where the mask is 1 the first tensor's number, where it is 0 the second's; the mask repeats along the leading axes. */
export function select(mask: Uint8Array, one: Tensor, zero: Tensor): Tensor {
  return { data: one.data.map((value, i) => (mask[i % mask.length] ? value : zero.data[i])), dims: one.dims };
}
