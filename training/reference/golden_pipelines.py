"""Builds a tiny model of every family, in the layout that optimum exports, and records what diffusers' own pipelines make of it.

    pip install -r training/requirements.txt -r training/reference/requirements.txt
    python -m training.reference.golden_pipelines

workers/testing/families/<model>/ is a folder as a public repository has it: no darkroom.json. golden.json lists the runs, golden-<model>.bin
holds their final latents, pictures and the pictures and masks they started from. Names, types and axes of inputs and outputs vary over the
models as they do over the exporters' versions. Every weight fits float16 exactly, so that the graphs and PyTorch compute with the same numbers.
`--other --output DIR` makes models of other sizes and with other settings; `FAMILIES=DIR npx vitest run workers/pipelines/agreement` tries them.
"""
from __future__ import annotations

import argparse
import json
import logging
import shutil
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import onnx
import torch
import transformers
from diffusers import AutoencoderKL, SD3Transformer2DModel, UNet2DConditionModel
from onnx import TensorProto, helper
from PIL import Image
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers, processors, trainers
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer, PreTrainedTokenizerFast, T5Config, T5EncoderModel

from ..export import Graph, PlainAttention, UNet, VaeDecoder, VaeEncoder, build, write_json
from .fixture import randomise

BEGIN, END = "<|startoftext|>", "<|endoftext|>"
WINDOW = 20
EXTERNAL_FROM = 512  # bytes: smaller tensors stay inside the graph
SENTENCES = ["a small red cat", "two blue dogs on the beach", 'the word "cat" in blue', "a big house in front of three trees", "the small dog and the red house"] * 9


# ---- tokenizers ----------------------------------------------------------------------------------------------------------


VOCABULARY = Path(__file__).parent / "tiny_clip"  # byte-level BPE of CLIP's kind, learnt from SENTENCES


@cache
def clip_vocabulary() -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Letters, letters at the end of a word, merges, begin, end; the merges in their order."""
    merges = (VOCABULARY / "merges.txt").read_text(encoding="utf-8").splitlines()[1:]
    return json.loads((VOCABULARY / "vocab.json").read_text(encoding="utf-8")), [tuple(line.split(" ")) for line in merges]


def clip_tokenizer(pad: str) -> CLIPTokenizer:
    vocabulary, merges = clip_vocabulary()
    return CLIPTokenizer(vocab=vocabulary, merges=merges, unk_token=END, bos_token=BEGIN, eos_token=END, pad_token=pad, model_max_length=WINDOW)


def save_clip_tokenizer(folder: Path, tokenizer: CLIPTokenizer, bare: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if bare:
        for name in ("vocab.json", "merges.txt"):
            shutil.copy(VOCABULARY / name, folder / name)
    else:
        tokenizer.backend_tokenizer.no_padding()
        tokenizer.backend_tokenizer.no_truncation()
        tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    write_json(folder / "tokenizer_config.json", {"tokenizer_class": "CLIPTokenizer", "model_max_length": WINDOW, "pad_token": END})
    write_json(folder / "special_tokens_map.json", {"bos_token": BEGIN, "eos_token": END, "pad_token": tokenizer.pad_token, "unk_token": END})


@cache
def t5_tokenizer() -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.train_from_iterator(SENTENCES, trainers.UnigramTrainer(
        vocab_size=90, special_tokens=[AddedToken("<pad>"), AddedToken("</s>"), AddedToken("<unk>")], unk_token="<unk>", show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", model_max_length=512)


# ---- modules --------------------------------------------------------------------------------------------------------------


class ClipStates(nn.Module):
    """optimum's text encoder: pooled or projected, last, and with `layers` every hidden state."""

    def __init__(self, text: nn.Module, layers: bool):
        super().__init__()
        self.text, self.layers = text, layers
        self.projected = isinstance(text, CLIPTextModelWithProjection)

    def forward(self, input_ids):
        output = self.text(input_ids=input_ids, output_hidden_states=True)
        head = (output.text_embeds, output.last_hidden_state) if self.projected else (output.last_hidden_state, output.pooler_output)
        return (*head, *output.hidden_states) if self.layers else head


class T5States(nn.Module):
    def __init__(self, text: T5EncoderModel):
        super().__init__()
        self.text = text

    def forward(self, input_ids):
        return self.text(input_ids=input_ids).last_hidden_state


class ConditionedUNet(nn.Module):
    def __init__(self, unet: UNet2DConditionModel):
        super().__init__()
        self.unet = unet

    def forward(self, sample, timestep, encoder_hidden_states, text_embeds, time_ids, timestep_cond=None):
        return self.unet(sample, timestep, encoder_hidden_states, timestep_cond=timestep_cond, added_cond_kwargs={"text_embeds": text_embeds, "time_ids": time_ids},
                         return_dict=False)[0]


