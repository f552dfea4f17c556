"""Builds a tiny model whose export keeps the layers' names, as optimum's does, two LoRAs for it, and records what diffusers makes of them.

    pip install -r training/requirements.txt peft
    python -m training.golden_lora

workers/testing/lora/ has the U-Net and the text encoder of workers/testing/families/stable-diffusion (there lies the rest), exported by way of
TorchScript in single precision; kohya.safetensors and diffusers.safetensors; and golden.json with the final latents of diffusers' load_lora_weights
and fuse_lora.
"""
from __future__ import annotations

import base64
import shutil
import warnings
from pathlib import Path

import diffusers
import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from safetensors.torch import save_file

from .export import PlainAttention, write_json
from .golden_pipelines import CAT, clip_tokenizer, make, tiny_models

OUTPUT = Path(__file__).parent.parent / "workers" / "testing" / "lora"
RANK, SCALE, ALPHA = 3, 0.7, 2.0
ATTENTION = "down_blocks.0.attentions.0.transformer_blocks.0."
UNET = [ATTENTION + "attn1.to_q", ATTENTION + "attn2.to_k", ATTENTION + "attn2.to_out.0", ATTENTION + "ff.net.0.proj", "down_blocks.0.attentions.0.proj_in",
        "down_blocks.1.resnets.0.conv1", "mid_block.resnets.0.time_emb_proj"]
TEXT = ["encoder.layers.0.self_attn.q_proj", "encoder.layers.1.mlp.fc1"]  # this transformers' names; diffusers loses the older ones of kohya's files


def matrices(module: torch.nn.Module, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    weight = module.weight
    down, up = (RANK, *weight.shape[1:]), (weight.shape[0], RANK, *(1,) * (weight.dim() - 2))
    return torch.randn(down, generator=generator) * 0.2, torch.randn(up, generator=generator) * 0.2


def main() -> None:
    warnings.filterwarnings("ignore")
    diffusers.utils.logging.set_verbosity_error()
    tiny = tiny_models()[0]
    make(tiny, {})
    unet, text, vae = tiny.parts["unet"], tiny.parts["text_encoder"], tiny.parts["vae"]
    for module in (unet, vae):
        module.set_attn_processor(PlainAttention())
    shutil.rmtree(OUTPUT, ignore_errors=True)
    cells, words = {0: "batch_size", 2: "latent_height", 3: "latent_width"}, {0: "batch_size", 1: "sequence_length"}
    for part, module, inputs, axes, outputs in (
        ("unet", unet, {"sample": torch.zeros(2, 4, 16, 16), "timestep": torch.tensor([1.0]), "encoder_hidden_states": torch.zeros(2, 20, 16)},
         {"sample": cells, "encoder_hidden_states": words}, ["out_sample"]),
        ("text_encoder", text, {"input_ids": torch.zeros(2, 20, dtype=torch.int64)}, {"input_ids": words}, ["last_hidden_state", "pooler_output"])):
        (OUTPUT / part).mkdir(parents=True)
        with torch.no_grad():
            torch.onnx.export(module, tuple(inputs.values()), OUTPUT / part / "model.onnx", dynamo=False, opset_version=17, input_names=list(inputs), output_names=outputs,
                              dynamic_axes=axes)

    generator = torch.Generator().manual_seed(11)
    kohya, named = {}, {}
    for prefix, module, paths in (("unet", unet, UNET), ("text_encoder", text, TEXT)):
        for path in paths:
            layer = module.get_submodule(path)
            if prefix == "unet":
                down, up = matrices(layer, generator)
                key = "lora_unet_" + path.replace(".", "_")
                kohya |= {f"{key}.lora_down.weight": down, f"{key}.lora_up.weight": up, f"{key}.alpha": torch.tensor(ALPHA)}
            down, up = matrices(layer, generator)
            named |= {f"{prefix}.{path}.lora_A.weight": down, f"{prefix}.{path}.lora_B.weight": up}
    save_file(kohya, OUTPUT / "kohya.safetensors")
    save_file({key: value.half() for key, value in named.items()}, OUTPUT / "diffusers.safetensors")

    runs = []
    for files in ([], ["kohya"], ["diffusers"], ["kohya", "diffusers"]):
        fresh = tiny_models()[0]
        make(fresh, {})
        for module in (fresh.parts["unet"], fresh.parts["vae"]):
            module.set_attn_processor(PlainAttention())
        scheduler = getattr(diffusers, fresh.scheduler["_class_name"]).from_config(fresh.scheduler)
        pipeline = StableDiffusionPipeline(vae=fresh.parts["vae"], text_encoder=fresh.parts["text_encoder"], tokenizer=clip_tokenizer(fresh.pads[0]), unet=fresh.parts["unet"],
                                           scheduler=scheduler, safety_checker=None, feature_extractor=None, requires_safety_checker=False)
        pipeline.set_progress_bar_config(disable=True)
        for name in files:
            pipeline.load_lora_weights(OUTPUT, weight_name=f"{name}.safetensors", adapter_name=name)
        if files:
            pipeline.set_adapters(files, [SCALE] * len(files))
            pipeline.fuse_lora(adapter_names=files)
            pipeline.unload_lora_weights()
        latents = pipeline(CAT, num_inference_steps=4, guidance_scale=5.0, width=64, height=64, generator=torch.Generator().manual_seed(3), output_type="latent").images
        print(files, f"latents' deviation {latents.std():.3f}")
        runs.append({"files": files, "latents": base64.b64encode(latents.numpy().astype("<f4").tobytes()).decode()})
    changes = [float(np.abs(np.frombuffer(base64.b64decode(run["latents"]), "<f4") - np.frombuffer(base64.b64decode(runs[0]["latents"]), "<f4")).max()) for run in runs]
    print("changed by", changes)
    write_json(OUTPUT / "golden.json", {"command": "python -m training.golden_lora", "diffusers": diffusers.__version__, "prompt": CAT, "seed": 3, "steps": 4, "guidanceScale": 5.0,
                                        "scale": SCALE, "runs": runs})


if __name__ == "__main__":
    main()
