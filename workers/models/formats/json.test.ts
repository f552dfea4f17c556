import * as v from "valibot";
import { expect, test } from "vitest";
import { optional, parseJson, readJson } from "./json.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const parse = (text: string) => parseJson("x.json", bytesOf(text));

test("Python's constants are numbers, wherever they stand, and text in strings", () => {
  const text = '{"a": -Infinity, "b": [Infinity, NaN, 1], "NaN": "-Infinity, \\"NaN", "c": {"d": NaN}}';
  expect(parse(text)).toEqual({
    a: Number.NEGATIVE_INFINITY,
    b: [Number.POSITIVE_INFINITY, Number.NaN, 1],
    NaN: '-Infinity, "NaN',
    c: { d: Number.NaN },
  });
  expect(parse('["NaN", NaN, "NaNN"]')).toEqual(["NaN", Number.NaN, "NaNN"]);
});

test("a byte order mark and Windows' line endings", () => {
  expect(parse('\uFEFF{\r\n"a": Infinity\r\n}\r\n')).toEqual({ a: Number.POSITIVE_INFINITY });
});

test.each(["", "{", "{'a': 1}", "nan", "[-NaN]", "[InfinityX]", "[1,]", "None"])("%j is not JSON", (text) => {
  expect(() => parse(text)).toThrow("The model file x.json is not valid JSON; put the right file there");
});

const schema = v.looseObject({ channels: optional(v.number()), levels: v.array(v.number()) });
const read = (text: string) => readJson("unet/config.json", bytesOf(text), schema);

test("what a schema expects, and more", () => {
  expect(read('{"levels": [1, 2], "channels": null, "other": {}}')).toEqual({
    levels: [1, 2],
    channels: null,
    other: {},
  });
});

test.each([
  ["[]", /unet\/config\.json is a list, where an object is expected/],
  ["3", /unet\/config\.json says 3, where Object is expected/],
  ["{}", /unet\/config\.json says nothing of "levels"/],
  ['{"levels": [1, "two"]}', /unet\/config\.json says "two" for "levels\.1", where number is expected/],
  ['{"levels": [], "channels": "4"}', /says "4" for "channels", where/],
])("%s is told apart", (text, message) => {
  expect(() => read(text)).toThrow(message);
});
