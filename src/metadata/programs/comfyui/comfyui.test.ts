import { describe, expect, it } from "vitest";
import type { Found, Json } from "../../found";
import { settingsIn } from "../../read-settings";

type Inputs = Record<string, unknown>;
const node = (class_type: string, inputs: Inputs = {}) => ({ class_type, inputs });

/** A text to image graph; what is given replaces or adds nodes, and `k` changes the sampler's inputs. */
function graphWith(nodes: Json = {}, k: Inputs = {}): Json {
  return {
    ckpt: node("CheckpointLoaderSimple", { ckpt_name: "SD1\\sd15.safetensors" }),
    lat: node("EmptyLatentImage", { width: 640, height: 448, batch_size: 1 }),
    pos: node("CLIPTextEncode", { text: "a white horse", clip: ["ckpt", 1] }),
    neg: node("CLIPTextEncode", { text: "blurry, human", clip: ["ckpt", 1] }),
    k: node("KSampler", {
      seed: 11,
      steps: 18,
      cfg: 6,
      sampler_name: "euler_ancestral",
      scheduler: "normal",
      denoise: 1,
      model: ["ckpt", 0],
      positive: ["pos", 0],
      negative: ["neg", 0],
      latent_image: ["lat", 0],
      ...k,
    }),
    ...nodes,
  };
}

const read = (prompt: Json, workflow?: Json) =>
  settingsIn([
    { keyword: "prompt", text: JSON.stringify(prompt) },
    ...(workflow ? [{ keyword: "workflow", text: JSON.stringify(workflow) }] : []),
  ]) as Found;

const PLAIN = {
  source: "ComfyUI",
  settings: {
    prompt: "a white horse",
    negativePrompt: "blurry, human",
    sampler: "euler-ancestral",
    steps: 18,
    guidanceScale: 6,
    seed: 11,
    width: 640,
    height: 448,
  },
  model: "sd15.safetensors",
  unmapped: [],
};

it("reads a graph as it ran, with Python's NaN and whole numbers of 64 bits in it", () => {
  const text = JSON.stringify({ ...graphWith(), is_changed: ["NaN?"] }).replace('"NaN?"', "NaN, -Infinity");
  expect(settingsIn([{ keyword: "prompt", text }])).toEqual(PLAIN);
  const long = text.replace('"seed":11', '"seed":18446744073709551615');
  expect(settingsIn([{ keyword: "prompt", text: long }])).toMatchObject({
    settings: { seed: 2 ** 32 - 1 },
    unmapped: [expect.stringMatching(/^Seed: 18446744073709551615 /)],
  });
});

