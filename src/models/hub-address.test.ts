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

  it.each([
    ["someone/model/onnx", "main", "onnx"],
    ["someone/model/web/half@v1.0", "v1.0", "web/half"],
    ["https://huggingface.co/someone/model/tree/main/onnx", "main", "onnx"],
    ["https://huggingface.co/someone/model/tree/refs%2Fpr%2F3/web/half/", "refs/pr/3", "web/half"],
    ["https://huggingface.co/someone/model/blob/main/onnx/model_index.json", "main", "onnx"],
    [
      "https://huggingface.co/someone/model/resolve/v1.0/web%20files/unet/model.onnx?download=true",
      "v1.0",
      "web files/unet",
    ],
  ])("%s, a folder of it", (typed, revision, folder) => {
    expect(readAddress(typed, USUAL_HUB)).toEqual({ hub: USUAL_HUB, repository: "someone/model", revision, folder });
  });

  it.each([
    "https://huggingface.co/someone/model/blob/main/model_index.json",
    "https://huggingface.co/someone/model/tree/main/",
    "someone/model/",
  ])("%s, its root", (typed) => {
    expect(readAddress(typed, USUAL_HUB)).toEqual({ hub: USUAL_HUB, repository: "someone/model", revision: "main" });
  });

  it.each(["https://huggingface.co/datasets/someone/pictures", "https://huggingface.co/someone"])(
    "%s is not a model's",
    (typed) => {
      expect(() => readAddress(typed, USUAL_HUB)).toThrow(/does not name a model's repository/);
    },
  );

  it("another host is refused, with the remedy", () => {
    expect(() => readAddress("https://example.org/a/b", USUAL_HUB)).toThrow(
      /huggingface\.co only.*open it from the disk/,
    );
  });

  it("a mirror ends in one slash", () => {
    expect(readAddress("a/b", "http://localhost:8080").hub).toBe("http://localhost:8080/");
  });
});
