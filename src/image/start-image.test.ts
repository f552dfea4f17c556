import { describe, expect, test } from "vitest";
import type { ModelInfo, Picture } from "../../workers/protocol";
import type { NewRun } from "../runs/run";
import { info } from "../testing/model-info";
import { createStartImage, type Source, startImageProblem } from "./start-image";

const picture = (width: number, height: number): Picture => ({
  width,
  height,
  rgba: new Uint8ClampedArray(width * height * 4),
});

function setUp() {
  const fits: string[] = [];
  const start = createStartImage({
    async read(_, name) {
      if (name === "text.txt") throw new Error("text.txt is no picture.");
      return { name } as unknown as ImageBitmap;
    },
    async fitTo(_, width, height, how) {
      fits.push(`${width} ${height} ${how}`);
      return picture(width, height);
    },
    resizeMask: (_, { width, height }) => picture(width, height),
  });
  return { start, fits };
}

const run = (width: number, height: number, steps = 20) => ({ settings: { width, height, steps } }) as NewRun;

describe("the start image", () => {
  test("goes with each run, made once for each size", async () => {
    const { start, fits } = setUp();
    await start.take(new Blob(), "a.png");
    start.change({ fit: "fit", strength: 0.4 });
    const runs = await start.withStart([run(64, 32), run(64, 32), run(32, 32)]);
    expect(fits).toEqual(["64 32 fit", "32 32 fit"]);
    expect(runs.map(({ image }) => [image?.picture.width, image?.strength])).toEqual([
      [64, 0.4],
      [64, 0.4],
      [32, 0.4],
    ]);
    expect(runs[0].mask).toBeUndefined();
  });

  test("with a mask carries it at the run's size, and the feather in the settings", async () => {
    const { start } = setUp();
    start.replace({ name: "a" } as Source, picture(128, 128));
    start.change({ feather: 5 });
    const [one] = await start.withStart([run(64, 32)]);
    expect([one.mask?.width, one.mask?.height, one.settings.maskFeather]).toEqual([64, 32, 5]);
  });

  test("keeps a photo at the default strength, and redraws most of a masked area; each photo begins at the default", async () => {
    const { start } = setUp();
    const strength = async () => (await start.withStart([run(8, 8)]))[0].image?.strength;
    await start.take(new Blob(), "a.png");
    expect(await strength()).toBe(0.3);
    const few = await start.withStart([1, 2, 3, 4].map((steps) => run(8, 8, steps)));
    for (const { settings, image } of few) expect(Math.floor(settings.steps * (image?.strength ?? 0))).toBe(1);
    start.change({ mask: picture(8, 8) });
    expect(await strength()).toBe(0.75);
    start.change({ strength: 0.5 });
    expect(await strength()).toBe(0.5);
    await start.take(new Blob(), "b.png");
    expect(await strength()).toBe(0.3);
  });

  test("that cannot be read says so and leaves the earlier one", async () => {
    const { start } = setUp();
    expect(await start.take(new Blob(), "a.png")).toBe(true);
    expect(await start.take(new Blob(), "text.txt")).toBe(false);
    expect(start.store.get()).toMatchObject({ source: { name: "a.png" }, error: "text.txt is no picture." });
    start.remove();
    expect(await start.withStart([run(8, 8)])).toEqual([run(8, 8)]);
  });
});

test("what the model cannot start from is said before the run", () => {
  const source = {} as Source;
  const state = { ...setUp().start.store.get(), source };
  const able = (...ids: string[]) =>
    ({ ...info, title: "M", pipelines: ids.map((id) => ({ id })) }) as unknown as ModelInfo;
  expect(startImageProblem(state, able("text-to-image"))).toContain("M cannot start from a picture");
  expect(startImageProblem(state, able("inpainting"))).toContain("paint one");
  expect(startImageProblem({ ...state, source: null }, able("inpainting"))).toContain("choose a start image");
  expect(startImageProblem({ ...state, mask: picture(8, 8) }, able("text-to-image", "image-to-image"))).toContain(
    "clear the mask",
  );
  expect(startImageProblem(state, able("text-to-image", "image-to-image"))).toBeUndefined();
});
