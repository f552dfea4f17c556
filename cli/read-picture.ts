import { readFile } from "node:fs/promises";
import { decode } from "fast-png";
import { EngineError } from "../workers/errors.ts";
import type { Picture } from "../workers/protocol.ts";

/** A PNG file in 8 bits a channel; alpha is left out. @throws EngineError InvalidSetting, in one sentence */
export async function readPicture(path: string): Promise<Picture> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch {
    throw new EngineError("InvalidSetting", `The picture ${path} cannot be read; give the path of a PNG file.`);
  }
  try {
    return toPicture(decode(bytes));
  } catch (error) {
    const { message } = error as Error;
    throw new EngineError(
      "InvalidSetting",
      `The picture ${path} is no PNG that can be read (${message}); save it as PNG.`,
    );
  }
}

function toPicture({ width, height, data, channels, depth, palette }: ReturnType<typeof decode>): Picture {
  const shift = depth === 16 ? 8 : 0;
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) {
    const colour = palette?.[sample(data, i, width, depth)];
    for (let c = 0; c < 3; c++) {
      if (colour) rgba[i * 4 + c] = colour[c];
      else if (depth < 8) rgba[i * 4 + c] = (sample(data, i, width, depth) * 255) / (2 ** depth - 1);
      else rgba[i * 4 + c] = data[i * channels + (channels < 3 ? 0 : c)] >> shift;
    }
  }
  return { width, height, rgba };
}

/** The i-th pixel of one channel; below 8 bits several lie in a byte, each row beginning with a new one. */
function sample(data: ReturnType<typeof decode>["data"], i: number, width: number, depth: number): number {
  if (depth >= 8) return data[i];
  const bit = (i % width) * depth;
  const row = Math.floor(i / width) * Math.ceil((width * depth) / 8);
  return (data[row + (bit >> 3)] >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
}
