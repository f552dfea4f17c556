/** Every family on the WebGPU adapter against diffusers' own pipelines, as workers/pipelines/agreement.test.ts does on the CPU. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import {
  families,
  type GoldenRun,
  golden,
  recordingsOf,
  relativeError,
  requestOf,
  titleOf,
} from "../workers/testing/golden-pipelines.ts";
import { findWebGpuBrowser } from "./browser.ts";
import { expect, test } from "./fixtures.ts";
import { addFolder, type OwnServer, replaceFile } from "./servers.ts";

test.use({
  launchOptions: async ({ launchOptions }, use) => use({ ...launchOptions, executablePath: findWebGpuBrowser() }),
});
test.describe.configure({ timeout: 900_000 });

/** Sums that are taken in another order, in float32: far from the 0.3 and more of a wrong operator. */
const MOST_ERROR = 2e-3;

type GoldenRequest = ReturnType<typeof requestOf>;

declare global {
  interface Window {
    /** what the page shows with ?test in its address */
    darkroom: {
      engine: {
        load(
          source: { id: string; url: string },
          device: "webgpu",
          onProgress: () => void,
        ): Promise<{ backend: { kind: string; shaderF16?: boolean }; defaults: { sampler: string } }>;
        readPrompt(text: { prompt: string; steps: number }): Promise<{ chunks: number }>;
        generate(request: GoldenRequest, onStep: () => void): Promise<{ latents: { data: Float32Array } }>;
      };
    };
  }
}

/** Puts a model on the server, under a name of its own where a run changes its scheduler. */
async function place(server: OwnServer, model: string, base: string | null, config: object): Promise<string> {
  const name = `golden/${model}${Object.keys(config).length > 0 ? `-${JSON.stringify(config).replace(/\W+/g, "-")}` : ""}/`;
  const folder = (id: string) => fileURLToPath(new URL(`${id}/`, families));
  if (base) await addFolder(server, folder(base), name);
  await addFolder(server, folder(model), name);
  const path = join(server.root, name, "scheduler/scheduler_config.json");
  await replaceFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, "utf8")), ...config }));
  return name;
}

const load = (page: Page, url: string) =>
  page.evaluate(async (address) => {
    const { backend, defaults } = await window.darkroom.engine.load({ id: address, url: address }, "webgpu", () => {});
    return { backend, defaults };
  }, url);

/** Typed arrays cross to the page and back as lists. */
const generate = (page: Page, request: GoldenRequest) =>
  page.evaluate(
    async ({ settings, image, mask }) => {
      const pictureOf = (one: { width: number; height: number; rgba: number[] }) => ({
        ...one,
        rgba: new Uint8ClampedArray(one.rgba),
      });
      const { latents } = await window.darkroom.engine.generate(
        {
          settings,
          ...(image && { image: { strength: image.strength, picture: pictureOf(image.picture) } }),
          ...(mask && { mask: pictureOf(mask) }),
        },
        () => {},
      );
      return Array.from(latents.data);
    },
    {
      settings: request.settings,
      image: request.image && {
        strength: request.image.strength,
        picture: { ...request.image.picture, rgba: Array.from(request.image.picture.rgba) },
      },
      mask: request.mask && { ...request.mask, rgba: Array.from(request.mask.rgba) },
    },
  );

/** GOLDENS=all takes every run; else the first of each pipeline and of each set of inputs, which meets every graph of the family. */
function chosen(runs: readonly GoldenRun[]): GoldenRun[] {
  if (process.env.GOLDENS === "all") return runs.filter(({ modelIndex }) => !modelIndex);
  const seen = new Set<string>();
  return runs.filter(({ pipeline, config, modelIndex, width }) => {
    const kind = `${pipeline} ${width}`;
    return !config && !modelIndex && !seen.has(kind) && seen.add(kind);
  });
}

for (const [model, { base, runs }] of Object.entries(golden.models)) {
  test(`${model} on WebGPU agrees with diffusers`, async ({ page, startServer }) => {
    const server = await startServer();
    await replaceFile(join(server.root, "models/index.json"), "[]"); // no built-in model: only what is asked for is loaded
    await page.goto(`${server.url}?test&device=webgpu`);
    await page.waitForFunction(() => "darkroom" in window);
    const recordings = recordingsOf(model);
    const errors: Record<string, number> = {};
    let placed = "";
    let info: Awaited<ReturnType<typeof load>> | undefined;
    for (const run of chosen(runs)) {
      const name = await place(server, model, base, run.config ?? {});
      if (!info || name !== placed) info = await load(page, new URL(name, server.url).href);
      placed = name;
      expect(info.backend.kind).toBe("webgpu");
      const { backend } = info;
      test.skip(model.endsWith("-half") && !backend.shaderF16, "float16 needs shader-f16");
      const { prompt, steps } = run;
      const plain = await page.evaluate(async (text) => (await window.darkroom.engine.readPrompt(text)).chunks > 1, {
        prompt,
        steps,
      });
      const latents = await generate(page, requestOf(run, recordings, info, plain));
      errors[`${run.pipeline}, ${titleOf(run)}`] = relativeError(
        Float32Array.from(latents),
        recordings.tensor(run.latents),
      );
    }
    const most = Math.max(...Object.values(errors));
    console.log(`${model}: ${Object.keys(errors).length} runs, at most ${most.toExponential(1)}`);
    expect(Object.entries(errors).filter(([, error]) => !(error < MOST_ERROR))).toEqual([]);
  });
}
