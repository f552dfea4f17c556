import { combine, mapRows } from "../tensor/arithmetic.ts";
import { deviations } from "../tensor/statistics.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Classifier-free guidance (Ho and Salimans 2022): `u + scale * (c - u)`, on whatever the network predicts. */
export function guide(unconditional: Tensor, conditional: Tensor, scale: number): Tensor {
  return combine([1 - scale, unconditional], [scale, conditional]);
}

/**
 * Brings the standard deviation of a guided prediction back towards the conditional one's (Lin et al. 2023,
 * section 3.4), per picture of the batch. `rescale` 0 changes nothing, 1 goes all the way.
 */
export function rescaleGuided(guided: Tensor, conditional: Tensor, rescale: number): Tensor {
  const own = deviations(guided);
  const factors = deviations(conditional).map((deviation, row) => rescale * (deviation / own[row]) + 1 - rescale);
  return mapRows(guided, (value, row) => value * factors[row]);
}
