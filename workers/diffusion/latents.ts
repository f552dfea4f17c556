import type { Latents } from "./types.ts";

/**
 * The linear combination `sum_i c_i * x_i`, added up in double precision and rounded once.
 * A term whose coefficient is 0 is left out, so that it cannot bring in a NaN.
 */
export function combine(...terms: readonly (readonly [coefficient: number, latents: Latents])[]): Latents {
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
