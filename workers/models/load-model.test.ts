/** Parts that only some families have, beside those that every model has: found by their folders, read by the run that asks for them. */
import { fileURLToPath } from "node:url";
import { beforeEach, expect, test } from "vitest";
import { diskFiles } from "../../cli/disk-files.ts";
import { openNodeRuntime } from "../../cli/node-runtime.ts";
import type { LoadProgress } from "../protocol.ts";
import { message, onnxModel, text, value } from "../testing/onnx-builder.ts";
import { loadModel, type Model } from "./load-model.ts";
import { networkFactory } from "./runtime/network.ts";
import type { ModelFiles } from "./sources/model-files.ts";

const base = diskFiles(fileURLToPath(new URL("../testing/families/stable-diffusion/", import.meta.url)));

/** y = a + b */
const sum = (a: [string, (string | number)[]], b: [string, (string | number)[]], y: string) =>
  onnxModel(
    message(1, text(1, a[0]), text(1, b[0]), text(2, y), text(4, "Add")),
    value(11, ...a),
    value(11, ...b),
    value(12, y, a[1]),
  );

const more: Record<string, Uint8Array<ArrayBuffer> | string> = {
  "prior/model.onnx": sum(["hidden_states", ["n", 3]], ["timestep", []], "predicted_image_embedding"),
  "prior/config.json": '{"clip_mean": [1, 2, 3]}',
  "prior_scheduler/scheduler_config.json": '{"_class_name": "UnCLIPScheduler"}',
  "text_proj/model.onnx": sum(["image_embeddings", ["n", 3]], ["prompt_embeds", ["n", 3]], "class_labels"),
};

let opened: string[] = [];
beforeEach(() => {
  opened = [];
});

function folderWith(contents = more): ModelFiles {
  const bytesOf = (path: string) => {
    const content = contents[path];
    return typeof content === "string" ? (new TextEncoder().encode(content) as Uint8Array<ArrayBuffer>) : content;
  };
  return {
    list: async () => [...((await base.list?.()) ?? []), ...Object.keys(contents)],
    async read(path, options) {
      opened.push(path);
      return bytesOf(path) ?? base.read(path, options);
    },
  };
}

async function load(roomForWeights = Number.POSITIVE_INFINITY, files = folderWith()): Promise<Model> {
  const createNetwork = networkFactory(await openNodeRuntime("cpu"));
  return loadModel("model", files, createNetwork, () => {}, { roomForWeights });
}
const later = () => opened.filter((path) => /^(prior|text_proj|vae_encoder)/.test(path));

test("what the model has, and what is read when a run asks for it", async () => {
  const model = await load();
  expect([...model.parts].sort()).toEqual(
    ["prior", "text_encoder", "text_proj", "unet", "vae_decoder", "vae_encoder"].sort(),
  );
  expect(later()).toEqual([]);
  expect(await model.part("unet")).toBe(model.backbone);

  const progress: LoadProgress[] = [];
  const prior = await model.part("prior", (one) => void progress.push(one));
  expect(await model.part("prior")).toBe(prior);
  expect(later()).toEqual(["prior/model.onnx", "prior/config.json"]);
  expect(progress.map(({ stage, file }) => `${stage} ${file}`)).toContain("session prior/model.onnx");
  const sample = { data: Float32Array.of(1, 2, 3), dims: [1, 3] };
  expect([prior.inputChannels, (await prior.predict(sample, 10, {})).data]).toEqual([3, Float32Array.of(11, 12, 13)]);

  const { network } = await model.part("text_proj");
  const { class_labels } = await network.run({ image_embeddings: sample, prompt_embeds: sample }, ["class_labels"]);
  expect(class_labels.data).toEqual(Float32Array.of(2, 4, 6));

  expect(await model.scheduler("prior")).toMatchObject({ _class_name: "UnCLIPScheduler" });
  await expect(model.part("super_res_first")).rejects.toThrow(/has no super_res_first/);
});

test("a part that is freed, or that made room, is there again when it is run", async () => {
  const model = await load(0);
  const prior = await model.part("prior");
  const predict = async () => (await prior.predict({ data: Float32Array.of(1, 2, 3), dims: [1, 3] }, 1, {})).data[0];
  const encode = () => model.textEncoders[0]?.encode([1, 2], ["last"]);
  expect(await predict()).toBe(2);
  await encode();
  expect(await predict()).toBe(2);
  await model.free("prior");
  expect(await predict()).toBe(2);
  expect(opened.filter((path) => path === "prior/model.onnx").length).toBe(3);
});

test("one that cannot be read is asked for again by the next run", async () => {
  const contents: typeof more = { ...more, "prior/config.json": "no JSON" };
  const model = await load(undefined, folderWith(contents));
  await expect(model.part("prior")).rejects.toThrow(/prior\/config\.json/);
  contents["prior/config.json"] = "{}";
  expect((await model.part("prior")).inputChannels).toBe(3);
});

test("a model without a VAE has parts of its own that give its output", async () => {
  const planes = sum(["latent_sample", ["n", 4]], ["feature_planes", ["n", 4]], "planes");
  const files = folderWith({ "point_decoder/model.onnx": planes });
  const list = async () => ((await files.list?.()) ?? []).filter((path) => !path.startsWith("vae"));
  const model = await load(undefined, { ...files, list });
  expect(model.vae).toBeUndefined();
  expect((await model.part("point_decoder")).path).toBe("point_decoder/model.onnx");
});