describe("which prompt is which: the slot that a link leaves from counts", () => {
  const both = { positive: ["pos", 0], negative: ["neg", 0] };
  const cases: [string, Json, Inputs, Partial<Found["settings"]>, string[]][] = [
    ...["ControlNetApplyAdvanced", "ControlNetApplySD3", "SomeExtensionsControlNet"].map(
      (type): (typeof cases)[number] => [
        type,
        { cn: node(type, { ...both, strength: 0.8 }) },
        { positive: ["cn", 0], negative: ["cn", 1] },
        {},
        [`${type} (prompt)`, `${type} (negative prompt)`],
      ],
    ),
    [
      "InpaintModelConditioning",
      { im: node("InpaintModelConditioning", { ...both, pixels: ["x", 0], mask: ["x", 1] }) },
      { positive: ["im", 0], negative: ["im", 1] },
      {},
      ["InpaintModelConditioning (prompt)", "InpaintModelConditioning (negative prompt)"],
    ],
    [
      "one after the other, the second for the prompt alone",
      {
        a: node("ControlNetApplyAdvanced", both),
        b: node("ControlNetApplyAdvanced", { positive: ["a", 0], negative: ["a", 1] }),
      },
      { positive: ["b", 0], negative: ["a", 1] },
      {},
      ["ControlNetApplyAdvanced (prompt)", "ControlNetApplyAdvanced (negative prompt)"],
    ],
    [
      "swapped on purpose",
      { cn: node("ControlNetApplyAdvanced", both) },
      { positive: ["cn", 1], negative: ["cn", 0] },
      { prompt: "blurry, human", negativePrompt: "a white horse" },
      ["ControlNetApplyAdvanced (prompt)", "ControlNetApplyAdvanced (negative prompt)"],
    ],
    [
      "ApplyInstantID, whose first output is the model",
      { id: node("ApplyInstantID", both) },
      { positive: ["id", 1], negative: ["id", 2] },
      {},
      ["ApplyInstantID (prompt)", "ApplyInstantID (negative prompt)"],
    ],
    [
      "ConditioningZeroOut of the prompt as the negative one",
      { z: node("ConditioningZeroOut", { conditioning: ["pos", 0] }) },
      { negative: ["z", 0] },
      { negativePrompt: "" },
      ["ConditioningZeroOut (negative prompt)"],
    ],
    [
      "ConditioningConcat is BREAK",
      { c: node("ConditioningConcat", { conditioning_to: ["pos", 0], conditioning_from: ["neg", 0] }) },
      { positive: ["c", 0] },
      { prompt: "a white horse\nBREAK\nblurry, human" },
      [],
    ],
    [
      "ConditioningCombine has no counterpart",
      { c: node("ConditioningCombine", { conditioning_1: ["pos", 0], conditioning_2: ["neg", 0] }) },
      { positive: ["c", 0] },
      {},
      ["ConditioningCombine (prompt), the second: blurry, human"],
    ],
    [
      "what changes one conditioning is named",
      {
        a: node("ConditioningSetArea", { conditioning: ["pos", 0], width: 8 }),
        b: node("FluxGuidance", { conditioning: ["a", 0], guidance: 3.5 }),
      },
      { positive: ["b", 0] },
      {},
      ["FluxGuidance: 3.5", "ConditioningSetArea (prompt)"],
    ],
    [
      "pipes",
      {
        p: node("ToBasicPipe", { ...both, model: ["ckpt", 0] }),
        f: node("FromBasicPipe", { basic_pipe: ["p", 0] }),
      },
      { positive: ["f", 3], negative: ["f", 4] },
      {},
      [],
    ],
    [
      "nodes that pass on",
      { r: node("Reroute (rgthree)", { "": ["neg", 0] }), s: node("Reroute", { "": ["r", 0] }) },
      { negative: ["s", 0] },
      {},
      [],
    ],
  ];
  it.each(cases)("%s", (_, nodes, k, settings, unmapped) => {
    expect(read(graphWith(nodes, k))).toEqual({ ...PLAIN, settings: { ...PLAIN.settings, ...settings }, unmapped });
  });

  it("by the names of the outputs, where the workflow has them", () => {
    const graph = graphWith({ x: node("Odd", both) }, { positive: ["x", 2], negative: ["x", 0] });
    const outputs = ["NEGATIVE", "MODEL", "POSITIVE"].map((name) => ({ name, type: "CONDITIONING" }));
    expect(read(graph, { nodes: [{ id: "x", type: "Odd", outputs }], links: [] }).settings).toEqual(PLAIN.settings);
  });

  it("a prompt that is nowhere is said", () => {
    const { unmapped, settings } = read(graphWith({}, { positive: ["gone", 0] }));
    expect([settings.prompt, unmapped]).toEqual(["", ["Prompt: no text was found"]]);
  });
});

describe("texts", () => {
  const prompt = (nodes: Json) => read(graphWith(nodes));

  it.each([
    ["a primitive", node("PrimitiveString", { value: "a hill" }), "a hill"],
    ["joined", node("StringConcatenate", { string_a: "a", string_b: ["t2", 0], delimiter: "\\n" }), "a\nsecond"],
    [
      "wildcards, as they turned out",
      node("ImpactWildcardProcessor", { wildcard_text: "__x__", populated_text: "a hill" }),
      "a hill",
    ],
    ["a link to a link", node("ShowText|pysssss", { text: ["t2", 0] }), "second"],
  ])("%s", (_, source, expected) => {
    const nodes = { t: source, t2: node("Text", { text: "second" }), pos: node("CLIPTextEncode", { text: ["t", 0] }) };
    expect(prompt(nodes).settings.prompt).toBe(expected);
  });

  it("a second text is named, and so is a text that a node makes anew at each run", () => {
    const sdxl = { pos: node("CLIPTextEncodeSDXL", { text_g: "a horse", text_l: "oil", width: 1024, height: 1024 }) };
    expect(prompt(sdxl)).toMatchObject({
      settings: { prompt: "a horse", width: 640 },
      unmapped: ["text_l (prompt): oil"],
    });
    const sd3 = { pos: node("CLIPTextEncodeSD3", { clip_l: "horse", clip_g: "a horse", t5xxl: "a long text" }) };
    expect(prompt(sd3)).toMatchObject({
      settings: { prompt: "a long text" },
      unmapped: ["clip_g (prompt): a horse", "clip_l (prompt): horse"],
    });
    const same = { pos: node("CLIPTextEncodeSDXL", { text_g: "", text_l: "a horse" }) };
    expect(prompt(same)).toMatchObject({ settings: { prompt: "a horse" }, unmapped: [] });
    const random = { w: node("DPRandomGenerator", { text: "{a|b}" }), pos: node("CLIPTextEncode", { text: ["w", 0] }) };
    expect(prompt(random).unmapped).toEqual(["text (prompt) may have been computed"]);
    const embedding = { pos: node("CLIPTextEncode", { text: "(embedding:easy.pt:1.2), cat" }) };
    const weights = "ComfyUI's weights (they are scaled differently here)";
    expect(prompt(embedding).unmapped).toEqual(["embedding:easy.pt", weights]);
  });
});

