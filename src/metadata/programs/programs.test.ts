import { describe, expect, it } from "vitest";
import type { FileText } from "../formats/file-text";
import { settingsIn } from "../read-settings";
import { weighed } from "./novelai";

const read = (texts: Record<string, unknown>) =>
  settingsIn(
    Object.entries(texts).map(
      ([keyword, text]): FileText => ({ keyword, text: typeof text === "string" ? text : JSON.stringify(text) }),
    ),
  );
const webui = (prompt: string, rest = "") =>
  read({ parameters: `${prompt}\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5, Size: 512x512, RNG: CPU${rest}` });
const GPU = "the noise of the GPU (the seed gives other noise here)";

describe("AUTOMATIC1111's tags", () => {
  it.each([
    ["<lora:ink:-0.5>", -0.5, []],
    ["<lora:ink:+0.4>", 0.4, []],
    ["<lora:ink: .5 >", 0.5, []],
    ["<lora:ink>", 1, []],
    ["<lyco:ink:0.8>", 0.8, []],
    ["<LORA:ink:1e-1>", 0.1, []],
    ["<lora:folder/ink:0.7>", 0.7, []],
    ["<lora:ink:te=0.3:unet=0.6>", 0.6, ["LoRA ink: its text encoder part at 0.3"]],
    ["<lora:ink:0.4:0.9>", 0.9, ["LoRA ink: its text encoder part at 0.4"]],
    ["<lora:ink:0.7:lbw=OUTD>", 0.7, ["LoRA ink: lbw: OUTD"]],
    ["<lora:ink:0.5:0.5:dyn=8>", 0.5, ["LoRA ink: dyn: 8"]],
  ])("%s weighs %d", (tag, scale, unmapped) => {
    const found = webui(`a cat ${tag}, sitting`);
    expect(found).toMatchObject({ settings: { prompt: "a cat, sitting" }, loras: [{ name: "ink", scale }], unmapped });
  });

  it("names what is not a LoRA, or has a weight that is not a number", () => {
    expect(webui("a cat <lora:ink:0>")).not.toHaveProperty("loras");
    const found = webui("a cat <hypernet:anime:0.6> <lora:ink:strong><other:x:1>\nNegative prompt: bad <lora:neg:1>");
    expect(found).toMatchObject({ settings: { prompt: "a cat", negativePrompt: "bad" } });
    expect(found?.loras).toBeUndefined();
    expect(found?.unmapped).toEqual([
      "hypernetwork anime at 0.6",
      "LoRA ink: strong",
      "<other:x:1>",
      "<lora:neg:1> in the negative prompt",
    ]);
  });
});

describe("AUTOMATIC1111's pairs, as extensions leave them", () => {
  it("a raw line break in a quoted value", () => {
    const found = webui("a red cat", ', Wildcard prompt: "a __color__ cat\nwith hat: red", Model: m, Version: v1.5');
    expect(found).toMatchObject({ settings: { prompt: "a red cat", steps: 20 }, model: "m" });
    expect(found?.unmapped).toEqual(["Wildcard prompt: a __color__ cat with hat: red"]);
  });

  it("a raw line break in a value without quotes, and keys on lines of their own", () => {
    const found = webui("a red cat", ", Wildcard prompt: a cat\nwith hat, and more, Model: m\nNote: x");
    expect(found).toMatchObject({ settings: { prompt: "a red cat", steps: 20 }, model: "m" });
    expect(found?.unmapped).toEqual(["Wildcard prompt: a cat with hat", "Note: x"]);
  });

  it("templates of Dynamic Prompts behind the pairs", () => {
    const found = webui("a red cat", "\nTemplate: a {red|blue} cat, 4k: best,\nsecond line\nNegative Template: dog");
    expect(found?.settings).toMatchObject({ prompt: "a red cat", steps: 20 });
    expect(found?.unmapped).toEqual(["Template: a {red|blue} cat, 4k: best, second line", "Negative Template: dog"]);
  });

  it("JSON of Civitai, whose LoRAs stand nowhere else", () => {
    const resources = [
      { type: "checkpoint", modelVersionId: 1, modelName: "Pony", modelVersionName: "V6" },
      { type: "lora", weight: -0.65, modelVersionId: 2, modelName: "Ink, the: first" },
      { type: "embed", modelVersionId: 3, modelName: "easy" },
    ];
    const found = webui(
      "a fox",
      `, Hashes: {"model": "12", "vae": "34"}, Civitai resources: ${JSON.stringify(resources)}`,
    );
    expect(found).toMatchObject({ model: "Pony", loras: [{ name: "Ink, the: first", scale: -0.65 }] });
    expect(found?.unmapped).toEqual(["embed: easy"]);
  });

  it("Windows' line breaks, and a prompt with a line that looks like pairs", () => {
    const found = read({
      parameters: "a: b, c: d, e: f\r\nNegative prompt: x\r\nSteps: 3, Seed: 1, Size: 64x64, RNG: CPU",
    });
    expect(found).toMatchObject({
      settings: { prompt: "a: b, c: d, e: f", negativePrompt: "x", steps: 3 },
      unmapped: [],
    });
  });

  it("a variation is another where the noise is", () => {
    const pairs = ", Variation seed: 9, Variation seed strength: 0.25";
    expect(webui("a", pairs)?.settings.variation).toEqual({ seed: 9, strength: 0.25 });
    const gpu = read({ parameters: `a\nSteps: 2, Seed: 1, Size: 64x64${pairs}` });
    expect(gpu?.settings).not.toHaveProperty("variation");
    expect(gpu?.unmapped).toContain("Variation seed: 9");
  });

  it("a seed beyond 2^53 becomes the one with the same noise", () => {
    const found = read({ parameters: "a\nSteps: 2, Seed: 18446744073709551615, Size: 64x64, RNG: CPU" });
    expect(found?.settings.seed).toBe(2 ** 32 - 1);
    expect(found?.unmapped).toEqual(["Seed: 18446744073709551615 (too long here; 4294967295 gives the same noise)"]);
  });
});

