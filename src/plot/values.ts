/** Lists of values as AUTOMATIC1111's X/Y/Z plot takes them: commas, quotes, and for numbers ranges. */

/** Splits at commas and line breaks; a value in double quotes keeps its commas, and "" in it is one quote. Empty ones fall away. */
export function splitValues(text: string): string[] {
  return splitAll(text).filter((value) => value !== "");
}

/** The same with the empty ones: nothing between two commas, behind the last one, or in quotes. */
export function splitAll(text: string): string[] {
  if (text.trim() === "") return [];
  const values: string[] = [];
  const pattern = /\s*(?:"((?:[^"]|"")*)"|([^\s,"][^,\n]*)?)\s*(?:[,\n]|$)/gy;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (!match) throw new Error("A quote is not closed; end the value with a double quote.");
    const value = match[1] === undefined ? (match[2] ?? "").trim() : match[1].replaceAll('""', '"');
    values.push(value);
    if (match[0].endsWith(",") && pattern.lastIndex === text.length) values.push("");
  }
  return values;
}

/** The most values that one list may have. */
const MOST = 1000;
const NUMBER = String.raw`[+-]?(?:\d+(?:\.\d*)?|\.\d+)`;
const RANGE = new RegExp(String.raw`^(${NUMBER})\s*-\s*(${NUMBER})(?:\s*\(\s*(${NUMBER})\s*\)|\s*\[\s*(\d+)\s*\])?$`);

/**
 * Numbers and ranges: `1-5` counts by one, `1-9 (+2)` by two (`9-1 (-2)` down), `0-1 [5]` is five numbers evenly spaced from 0 to 1.
 * Both ends belong to a range where its step meets them.
 *
 * @param whole whether the numbers are whole: the evenly spaced ones are then cut to whole ones
 * @throws Error on a value that is none of these, in one sentence
 */
export function readNumbers(text: string, whole: boolean): number[] {
  const numbers = splitValues(text).flatMap((value) => {
    const range = RANGE.exec(value);
    if (range) return rangeOf(range, value, whole);
    if (new RegExp(`^${NUMBER}$`).test(value)) return [Number(value)];
    throw new Error(`"${value}" is not a number or a range like 1-5, 1-9 (+2) or 0-1 [5].`);
  });
  if (numbers.length > MOST) throw new Error(`These are ${numbers.length} values; ${MOST} is the most.`);
  return numbers;
}

function rangeOf([, first, last, stepText, countText]: RegExpExecArray, value: string, whole: boolean): number[] {
  const [start, end] = [Number(first), Number(last)];
  if (countText !== undefined) {
    const count = Number(countText);
    if (count < 1 || count > MOST) throw new Error(`"${value}" asks for ${count} values; choose 1 to ${MOST}.`);
    const spread = Array.from({ length: count }, (_, i) =>
      count === 1 ? start : start + ((end - start) * i) / (count - 1),
    );
    return spread.map((one) => (whole ? Math.trunc(exact(one)) : exact(one)));
  }
  const step = stepText === undefined ? Math.sign(end - start) || 1 : Number(stepText);
  if (step === 0) throw new Error(`"${value}" has a step of 0; choose another step.`);
  if ((end - start) * step < 0) throw new Error(`"${value}" goes the other way; give its step the other sign.`);
  const count = Math.floor((end - start) / step + 1e-9) + 1;
  if (count > MOST) throw new Error(`"${value}" is ${count} values; ${MOST} is the most.`);
  return Array.from({ length: count }, (_, i) => exact(start + i * step));
}

/** Without the last digits that binary fractions add: 0.1 + 0.2 is 0.3. */
function exact(value: number): number {
  return Number(value.toPrecision(12));
}
