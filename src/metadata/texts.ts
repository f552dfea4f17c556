/** The texts of one file, by keyword. */
import type { FileText } from "./formats/file-text";
import { jsonOf } from "./formats/python-json";
import { isObject, type Json } from "./found";

export interface Texts {
  /** undefined where there is none */
  of(keyword: string): string | undefined;
  /** undefined where there is none, or it is not a JSON object */
  jsonOf(keyword: string): Json | undefined;
}

/** The first of each keyword counts. */
export function textsOf(list: readonly FileText[]): Texts {
  const of = (keyword: string) => list.find((one) => one.keyword === keyword)?.text;
  return {
    of,
    jsonOf(keyword) {
      const json = jsonOf(of(keyword));
      return isObject(json) ? json : undefined;
    },
  };
}
