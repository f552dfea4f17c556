/**
 * Logarithm, sine and cosine in float32 as torch's vectorised normal transform computes them: Cephes' single-precision
 * approximations (S. L. Moshier, logf.c and sinf.c) with fused multiply-adds, so that every bit is the same.
 */

const { fround, floor } = Math;

/** a * b + c, rounded to float32 once (but for the one case in about 2^29 that double precision rounds twice). */
const fma = (a: number, b: number, c: number): number => fround(a * b + c);

const float32 = (...values: number[]): readonly number[] => values.map(fround);

const LOG = float32(
  7.0376836292e-2,
  -1.151461031e-1,
  1.167699874e-1,
  -1.2420140846e-1,
  1.4249322787e-1,
  -1.6668057665e-1,
  2.0000714765e-1,
  -2.4999993993e-1,
  3.3333331174e-1,
);
/** ln 2 = LN2_HIGH + LN2_LOW, the first with few enough bits that its multiples are exact */
const LN2_HIGH = 0.693359375;
const LN2_LOW = fround(-2.1219444e-4);
const SQRT_HALF = fround(Math.SQRT1_2);

/** Natural logarithm of a normal float32 above 0. */
export function logFloat32(value: number): number {
  let exponent = floor(Math.log2(value)) + 1;
  let mantissa = value * 2 ** -exponent;
  // Math.log2 may round up to a whole number.
  if (mantissa < 0.5) {
    mantissa *= 2;
    exponent -= 1;
  } else if (mantissa >= 1) {
    mantissa /= 2;
    exponent += 1;
  }
  let x = fround(mantissa - 1);
  if (mantissa < SQRT_HALF) {
    exponent -= 1;
    x = fround(x + mantissa);
  }
  const square = fround(x * x);
  let y = LOG[0];
  for (let i = 1; i < LOG.length; i++) y = fma(y, x, LOG[i]);
  y = fround(y * x);
  y = fma(y, square, fround(exponent * LN2_LOW));
  y = fma(-0.5, square, y);
  return fma(exponent, LN2_HIGH, fround(x + y));
}

const SIN = float32(-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1);
const COS = float32(2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2);
/** pi / 4 in three parts */
const QUARTER_PI = float32(0.78515625, 2.4187564849853516e-4, 3.774894977445941e-8);
const FOUR_OVER_PI = fround(4 / Math.PI);

/** Sine and cosine of a float32 from 0 to a few turns. */
export function sinCosFloat32(angle: number): [sin: number, cos: number] {
  const octant = floor(fround(angle * FOUR_OVER_PI));
  const quarters = octant + (octant % 2);
  let x = angle;
  for (const part of QUARTER_PI) x = fma(quarters, -part, x);
  const square = fround(x * x);

  let cos = fma(fma(COS[0], square, COS[1]), square, COS[2]);
  cos = fma(fround(cos * square), square, -square / 2);
  cos = fround(cos + 1);

  let sin = fma(fma(SIN[0], square, SIN[1]), square, SIN[2]);
  sin = fma(fround(sin * square), x, x);

  switch ((quarters / 2) % 4) {
    case 0:
      return [sin, cos];
    case 1:
      return [cos, -sin];
    case 2:
      return [-sin, -cos];
    default:
      return [-cos, sin];
  }
}
