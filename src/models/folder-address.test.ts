import { describe, expect, it } from "vitest";
import { addressEntry, readFolderAddress } from "./folder-address";

const page = "https://pictures.example/darkroom/";

describe("a model's folder on the page's own host", () => {
  it.each([
    ["models/mine", `${page}models/mine/`],
    [" models/mine/ ", `${page}models/mine/`],
    ["/shared/sd%201.5/model_index.json", "https://pictures.example/shared/sd%201.5/"],
    ["https://pictures.example/other//", "https://pictures.example/other/"],
  ])("%s", (typed, url) => {
    expect(readFolderAddress(typed, page)).toBe(url);
  });

  it.each(["", "  ", "https://"])("%j is no address", (typed) => {
    expect(() => readFolderAddress(typed, page)).toThrow(/no address.*models\/mine/);
  });

  it("another host is refused, with the remedy", () => {
    expect(() => readFolderAddress("https://example.org/model/", page)).toThrow(
      /own host, pictures\.example, only.*open it from the disk/,
    );
  });

  it("has the folder's name", () => {
    const url = "https://pictures.example/shared/sd%201.5/";
    const id = "sd 1.5 (address)";
    expect(addressEntry(url)).toEqual({ id, title: id, source: { id, url } });
  });
});
