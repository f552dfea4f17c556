import { expect, test } from "./fixtures.ts";
import { PlotPage } from "./pages/plot.page.ts";
import { SavePage } from "./pages/save.page.ts";

interface Pixels {
  width: number;
  height: number;
  pixels: Buffer;
}

/** Where a picture lies in another one, pixel for pixel; null where it does not. */
function find(small: Pixels, large: Pixels): { x: number; y: number } | null {
  const row = small.width * 4;
  for (let y = 0; y + small.height <= large.height; y++) {
    for (let x = 0; x + small.width <= large.width; x++) {
      const matches = (line: number) => {
        const at = ((y + line) * large.width + x) * 4;
        return large.pixels.compare(small.pixels, line * row, (line + 1) * row, at, at + row) === 0;
      };
      if (matches(0) && Array.from({ length: small.height }, (_, line) => line).every(matches)) return { x, y };
    }
  }
  return null;
}

test("a plot of two settings fills as its pictures are done, and is saved as one labelled picture", async ({
  darkroom,
}) => {
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  await darkroom.fill({ prompt: "a red apple", steps: 2, seed: 7 });
  const plot = new PlotPage(darkroom.page);
  await plot.open.click();
  await plot.axis("X", "Seed", "3-4");
  await plot.selectBeyond("X");
  await expect(plot.dialog).toBeVisible();
  await plot.axis("Y", "Prompt S/R", "pear, car");
  await expect(plot.dialog.getByText(/^"pear" is in neither prompt;/)).toBeVisible();
  await plot.axis("Y", "Prompt S/R", "apple, car");
  await expect(plot.dialog.getByText("4 pictures, 2 × 2")).toBeVisible();
  await plot.start.click();
  await expect(plot.grid(4, 4)).toBeVisible();

  const file = await plot.download();
  expect(file.name).toBe("a-red-apple-7-plot.png");
  const grid = await new SavePage(darkroom.page).read(file);
  await plot.close.click();

  // Every picture of the plot is one of the visit, and stands at its place.
  const places: { x: number; y: number }[] = [];
  for (const [number, prompt] of ["a red apple", "a red apple", "a red car", "a red car"].entries()) {
    await darkroom.results
      .getByRole("button", { name: new RegExp(`^Show ${number + 1}, finished: ${prompt}`) })
      .click();
    const size = Number(await darkroom.width.inputValue());
    const pixels = await darkroom.pixels(darkroom.picture(prompt));
    const place = find({ width: size, height: pixels.length / 4 / size, pixels }, grid);
    expect(place, `picture ${number + 1} in the plot`).not.toBeNull();
    if (place) places.push(place);
  }
  const [first, second, third, fourth] = places;
  expect(second.y).toBe(first.y);
  expect(second.x).toBeGreaterThan(first.x);
  expect(third.x).toBe(first.x);
  expect(third.y).toBeGreaterThan(first.y);
  expect(fourth).toEqual({ x: second.x, y: third.y });
});

test("a plot is cancelled: what is done stays, nothing more runs", async ({ darkroom }) => {
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  await darkroom.fill({ prompt: "a red apple", steps: 30, seed: 7 });
  const plot = new PlotPage(darkroom.page);
  await plot.open.click();
  await plot.axis("X", "Guidance scale", "1-5 (+2), 8");
  await plot.start.click();
  await expect(plot.grid(1, 4)).toBeVisible();
  await plot.cancel.click();
  await expect(plot.cancel).toBeHidden();
  await expect(plot.start).toBeEnabled();
  await plot.close.click();
  await expect(darkroom.denoising).toBeHidden();
  await darkroom.make({ prompt: "a blue car", steps: 1, seed: 1 });
});
