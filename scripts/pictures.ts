/**
 * Takes the pictures of the help and the README from the built app: `npm run pictures`, after a change of the model or of the page.
 * The results (public/help/*.webp and docs/darkroom.png) are committed. It runs on the CPU, where every machine draws the same.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Locator, type Page } from "@playwright/test";
import { createStaticServer, listen } from "../cli/static-server.ts";
import { BranchPage } from "../e2e/pages/branch.page.ts";
import { ComparePage } from "../e2e/pages/compare.page.ts";
import { DarkroomPage } from "../e2e/pages/darkroom.page.ts";
import { GalleryPage } from "../e2e/pages/gallery.page.ts";
import { MaskPage } from "../e2e/pages/mask.page.ts";
import { ModelsPage } from "../e2e/pages/models.page.ts";
import { SavePage } from "../e2e/pages/save.page.ts";
import { dist } from "../e2e/servers.ts";
import { browserArgs, findBrowser } from "./browser.ts";
import { securityHeaders } from "./security-headers.ts";

const help = fileURLToPath(new URL("../public/help/", import.meta.url));
/** so that the help's text does not move as they arrive */
const sizesFile = fileURLToPath(new URL("../src/help/pictures.json", import.meta.url));
const docs = fileURLToPath(new URL("../docs/", import.meta.url));

/** Pixels across: about twice what the help gives a picture. */
const WIDTH = 800;
const QUALITY = 0.6;
/** bytes of one picture, at most */
const MOST = 30_000;

const server = createStaticServer(dist, securityHeaders);
const port = await listen(server, 4473);
const browser = await chromium.launch({ executablePath: findBrowser(), args: browserArgs });
try {
  await mkdir(help, { recursive: true });
  const sizes = await takeAll(browser);
  await writeFile(sizesFile, `${JSON.stringify(sizes, null, 2)}\n`);
} finally {
  await browser.close();
  server.close();
}

/** pixels */
type Sizes = Record<string, { width: number; height: number }>;

async function takeAll(opened: Browser): Promise<Sizes> {
  const context = await opened.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
  const page = await context.newPage();
  const darkroom = new DarkroomPage(page);
  const sizes: Sizes = {};
  const take = async (name: string, part?: Locator) => {
    sizes[name] = await takePicture(page, name, part);
  };
  await darkroom.open(`http://localhost:${port}/?device=cpu`);

  await darkroom.make({ prompt: "a red apple", seed: 7 });
  await darkroom.make({ prompt: "two strawberries", seed: 7 });
  await writeFile(`${docs}darkroom.png`, await page.screenshot());

  await darkroom.strip.getByRole("option").nth(8).click();
  await take("timeline");
  const branch = new BranchPage(page);
  await branch.begin.click();
  await take("branch");
  await branch.cancel.click();

  const compare = new ComparePage(page);
  await compare.open.click();
  await take("compare", compare.dialog);
  await page.keyboard.press("Escape");

  const save = new SavePage(page);
  await save.open.click();
  await save.choose("Contact sheet");
  await take("export", save.dialog);
  await page.keyboard.press("Escape");

  const gallery = new GalleryPage(page);
  await gallery.open();
  await take("gallery", gallery.dialog);
  await gallery.close();

  const models = new ModelsPage(page);
  await models.open();
  await take("models", models.dialog);
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "Use as start image" }).first().click();
  const mask = new MaskPage(page);
  await mask.open.click();
  await mask.draw([0.35, 0.4], [0.65, 0.6]);
  await take("inpainting", mask.dialog);
  return sizes;
}

/** A part of the page, or all of it, scaled down and compressed by the browser. @throws Error when it is larger than it may be */
async function takePicture(page: Page, name: string, part?: Locator): Promise<Sizes[string]> {
  const png = await (part ?? page).screenshot({ animations: "disabled" });
  const { base64, ...size } = await page.evaluate(
    async ([source, width, quality]) => {
      const bytes = Uint8Array.from(atob(source), (one) => one.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes]));
      const scale = Math.min(1, width / image.width);
      const canvas = new OffscreenCanvas(Math.round(image.width * scale), Math.round(image.height * scale));
      const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
      context.imageSmoothingQuality = "high";
      context.drawImage(image, 0, 0, canvas.width, canvas.height);
      const blob = await canvas.convertToBlob({ type: "image/webp", quality });
      const base64 = btoa(String.fromCharCode(...new Uint8Array(await blob.arrayBuffer())));
      return { base64, width: canvas.width, height: canvas.height };
    },
    [png.toString("base64"), WIDTH, QUALITY] as const,
  );
  const webp = Buffer.from(base64, "base64");
  if (webp.length > MOST) throw new Error(`${name} takes ${webp.length} bytes; lower the quality or the size.`);
  await writeFile(`${help}${name}.webp`, webp);
  console.log(`${name}: ${webp.length} bytes`);
  return size;
}
