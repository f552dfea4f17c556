/** Weights and chunks on every family's tiny model of `python -m training.reference.golden_pipelines`, through the whole engine. */
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { diskFiles } from "../../../cli/disk-files.ts";
import { openNodeRuntime } from "../../../cli/node-runtime.ts";
import { createEngine } from "../../engine.ts";
import type { Settings } from "../../protocol.ts";

const families = new URL("../../testing/families/", import.meta.url);

describe.each(["stable-diffusion", "stable-diffusion-xl", "stable-diffusion-3"])("%s", (name) => {
  const folder = new URL(`${name}/`, families);
  const engine = createEngine({ openRuntime: openNodeRuntime, openFiles: () => diskFiles(fileURLToPath(folder)) });
  let settings: Settings;
  beforeAll(async () => {
    const { defaults } = await engine.load({ id: name, url: folder.href }, "cpu", () => {});
    settings = { ...defaults, steps: 2, guidanceScale: 5, seed: 1 };
  });
  const latents = async (prompt: string, negativePrompt = "") =>
    (await engine.generate({ settings: { ...settings, prompt, negativePrompt } }, () => {})).latents.data;

  test("a weight of 1 is the plain prompt to the bit, others are not", async () => {
    const plain = await latents("a small red cat");
    expect(await latents("a (small:1) red cat")).toEqual(plain);
    expect(await latents("a (small:1.3) red cat")).not.toEqual(plain);
  });

  test("the last word of a long prompt counts, on either side of guidance", async () => {
    const long = "red cat ".repeat(30);
    const house = await latents(`${long}house`);
    expect(house.every(Number.isFinite)).toBe(true);
    expect(await latents(`${long}dog`)).not.toEqual(house);
    expect(await latents("a cat", `${long}dog`)).not.toEqual(await latents("a cat", `${long}house`));
  });

  test("a schedule switches", async () => {
    expect(await latents("[a cat:a house:0]")).toEqual(await latents("a house"));
    expect(await latents("[a cat:a house:1]")).not.toEqual(await latents("a house"));
  });
});

test("without a negative prompt SDXL is guided from zeros, unless its model_index.json says otherwise, as in diffusers", async () => {
  const folder = new URL("stable-diffusion-xl/", families);
  const files = diskFiles(fileURLToPath(folder));
  const latents = async (change: object) => {
    const changed = {
      ...files,
      async read(...[path, options]: Parameters<typeof files.read>) {
        const bytes = await files.read(path, options);
        if (path !== "model_index.json") return bytes;
        const index = { ...JSON.parse(new TextDecoder().decode(bytes)), ...change };
        return new TextEncoder().encode(JSON.stringify(index)) as Uint8Array<ArrayBuffer>;
      },
    };
    const engine = createEngine({ openRuntime: openNodeRuntime, openFiles: () => changed });
    const { defaults } = await engine.load({ id: "xl", url: folder.href }, "cpu", () => {});
    return (await engine.generate({ settings: { ...defaults, prompt: "a cat", steps: 1, seed: 1 } }, () => {})).latents
      .data;
  };
  const forced = await latents({ force_zeros_for_empty_prompt: true });
  expect(await latents({ force_zeros_for_empty_prompt: undefined })).toEqual(forced);
  expect(await latents({ force_zeros_for_empty_prompt: false })).not.toEqual(forced);
});
