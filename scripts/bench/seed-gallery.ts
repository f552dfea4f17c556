/** A gallery of many pictures, written where the app keeps them: files in the origin private file system, records in IndexedDB. */
import type { Page } from "@playwright/test";
import type { Settings } from "../../workers/protocol.ts";

/** A record as the app keeps it (PictureRecord in src/records/picture.ts), as far as the gallery shows it. */
interface SeededRecord {
  id: string;
  created: number;
  model: { id: string; title: string };
  settings: Settings;
  width: number;
  height: number;
  bytes: number;
}

/** The app must have been opened, and is to be reloaded afterwards. */
export async function seedGallery(page: Page, count: number): Promise<void> {
  await page.evaluate(async (wanted) => {
    const draw = async (side: number, hue: number, type: string) => {
      const canvas = new OffscreenCanvas(side, side);
      const context = canvas.getContext("2d");
      if (!context) throw new Error("no 2d context");
      for (let i = 0; i < 200; i++) {
        context.fillStyle = `hsl(${hue + i} 70% ${20 + ((i * 37) % 60)}%)`;
        context.fillRect((i * 97) % side, (i * 61) % side, side / 5, side / 7);
      }
      return canvas.convertToBlob({ type });
    };
    const hues = [0, 45, 90, 135, 180, 225, 270, 315];
    const pictures = await Promise.all(hues.map((hue) => draw(512, hue, "image/png")));
    const thumbnails = await Promise.all(hues.map((hue) => draw(320, hue, "image/webp")));
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle("gallery", { create: true });
    const write = async (name: string, content: Blob) => {
      const stream = await (await folder.getFileHandle(name, { create: true })).createWritable();
      await stream.write(content);
      await stream.close();
    };
    const colours = ["red", "green", "blue", "yellow"];
    const records: SeededRecord[] = [];
    for (let i = 0; i < wanted; i++) {
      const id = `seeded-${i}`;
      const place = i % hues.length;
      await Promise.all([write(`${id}.png`, pictures[place]), write(`${id}.webp`, thumbnails[place])]);
      records.push({
        id,
        created: i,
        model: { id: "safelight", title: "Safelight 1" },
        settings: {
          prompt: `a ${colours[i % 4]} apple and ${i} pears on a beach, a photo of a long and winding prompt`,
          negativePrompt: "",
          sampler: "dpm-solver-multistep",
          steps: 20,
          guidanceScale: 5,
          width: 512,
          height: 512,
          seed: i,
        },
        width: 512,
        height: 512,
        bytes: pictures[place].size,
      });
    }
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open("darkroom");
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    await new Promise<void>((resolve, reject) => {
      const transaction = database.transaction("pictures", "readwrite");
      for (const record of records) transaction.objectStore("pictures").put(record);
      transaction.oncomplete = () => resolve();
      transaction.onerror = () => reject(transaction.error);
    });
    database.close();
  }, count);
}