describe("samplers", () => {
  const sigmas = node("BasicScheduler", { scheduler: "simple", steps: 20, denoise: 1, model: ["ckpt", 0] });
  const guider = node("CFGGuider", { cfg: 4, model: ["ckpt", 0], positive: ["pos", 0], negative: ["neg", 0] });
  const advanced = (nodes: Json = {}) =>
    graphWith({
      k: node("SamplerCustomAdvanced", {
        noise: ["n", 0],
        guider: ["g", 0],
        sampler: ["ks", 0],
        sigmas: ["sg", 0],
        latent_image: ["lat", 0],
      }),
      n: node("RandomNoise", { noise_seed: 9 }),
      g: guider,
      ks: node("KSamplerSelect", { sampler_name: "dpmpp_2m" }),
      sg: sigmas,
      ...nodes,
    });
  const expected = { ...PLAIN.settings, seed: 9, steps: 20, guidanceScale: 4, sampler: "dpmpp-2m" };

  it("SamplerCustomAdvanced with its guider, noise, sampler and schedule", () => {
    expect(read(advanced())).toEqual({ ...PLAIN, settings: expected });
    const unguided = advanced({ g: node("BasicGuider", { model: ["ckpt", 0], conditioning: ["pos", 0] }) });
    expect(read(unguided).settings).toEqual({ ...expected, guidanceScale: 1, negativePrompt: "" });
    const split = advanced({
      sg: node("SplitSigmas", { sigmas: ["sg2", 0], step: 5 }),
      sg2: node("KarrasScheduler", { steps: 12, sigma_max: 14, sigma_min: 0.03, rho: 7 }),
      ks: node("SamplerDPMPP_2M_SDE", { solver_type: "midpoint", eta: 1 }),
      n: node("DisableNoise"),
    });
    expect(read(split)).toMatchObject({
      settings: { steps: 12, sampler: "dpmpp-2m-sde" },
      unmapped: ["Schedule type: Karras", "Seed: computed by a node", "Add noise: no", "SplitSigmas: 5"],
    });
  });

  it("SamplerCustom", () => {
    const graph = graphWith({
      k: node("SamplerCustom", {
        add_noise: true,
        noise_seed: 5,
        cfg: 1,
        model: ["ckpt", 0],
        positive: ["pos", 0],
        negative: ["neg", 0],
        sampler: ["ks", 0],
        sigmas: ["sg", 0],
        latent_image: ["lat", 0],
      }),
      ks: node("SamplerEulerAncestral", { eta: 1 }),
      sg: node("SDTurboScheduler", { steps: 1, denoise: 1, model: ["ckpt", 0] }),
    });
    expect(read(graph)).toMatchObject({
      settings: { ...PLAIN.settings, seed: 5, steps: 1, guidanceScale: 1 },
      unmapped: ["Schedule type: SDTurbo"],
    });
  });

  it("KSamplerAdvanced, its parts named", () => {
    const graph = graphWith({
      k: node("KSamplerAdvanced", {
        ...(graphWith().k as { inputs: Inputs }).inputs,
        seed: undefined,
        noise_seed: 3,
        add_noise: "enable",
        start_at_step: 0,
        end_at_step: 12,
      }),
    });
    expect(read(graph)).toMatchObject({ settings: { seed: 3, steps: 18 }, unmapped: ["End at step: 12"] });
  });

  it("Efficiency nodes", () => {
    const graph = {
      el: node("Efficient Loader", {
        ckpt_name: "x.safetensors",
        clip_skip: -2,
        lora_name: "ink.safetensors",
        lora_model_strength: 0.5,
        lora_clip_strength: 0.5,
        positive: "a cat",
        negative: "dog",
        empty_latent_width: 512,
        empty_latent_height: 640,
        batch_size: 2,
        lora_stack: ["st", 0],
      }),
      st: node("LoRA Stacker", {
        lora_count: 1,
        lora_name_1: "oil",
        lora_wt_1: -0.3,
        lora_name_2: "unused",
        lora_wt_2: 1,
      }),
      k: node("KSampler (Efficient)", {
        seed: 1,
        steps: 20,
        cfg: 7,
        sampler_name: "euler",
        scheduler: "normal",
        denoise: 1,
        model: ["el", 0],
        positive: ["el", 1],
        negative: ["el", 2],
        latent_image: ["el", 3],
      }),
      k2: node("KSampler (Efficient)", {
        seed: 2,
        steps: 10,
        cfg: 7,
        model: ["k", 0],
        positive: ["k", 1],
        negative: ["k", 2],
        latent_image: ["k", 3],
      }),
    };
    expect(read(graph)).toMatchObject({
      settings: { prompt: "a cat", negativePrompt: "dog", seed: 1, width: 512, height: 640 },
      model: "x.safetensors",
      loras: [
        { name: "ink.safetensors", scale: 0.5 },
        { name: "oil", scale: -0.3 },
      ],
      unmapped: ["Batch size: 2 (the seed gives the first of these pictures)", "Clip skip: 2", "1 more sampler nodes"],
    });
  });

  it("the first of several passes, whichever stands first in the file", () => {
    const second = { ...(graphWith().k as { inputs: Inputs }).inputs, seed: 99, denoise: 0.5, latent_image: ["up", 0] };
    const graph = {
      a: node("KSampler", second),
      up: node("LatentUpscaleBy", { samples: ["k", 0], scale_by: 1.5 }),
      ...graphWith(),
    };
    expect(read(graph)).toMatchObject({ settings: PLAIN.settings, unmapped: ["1 more sampler nodes"] });
  });

  it("values that a node computes are said to be", () => {
    const { settings, unmapped } = read(
      graphWith({ m: node("MathExpression", { expression: "a*2" }) }, { steps: ["m", 0] }),
    );
    expect(settings).not.toHaveProperty("steps");
    expect(unmapped).toEqual(["Steps: computed by a node"]);
    expect(read(graphWith({ m: node("PrimitiveInt", { value: 7 }) }, { seed: ["m", 0] })).settings.seed).toBe(7);
  });

  it("a graph without one is refused with what it has", () => {
    const graph = { a: node("MagicSampler", { power: 3 }), b: node("SaveImage") };
    expect(() => read(graph)).toThrow(
      /ComfyUI graph without a sampler node that Darkroom reads \(it has MagicSampler\)/,
    );
  });
});

