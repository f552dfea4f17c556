import type { Picture } from "../../../workers/protocol";

/** Encodes a picture as PNG; alpha is 255 everywhere, so the pixels are kept exactly. */
export async function toPng({ width, height, rgba }: Picture): Promise<Blob> {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("The browser gives no canvas, which showing a picture needs. Reload the page.");
  context.putImageData(new ImageData(rgba, width, height), 0, 0);
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error("The browser could not encode the picture as PNG."))),
      "image/png",
    ),
  );
}

const urls = new WeakMap<Blob, string>();

/** One object URL a blob, for as long as the page lives. */
export function blobUrl(blob: Blob): string {
  const url = urls.get(blob) ?? URL.createObjectURL(blob);
  urls.set(blob, url);
  return url;
}

/** A file name from the prompt's first words and the seed. */
export function fileName(prompt: string, seed: number): string {
  const words = prompt
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .slice(0, 40)
    .replace(/^-|-$/g, "");
  return `${words || "picture"}-${seed}.png`;
}

export function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = blobUrl(blob);
  link.download = name;
  link.click();
}
