import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { diskFiles } from "../../../cli/disk-files.ts";
import { openNodeRuntime } from "../../../cli/node-runtime.ts";
import { createEngine } from "../../engine.ts";
import type { Model } from "../../models/load-model.ts";
import { familyOfModel } from "./registry.ts";
import { stableDiffusion } from "./stable-diffusion.ts";
import { stableDiffusion3 } from "./stable-diffusion-3.ts";
import { stableDiffusionXl } from "./stable-diffusion-xl.ts";

interface Described {
  readonly name?: string;
  readonly part?: "unet" | "transformer";
  readonly conditions: readonly string[];
  readonly scheduler?: string;
}

const TEXT = ["encoder_hidden_states"];
const XL = [...TEXT, "text_embeds", "time_ids"];
const SD3 = [...TEXT, "pooled_projections"];

const familyOf = ({ name, part = "unet", conditions, scheduler = "EulerDiscreteScheduler" }: Described) =>
  familyOfModel({
    index: { ...(name && { _class_name: name }) },
    backbone: { part, conditions },
    schedulerConfig: { _class_name: scheduler },
  } as unknown as Model);

const flow = { part: "transformer", scheduler: "FlowMatchEulerDiscreteScheduler" } as const;

test.each<[Described, object]>([
  [{ conditions: TEXT }, stableDiffusion],
  [{ name: "StableDiffusionPipeline", conditions: TEXT }, stableDiffusion],
  [{ name: "ORTStableDiffusionInpaintPipeline", conditions: TEXT }, stableDiffusion],
  [{ name: "OnnxStableDiffusionPipeline", conditions: TEXT }, stableDiffusion],
  [{ name: "LatentConsistencyModelImg2ImgPipeline", conditions: [...TEXT, "timestep_cond"] }, stableDiffusion],
  [{ name: "StableDiffusionXLImg2ImgPipeline", conditions: XL }, stableDiffusionXl],
  [{ conditions: XL, scheduler: "UniPCMultistepScheduler" }, stableDiffusionXl],
  [{ name: "StableDiffusion3Pipeline", conditions: SD3, ...flow }, stableDiffusion3],
  [{ name: "DiffusionPipeline", conditions: SD3, ...flow }, stableDiffusion3],
])("%o", (model, family) => {
  expect(familyOf(model)).toBe(family);
});

describe("what only looks like a model of a family is refused by name", () => {
  test.each<[Described, RegExp]>([
    [{ name: "AuraFlowPipeline", conditions: TEXT, ...flow }, /for AuraFlowPipeline, which Darkroom does not have/],
    [{ name: "PixArtAlphaPipeline", part: "transformer", conditions: TEXT }, /for PixArtAlphaPipeline/],
    [{ name: "KolorsPipeline", conditions: XL }, /for KolorsPipeline/],
    [{ name: "StableDiffusionLDM3DPipeline", conditions: TEXT }, /for StableDiffusionLDM3DPipeline/],
    [{ part: "transformer", conditions: TEXT }, /transformer is not one that Darkroom knows/],
    [{ name: "StableDiffusionXLPipeline", conditions: TEXT }, /names StableDiffusionXLPipeline, and the unet/],
    [{ conditions: TEXT, scheduler: flow.scheduler }, /scheduler, FlowMatchEulerDiscreteScheduler, is not one/],
    [{ part: "transformer", conditions: SD3 }, /scheduler, EulerDiscreteScheduler, is not one/],
    [{ conditions: [...TEXT, "class_labels"] }, /takes an input "class_labels"/],
  ])("%o", (model, message) => {
    expect(() => familyOf(model)).toThrow(message);
  });
});

describe("with changed configs", () => {
  const folder = new URL("../../testing/families/", import.meta.url);
  const load = (model: string, base: string, change: Record<string, object>) => {
    const open = (name: string) => diskFiles(fileURLToPath(new URL(`${name}/`, folder)));
    const engine = createEngine({
      openRuntime: openNodeRuntime,
      openFiles: () => ({
        async read(path, options) {
          const bytes = await open(model)
            .read(path, options)
            .catch(() => open(base).read(path, options));
          if (!change[path]) return bytes;
          const changed = { ...JSON.parse(new TextDecoder().decode(bytes)), ...change[path] };
          return new TextEncoder().encode(JSON.stringify(changed)) as Uint8Array<ArrayBuffer>;
        },
      }),
    });
    return { engine, info: engine.load({ id: model, url: folder.href }, "cpu", () => {}) };
  };

  test("a U-Net that predicts twice the channels", async () => {
    const { info } = load("lcm", "stable-diffusion", { "unet/config.json": { out_channels: 8 } });
    await expect(info).rejects.toThrow(/predicts 8 channels \(a learned variance\) where its latents have 4;/);
  });

  test("a U-Net that takes a second picture's channels", async () => {
    const { info } = load("lcm", "stable-diffusion", { "unet/config.json": { in_channels: 8 } });
    await expect(info).rejects.toThrow(/takes 8 channels where its latents have 4; Darkroom has no pipeline/);
  });

  test("the refiner starts from a picture", async () => {
    const { info, engine } = load("refiner", "stable-diffusion-xl", {});
    const { pipelines, defaults } = await info;
    expect(pipelines.map(({ id }) => id)).toEqual(["image-to-image", "inpainting"]);
    await expect(engine.generate({ settings: { ...defaults, steps: 1 } }, () => {})).rejects.toThrow(
      /give a picture \(and a mask/,
    );
  });

  test("a refiner whose model_index.json is the base model's", async () => {
    const { info, engine } = load("refiner", "stable-diffusion-xl", {
      "model_index.json": { requires_aesthetics_score: false },
    });
    const { defaults } = await info;
    await expect(engine.generate({ settings: { ...defaults, steps: 1 } }, () => {})).rejects.toThrow(
      /takes 5 numbers for the picture's size, and model_index.json says 6/,
    );
  });
});
