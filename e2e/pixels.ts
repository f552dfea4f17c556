/** Mean absolute difference of two pictures' bytes, in 1/255; alpha is equal everywhere and left out. */
export function meanDifference(a: Buffer, b: Buffer): number {
  if (a.length !== b.length) throw new Error(`Pictures of ${a.length} and ${b.length} bytes cannot be compared.`);
  let sum = 0;
  for (let i = 0; i < a.length; i++) if (i % 4 !== 3) sum += Math.abs(a[i] - b[i]);
  return sum / ((a.length / 4) * 3);
}

/** Standard deviation of a picture's colour bytes: near zero for a blank one. */
export function contrast(pixels: Buffer): number {
  const colours = pixels.filter((_, i) => i % 4 !== 3);
  const mean = colours.reduce((sum, value) => sum + value, 0) / colours.length;
  return Math.sqrt(colours.reduce((sum, value) => sum + (value - mean) ** 2, 0) / colours.length);
}
