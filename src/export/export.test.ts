import { describe, expect, it, vi } from "vitest";
import type { ModelInfo, Output, Step, Tensor } from "../../workers/protocol";
import type { Run } from "../runs/run";
import { stageInfo } from "../testing/model-info";
import { fitted, stepCaption } from "./contact-sheet";
import { createSaving, exportName, type SaveOptions } from "./saving";
import { cellAt, sheetLayout } from "./sheet-layout";
import { chooseVideoFormat, frameTime, videoSize } from "./time-lapse";

describe("the contact sheet", () => {
  it.each([
    [1, 512, 512],
    [7, 1024, 256],
    [20, 256, 256],
    [50, 256, 1024],
    [1000, 1024, 1024],
  ])("of %i steps of %i x %i pixels has room for each, apart from each other", (count, width, height) => {
    const layout = sheetLayout(count, { width, height });
    expect(layout.columns * layout.rows).toBeGreaterThanOrEqual(count);
    expect(layout.columns * (layout.rows - 1)).toBeLessThan(count);
    expect(layout.width * layout.height).toBeLessThan(32e6);
    const { cell, caption, margin } = layout;
    const ratio = cell.width / cell.height / (width / height);
    expect(Math.abs(Math.log(ratio))).toBeLessThan(0.1);
    const taken = new Set<string>();
    for (let i = 0; i < count; i++) {
      const { x, y } = cellAt(layout, i);
      taken.add(`${x} ${y}`);
      expect(x + cell.width).toBeLessThanOrEqual(layout.width - margin);
      expect(y + cell.height + caption).toBeLessThanOrEqual(layout.height - margin);
      if (i % layout.columns > 0) expect(x - cellAt(layout, i - 1).x).toBeGreaterThan(cell.width);
      if (i >= layout.columns) expect(y - cellAt(layout, i - layout.columns).y).toBeGreaterThan(cell.height + caption);
    }
    expect(taken.size).toBe(count);
  });

  it("does not enlarge small pictures", () => {
    expect(sheetLayout(4, { width: 64, height: 64 }).cell).toEqual({ width: 64, height: 64 });
  });

  it("says the step and its noise level, and cuts a prompt that is too wide", () => {
    expect(stepCaption({ index: 2, sigma: 5.1234 })).toBe("3  σ 5.12");
    expect(stepCaption({ index: 0, sigma: Number.POSITIVE_INFINITY })).toBe("1  σ ∞");
    const context = { measureText: (text: string) => ({ width: text.length * 10 }) as TextMetrics };
    expect(fitted(context, "a red\napple", 110)).toBe("a red apple");
    expect(fitted(context, "a red apple", 100)).toBe("a red app…");
  });
});

describe("the time-lapse", () => {
  it("enlarges small pictures and has even sides, as H.264 needs them", () => {
    expect(videoSize({ width: 512, height: 768 })).toEqual({ width: 512, height: 768 });
    expect(videoSize({ width: 64, height: 128 })).toEqual({ width: 128, height: 256 });
    expect(videoSize({ width: 301, height: 257 })).toEqual({ width: 302, height: 258 });
  });

  it("shows each step as long, and rests on the last", () => {
    expect([0, 1, 2].map((i) => frameTime(i, 3, 4))).toEqual([
      { at: 0, duration: 0.25 },
      { at: 0.25, duration: 0.25 },
      { at: 0.5, duration: 1.5 },
    ]);
  });

  it("takes MP4 with H.264 where the browser encodes it, else WebM, else nothing", async () => {
    const size = { width: 256, height: 256 };
    const choose = (...codecs: string[]) => chooseVideoFormat(size, async (codec) => codecs.includes(codec));
    expect(await choose("vp8", "vp9", "avc")).toEqual({ container: "mp4", codec: "avc" });
    expect(await choose("vp8", "vp9")).toEqual({ container: "webm", codec: "vp9" });
    expect(await choose()).toBeNull();
    expect(await chooseVideoFormat(size)).toBeNull(); // Node has no WebCodecs
  });
});

describe("saving", () => {
  const options: SaveOptions = { kind: "png", quality: 90, view: "denoised", full: true, stepsPerSecond: 4 };
  const latents = (name: string) => ({ data: new Float32Array(1), dims: [1, 1, 1, 1], name }) as unknown as Tensor;
  const run = {
    settings: { prompt: "A red  apple!", seed: 7, width: 64, height: 64 },
    model: { id: "m", title: "M" } as ModelInfo,
    steps: [0, 1].map(
      (index) =>
        ({
          index,
          stages: [stageInfo(2)],
          stage: 0,
          x: latents(`x${index}`),
          denoised: latents(`d${index}`),
        }) as unknown as Step,
    ),
    png: new Blob(["picture"]),
    decoded: {},
  } as unknown as Run;
  const setup = (loaded = "m") => {
    const download = vi.fn<(blob: Blob, name: string) => void>();
    const decode = vi.fn(async (_latents: Tensor, _space: string) => ({ kind: "picture", picture: {} }) as Output);
    const toPng = async () => new Blob(["decoded"]);
    return { download, decode, saving: createSaving({ decode, toPng, download, loadedModel: () => loaded }) };
  };

  it("names files by prompt, seed and what they are", () => {
    expect(exportName(run, "-time-lapse", "mp4")).toBe("a-red-apple-7-time-lapse.mp4");
  });

  it("saves the picture itself on the last step, and decodes any other", async () => {
    const { saving, decode, download } = setup();
    await saving.save(run, 1, options);
    expect(download).toHaveBeenLastCalledWith(run.png, "a-red-apple-7.png");
    expect(decode).not.toHaveBeenCalled();
    await saving.save(run, 0, { ...options, view: "x" });
    expect(decode).toHaveBeenCalledExactlyOnceWith(run.steps[0].x, "latents");
    expect(await download.mock.lastCall?.[0].text()).toBe("decoded");
    expect(download.mock.lastCall?.[1]).toBe("a-red-apple-7-step-1.png");
    expect(saving.store.get()).toEqual({ job: null, error: null, saved: "a-red-apple-7-step-1.png" });
  });

  it("does not decode with another model's VAE, and says so", async () => {
    const { saving, decode, download } = setup("other");
    await saving.save(run, 0, options);
    expect(decode).not.toHaveBeenCalled();
    expect(download).not.toHaveBeenCalled();
    expect(saving.store.get().error).toMatch(/^These steps were made with M, which is not loaded;/);
  });

  it("cancelled while it decodes, hands out no file and no error", async () => {
    const { saving, decode, download } = setup();
    decode.mockImplementationOnce(async () => {
      saving.cancel();
      return {} as Output;
    });
    await saving.save(run, 0, options);
    expect(download).not.toHaveBeenCalled();
    expect(saving.store.get()).toEqual({ job: null, error: null, saved: null });
  });
});