it("RuinedFooocus", () => {
  const parameters = {
    Prompt: "rusty ship",
    Negative: "photo",
    steps: 30,
    cfg: 5,
    width: 1344,
    height: 768,
    seed: 2394374,
    sampler_name: "dpmpp_2m_sde_gpu",
    scheduler: "simple",
    base_model_name: "folder\\jugg.safetensors",
    loras: "Loras:<Grit.safetensors:0.7><oil.safetensors:-1>",
    start_step: 0,
    denoise: null,
    software: "RuinedFooocus",
  };
  expect(read({ parameters })).toEqual({
    source: "RuinedFooocus",
    settings: {
      prompt: "rusty ship",
      negativePrompt: "photo",
      steps: 30,
      guidanceScale: 5,
      width: 1344,
      height: 768,
      seed: 2394374,
      sampler: "dpmpp-2m-sde",
    },
    model: "jugg.safetensors",
    loras: [
      { name: "Grit.safetensors", scale: 0.7 },
      { name: "oil.safetensors", scale: -1 },
    ],
    unmapped: [],
  });
});

it("Fooocus' LoRAs", () => {
  const found = read({ parameters: { prompt: "a", steps: 3, loras: [["ink.safetensors", 0.5, "ab"]] } });
  expect(found).toMatchObject({ source: "Fooocus", loras: [{ name: "ink.safetensors", scale: 0.5 }] });
});

it("SwarmUI", () => {
  const sui_image_params = {
    prompt: "a frog <segment:eye>",
    negativeprompt: "worst",
    images: 1,
    seed: 581,
    steps: 25,
    cfgscale: 4,
    width: 1024,
    height: 768,
    model: "OfficialStableDiffusion/x.safetensors",
    sampler: "dpmpp_2m",
    scheduler: "karras",
    loras: ["ink", "oil"],
    loraweights: ["0.5", "-1"],
    initimagecreativity: 0.6,
    swarm_version: "0.9.5.0",
  };
  expect(read({ parameters: JSON.stringify({ sui_image_params, sui_extra_data: {} }, null, 2) })).toEqual({
    source: "SwarmUI",
    settings: {
      prompt: "a frog",
      negativePrompt: "worst",
      seed: 581,
      steps: 25,
      guidanceScale: 4,
      width: 1024,
      height: 768,
      sampler: "dpmpp-2m",
    },
    model: "x.safetensors",
    loras: [
      { name: "ink", scale: 0.5 },
      { name: "oil", scale: -1 },
    ],
    unmapped: ["<segment:eye>", "Schedule type: karras", "initimagecreativity: 0.6"],
  });
});

