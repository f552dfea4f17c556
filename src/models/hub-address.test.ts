import { describe, expect, it } from "vitest";
import { readAddress, USUAL_HUB } from "./hub-address";

describe("what names a repository", () => {
  it.each([
    ["someone/model", "someone/model", "main"],
    [" someone/model@v1.0 ", "someone/model", "v1.0"],
    ["https://huggingface.co/someone/model", "someone/model", "main"],
    ["https://huggingface.co/someone/model/tree/onnx", "someone/model", "onnx"],
  ])("%s", (typed, repository, revision) => {
    expect(readAddress(typed, USUAL_HUB)).toEqual({ hub: USUAL_HUB, repository, revision });
  });

  it("another host is refused, with the remedy", () => {
    expect(() => readAddress("https://example.org/a/b", USUAL_HUB)).toThrow(
      /huggingface\.co only.*open it from the disk/,
    );
  });

  it("a mirror ends in one slash", () => {
    expect(readAddress("a/b", "http://localhost:8080").hub).toBe("http://localhost:8080/");
  });
});