class GuidedUNet(nn.Module):
    def __init__(self, unet: UNet2DConditionModel):
        super().__init__()
        self.unet = unet

    def forward(self, sample, timestep, encoder_hidden_states, timestep_cond):
        return self.unet(sample, timestep, encoder_hidden_states, timestep_cond=timestep_cond, return_dict=False)[0]


class Transformer(nn.Module):
    def __init__(self, transformer: SD3Transformer2DModel):
        super().__init__()
        self.transformer = transformer

    def forward(self, hidden_states, encoder_hidden_states, pooled_projections, timestep):
        return self.transformer(hidden_states, encoder_hidden_states, pooled_projections, timestep, return_dict=False)[0]


def halved(module: nn.Module) -> nn.Module:
    """What a half-precision graph does at its edges: floating-point inputs and outputs are rounded."""
    forward = module.forward

    def half(x):
        return x.half().float() if torch.is_tensor(x) and x.is_floating_point() else x

    def rounded(*args, **kwargs):
        out = forward(*map(half, args), **{k: half(v) for k, v in kwargs.items()})
        if isinstance(out, tuple):
            return tuple(map(half, out))
        if torch.is_tensor(out):
            return half(out)
        for key, value in out.items():
            if torch.is_tensor(value):
                out[key] = half(value)
        return out

    module.forward = rounded
    return module


# ---- models: sizes and the edges of the graphs ------------------------------------------------------------------------------


@dataclass
class Edges:
    """How an exporter's version declares its graphs."""

    ids: torch.dtype = torch.int64
    timestep: torch.dtype = torch.float32
    timestep_rank: int = 0
    half: bool = False  # float16 inputs and outputs, and the timestep too
    external: dict[str, str] = field(default_factory=dict)  # part -> name of its data file
    bare: bool = True  # vocab.json and merges.txt instead of tokenizer.json
    drawn: bool = False  # the VAE's encoder gives latent_sample


@dataclass
class Tiny:
    name: str
    pipeline: str  # diffusers' class; the image-to-image and inpainting classes go by it
    scheduler: dict[str, Any]
    edges: Edges
    index: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    unet: dict[str, Any] = field(default_factory=dict)
    vae: dict[str, Any] = field(default_factory=dict)
    widths: tuple[int, ...] = (16,)  # of the text encoders
    pads: tuple[str | None, ...] = (END,)  # None where there is no such text encoder
    t5: bool = False
    base: str | None = None  # text encoders, tokenizers and VAE are another model's
    parts: dict[str, Any] = field(default_factory=dict)


SD = {"num_train_timesteps": 1000, "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "prediction_type": "epsilon"}
PNDM = {"_class_name": "PNDMScheduler", **SD, "skip_prk_steps": True, "steps_offset": 1, "set_alpha_to_one": False, "trained_betas": None, "clip_sample": False}


def tiny_models() -> list[Tiny]:
    return [
        Tiny("stable-diffusion", "StableDiffusionPipeline", PNDM,
             Edges(ids=torch.int32, timestep_rank=1, external={"unet": "weights.pb", "text_encoder": "model.onnx_data"}), seed=1),
        Tiny("stable-diffusion-2-half", "StableDiffusionPipeline",
             {"_class_name": "DDIMScheduler", **SD, "prediction_type": "v_prediction", "steps_offset": 1, "set_alpha_to_one": False, "clip_sample": False},
             Edges(half=True, timestep_rank=1, bare=False), seed=2, pads=("!",), widths=(24,),
             unet={"attention_head_dim": (2, 3), "use_linear_projection": True, "sample_size": 12}, vae={"scaling_factor": 0.8}),
        Tiny("inpainting", "StableDiffusionPipeline", PNDM, Edges(timestep=torch.int64), seed=3, base="stable-diffusion", unet={"in_channels": 9}),
        Tiny("lcm", "LatentConsistencyModelPipeline",
             {"_class_name": "LCMScheduler", **SD, "original_inference_steps": 50, "timestep_scaling": 10.0, "clip_sample": False, "set_alpha_to_one": True,
              "steps_offset": 1}, Edges(timestep=torch.int64, timestep_rank=1), seed=4, base="stable-diffusion", unet={"time_cond_proj_dim": 10}),
        Tiny("stable-diffusion-xl", "StableDiffusionXLPipeline",
             {"_class_name": "EulerDiscreteScheduler", **SD, "timestep_spacing": "leading", "steps_offset": 1, "use_karras_sigmas": False, "interpolation_type": "linear"},
             Edges(), index={"force_zeros_for_empty_prompt": True}, seed=5, pads=(END, "!"), widths=(12, 20),
             unet={"down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"), "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
                   "addition_embed_type": "text_time", "addition_time_embed_dim": 4, "projection_class_embeddings_input_dim": 6 * 4 + 20,
                   "transformer_layers_per_block": (1, 2), "use_linear_projection": True}),
        Tiny("refiner", "StableDiffusionXLImg2ImgPipeline",
             {"_class_name": "EulerDiscreteScheduler", **SD, "timestep_spacing": "leading", "steps_offset": 1},
             Edges(), index={"force_zeros_for_empty_prompt": True, "requires_aesthetics_score": True}, seed=7, base="stable-diffusion-xl", pads=(None, "!"), widths=(20,),
             unet={"down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"), "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
                   "addition_embed_type": "text_time", "addition_time_embed_dim": 4, "projection_class_embeddings_input_dim": 5 * 4 + 20, "use_linear_projection": True}),
        Tiny("stable-diffusion-3", "StableDiffusion3Pipeline",
             {"_class_name": "FlowMatchEulerDiscreteScheduler", "num_train_timesteps": 1000, "shift": 3.0},
             Edges(timestep_rank=1, external={"transformer": "model.onnx_data"}), seed=6, pads=(END, "!"), widths=(12, 16), t5=True,
             unet={"joint_attention_dim": 40}, vae={"latent_channels": 16, "shift_factor": 0.06, "scaling_factor": 1.2, "use_quant_conv": False, "use_post_quant_conv": False}),
    ]


