"""Builds tiny models whose exports keep the layers' names, as optimum's do, LoRAs for them, and records what diffusers makes of them.

    pip install -r training/requirements.txt peft accelerate
    python -m training.reference.golden_lora

workers/testing/lora/ has the U-Net and the text encoder of workers/testing/families/stable-diffusion (there lies the rest), exported by way of
TorchScript in single precision, LoRAs in the forms that trainers write, and golden.json with the final latents of diffusers' load_lora_weights and
fuse_lora. What diffusers does not read (LyCORIS' forms) is added to its weights by the formulas of the papers. workers/testing/lora-xl/ has the same
of stable-diffusion-xl, with a LoRA under the names of the original implementation, which kohya's scripts use for it.
"""
from __future__ import annotations

import base64
import json
import shutil
import warnings
from pathlib import Path

import diffusers
import numpy as np
import torch
from diffusers import StableDiffusionPipeline, StableDiffusionXLPipeline
from safetensors.torch import save_file

from ..export import PlainAttention, write_json
from .golden_pipelines import CAT, clip_tokenizer, make, tiny_models

OUTPUT = Path(__file__).parents[2] / "workers" / "testing" / "lora"
OUTPUT_XL = OUTPUT.with_name("lora-xl")
RANK, SCALE, ALPHA = 3, 0.7, 2.0
ATTENTION = "down_blocks.0.attentions.0.transformer_blocks.0."
UNET = [ATTENTION + "attn1.to_q", ATTENTION + "attn2.to_k", ATTENTION + "attn2.to_out.0", ATTENTION + "ff.net.0.proj", "down_blocks.0.attentions.0.proj_in",
        "down_blocks.1.resnets.0.conv1", "mid_block.resnets.0.time_emb_proj"]
TEXT = ["encoder.layers.0.self_attn.q_proj", "encoder.layers.1.mlp.fc1"]  # this transformers' names; diffusers loses the older ones of kohya's files


