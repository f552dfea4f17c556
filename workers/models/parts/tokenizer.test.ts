import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { clipTokenizerJson, createTokenizer } from "./tokenizer.ts";

const shared = new URL("../../../../shared/clip/", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, shared), "utf8");

// A skipped describe still runs its body, which reads the files.
if (!existsSync(shared)) test.skip("CLIP's vocabulary (skipped: ../shared/clip is absent)");
else
  describe("CLIP's vocabulary", () => {
    const config = JSON.parse(read("tokenizer_config.json"));
    const vocabulary = JSON.parse(read("vocab.json"));
    const merges = read("merges.txt");
    const pairs = merges.split("\n").filter((line) => line !== "" && !line.startsWith("#version"));
    const tokenizer = createTokenizer({ tokenizer: clipTokenizerJson(vocabulary, merges), config });

    // A tokenizer.json of transformers 5.23's CLIPTokenizer.save_pretrained, into which the vocabulary is put again; older versions wrote
    // a merge as one string.
    const saved = JSON.parse(readFileSync(new URL("../../testing/clip-tokenizer.json", import.meta.url), "utf8"));
    const withVocabulary = (written: unknown) =>
      createTokenizer({
        tokenizer: { ...saved, model: { ...saved.model, vocab: vocabulary, merges: written } },
        config,
      });

    describe.each([
      ["vocab.json and merges.txt", tokenizer],
      ["tokenizer.json", withVocabulary(pairs.map((line) => line.split(" ")))],
      ["tokenizer.json with merges in one string", withVocabulary(pairs)],
    ])("%s", (_, one) => {
      test.each(JSON.parse(read("encodings.json")) as { prompt: string; ids: number[] }[])(
        "$prompt",
        ({ prompt, ids }) => {
          const found = one.ids(prompt);
          expect(found.slice(0, ids.length)).toEqual(ids);
          expect(found).toHaveLength(one.window);
          // padded with the pad token, which CLIP's config names
          expect(new Set(found.slice(ids.length)).size).toBeLessThanOrEqual(1);
        },
      );
    });

    test("a prompt beyond the window: cut with the end token kept, the unread words named", () => {
      const prompt = Array.from({ length: 100 }, (_, i) => (i === 80 ? "zebra" : "cat")).join(" ");
      const ids = tokenizer.ids(prompt);
      expect(ids).toHaveLength(tokenizer.window);
      expect(ids.at(-1)).toBe(49407);
      const { tokens, limit, unread } = tokenizer.reading(prompt);
      expect(tokens).toBe(limit);
      expect(unread.split(" ")).toHaveLength(100 - (tokenizer.window - 2));
      expect(unread).toContain("zebra");
    });

    test("a prompt within the window is read to its end", () => {
      expect(tokenizer.reading("a photo of a cat")).toEqual({
        tokens: 7,
        limit: tokenizer.window,
        chunks: 1,
        unread: "",
      });
    });
  });