describe("latents", () => {
  const latents = (nodes: Json) => {
    const { settings, unmapped } = read(graphWith(nodes, { latent_image: ["l", 0] }));
    return [settings.width, settings.height, unmapped];
  };
  const batch = (count: number) => [`Batch size: ${count} (the seed gives the first of these pictures)`];

  it.each<[string, Json, unknown[]]>([
    ["a batch", { l: node("EmptySD3LatentImage", { width: 64, height: 128, batch_size: 4 }) }, [64, 128, batch(4)]],
    ["repeated", { l: node("RepeatLatentBatch", { amount: 3, samples: ["lat", 0] }) }, [640, 448, batch(3)]],
    ["enlarged", { l: node("LatentUpscaleBy", { scale_by: 2, samples: ["lat", 0] }) }, [1280, 896, []]],
    ["resized", { l: node("LatentUpscale", { width: 800, height: 600, samples: ["lat", 0] }) }, [800, 600, []]],
    [
      "a preset",
      { l: node("SDXL Empty Latent Image (rgthree)", { dimensions: "1216 x  832  (landscape)" }) },
      [1216, 832, []],
    ],
    [
      "sides from a node",
      {
        l: node("EmptyLatentImage", { width: ["s", 0], height: ["s", 1] }),
        s: node("Aspect", { width: 96, height: 72 }),
      },
      [96, 72, []],
    ],
    [
      "a picture",
      { l: node("VAEEncode", { pixels: ["x", 0] }) },
      [undefined, undefined, ["the start image (VAEEncode)"]],
    ],
    [
      "a masked picture",
      {
        l: node("SetLatentNoiseMask", { samples: ["e", 0], mask: ["x", 1] }),
        e: node("VAEEncode", { pixels: ["x", 0] }),
      },
      [undefined, undefined, ["SetLatentNoiseMask", "the start image (VAEEncode)"]],
    ],
    ["unknown ones", { l: node("Magic", { power: 1 }) }, [undefined, undefined, ["the first latents (Magic)"]]],
  ])("%s", (_, nodes, expected) => expect(latents(nodes)).toEqual(expected));
});

