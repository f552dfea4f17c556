/** What the name of a graph says of its numbers, where a folder holds the same part in several precisions. */
export type Variant = "plain" | "float16" | "quantized";

const HALF = /[._-](fp16|float16|half|f16)(?=[._-]|$)/i;
const QUANTIZED = /[._-](q\d\w*|u?int[48]|bnb4|nf4|fp4|fp8|quant(ized)?)(?=[._-]|$)/i;

export function variantOf(path: string): Variant {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (QUANTIZED.test(name)) return "quantized";
  return HALF.test(name) ? "float16" : "plain";
}

/**
 * The graph to take of a part's: of the best precision, quantized ones last, and among equals `model.onnx`, then the shortest name.
 * @param halfFirst whether half precision comes before what bears no mark
 */
export function preferredGraph(graphs: readonly string[], halfFirst = false): string | undefined {
  const order: readonly Variant[] = halfFirst ? ["float16", "plain", "quantized"] : ["plain", "float16", "quantized"];
  const rank = (path: string) => order.indexOf(variantOf(path));
  const isUsual = (path: string) => Number(!/(^|\/)model\.onnx$/.test(path));
  return [...graphs].sort(
    (a, b) => rank(a) - rank(b) || isUsual(a) - isUsual(b) || a.length - b.length || (a < b ? -1 : 1),
  )[0];
}
