/** JSON as Python writes it, checked against a schema before anything is read from it. */
import * as v from "valibot";
import { EngineError } from "../../errors.ts";

/** A field that may be absent, or null as Python writes None. */
export const optional = <S extends v.GenericSchema>(schema: S) => v.exactOptional(v.nullable(schema));

/** An object whose nulls are taken for absent fields. */
export type WithoutNulls<T> = { readonly [K in keyof T]: Exclude<T[K], null> };

export function withoutNulls<T extends object>(object: T): WithoutNulls<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null)) as WithoutNulls<T>;
}

/**
 * @param path of the file, for messages
 * @throws EngineError ModelFileCorrupt when the file is not JSON, or says something else than the schema expects
 */
export function readJson<S extends v.GenericSchema>(path: string, bytes: Uint8Array, schema: S): v.InferOutput<S> {
  const value = parseJson(path, bytes);
  if (Array.isArray(value) && schema.type !== "array") throw corrupt(path, "is a list, where an object is expected");
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const field = v.getDotPath(issue);
  if (issue.received === "undefined") throw corrupt(path, `says nothing of "${field}"`);
  const where = field ? ` for "${field}"` : "";
  throw corrupt(path, `says ${issue.received}${where}, where ${issue.expected ?? "another value"} is expected`);
}

/** JSON with Python's NaN, Infinity and -Infinity. @throws EngineError ModelFileCorrupt when the bytes are not that */
export function parseJson(path: string, bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes);
  try {
    return JSON.parse(text);
  } catch {
    try {
      return parsePython(text);
    } catch {
      throw corrupt(path, "is not valid JSON");
    }
  }
}

/** A string, which is left as it is, or one of Python's constants. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?Infinity\b|\bNaN\b/g;
/** Beyond the range of a double, which makes it infinite. */
const HUGE = "1e999";

function parsePython(text: string): unknown {
  let nan = "NaN";
  while (text.includes(`"${nan}"`)) nan += "N"; // no string of the file's own
  const json = text.replace(TOKEN, (token) => {
    if (token.startsWith('"')) return token;
    return token === "NaN" ? `"${nan}"` : token.replace("Infinity", HUGE);
  });
  return JSON.parse(json, (_, value) => (value === nan ? Number.NaN : value));
}

function corrupt(path: string, problem: string): EngineError {
  return new EngineError(
    "ModelFileCorrupt",
    `The model file ${path} ${problem}; put the right file there and load again.`,
  );
}
