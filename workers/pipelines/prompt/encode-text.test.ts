import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { TextEncoder } from "../../models/parts/text-encoder.ts";
import { createTokenizer } from "../../models/parts/tokenizer.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { countTokens, toChunks } from "./chunks.ts";
import { parseEmphasis } from "./emphasis.ts";
import { encodeInOneChunk, encodeText, weigh } from "./encode-text.ts";

const folder = new URL("../../testing/tiny/tokenizer/", import.meta.url);
const json = (name: string) => JSON.parse(readFileSync(new URL(name, folder), "utf8"));
const tokenizer = createTokenizer({
  tokenizer: json("tokenizer.json"),
  config: json("tokenizer_config.json"),
  special: json("special_tokens_map.json"),
});
const { window, begin, end, pad, comma } = tokenizer;
const room = window - 2;

const WIDTH = 3;
/** A closed form that sees the whole row, as a real encoder does: two numbers of the id, and one of all ids. */
const stateOf = (ids: readonly number[]): number[] => {
  const all = ids.reduce((sum, id, i) => sum + id * (i + 1), 0);
  return ids.flatMap((id, i) => [1 + id / 100, 0.5 + i / 10, 1 + (all % 97) / 97]);
};
const encoder: TextEncoder = {
  tokenizer,
  async encode(ids, outputs) {
    const states: Tensor = { data: Float32Array.from(stateOf(ids)), dims: [1, ids.length, WIDTH] };
    const pooled: Tensor = { data: Float32Array.from([ids[1] ?? 0]), dims: [1, 1] };
    return Object.fromEntries(outputs.map((name) => [name, name === "pooled" ? pooled : states])) as never;
  },
};
const text = (prompt: string, chunks = 1) => ({ text: prompt, literal: false, chunks });
const last = async (prompt: string, chunks = 1) => (await encodeText(encoder, text(prompt, chunks), ["last"])).last;
const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
const words = (count: number) => Array.from({ length: count }, (_, i) => (i % 2 ? "red" : "cat")).join(" ");
const chunksOf = (prompt: string) => toChunks(parseEmphasis(prompt), tokenizer);

describe("a plain prompt within the window", () => {
  test.each(["", "a red cat", "two cats, naïve!", "  a  cat ", "a: b | c {d}", words(room)])(
    "%j is read as ever",
    async (prompt) => {
      const [chunk, ...more] = chunksOf(prompt);
      expect(more).toEqual([]);
      expect(chunk.ids).toEqual(tokenizer.ids(prompt));
      expect((await last(prompt)).data).toEqual(Float32Array.from(stateOf(tokenizer.ids(prompt))));
    },
  );
});

describe("weights", () => {
  test("each token's state times its weight, then the mean of before: closed form", () => {
    const states = { data: Float32Array.of(1, 2, 3, 4, 5, 6), dims: [1, 3, 2] };
    const { data, dims } = weigh(states, [1, 2, 0.5]);
    // 1 2 6 8 2.5 3 has the mean 22.5 / 6, and before it was 21 / 6
    const factor = 21 / 22.5;
    expect([...data]).toEqual([1, 2, 6, 8, 2.5, 3].map((value) => expect.closeTo(value * factor, 6)));
    expect(dims).toEqual([1, 3, 2]);
  });

  test("the mean is restored, the emphasised tokens have grown by the weight against the others, the padding too is scaled", async () => {
    const plain = await last("a red cat");
    const weighted = await last("a (red:1.5) cat");
    expect(mean(weighted.data)).toBeCloseTo(mean(plain.data), 6);
    const ids = tokenizer.ids("a red cat");
    const red = ids.indexOf(tokenizer.content("red")[0]);
    const ratio = (token: number) => weighted.data[token * WIDTH] / plain.data[token * WIDTH];
    for (let token = 0; token < window; token++) {
      expect(ratio(token) / ratio(0)).toBeCloseTo(token === red ? 1.5 : 1, 5);
    }
  });

  test("a weight of 1 changes nothing, to the bit", async () => {
    expect((await last("a (red:1) cat")).data).toEqual((await last("a red cat")).data);
    expect((await last("a ([red]:1.1) cat")).dims).toEqual([1, window, WIDTH]);
  });

  test("weights beyond numbers, and ones that leave nothing, are refused", () => {
    const states = { data: Float32Array.of(1, -1), dims: [1, 2, 1] };
    expect(() => weigh(states, [2, 2])).toThrow(/weights in the prompt/);
    expect(() => weigh(states, [Number.POSITIVE_INFINITY, 1])).toThrow(/weights in the prompt/);
  });

  test("the pooled embedding is the first chunk's, unweighted", async () => {
    const { pooled } = await encodeText(encoder, text(`(red:1.5) ${words(2 * room)}`), ["last", "pooled"]);
    expect([...pooled.data]).toEqual([tokenizer.content("red")[0]]);
  });
});

