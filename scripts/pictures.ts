/**
 * Takes the pictures of the help and the README from the built app: `npm run pictures`, after a change of the model or of the page;
 * `-- NAMES` takes some of them alone. The results (public/help/*.webp, their sizes and docs/darkroom.webp) are committed. It runs on the CPU, where every machine draws the same.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";
import { securityHeaders } from "../cli/security-headers.ts";
import { createStaticServer, listen } from "../cli/static-server.ts";
import { browserArgs, findBrowser } from "../e2e/browser.ts";
import { dist } from "../e2e/servers.ts";
import { features } from "./pictures/features.ts";
import { type Size, takePicture } from "./pictures/take.ts";

const path = (relative: string) => fileURLToPath(new URL(`../${relative}`, import.meta.url));
const help = path("public/help/");
/** so that the help's text does not move as they arrive */
const sizesFile = path("src/help/pictures.json");
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(features);
const unknown = names.find((name) => !(name in features));
if (unknown !== undefined) {
  console.error(`There is no picture "${unknown}"; there are ${Object.keys(features).join(", ")}.`);
  process.exit(2);
}

const server = createStaticServer(dist, securityHeaders);
const address = `http://localhost:${await listen(server, 4473)}/?device=cpu`;
const browser = await chromium.launch({ executablePath: findBrowser(), args: browserArgs });
try {
  await mkdir(help, { recursive: true });
  const kept = Object.entries<Size>(JSON.parse(await readFile(sizesFile, "utf8")));
  const sizes = Object.fromEntries(kept.filter(([name]) => name in features));
  for (const name of names) {
    // A visitor of its own each, so that none depends on what another one left.
    const context = await browser.newContext({ viewport: { width: 1100, height: 740 }, reducedMotion: "reduce" });
    const { page, part } = await features[name](await context.newPage(), address);
    if (name === "darkroom") await takePicture(page, path("docs/darkroom.webp"), part);
    else sizes[name] = await takePicture(page, `${help}${name}.webp`, part);
    await context.close();
  }
  await writeFile(sizesFile, `${JSON.stringify(sizes, null, 2)}\n`);
} finally {
  await browser.close();
  server.close();
}