def matrices(module: torch.nn.Module, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    weight = module.weight
    down, up = (RANK, *weight.shape[1:]), (weight.shape[0], RANK, *(1,) * (weight.dim() - 2))
    return torch.randn(down, generator=generator) * 0.2, torch.randn(up, generator=generator) * 0.2


def export(module: torch.nn.Module, inputs: dict[str, torch.Tensor], axes: dict, outputs: list[str], folder: Path) -> None:
    folder.mkdir(parents=True)
    with torch.no_grad():
        torch.onnx.export(module, tuple(inputs.values()), folder / "model.onnx", dynamo=False, opset_version=17, input_names=list(inputs), output_names=outputs, dynamic_axes=axes)


CELLS, WORDS = {0: "batch_size", 2: "latent_height", 3: "latent_width"}, {0: "batch_size", 1: "sequence_length"}


def in_kohyas_form(path: str, down: torch.Tensor, up: torch.Tensor, alpha: float, prefix: str = "lora_unet_") -> dict[str, torch.Tensor]:
    key = prefix + path.replace(".", "_")
    return {f"{key}.lora_down.weight": down, f"{key}.lora_up.weight": up, f"{key}.alpha": torch.tensor(alpha)}


def lycoris(unet: torch.nn.Module, generator: torch.Generator) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """A file of LyCORIS' forms, and what each adds to its layer's weight (in float64, by the papers' formulas)."""
    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator) * 0.5

    file, added = {}, {}

    def put(path: str, factors: dict[str, torch.Tensor], difference: torch.Tensor) -> None:
        key = "lora_unet_" + path.replace(".", "_")
        file.update({f"{key}.{name}": value for name, value in factors.items()} | {f"{key}.alpha": torch.tensor(ALPHA)})
        added[path] = difference

    linear, conv = UNET[0], UNET[5]
    rows, columns = unet.get_submodule(linear).weight.shape
    a1, b1, a2, b2 = normal(rows, RANK), normal(RANK, columns), normal(rows, RANK), normal(RANK, columns)
    put(linear, {"hada_w1_a": a1, "hada_w1_b": b1, "hada_w2_a": a2, "hada_w2_b": b2}, (a1.double() @ b1.double()) * (a2.double() @ b2.double()) * ALPHA / RANK)

    rows, columns = unet.get_submodule(UNET[1]).weight.shape
    w1, a2, b2 = normal(2, 4), normal(rows // 2, RANK), normal(RANK, columns // 4)
    put(UNET[1], {"lokr_w1": w1, "lokr_w2_a": a2, "lokr_w2_b": b2}, torch.kron(w1.double(), a2.double() @ b2.double()) * ALPHA / RANK)

    rows, columns, *kernel = unet.get_submodule(conv).weight.shape
    down, up, mid = normal(RANK, columns, 1, 1), normal(rows, RANK, 1, 1), normal(RANK, RANK, *kernel)
    put(conv, {"lora_down.weight": down, "lora_up.weight": up, "lora_mid.weight": mid},
        torch.einsum("or,rskl,si->oikl", up[:, :, 0, 0].double(), mid.double(), down[:, :, 0, 0].double()) * ALPHA / RANK)

    conv = "down_blocks.0.resnets.0.conv2"
    rows, columns, *kernel = unet.get_submodule(conv).weight.shape
    a1, b1, t1, a2, b2, t2 = normal(RANK, rows), normal(RANK, columns), normal(RANK, RANK, *kernel), normal(RANK, rows), normal(RANK, columns), normal(RANK, RANK, *kernel)
    one, other = (torch.einsum("rskl,ro,si->oikl", t.double(), a.double(), b.double()) for t, a, b in ((t1, a1, b1), (t2, a2, b2)))
    put(conv, {"hada_w1_a": a1, "hada_w1_b": b1, "hada_t1": t1, "hada_w2_a": a2, "hada_w2_b": b2, "hada_t2": t2}, one * other * ALPHA / RANK)

    conv = "down_blocks.0.resnets.0.conv1"
    rows, columns, *kernel = unet.get_submodule(conv).weight.shape
    w1, w2 = normal(2, 2), normal(rows // 2, columns // 2, *kernel)
    put(conv, {"lokr_w1": w1, "lokr_w2": w2}, torch.kron(w1.double()[:, :, None, None], w2.double()))

    difference = normal(*unet.get_submodule(UNET[6]).weight.shape)
    put(UNET[6], {"diff": difference}, difference.double())
    return file, added


def main() -> None:
    warnings.filterwarnings("ignore")
    diffusers.utils.logging.set_verbosity_error()
    torch.set_num_threads(1)
    stable_diffusion()
    stable_diffusion_xl()


def stable_diffusion() -> None:
    tiny = tiny_models()[0]
    make(tiny, {})
    unet, text, vae = tiny.parts["unet"], tiny.parts["text_encoder"], tiny.parts["vae"]
    for module in (unet, vae):
        module.set_attn_processor(PlainAttention())
    shutil.rmtree(OUTPUT, ignore_errors=True)
    export(unet, {"sample": torch.zeros(2, 4, 16, 16), "timestep": torch.tensor([1.0]), "encoder_hidden_states": torch.zeros(2, 20, 16)},
           {"sample": CELLS, "encoder_hidden_states": WORDS}, ["out_sample"], OUTPUT / "unet")
    export(text, {"input_ids": torch.zeros(2, 20, dtype=torch.int64)}, {"input_ids": WORDS}, ["last_hidden_state", "pooler_output"], OUTPUT / "text_encoder")

    generator = torch.Generator().manual_seed(11)
    kohya, named = {}, {}
    for prefix, module, paths in (("unet", unet, UNET), ("text_encoder", text, TEXT)):
        for path in paths:
            layer = module.get_submodule(path)
            if prefix == "unet":
                kohya |= in_kohyas_form(path, *matrices(layer, generator), ALPHA)
            down, up = matrices(layer, generator)
            named |= {f"{prefix}.{path}.lora_A.weight": down, f"{prefix}.{path}.lora_B.weight": up}
    save_file(kohya, OUTPUT / "kohya.safetensors")
    save_file({key: value.half() for key, value in named.items()}, OUTPUT / "diffusers.safetensors")

    # PEFT's config in the header: alpha by layer, and divided by the root of the rank (Kalajdzievski 2023).
    attention = {key: value for key, value in named.items() if "attn" in key or "text_encoder" in key}
    config = {f"{part}.{field}": value for part, paths in (("unet", UNET[:3]), ("text_encoder", TEXT))
              for field, value in {"r": RANK, "lora_alpha": 5, "target_modules": paths, "alpha_pattern": {paths[0]: 1}}.items()}
    for name, rooted in (("header", False), ("rslora", True)):
        about = config | {"unet.use_rslora": rooted, "text_encoder.use_rslora": rooted}
        save_file(attention, OUTPUT / f"{name}.safetensors", {"format": "pt", "lora_adapter_metadata": json.dumps(about)})

    dora = {}
    for path in UNET[:4]:
        down, up = matrices(unet.get_submodule(path), generator)
        norms = unet.get_submodule(path).weight.detach().norm(dim=1) * (1 + torch.rand(up.shape[0], generator=generator))
        dora |= {f"unet.{path}.lora_A.weight": down, f"unet.{path}.lora_B.weight": up, f"unet.{path}.lora_magnitude_vector": norms}
    save_file(dora, OUTPUT / "dora.safetensors")

    file, added = lycoris(unet, generator)
    save_file(file, OUTPUT / "lycoris.safetensors")

    runs = []
    for files in ([], ["kohya"], ["diffusers"], ["kohya", "diffusers"], ["header"], ["rslora"], ["dora"], ["lycoris"]):
        fresh = tiny_models()[0]
        make(fresh, {})
        for module in (fresh.parts["unet"], fresh.parts["vae"]):
            module.set_attn_processor(PlainAttention())
        scheduler = getattr(diffusers, fresh.scheduler["_class_name"]).from_config(fresh.scheduler)
        pipeline = StableDiffusionPipeline(vae=fresh.parts["vae"], text_encoder=fresh.parts["text_encoder"], tokenizer=clip_tokenizer(fresh.pads[0]), unet=fresh.parts["unet"],
                                           scheduler=scheduler, safety_checker=None, feature_extractor=None, requires_safety_checker=False)
        if files == ["lycoris"]:
            with torch.no_grad():
                for path, difference in added.items():
                    layer = pipeline.unet.get_submodule(path)
                    layer.weight.copy_(layer.weight.double() + SCALE * difference)
        else:
            fuse(pipeline, OUTPUT, files)
        runs.append({"files": files, "latents": drawn(pipeline)})
    write_runs(OUTPUT, runs)


def fuse(pipeline: diffusers.DiffusionPipeline, folder: Path, files: list[str]) -> None:
    for name in files:
        pipeline.load_lora_weights(folder, weight_name=f"{name}.safetensors", adapter_name=name)
    if files:
        pipeline.set_adapters(files, [SCALE] * len(files))
        pipeline.fuse_lora(adapter_names=files)
        pipeline.unload_lora_weights()


def drawn(pipeline: diffusers.DiffusionPipeline) -> str:
    pipeline.set_progress_bar_config(disable=True)
    latents = pipeline(CAT, num_inference_steps=4, guidance_scale=5.0, width=64, height=64, generator=torch.Generator().manual_seed(3), output_type="latent").images
    return base64.b64encode(latents.numpy().astype("<f4").tobytes()).decode()


def write_runs(folder: Path, runs: list[dict]) -> None:
    values = [np.frombuffer(base64.b64decode(run["latents"]), "<f4") for run in runs]
    for run, value in zip(runs, values, strict=True):
        print(run["files"], f"deviation {value.std():.3f}, changed by {np.abs(value - values[0]).max():.3f}")
    write_json(folder / "golden.json", {"command": "python -m training.reference.golden_lora", "diffusers": diffusers.__version__, "prompt": CAT, "seed": 3, "steps": 4,
                                        "guidanceScale": 5.0, "scale": SCALE, "runs": runs})


# The original implementation's names, and diffusers'; one residual block a level, the first without attention.
ORIGINAL = {
    "input_blocks_0_0": "conv_in", "input_blocks_1_0_in_layers_2": "down_blocks.0.resnets.0.conv1", "input_blocks_2_0_op": "down_blocks.0.downsamplers.0.conv",
    "input_blocks_3_0_skip_connection": "down_blocks.1.resnets.0.conv_shortcut", "input_blocks_3_0_emb_layers_1": "down_blocks.1.resnets.0.time_emb_proj",
    "input_blocks_3_1_transformer_blocks_0_attn2_to_k": "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k",
    "input_blocks_3_1_proj_in": "down_blocks.1.attentions.0.proj_in", "middle_block_0_out_layers_3": "mid_block.resnets.0.conv2",
    "middle_block_1_transformer_blocks_1_ff_net_0_proj": "mid_block.attentions.0.transformer_blocks.1.ff.net.0.proj",
    "middle_block_2_in_layers_2": "mid_block.resnets.1.conv1", "output_blocks_1_1_transformer_blocks_0_attn1_to_out_0": "up_blocks.0.attentions.1.transformer_blocks.0.attn1.to_out.0",
    "output_blocks_1_2_conv": "up_blocks.0.upsamplers.0.conv", "output_blocks_2_0_in_layers_2": "up_blocks.1.resnets.0.conv1", "out_2": "conv_out",
    "time_embed_0": "time_embedding.linear_1", "label_emb_0_2": "add_embedding.linear_2"}


class Conditioned(torch.nn.Module):
    """A U-Net of SDXL with all of its conditions as inputs."""

    def __init__(self, unet: torch.nn.Module) -> None:
        super().__init__()
        self.unet = unet

    def forward(self, sample, timestep, encoder_hidden_states, text_embeds, time_ids):
        return self.unet(sample, timestep, encoder_hidden_states, added_cond_kwargs={"text_embeds": text_embeds, "time_ids": time_ids}, return_dict=False)[0]


def stable_diffusion_xl() -> None:
    shutil.rmtree(OUTPUT_XL, ignore_errors=True)

    def pipeline() -> StableDiffusionXLPipeline:
        tiny = next(one for one in tiny_models() if one.name == "stable-diffusion-xl")
        make(tiny, {})
        for part in ("unet", "vae"):
            tiny.parts[part].set_attn_processor(PlainAttention())
        tokenizers = {f"tokenizer{end}": clip_tokenizer(pad) for end, pad in zip(("", "_2"), tiny.pads, strict=True)}
        scheduler = getattr(diffusers, tiny.scheduler["_class_name"]).from_config(tiny.scheduler)
        return StableDiffusionXLPipeline(**tiny.parts, **tokenizers, scheduler=scheduler, add_watermarker=False)

    plain = pipeline()
    width, pooled = plain.unet.config.cross_attention_dim, plain.text_encoder_2.config.projection_dim
    export(Conditioned(plain.unet), {"sample": torch.zeros(2, 4, 16, 16), "timestep": torch.tensor(1.0), "encoder_hidden_states": torch.zeros(2, 20, width),
                                     "text_embeds": torch.zeros(2, pooled), "time_ids": torch.zeros(2, 6)},
           {"sample": CELLS, "encoder_hidden_states": WORDS, "text_embeds": {0: "batch_size"}, "time_ids": {0: "batch_size"}}, ["out_sample"], OUTPUT_XL / "unet")
    generator = torch.Generator().manual_seed(12)
    kohya = {}
    for original, path in ORIGINAL.items():
        kohya |= in_kohyas_form(original, *matrices(plain.unet.get_submodule(path), generator), ALPHA)
    save_file(kohya, OUTPUT_XL / "kohya.safetensors")
    runs = []
    for files in ([], ["kohya"]):
        fresh = pipeline()
        fuse(fresh, OUTPUT_XL, files)
        runs.append({"files": files, "latents": drawn(fresh)})
    write_runs(OUTPUT_XL, runs)


if __name__ == "__main__":
    main()