def other_models() -> list[Tiny]:
    """The same families once more: other seeds, channels, widths, latent sizes, scheduler classes, prediction types and edges."""
    first, half, inpainting, lcm, xl, _refiner, flow = tiny_models()
    three = {"down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D"), "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D", "CrossAttnUpBlock2D"),
             "block_out_channels": (8, 16, 8)}
    two = {"down_block_types": ("DownEncoderBlock2D",) * 2, "up_block_types": ("UpDecoderBlock2D",) * 2, "block_out_channels": (4, 8)}
    return [
        replace(first, seed=61, widths=(28,), pads=("!",), unet=three, vae=two | {"scaling_factor": 0.3}, edges=Edges(bare=False, external={"vae_decoder": "weights"}),
                scheduler={"_class_name": "DPMSolverMultistepScheduler", **SD, "prediction_type": "v_prediction", "use_karras_sigmas": True, "algorithm_type": "dpmsolver++"}),
        replace(half, seed=62, widths=(8,), scheduler={"_class_name": "EulerDiscreteScheduler", **SD, "timestep_spacing": "trailing", "rescale_betas_zero_snr": True,
                                                       "prediction_type": "v_prediction"}),
        replace(inpainting, seed=63, widths=(28,), pads=("!",), edges=Edges(), unet={"in_channels": 9, **three}),
        replace(lcm, seed=64, widths=(28,), pads=("!",), unet={"time_cond_proj_dim": 7}, edges=Edges(), scheduler=lcm.scheduler | {"timestep_scaling": 8.0}),
        replace(xl, seed=65, widths=(24, 8), index={"force_zeros_for_empty_prompt": False}, unet=xl.unet | {"projection_class_embeddings_input_dim": 6 * 4 + 8},
                vae=two, edges=Edges(ids=torch.int32, timestep=torch.float32, timestep_rank=1),
                scheduler={"_class_name": "EulerAncestralDiscreteScheduler", **SD, "timestep_spacing": "trailing"}),
        replace(flow, seed=66, widths=(8, 20), t5=False, unet={"joint_attention_dim": 36, "qk_norm": None, "dual_attention_layers": ()},
                vae=flow.vae | {"shift_factor": -0.1, "scaling_factor": 0.7}, edges=Edges(), scheduler=flow.scheduler | {"shift": 1.7}),
    ]


def make_text(tiny: Tiny) -> dict[str, nn.Module]:
    vocabulary, _ = clip_vocabulary()
    parts = {}
    for i, width in enumerate(tiny.widths):
        projected = tiny.pipeline == "StableDiffusion3Pipeline" or i == 1
        config = CLIPTextConfig(
            vocab_size=len(vocabulary), hidden_size=width, intermediate_size=2 * width, num_hidden_layers=2 + i, num_attention_heads=2 if width % 4 else 4,
            hidden_act="quick_gelu" if i == 0 else "gelu", max_position_embeddings=WINDOW, projection_dim=width, bos_token_id=vocabulary[BEGIN],
            eos_token_id=vocabulary[END], pad_token_id=vocabulary[tiny.pads[i]])
        config._attn_implementation = "eager"
        parts["text_encoder" + ("" if i == 0 else f"_{i + 1}")] = (CLIPTextModelWithProjection if projected else CLIPTextModel)(config)
    if tiny.t5:
        config = T5Config(vocab_size=90, d_model=tiny.unet["joint_attention_dim"], d_kv=8, d_ff=32, num_layers=2, num_heads=2, feed_forward_proj="gated-gelu")
        config._attn_implementation = "eager"
        parts["text_encoder_3"] = T5EncoderModel(config)
    for text in parts.values():
        for name, weight in text.named_parameters():
            if "embed" in name or "shared" in name:
                weight.data *= 20 if weight.std() < 0.1 else 1
    return parts