describe("chunks", () => {
  test("as many as the tokens fill; each is framed, and together they hold every token in order", () => {
    for (const count of [room, room + 1, 2 * room, 2 * room + 1, 5 * room]) {
      const chunks = chunksOf(words(count));
      expect(chunks).toHaveLength(Math.ceil(count / room));
      for (const { ids, weights } of chunks) {
        expect(ids).toHaveLength(window);
        expect(weights).toEqual(new Array(window).fill(1));
        expect(ids.slice(0, begin.length)).toEqual(begin);
        expect(ids.slice(ids.indexOf(end) + 1).every((id) => id === pad)).toBe(true);
      }
      const held = chunks.flatMap(({ ids }) => ids.slice(begin.length, ids.indexOf(end)));
      expect(held).toEqual(tokenizer.content(words(count)));
    }
  });

  test("their states are those of the parts encoded one by one", async () => {
    const first = words(room);
    const second = "a red cat";
    const both = await last(`${first} ${second}`);
    expect(both.dims).toEqual([1, 2 * window, WIDTH]);
    const parts = [...(await last(first)).data, ...(await last(second)).data];
    expect([...both.data]).toEqual(parts);
    const broken = await last("a cat BREAK red");
    expect([...broken.data]).toEqual([...(await last("a cat")).data, ...(await last("red")).data]);
  });

  test("BREAK at the beginning leaves an empty chunk, at the end none", () => {
    expect(chunksOf("BREAK a")).toHaveLength(2);
    expect(chunksOf("a BREAK")).toHaveLength(1);
    expect(chunksOf("BREAK")).toHaveLength(1);
  });

  test("a phrase behind a comma goes to the next chunk rather than be parted", () => {
    expect(comma).toBeDefined();
    const chunks = chunksOf(`${words(room - 3)}, red cat red`);
    const held = chunks.map(({ ids }) => ids.slice(1, ids.indexOf(end)));
    expect(held).toEqual([tokenizer.content(`${words(room - 3)},`), tokenizer.content("red cat red")]);
    // the comma itself still fits
    expect(chunksOf(`${words(room - 1)}, red`).map(({ ids }) => ids.indexOf(end) - 1)).toEqual([room, 1]);
  });

  test("weights go with their tokens across the border, and each chunk restores its own mean", async () => {
    const prompt = `${words(room)} (red:2) cat`;
    const [first, second] = chunksOf(prompt);
    expect(first.weights).toEqual(new Array(window).fill(1));
    expect(second.weights.slice(0, 4)).toEqual([1, 2, 1, 1]);
    const { data } = await last(prompt);
    const alone = await last("(red:2) cat");
    expect(data.slice(window * WIDTH)).toEqual(alone.data);
  });

  test("the other branch is filled up with empty chunks", async () => {
    const { data, dims } = await last("a cat", 3);
    expect(dims).toEqual([1, 3 * window, WIDTH]);
    const empty = [...(await last("")).data];
    expect([...data]).toEqual([...(await last("a cat")).data, ...empty, ...empty]);
  });

  test("the count says what is used, and full chunks count as full", () => {
    const count = (prompt: string) => countTokens(parseEmphasis(prompt), tokenizer);
    expect(count("")).toEqual({ tokens: 2, chunks: 1 });
    expect(count("(a [red] cat:1.3)")).toEqual({ tokens: 5, chunks: 1 });
    expect(count(words(room + 1))).toEqual({ tokens: window + 3, chunks: 2 });
  });
});

test("an encoder without chunks reads one row, weighted, and is cut where it is full", async () => {
  const long = `(red:1.5) ${words(3 * room)}`;
  const { last: states } = await encodeInOneChunk(encoder, text(long), ["last"], window);
  const ids = tokenizer.ids(`red ${words(3 * room)}`);
  const weights = ids.map((_, i) => (i === 1 ? 1.5 : 1));
  const plain = { data: Float32Array.from(stateOf(ids)), dims: [1, window, WIDTH] };
  expect(states).toEqual(weigh(plain, weights));
});
