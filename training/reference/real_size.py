"""Writes Stable Diffusion 1.5 or SD-Turbo in their real sizes, with random weights in half precision, in the layout that optimum exports.

    pip install -r training/requirements.txt
    python -m training.reference.real_size --model stable-diffusion-1.5 --output /tmp/sd-1.5
    npm run generate -- --model /tmp/sd-1.5 --prompt "a cat" --steps 1 --width 256 --height 256

About 2 GB on the disk and 8 GB of memory while it writes. For what the size alone shows: that such a model loads, what it takes, and what a step
costs. Larger pictures than 320 x 320 do not fit into WebAssembly's 4 GiB on the CPU beside the weights, which are converted to float32 there. The sizes are the published architectures'; the tokenizer is the tests' small one, whose ids are ids of the large vocabulary, too.
"""
from __future__ import annotations

import argparse
import gc
import json
import logging
import math
from collections.abc import Callable
from pathlib import Path

import diffusers
import onnx
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel

from ..export import OPSET, Graph, PlainAttention, UNet, VaeDecoder, VaeEncoder, write_json
from .golden_pipelines import END, PNDM, SD, WORDS, ClipStates, clip_tokenizer, save_clip_tokenizer

CROSS = {"down_block_types": ("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",), "up_block_types": ("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3}
UNET = {"sample_size": 64, "in_channels": 4, "out_channels": 4, "block_out_channels": (320, 640, 1280, 1280), "layers_per_block": 2, "norm_num_groups": 32, **CROSS}
VAE = {"in_channels": 3, "out_channels": 3, "block_out_channels": (128, 256, 512, 512), "layers_per_block": 2, "latent_channels": 4, "norm_num_groups": 32, "sample_size": 512,
       "scaling_factor": 0.18215, "down_block_types": ("DownEncoderBlock2D",) * 4, "up_block_types": ("UpDecoderBlock2D",) * 4}
TEXT = {"vocab_size": 49408, "max_position_embeddings": 77, "bos_token_id": 49406, "eos_token_id": 49407}
MODELS = {
    "stable-diffusion-1.5": {
        "text": {**TEXT, "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12, "hidden_act": "quick_gelu"},
        "unet": {**UNET, "cross_attention_dim": 768, "attention_head_dim": 8},
        "scheduler": PNDM, "pad": END},
    "sd-turbo": {
        "text": {**TEXT, "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 23, "num_attention_heads": 16, "hidden_act": "gelu"},
        "unet": {**UNET, "cross_attention_dim": 1024, "attention_head_dim": (5, 10, 20, 20), "use_linear_projection": True},
        "scheduler": {"_class_name": "EulerDiscreteScheduler", **SD, "timestep_spacing": "trailing", "steps_offset": 1}, "pad": "!"},
}


def random_weights(make: Callable[[], nn.Module]) -> nn.Module:
    """Built without memory, then filled: normal weights that keep the size of what goes through them, norms at one, biases at zero."""
    torch.manual_seed(0)
    with torch.device("meta"):
        module = make()
    module = module.half().to_empty(device="cpu").eval()
    for name, weight in module.named_parameters():
        if weight.dim() == 1:
            weight.data.fill_(1.0 if "norm" in name and name.endswith("weight") else 0.0)
        else:
            weight.data.normal_(0, 0.02 if "embed" in name else 1 / math.sqrt(weight[0].numel()))
    for name, buffer in module.named_buffers():
        if name.endswith("position_ids"):
            buffer.data = torch.arange(buffer.shape[-1]).unsqueeze(0)
    return module


def graph_of(part: str, module: nn.Module, width: int) -> Graph:
    cells, pixels = ({0: "batch_size", 2: f"{prefix}height", 3: f"{prefix}width"} for prefix in ("latent_", ""))
    half = torch.float16
    if part == "text_encoder":
        return Graph(part, ClipStates(module, False), lambda b, k: {"input_ids": torch.zeros(b, 12, dtype=torch.int64)}, {"input_ids": WORDS},
                     {"last_hidden_state": WORDS, "pooler_output": {0: "batch_size"}})
    if part == "unet":
        return Graph(part, UNet(module), lambda b, k: {"sample": torch.zeros(b, 4, 16, 24, dtype=half), "timestep": torch.tensor([500.0], dtype=half),
                                                       "encoder_hidden_states": torch.zeros(b, 12, width, dtype=half)},
                     {"sample": cells, "timestep": {}, "encoder_hidden_states": WORDS}, {"out_sample": cells})
    if part == "vae_decoder":
        return Graph(part, VaeDecoder(module), lambda b, k: {"latent_sample": torch.zeros(b, 4, 16, 24, dtype=half)}, {"latent_sample": cells}, {"sample": pixels})
    return Graph(part, VaeEncoder(module), lambda b, k: {"sample": torch.zeros(b, 3, 128, 192, dtype=half)}, {"sample": pixels}, {"latent_parameters": cells})


def write(part: str, module: nn.Module, width: int, folder: Path) -> None:
    graph = graph_of(part, module, width)
    program = torch.onnx.export(graph.module, (), kwargs=graph.make(2, 0), dynamo=True, opset_version=OPSET, verbose=False, optimize=False,
                                input_names=list(graph.axes), output_names=list(graph.outputs), dynamic_shapes=graph.axes)
    folder.mkdir(parents=True, exist_ok=True)
    program.save(folder / "model.onnx", external_data=True)
    del program
    model = onnx.load(folder / "model.onnx", load_external_data=False)
    for tensor in model.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location":
                entry.value = "model.onnx_data"
    del model.graph.value_info[:]
    for node in model.graph.node:
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
    onnx.save(model, folder / "model.onnx")
    (folder / "model.onnx.data").rename(folder / "model.onnx_data")
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{part}: {size:,} bytes, {sum(weight.numel() for weight in module.parameters()):,} weights", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=list(MODELS), required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--parts", nargs="*", default=["unet", "text_encoder", "vae_decoder", "vae_encoder"])
    options = parser.parse_args()
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    model = MODELS[options.model]

    def text() -> nn.Module:
        config = CLIPTextConfig(**model["text"], projection_dim=model["text"]["hidden_size"])
        config._attn_implementation = "eager"
        return CLIPTextModel(config)
    makers = {"unet": lambda: UNet2DConditionModel(**model["unet"]), "text_encoder": text, "vae_decoder": lambda: AutoencoderKL(**VAE), "vae_encoder": lambda: AutoencoderKL(**VAE)}
    for part in options.parts:
        with torch.no_grad():
            module = random_weights(makers[part])
            if hasattr(module, "set_attn_processor"):
                module.set_attn_processor(PlainAttention())
            write(part, module, model["text"]["hidden_size"], options.output / part)
        config = json.loads(module.config.to_json_string()) if part == "text_encoder" else {k: v for k, v in module.config.items() if not k.startswith("_")}
        write_json(options.output / part / "config.json", json.loads(json.dumps(config, default=list)))
        del module
        gc.collect()
    write_json(options.output / "scheduler" / "scheduler_config.json", model["scheduler"])
    save_clip_tokenizer(options.output / "tokenizer", clip_tokenizer(model["pad"]), True)
    write_json(options.output / "model_index.json", {
        "_class_name": "StableDiffusionPipeline", "_diffusers_version": diffusers.__version__, "scheduler": ["diffusers", model["scheduler"]["_class_name"]],
        "text_encoder": ["transformers", "CLIPTextModel"], "tokenizer": ["transformers", "CLIPTokenizer"], "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"]})


if __name__ == "__main__":
    main()