describe("InvokeAI", () => {
  const metadata = {
    app_version: "5.4.3",
    generation_mode: "sdxl_txt2img",
    positive_prompt: "a painting",
    negative_prompt: "frame",
    width: 832,
    height: 512,
    seed: 155,
    rand_device: "cpu",
    cfg_scale: 7.5,
    cfg_rescale_multiplier: 0.7,
    steps: 30,
    scheduler: "dpmpp_2m_k",
    clip_skip: 1,
    model: { name: "sdxl", base: "sdxl", type: "main" },
    loras: [{ model: { name: "ink" }, weight: 0.75 }],
    controlnets: [],
  };

  it("from version 3 on", () => {
    expect(read({ invokeai_metadata: metadata })).toEqual({
      source: "InvokeAI",
      settings: {
        prompt: "a painting",
        negativePrompt: "frame",
        width: 832,
        height: 512,
        seed: 155,
        guidanceScale: 7.5,
        guidanceRescale: 0.7,
        steps: 30,
        sampler: "dpmpp-2m",
      },
      model: "sdxl",
      loras: [{ name: "ink", scale: 0.75 }],
      unmapped: ["Schedule type: Karras", "Clip skip: 1"],
    });
    const weighed = read({
      invokeai_metadata: { ...metadata, positive_prompt: "a (big cat)1.3", rand_device: "cuda" },
    });
    expect(weighed?.unmapped).toEqual(expect.arrayContaining([expect.stringMatching(/^InvokeAI's weights;/), GPU]));
  });

  it("version 2", () => {
    const image = {
      prompt: [{ prompt: "a cat [dog, blurry]", weight: 1 }],
      steps: 50,
      cfg_scale: 7.5,
      height: 512,
      width: 640,
      seed: 42,
      type: "txt2img",
      sampler: "k_lms",
    };
    const found = read({
      "sd-metadata": { model: "stable diffusion", model_weights: "sd15", app_version: "2.3", image },
    });
    expect(found).toMatchObject({
      settings: { prompt: "a cat", negativePrompt: "dog, blurry", steps: 50, seed: 42, width: 640, sampler: "lms" },
      model: "sd15",
      unmapped: [],
    });
  });

  it("version 1", () => {
    const found = read({ Dream: '"a \\"big\\" cat [dog]" -s 50 -S 42 -W 512 -H 640 -C 7.5 -A k_euler_a' });
    expect(found).toMatchObject({
      settings: {
        prompt: 'a "big" cat',
        negativePrompt: "dog",
        steps: 50,
        seed: 42,
        height: 640,
        sampler: "euler-ancestral",
      },
    });
  });
});

describe("NovelAI", () => {
  const comment = {
    prompt: "1girl, {{smile}}, [rain]",
    steps: 28,
    sampler: "k_dpmpp_2m",
    seed: 40287,
    scale: 11,
    uc: "lowres",
    width: 832,
    height: 1216,
    noise_schedule: "karras",
    request_type: "PromptGenerateRequest",
    v4_prompt: { caption: { base_caption: "x", char_captions: [{ char_caption: "a girl" }] } },
  };
  const settings = {
    prompt: "1girl, (smile:1.1025), (rain:0.9524)",
    negativePrompt: "lowres",
    steps: 28,
    sampler: "dpmpp-2m",
    seed: 40287,
    guidanceScale: 11,
    width: 832,
    height: 1216,
  };

  it("is read", () => {
    expect(read({ Description: "other", Software: "NovelAI", Source: "NAI V4", Comment: comment })).toEqual({
      source: "NovelAI",
      settings,
      model: "NAI V4",
      unmapped: ["Schedule type: karras", "character prompts: a girl", GPU],
    });
    const { prompt, ...early } = comment;
    expect(read({ Description: prompt, Software: "NovelAI", Comment: early })?.settings).toEqual(settings);
    const whole = { Comment: JSON.stringify(comment), Software: "NovelAI" };
    expect(read({ parameters: whole })?.settings).toEqual(settings);
  });

  it.each([
    ["a {b [c] d} e", "a (b :1.05)c( d:1.05) e"],
    ["(a) \\ {", "\\(a\\) \\\\ "],
    ["}]a[", "a"],
    ["[[x]]", "(x:0.907)"],
  ])("%j is %j", (given, expected) => expect(weighed(given)).toBe(expected));
});

describe("Draw Things", () => {
  const xmp = (inner: string) =>
    `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description>${inner}<xmp:CreatorTool>Draw Things</xmp:CreatorTool></rdf:Description></rdf:RDF></x:xmpmeta>`;
  const list = (name: string, text: string) =>
    `<${name}><rdf:Alt><rdf:li xml:lang="x-default">${text}</rdf:li></rdf:Alt></${name}>`;
  const description = list(
    "dc:description",
    "a guitar &amp; &lt;3\nsecond line\n-ocean\nSteps: 10, Sampler: Euler A Trailing, Guidance Scale: 10.0, Seed: 117, Size: 1152x768, Model: sd_v1.4, Strength: 1.0, Seed Mode: Scale Alike",
  );
  const settings = {
    prompt: "a guitar & <3\nsecond line",
    negativePrompt: "ocean",
    steps: 10,
    sampler: "euler-ancestral",
    guidanceScale: 10,
    seed: 117,
    width: 1152,
    height: 768,
  };

  it("is read from its lines", () => {
    expect(read({ "XML:com.adobe.xmp": xmp(description) })).toEqual({
      source: "Draw Things",
      settings,
      model: "sd_v1.4",
      unmapped: ["Schedule type: Trailing", "Seed mode: Scale Alike (the seed gives other noise here)"],
    });
  });

  it("is read from its JSON, where there is one", () => {
    const json = {
      c: "a guitar",
      uc: "",
      steps: 8,
      sampler: "DPM++ 2M Karras",
      scale: 4.5,
      seed: 3,
      seed_mode: "Torch CPU Compatible",
      size: "512x640",
      model: "m.ckpt",
      strength: 0.7,
      lora: [{ model: "ink.ckpt", weight: 0.6 }],
      v2: { steps: 8 },
    };
    const comment = list("exif:UserComment", JSON.stringify(json).replaceAll('"', "&quot;"));
    expect(read({ "XML:com.adobe.xmp": xmp(description + comment) })).toMatchObject({
      settings: {
        prompt: "a guitar",
        negativePrompt: "",
        steps: 8,
        guidanceScale: 4.5,
        seed: 3,
        width: 512,
        height: 640,
      },
      loras: [{ name: "ink.ckpt", scale: 0.6 }],
      unmapped: ["Schedule type: Karras", "Strength: 0.7"],
    });
  });
});

it("Easy Diffusion, as texts and as JSON", () => {
  const values = {
    prompt: "a cat",
    negative_prompt: "dog",
    seed: "12",
    num_inference_steps: "25",
    guidance_scale: "7.5",
    sampler_name: "euler_a",
    width: "512",
    height: "640",
    use_stable_diffusion_model: "sd-v1-5",
    use_lora_model: "ink",
    lora_alpha: "0.4",
    use_vae_model: "None",
    clip_skip: "True",
  };
  const expected = {
    source: "Easy Diffusion",
    settings: { prompt: "a cat", negativePrompt: "dog", seed: 12, steps: 25, sampler: "euler-ancestral", height: 640 },
    model: "sd-v1-5",
    loras: [{ name: "ink", scale: 0.4 }],
    unmapped: ["Clip skip: True", GPU],
  };
  expect(read(values)).toMatchObject(expected);
  expect(read({ parameters: values })).toMatchObject(expected);
});

it("Civitai's generator", () => {
  const extra = {
    prompt: "a fox",
    negativePrompt: "dog",
    steps: 30,
    cfgScale: 5,
    sampler: "Euler a",
    seed: 77,
    workflowId: "txt2img",
    resources: [{ modelVersionId: 12, strength: 0.8 }],
  };
  const graph = {
    "6": { class_type: "smZ CLIPTextEncode", inputs: { text: "a fox (converted)", clip: ["1", 1] } },
    "7": { class_type: "smZ CLIPTextEncode", inputs: { text: "", clip: ["1", 1] } },
    "1": { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "urn:air:sdxl:checkpoint:civitai:1@2" } },
    "5": { class_type: "EmptyLatentImage", inputs: { width: 832, height: 1216, batch_size: 1 } },
    "11": {
      class_type: "KSampler",
      inputs: {
        seed: 77,
        steps: 30,
        cfg: 5,
        sampler_name: "euler",
        positive: ["6", 0],
        negative: ["7", 0],
        latent_image: ["5", 0],
        model: ["1", 0],
      },
    },
    extra: { airs: [] },
    extraMetadata: JSON.stringify(extra),
  };
  expect(read({ parameters: graph })).toMatchObject({
    source: "Civitai",
    settings: { prompt: "a fox", negativePrompt: "dog", width: 832, height: 1216, sampler: "euler-ancestral" },
    unmapped: ["Civitai model version: 12, strength 0.8"],
  });
});

describe("a form that is not read", () => {
  it.each([
    [{ parameters: { sui_image_params: { seed: 3 } } }, /settings of SwarmUI in a form/],
    [{ invokeai_metadata: { seed: 3 } }, /settings of InvokeAI/],
    [{ Software: "NovelAI", Comment: "{" }, /settings of NovelAI/],
    [{ "XML:com.adobe.xmp": "<xmp:CreatorTool>Draw Things</xmp:CreatorTool>" }, /settings of Draw Things/],
    [{ prompt: '{"3": {"class_type": 5}}' }, /settings of ComfyUI/],
    [{ Thing: '{"prompt": "a", "steps": 3}' }, /another program \(in its text “Thing”\)/],
  ])("%j is said so, with the program's name", (texts, message) => {
    expect(() => read(texts)).toThrow(message);
  });

  it.each([{ Software: "GIMP" }, { Comment: "Created with GIMP" }, { Title: "prompt steps" }, { prompt: "a cat" }])(
    "%j is none at all",
    (texts) => expect(read(texts)).toBeNull(),
  );
});