def make_backbone(tiny: Tiny) -> tuple[str, nn.Module]:
    if tiny.pipeline == "StableDiffusion3Pipeline":
        model = SD3Transformer2DModel(**{
            "sample_size": 16, "patch_size": 2, "in_channels": tiny.vae["latent_channels"], "out_channels": tiny.vae["latent_channels"], "num_layers": 2,
            "attention_head_dim": 8, "num_attention_heads": 2, "caption_projection_dim": 16, "pooled_projection_dim": sum(tiny.widths), "pos_embed_max_size": 24,
            "qk_norm": "rms_norm", "dual_attention_layers": (0,), **tiny.unet})
        for name, weight in model.named_parameters():
            if weight.dim() > 1:
                weight.data *= 1.5
        return "transformer", model
    model = UNet2DConditionModel(**{
        "sample_size": 16, "in_channels": 4, "out_channels": 4, "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
        "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"), "block_out_channels": (8, 12), "layers_per_block": 1, "norm_num_groups": 4,
        "cross_attention_dim": sum(tiny.widths), "attention_head_dim": 2, **tiny.unet})
    for name, weight in model.named_parameters():
        if "attn2.to_" in name and name.endswith("weight"):
            weight.data *= 2.5
    model.conv_out.weight.data *= 1.5
    return "unet", model


def make_vae(tiny: Tiny) -> AutoencoderKL:
    vae = AutoencoderKL(**{
        "in_channels": 3, "out_channels": 3, "down_block_types": ("DownEncoderBlock2D",) * 3, "up_block_types": ("UpDecoderBlock2D",) * 3,
        "block_out_channels": (4, 8, 8), "layers_per_block": 1, "latent_channels": 4, "norm_num_groups": 4, "mid_block_add_attention": False, "sample_size": 64,
        "scaling_factor": 0.65, **tiny.vae})
    vae.decoder.conv_out.weight.data *= 1.5
    return vae


# ---- export -------------------------------------------------------------------------------------------------------------------


WORDS = {0: "batch_size", 1: "sequence_length"}


def graph_of(part: str, module: nn.Module, tiny: Tiny) -> Graph:
    vae, backbone = tiny.parts["vae"], tiny.parts.get("unet") or tiny.parts["transformer"]
    edges, generator = tiny.edges, torch.Generator().manual_seed(0)
    side, channels, width = 16, vae.config.latent_channels, sum(tiny.widths)
    scale = 2 ** (len(vae.config.block_out_channels) - 1)
    cells, pixels = ({0: "batch_size", 2: f"{prefix}height", 3: f"{prefix}width"} for prefix in ("latent_", ""))

    def normal(*shape):
        return torch.randn(shape, generator=generator)

    def timestep(batch):
        time = torch.tensor(500, dtype=edges.timestep)
        if tiny.pipeline == "StableDiffusion3Pipeline":
            return time.repeat(batch)
        return time.repeat(1) if edges.timestep_rank else time

    if part.startswith("text_encoder"):
        t5 = isinstance(module, T5EncoderModel)
        layers = tiny.pipeline != "StableDiffusionPipeline" and tiny.pipeline != "LatentConsistencyModelPipeline"
        if t5:
            wrapper, outputs = T5States(module), {"last_hidden_state": WORDS}
        else:
            wrapper = ClipStates(module, layers)
            names = ["text_embeds", "last_hidden_state"] if wrapper.projected else ["last_hidden_state", "pooler_output"]
            if layers:
                names += [f"hidden_states.{i}" for i in range(module.config.num_hidden_layers + 1)]
            outputs = {name: {0: "batch_size"} if name in ("text_embeds", "pooler_output") else WORDS for name in names}
        def ids(batch, k):
            return {"input_ids": torch.randint(0, module.config.vocab_size, (batch, WINDOW - 3 * k), generator=generator).to(edges.ids)}
        return Graph(part, wrapper, ids, {"input_ids": WORDS}, outputs)
    if part == "vae_decoder":
        return Graph(part, VaeDecoder(vae), lambda b, k: {"latent_sample": normal(b, channels, side, side + 3 * k)}, {"latent_sample": cells}, {"sample": pixels})
    if part == "vae_encoder":
        return Graph(part, VaeEncoder(vae), lambda b, k: {"sample": normal(b, 3, side * scale, (side + 3 * k) * scale)}, {"sample": pixels}, {"latent_parameters": cells})
    if part == "transformer":
        def flow(batch, k):
            return {"hidden_states": normal(batch, channels, side, side + 2 * k), "encoder_hidden_states": normal(batch, WINDOW + 5, backbone.config.joint_attention_dim),
                    "pooled_projections": normal(batch, width), "timestep": timestep(batch)}
        return Graph(part, Transformer(module), flow, {"hidden_states": cells, "encoder_hidden_states": WORDS, "pooled_projections": {0: "batch_size"},
                                                       "timestep": {0: "batch_size"}}, {"out_hidden_states": cells})

    def noisy(batch, k):
        inputs = {"sample": normal(batch, module.config.in_channels, side, side + 4 * k), "timestep": timestep(batch), "encoder_hidden_states": normal(batch, WINDOW - 3 * k, width)}
        if module.config.addition_embed_type:
            ids = (module.config.projection_class_embeddings_input_dim - tiny.widths[-1]) // module.config.addition_time_embed_dim
            inputs |= {"text_embeds": normal(batch, tiny.widths[-1]), "time_ids": normal(batch, ids)}
        if module.config.time_cond_proj_dim:
            inputs |= {"timestep_cond": normal(batch, module.config.time_cond_proj_dim)}
        return inputs
    axes = {"sample": cells, "timestep": {}, "encoder_hidden_states": WORDS}
    rows = {0: "batch_size"}
    if module.config.addition_embed_type:
        guided = {"timestep_cond": rows} if module.config.time_cond_proj_dim else {}
        return Graph(part, ConditionedUNet(module), noisy, axes | {"text_embeds": rows, "time_ids": rows} | guided, {"out_sample": cells})
    if module.config.time_cond_proj_dim:
        return Graph(part, GuidedUNet(module), noisy, axes | {"timestep_cond": rows}, {"out_sample": cells})
    return Graph(part, UNet(module), noisy, axes, {"out_sample": cells})


