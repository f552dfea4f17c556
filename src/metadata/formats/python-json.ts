/** JSON as Python's programs write it: with NaN and Infinity, and with whole numbers that a double cannot hold. */

/** From so many digits on a whole number may be more than 2^53. */
const LONG_NUMBER = /^-?\d{16,}(?![\d.eE])/;
const WORDS = /^(?:NaN|-?Infinity)/;

/**
 * NaN and Infinity are read as null, whole numbers beyond 2^53 as text with all their digits.
 * @throws SyntaxError
 */
export function parsePythonJson(text: string): unknown {
  return JSON.parse(/NaN|Infinity|\d{16}/.test(text) ? asJson(text) : text);
}

/** Undefined where the text is not JSON. */
export function jsonOf(text: string | undefined): unknown {
  if (text === undefined || !/^\s*[[{]/.test(text)) return undefined;
  try {
    return parsePythonJson(text.replaceAll("\0", ""));
  } catch {
    return undefined;
  }
}

function asJson(text: string): string {
  let result = "";
  let from = 0;
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (isQuoted && character === "\\") i++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && /[-\dNI]/.test(character)) {
      const rest = text.slice(i, i + 400);
      const word = WORDS.exec(rest)?.[0];
      const digits = LONG_NUMBER.exec(rest)?.[0];
      const isSafe = digits === undefined || Number.isSafeInteger(Number(digits));
      if (word || !isSafe) {
        result += text.slice(from, i) + (word ? "null" : `"${digits}"`);
        from = i + (word ?? (digits as string)).length;
        i = from - 1;
      } else i += (/^[-+\d.eE]+/.exec(rest)?.[0].length ?? 1) - 1;
    }
  }
  return result + text.slice(from);
}
