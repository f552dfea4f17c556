import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readPicture } from "./read-picture.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "darkroom-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(image: Parameters<typeof encode>[0]) {
  const path = join(folder, "picture.png");
  await writeFile(path, encode(image));
  const { width, height, rgba } = await readPicture(path);
  return { width, height, rgba: [...rgba] };
}

const two = { width: 2, height: 1 };

test("RGB, grey, 16 bits, and alpha left out", async () => {
  const expected = { ...two, rgba: [1, 2, 3, 255, 4, 5, 6, 255] };
  expect(await read({ ...two, channels: 3, data: Uint8Array.of(1, 2, 3, 4, 5, 6) })).toEqual(expected);
  expect(await read({ ...two, channels: 4, data: Uint8Array.of(1, 2, 3, 0, 4, 5, 6, 128) })).toEqual(expected);
  expect(await read({ ...two, channels: 1, data: Uint8Array.of(9, 200) })).toEqual({
    ...two,
    rgba: [9, 9, 9, 255, 200, 200, 200, 255],
  });
  const wide = Uint16Array.of(0x01ff, 0x0200, 0x0300, 0x0400, 0x0500, 0x0600);
  expect(await read({ ...two, channels: 3, depth: 16, data: wide })).toEqual(expected);
});

test.each([
  ["nowhere.png", /nowhere\.png cannot be read; give the path of a PNG file/],
  ["text.png", /text\.png is no PNG that can be read/],
])("%s is refused in one line", async (name, message) => {
  await writeFile(join(folder, "text.png"), "no picture");
  const reading = readPicture(join(folder, name));
  await expect(reading).rejects.toMatchObject({ name: "InvalidSetting", message: expect.stringMatching(message) });
});