describe("the model's chain", () => {
  it("LoRAs with their weights, in the network and in the text encoder", () => {
    const nodes = {
      a: node("LoraLoader", {
        lora_name: "ink.safetensors",
        strength_model: 0.6,
        strength_clip: 0.6,
        model: ["ckpt", 0],
        clip: ["ckpt", 1],
      }),
      b: node("LoraLoaderModelOnly", { lora_name: "sub\\oil.safetensors", strength_model: -0.5, model: ["a", 0] }),
      c: node("LoraLoader", {
        lora_name: "text.safetensors",
        strength_model: 1,
        strength_clip: 0.3,
        model: ["ckpt", 0],
        clip: ["a", 1],
      }),
      off: node("LoraLoader", {
        lora_name: "off.safetensors",
        strength_model: 0,
        strength_clip: 0,
        model: ["b", 0],
        clip: ["c", 1],
      }),
      pos: node("CLIPTextEncode", { text: "a white horse", clip: ["off", 1] }),
      neg: node("CLIPTextEncode", { text: "blurry, human", clip: ["off", 1] }),
    };
    const { loras, unmapped } = read(graphWith(nodes, { model: ["off", 0] }));
    expect(loras).toEqual([
      { name: "oil.safetensors", scale: -0.5 },
      { name: "ink.safetensors", scale: 0.6 },
    ]);
    expect(unmapped).toEqual([
      "LoRA oil.safetensors: its text encoder part at 0",
      "LoRA text.safetensors at 0.3 in the text encoder alone",
    ]);
  });

  it("rgthree's Power Lora Loader", () => {
    const nodes = {
      p: node("Power Lora Loader (rgthree)", {
        lora_1: { on: true, lora: "ink.safetensors", strength: 0.8 },
        lora_2: { on: false, lora: "oil.safetensors", strength: 1 },
        model: ["ckpt", 0],
        clip: ["ckpt", 1],
      }),
      pos: node("CLIPTextEncode", { text: "a white horse", clip: ["p", 1] }),
    };
    expect(read(graphWith(nodes, { model: ["p", 0] }))).toMatchObject({
      loras: [{ name: "ink.safetensors", scale: 0.8 }],
      unmapped: [],
    });
  });

  it("clip skip, and what changes the model", () => {
    const nodes = {
      cs: node("CLIPSetLastLayer", { stop_at_clip_layer: -2, clip: ["ckpt", 1] }),
      pos: node("CLIPTextEncode", { text: "a white horse", clip: ["cs", 0] }),
      ms: node("ModelSamplingDiscrete", { sampling: "v_prediction", zsnr: true, model: ["ckpt", 0] }),
    };
    const { model, unmapped } = read(graphWith(nodes, { model: ["ms", 0] }));
    expect(model).toBe("sd15.safetensors");
    expect(unmapped).toEqual(["ModelSamplingDiscrete: sampling v_prediction, zsnr true", "Clip skip: 2"]);
  });
});