def half_edges(model: onnx.ModelProto) -> None:
    """Floating-point inputs and outputs become float16, with a Cast behind and before them."""
    graph = model.graph
    casts = []
    for value in graph.input:
        if value.type.tensor_type.elem_type == TensorProto.FLOAT:
            value.type.tensor_type.elem_type = TensorProto.FLOAT16
            for node in graph.node:
                for k, name in enumerate(node.input):
                    if name == value.name:
                        node.input[k] = f"{name}.single"
            casts.append(helper.make_node("Cast", [value.name], [f"{value.name}.single"], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    for value in graph.output:
        value.type.tensor_type.elem_type = TensorProto.FLOAT16
        for node in nodes:
            for names in (node.input, node.output):
                for k, name in enumerate(names):
                    if name == value.name:
                        names[k] = f"{name}.single"
        nodes.append(helper.make_node("Cast", [f"{value.name}.single"], [value.name], to=TensorProto.FLOAT16))
    del graph.node[:]
    graph.node.extend(nodes)


def export(tiny: Tiny, folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    own = {"unet", "transformer"} if tiny.base else set(tiny.parts) | {"vae_decoder", "vae_encoder"}
    for part in [*tiny.parts, "vae_decoder", "vae_encoder"]:
        module = tiny.parts["vae" if part.startswith("vae") else part] if part not in tiny.parts else tiny.parts[part]
        if part == "vae" or part not in own:
            continue
        model = build(graph_of(part, module, tiny))
        if tiny.edges.half:
            half_edges(model)
        config = json.loads(module.to_json_string() if hasattr(module, "to_json_string") else module.config.to_json_string()) if hasattr(module.config, "to_json_string") else {
            key: value for key, value in module.config.items() if key != "_name_or_path"}
        write_json(folder / part / "config.json", json.loads(json.dumps(config, default=list)))
        location = tiny.edges.external.get(part)
        onnx.save_model(model, folder / part / "model.onnx", save_as_external_data=bool(location), location=location, size_threshold=EXTERNAL_FROM,
                        convert_attribute=False)
    write_json(folder / "scheduler" / "scheduler_config.json", tiny.scheduler)
    index = {"_class_name": tiny.pipeline, "_diffusers_version": diffusers.__version__, **tiny.index, "scheduler": ["diffusers", tiny.scheduler["_class_name"]]}
    for i, pad in enumerate(tiny.pads):
        suffix = "" if i == 0 else f"_{i + 1}"
        if pad is None:
            index |= {f"text_encoder{suffix}": [None, None], f"tokenizer{suffix}": [None, None]}
            continue
        index |= {f"text_encoder{suffix}": ["transformers", type(tiny.parts[f"text_encoder{suffix}"]).__name__], f"tokenizer{suffix}": ["transformers", "CLIPTokenizer"]}
        if not tiny.base:
            save_clip_tokenizer(folder / f"tokenizer{suffix}", clip_tokenizer(pad), tiny.edges.bare)
    if tiny.pipeline == "StableDiffusion3Pipeline":
        index |= {"text_encoder_3": ["transformers", "T5EncoderModel"] if tiny.t5 else [None, None], "tokenizer_3": ["transformers", "T5TokenizerFast"] if tiny.t5 else [None, None]}
    if tiny.t5:
        (folder / "tokenizer_3").mkdir()
        t5_tokenizer().backend_tokenizer.save(str(folder / "tokenizer_3" / "tokenizer.json"), pretty=False)
        write_json(folder / "tokenizer_3" / "tokenizer_config.json", {"tokenizer_class": "T5TokenizerFast", "model_max_length": 512, "pad_token": "<pad>", "eos_token": "</s>"})
    backbone = "transformer" if "transformer" in tiny.parts else "unet"
    index |= {backbone: ["diffusers", type(tiny.parts[backbone]).__name__], "vae": ["diffusers", "AutoencoderKL"]}
    write_json(folder / "model_index.json", index)


# ---- runs ---------------------------------------------------------------------------------------------------------------------


def pictures(width: int, height: int) -> tuple[Image.Image, Image.Image]:
    """A picture of coloured waves, and a mask of a disc with a grey edge."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    waves = np.stack([np.sin(x / 7 + 1), np.cos(y / 5), np.sin((x + y) / 11)], -1)
    distance = np.hypot(x - width * 0.55, y - height * 0.45)
    disc = np.clip((height * 0.35 - distance) * 40 + 128, 0, 255)
    return Image.fromarray(np.uint8(waves * 110 + 128)), Image.fromarray(np.uint8(disc))


TASKS = {
    "StableDiffusionPipeline": ("StableDiffusionPipeline", "StableDiffusionImg2ImgPipeline", "StableDiffusionInpaintPipeline"),
    "LatentConsistencyModelPipeline": ("LatentConsistencyModelPipeline", "LatentConsistencyModelImg2ImgPipeline", None),
    "StableDiffusionXLPipeline": ("StableDiffusionXLPipeline", "StableDiffusionXLImg2ImgPipeline", "StableDiffusionXLInpaintPipeline"),
    "StableDiffusionXLImg2ImgPipeline": (None, "StableDiffusionXLImg2ImgPipeline", "StableDiffusionXLInpaintPipeline"),
    "StableDiffusion3Pipeline": ("StableDiffusion3Pipeline", "StableDiffusion3Img2ImgPipeline", "StableDiffusion3InpaintPipeline"),
}

CAT, DOGS, LONG = "A small red cat on the beach", "two blue dogs, naïve!", "the big house " * 9 + "and in front of it a tree"


def case(scheduler: str | None = None, *, seed: int = 7, steps: int = 5, scale: float = 7.5, prompt: str = CAT, negative: str = "", size=(64, 64), **more) -> dict:
    return {"scheduler": scheduler, "prompt": prompt, "negativePrompt": negative, "seed": seed, "steps": steps, "guidanceScale": scale, "width": size[0],
            "height": size[1], **more}


def cases(tiny: Tiny) -> list[dict]:
    text = [case(), case(negative=DOGS, seed=1234, scale=4.0, size=(64, 48)), case(prompt=LONG, steps=3, scale=1.0, size=(48, 64)), case(scale=0.0, steps=2, prompt="")]
    if tiny.pipeline == "LatentConsistencyModelPipeline":
        own = [case(steps=4, scale=8.5), case(steps=4, scale=1.0, seed=3), case(steps=8, scale=2.5, prompt=LONG, size=(64, 48)), case(steps=1),
               case(steps=4, scale=8.5, strength=0.8), case(steps=2, scale=3.0, strength=0.5, size=(48, 64))]
        # the same U-Net, saved as another pipeline
        plain = {"modelIndex": {"_class_name": "StableDiffusionPipeline"}}
        return own + [case(steps=4, scale=8.5, strength=0.8, **plain), case("DDIMScheduler", steps=5, scale=4.0, config={"clip_sample": True}, **plain),
                      case("EulerDiscreteScheduler", steps=6, scale=7.5, strength=0.5, size=(48, 64), config={"timestep_spacing": "leading", "steps_offset": 0}, **plain)]
    if tiny.name == "refiner":
        return [case(strength=0.5, steps=6), case("DDIMScheduler", strength=0.75, negative=DOGS, size=(64, 48)), case(strength=0.6, mask=True, negative=DOGS, size=(48, 64))]
    if tiny.name == "inpainting":
        return [case(s, mask=True, strength=strength, **more) for s, strength, more in
                ((None, 1.0, {}), (None, 0.6, {"negative": DOGS}), ("DDIMScheduler", 0.8, {"size": (64, 48)}), ("EulerAncestralDiscreteScheduler", 1.0, {"scale": 1.0, "config": {"timestep_spacing": "leading"}}),
                 ("DPMSolverMultistepScheduler", 0.5, {"steps": 8}))]
    flow = tiny.pipeline == "StableDiffusion3Pipeline"
    others = ["FlowMatchHeunDiscreteScheduler"] if flow else [
        "DDIMScheduler", "DDPMScheduler", "EulerDiscreteScheduler", "EulerAncestralDiscreteScheduler", "DPMSolverMultistepScheduler", "DPMSolverSinglestepScheduler",
        "UniPCMultistepScheduler", "HeunDiscreteScheduler", "KDPM2DiscreteScheduler", "LMSDiscreteScheduler", "DEISMultistepScheduler", "LCMScheduler", "TCDScheduler"]
    if tiny.edges.half:
        others = ["EulerDiscreteScheduler", "DPMSolverMultistepScheduler"]
    # guidance multiplies what half precision rounds off
    scale = 4.0 if tiny.edges.half else 7.5
    text += [case(other, negative=DOGS, seed=10 + i, scale=scale) for i, other in enumerate(others)]
    if not flow:
        text += [case("DDIMScheduler", eta=0.7), case("EulerDiscreteScheduler", guidanceRescale=0.7, scale=9.0), case("EulerDiscreteScheduler", guidanceInterval=[0, 0.6], steps=6)]
        text += [case("EulerAncestralDiscreteScheduler", steps=1, scale=0.0, config={"timestep_spacing": "trailing"}),
                 case("EulerDiscreteScheduler", steps=4, scale=0.0, config={"timestep_spacing": "trailing"})]
    start = [None] if flow else [None, "DDIMScheduler", "EulerDiscreteScheduler", "DPMSolverMultistepScheduler", "HeunDiscreteScheduler"]
    if flow:
        start.append("FlowMatchHeunDiscreteScheduler")
    if tiny.edges.half:
        start = start[:3]
    if tiny.name == "stable-diffusion":
        start.append("LMSDiscreteScheduler")  # which looks back at steps that were left out
    text += [case(s, strength=strength, steps=steps, seed=30 + i, size=size) for i, s in enumerate(start) for strength, steps, size in ((0.5, 7, (64, 64)), (0.75, 6, (48, 64)))]
    inpainted = start[:1] if flow else [None, "DDIMScheduler", "EulerAncestralDiscreteScheduler", "HeunDiscreteScheduler", "KDPM2DiscreteScheduler", "DPMSolverMultistepScheduler"]
    if tiny.edges.half:
        inpainted = inpainted[:2]
    return text + [case(s, mask=True, strength=strength, seed=50 + i, steps=6, size=(64, 48)) for i, s in enumerate(inpainted) for strength in (1.0, 0.6)]


def record(tiny: Tiny, only_settings: bool = False) -> tuple[list[dict], bytes]:
    data, places, runs = bytearray(), {}, []

    def put(array: np.ndarray) -> dict:
        raw = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes()
        if raw not in places:
            data.extend(b"\0" * (-len(data) % 4))
            places[raw] = len(data)
            data.extend(raw)
        return {"offset": places[raw], "dims": list(array.shape)}

    components = {key: halved(part) if tiny.edges.half and key != "vae" else part for key, part in tiny.parts.items()}
    if tiny.edges.half:
        halved(tiny.parts["vae"].decoder)
        halved(tiny.parts["vae"].encoder)
    for i, pad in enumerate(tiny.pads):
        suffix = "" if i == 0 else f"_{i + 1}"
        components |= {f"tokenizer{suffix}": pad and clip_tokenizer(pad), **({} if pad else {f"text_encoder{suffix}": None})}
    if tiny.pipeline == "StableDiffusion3Pipeline":
        components |= {"text_encoder_3": components.get("text_encoder_3"), "tokenizer_3": t5_tokenizer() if tiny.t5 else None}
    if tiny.pipeline in ("StableDiffusionPipeline", "LatentConsistencyModelPipeline"):
        components |= {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    extra = {**tiny.index, "add_watermarker": False} if "XL" in tiny.pipeline else {}
    for one in cases(tiny):
        named = one.get("modelIndex", {}).get("_class_name", tiny.pipeline)
        name = TASKS[named][2 if one.get("mask") else 1 if "strength" in one else 0]
        config = tiny.scheduler | one.get("config", {})
        scheduler = getattr(diffusers, one["scheduler"] or tiny.scheduler["_class_name"]).from_config(config)
        pipeline = getattr(diffusers, name)(**components, scheduler=scheduler, **extra)
        pipeline.set_progress_bar_config(disable=True)
        picture, mask = pictures(one["width"], one["height"])
        arguments = {"prompt": one["prompt"], "num_inference_steps": one["steps"], "guidance_scale": one["guidanceScale"]}
        if named != "LatentConsistencyModelPipeline":
            arguments["negative_prompt"] = one["negativePrompt"] or None
        if "strength" not in one or one.get("mask") or tiny.pipeline == "StableDiffusion3Pipeline":
            arguments |= {"width": one["width"], "height": one["height"]}
        if "strength" in one:
            arguments |= {"image": picture, "strength": one["strength"]}
            one["picture"] = put(np.asarray(picture))
        if one.get("mask"):
            arguments["mask_image"] = mask
            one["mask"] = put(np.asarray(mask))
        if "eta" in one:
            arguments["eta"] = one["eta"]
        if "guidanceRescale" in one:
            arguments["guidance_rescale"] = one["guidanceRescale"]
        if "guidanceInterval" in one:
            last = int(one["guidanceInterval"][1] * one["steps"]) - 1
            names = ["prompt_embeds"] + (["add_text_embeds", "add_time_ids"] if "XL" in tiny.pipeline else [])
            def stop(pipe, index, _time, tensors, last=last):
                if index == last:
                    pipe._guidance_scale = 1.0
                    return {key: value.chunk(2)[-1] if key in names else value for key, value in tensors.items()}
                return tensors
            arguments |= {"callback_on_step_end": stop, "callback_on_step_end_tensor_inputs": names}

        def run(output_type: str):
            return pipeline(**arguments, generator=torch.Generator("cpu").manual_seed(one["seed"]), output_type=output_type).images
        latents = run("latent")
        if name == "StableDiffusion3InpaintPipeline":  # which forgets the VAE's shift where its two siblings add it
            config = pipeline.vae.config
            decoded = pipeline.vae.decode(latents / config.scaling_factor + config.shift_factor).sample
            image = np.asarray(pipeline.image_processor.postprocess(decoded, output_type="pil")[0])
        else:
            image = np.asarray(run("pil")[0])
        spread = image.reshape(-1, 3).std(0)
        saturated = ((image == 0) | (image == 255)).mean()
        print(f"{tiny.name} {name} {one['scheduler'] or 'own'} {one['steps']} steps: latents' deviation {latents.std():.2f}, colours' {spread.round(1)}, saturated {saturated:.1%}")
        if spread.max() < 5 or saturated > 0.5 or not 0.05 < latents.std() < 200:
            raise SystemExit("A degenerate run; change the weights' scale.")
        runs.append({key: value for key, value in one.items() if value is not None} | {"pipeline": name, "latents": put(latents.float().numpy()), "expected": put(image)})
    return runs, bytes(data)


def make(tiny: Tiny, made: dict[str, Tiny]) -> None:
    torch.manual_seed(100 + tiny.seed)
    key, backbone = make_backbone(tiny)
    with torch.no_grad():
        shared = {part: module for part, module in made[tiny.base].parts.items() if part != "unet" and (part != "text_encoder" or tiny.pads[0])} if tiny.base else {
            **{part: randomise(module) for part, module in make_text(tiny).items()}, "vae": randomise(make_vae(tiny))}
        tiny.parts = {**shared, key: randomise(backbone)}
    made[tiny.name] = tiny


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path(__file__).parents[2] / "workers" / "testing" / "families")
    parser.add_argument("--only", nargs="*", help="names of the models to make")
    parser.add_argument("--other", action="store_true", help="models of other sizes and with other settings; name another --output")
    options = parser.parse_args()
    torch.set_num_threads(1)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    diffusers.utils.logging.set_verbosity_error()
    transformers.utils.logging.set_verbosity_error()
    made: dict[str, Tiny] = {}
    path = options.output / "golden.json"
    golden = json.loads(path.read_text(encoding="utf-8"))["models"] if options.only and path.exists() else {}
    for tiny in other_models() if options.other else tiny_models():
        make(tiny, made)
        if options.only and tiny.name not in options.only:
            continue
        for module in tiny.parts.values():
            if hasattr(module, "set_attn_processor") and not isinstance(module, SD3Transformer2DModel):
                module.set_attn_processor(PlainAttention())
        with torch.no_grad():
            export(tiny, options.output / tiny.name)
            runs, data = record(tiny)
        (options.output / f"golden-{tiny.name}.bin").write_bytes(data)
        golden[tiny.name] = {"base": tiny.base, "runs": runs}
        write_golden(path, golden)


def write_golden(path: Path, golden: dict) -> None:
    write_json(path, {
        "command": "python -m training.reference.golden_pipelines", "diffusers": diffusers.__version__, "torch": torch.__version__.split("+")[0],
        "transformers": transformers.__version__, "models": golden}, 1)


if __name__ == "__main__":
    main()
