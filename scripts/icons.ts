/**
 * Draws the icons into public/icons: an aperture of six blades in safelight red on near-black. Run by hand after a change
 * (`npx tsx scripts/icons.ts`); the results are committed. The PNGs are rasterised by the browser that the journeys use.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";
import { browserArgs, findBrowser } from "../e2e/browser.ts";

const red = "#ff5140";
const black = "#0e0c0c";
const size = 512;

/** @param scale of the aperture within the icon: a maskable icon is cut down to a circle of 80 % of its side */
function drawIcon(scale: number, corner: number): string {
  const centre = size / 2;
  const outer = centre * scale;
  const hole = outer * 0.38;
  const number = (value: number) => value.toFixed(1);
  const point = (radius: number, degrees: number) => {
    const angle = (degrees * Math.PI) / 180;
    return [centre + radius * Math.cos(angle), centre + radius * Math.sin(angle)] as const;
  };
  const turns = [0, 60, 120, 180, 240, 300];
  const hexagon = turns
    .map((turn) =>
      point(hole, turn + 15)
        .map(number)
        .join(","),
    )
    .join(" ");
  // Each side of the hole goes on, past its corner, to the rim: the edge of the blade above.
  const edges = turns.map((turn) => {
    const [x0, y0] = point(hole, turn - 45);
    const [x1, y1] = point(hole, turn + 15);
    const [x2, y2] = [x1 + (x1 - x0) * 3, y1 + (y1 - y0) * 3];
    return `M${number(x1)} ${number(y1)}L${number(x2)} ${number(y2)}`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}">
  <clipPath id="rim"><circle cx="${centre}" cy="${centre}" r="${number(outer)}"/></clipPath>
  <rect width="${size}" height="${size}" rx="${corner}" fill="${black}"/>
  <circle cx="${centre}" cy="${centre}" r="${number(outer)}" fill="${red}"/>
  <g fill="${black}" stroke="${black}" stroke-width="${number(outer * 0.075)}" clip-path="url(#rim)">
    <polygon points="${hexagon}"/>
    <path d="${edges.join("")}"/>
  </g>
</svg>
`;
}

const folder = fileURLToPath(new URL("../public/icons/", import.meta.url));
await mkdir(folder, { recursive: true });
const rounded = drawIcon(0.78, 104);
const full = drawIcon(0.62, 0);
await writeFile(`${folder}favicon.svg`, rounded);

const browser = await chromium.launch({ executablePath: findBrowser(), args: browserArgs });
const icons = {
  "icon-192": [rounded, 192],
  "icon-512": [rounded, 512],
  maskable: [full, 512],
  "apple-touch": [full, 180],
} as const;
for (const [name, [svg, side]] of Object.entries(icons)) {
  const page = await browser.newPage({ viewport: { width: side, height: side } });
  await page.setContent(`<style>body{margin:0}svg{display:block;width:100vw}</style>${svg}`);
  await page.screenshot({ path: `${folder}${name}.png`, omitBackground: true });
  await page.close();
}
await browser.close();