describe("a graph as it was drawn", () => {
  const drawn = (mode = 0, more: Json[] = []) => ({
    nodes: [
      {
        id: 3,
        type: "KSampler",
        inputs: [
          { name: "model", link: 1 },
          { name: "positive", link: 4 },
          { name: "negative", link: 6 },
          { name: "latent_image", link: 2 },
        ],
        widgets_values: [7, "randomize", 12, 6.5, "dpmpp_2m", "karras", 0.6],
      },
      {
        id: 8,
        type: "LoraLoader",
        mode,
        inputs: [
          { name: "model", type: "MODEL", link: 7 },
          { name: "clip", type: "CLIP", link: 8 },
        ],
        outputs: [
          { name: "MODEL", type: "MODEL" },
          { name: "CLIP", type: "CLIP" },
        ],
        widgets_values: ["ink.safetensors", 0.4, 0.4],
      },
      { id: 4, type: "CheckpointLoaderSimple", inputs: [], widgets_values: ["model.safetensors"] },
      { id: 5, type: "EmptyLatentImage", widgets_values: [512, 768, 1] },
      { id: 6, type: "CLIPTextEncode", inputs: [{ name: "clip", link: 3 }], widgets_values: ["a cat"] },
      { id: 7, type: "CLIPTextEncode", widgets_values: [""] },
      ...more,
    ],
    links: [
      [1, 8, 0, 3, 0, "MODEL"],
      [2, 5, 0, 3, 3, "LATENT"],
      [3, 8, 1, 6, 0, "CLIP"],
      [4, 6, 0, 3, 1, "CONDITIONING"],
      [6, 7, 0, 3, 2, "CONDITIONING"],
      [7, 4, 0, 8, 0, "MODEL"],
      { id: 8, origin_id: 4, origin_slot: 1, target_id: 8, target_slot: 1, type: "CLIP" },
    ],
  });
  const readDrawn = (workflow: Json) => settingsIn([{ keyword: "workflow", text: JSON.stringify(workflow) }]) as Found;
  const expected = {
    source: "ComfyUI",
    settings: {
      prompt: "a cat",
      negativePrompt: "",
      sampler: "dpmpp-2m",
      steps: 12,
      guidanceScale: 6.5,
      seed: 7,
      width: 512,
      height: 768,
    },
    model: "model.safetensors",
    unmapped: ["Schedule type: karras", "Denoise: 0.6"],
  };

  it("is read by the order of its widgets", () => {
    expect(readDrawn(drawn())).toEqual({ ...expected, loras: [{ name: "ink.safetensors", scale: 0.4 }] });
  });

  it("bypassed nodes pass on what comes in", () => {
    expect(readDrawn(drawn(4))).toEqual(expected);
  });

  it("widgets by name, wherever the node lists them", () => {
    const [sampler, ...others] = drawn(4).nodes as Json[];
    const names = ["noise_seed", "steps", "cfg", "sampler_name", "scheduler"];
    const inputs = [...(sampler.inputs as Json[]), ...names.map((name) => ({ name, widget: { name }, link: null }))];
    const custom = {
      ...sampler,
      type: "CustomSampler",
      inputs,
      widgets_values: [7, "fixed", 12, 6.5, "dpmpp_2m", "karras"],
    };
    const found = readDrawn({ ...drawn(4), nodes: [custom, ...others] });
    expect(found).toEqual({ ...expected, unmapped: ["Schedule type: karras"] });
  });

  it("KJNodes' Set and Get", () => {
    const more = [
      { id: 20, type: "SetNode", inputs: [{ name: "CONDITIONING", link: 30 }], widgets_values: ["neg"] },
      { id: 21, type: "GetNode", widgets_values: ["neg"] },
      { id: 22, type: "CLIPTextEncode", widgets_values: ["dog"] },
    ];
    const workflow = drawn(4, more);
    workflow.links[4] = [6, 21, 0, 3, 2, "CONDITIONING"];
    workflow.links.push([30, 22, 0, 20, 0, "CONDITIONING"]);
    expect(readDrawn(workflow).settings.negativePrompt).toBe("dog");
  });
});

it("does not walk in circles", () => {
  const loop = {
    "1": node("KSampler", {
      positive: ["2", 0],
      negative: ["4", 1],
      model: ["2", 0],
      seed: ["3", 0],
      latent_image: ["6", 0],
    }),
    "2": node("Reroute", { conditioning: ["2", 0], model: ["2", 0] }),
    "3": node("Primitive", { value: ["3", 0] }),
    "4": node("ConditioningConcat", { conditioning_to: ["4", 0], conditioning_from: ["5", 0] }),
    "5": node("ControlNetApplyAdvanced", { positive: ["4", 0], negative: ["5", 1], model: ["5", 0] }),
    "6": node("RepeatLatentBatch", { samples: ["6", 0], amount: 2 }),
  };
  expect(read(loop)).toMatchObject({ source: "ComfyUI", settings: { prompt: "" } });
});
