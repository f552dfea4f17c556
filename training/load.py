"""Reads the exported ONNX files back into PyTorch: a diffusers pipeline folder, to go on training or to export with other outputs.

    python -m training.load --model public/models/safelight --output training/runs/pipeline
    python -m training.train_unet --init training/runs/pipeline --minutes 60

The weights are those of the files, rounded to half precision as they are stored.
"""
from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from onnx import numpy_helper
from transformers import CLIPTextConfig, CLIPTextModel


def read_weights(file: Path) -> dict[str, torch.Tensor]:
    """@raises SystemExit where the file was not written by export.py."""
    model = onnx.load(file)
    notes = next((entry.value for entry in model.metadata_props if entry.key == "weights"), None)
    if notes is None:
        raise SystemExit(f"{file} does not say which parameter is where; export it with training/export.py.")
    stored = {tensor.name: tensor for tensor in model.graph.initializer}
    weights = {}
    for key, note in json.loads(notes).items():
        array = numpy_helper.to_array(stored[note["initializer"]]).astype(np.float32)
        array = array.reshape(note["shape"][::-1]).T if note["transposed"] else array.reshape(note["shape"])
        weights[key] = torch.from_numpy(np.ascontiguousarray(array))
    return weights


def fill(module: torch.nn.Module, weights: dict[str, torch.Tensor]) -> torch.nn.Module:
    """Every parameter must be there; buffers (position ids) are the module's own."""
    names = {name for name, _ in module.named_parameters()}
    if names != weights.keys():
        raise SystemExit(f"{type(module).__name__}: {sorted(names ^ weights.keys())[:3]} are in the configuration or in the file, not in both.")
    module.load_state_dict(weights, strict=False)
    return module.eval()


def load_modules(folder: Path) -> tuple[CLIPTextModel, UNet2DConditionModel, AutoencoderKL]:
    def config(part: str) -> dict:
        return json.loads((folder / part / "config.json").read_text())
    text = CLIPTextModel(CLIPTextConfig(**config("text_encoder")))
    unet = UNet2DConditionModel.from_config(config("unet"))
    vae = AutoencoderKL.from_config(config("vae_decoder"))
    halves = read_weights(folder / "vae_encoder/model.onnx") | read_weights(folder / "vae_decoder/model.onnx")
    return fill(text, read_weights(folder / "text_encoder/model.onnx")), fill(unet, read_weights(folder / "unet/model.onnx")), fill(vae, halves)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    text, unet, vae = load_modules(options.model)
    options.output.mkdir(parents=True, exist_ok=True)
    text.save_pretrained(options.output / "text_encoder")
    unet.save_pretrained(options.output / "unet")
    vae.save_pretrained(options.output / "vae")
    for part in ("scheduler", "tokenizer"):
        shutil.copytree(options.model / part, options.output / part, dirs_exist_ok=True)
    index = json.loads((options.model / "model_index.json").read_text())
    vae_entry = index.pop("vae_decoder")
    index.pop("vae_encoder", None)
    index |= {"vae": vae_entry, "safety_checker": [None, None], "feature_extractor": [None, None], "image_encoder": [None, None], "requires_safety_checker": False}
    (options.output / "model_index.json").write_text(json.dumps(index, indent=2) + "\n")
    for name in ("concepts.json", "README.md"):
        if (options.model / name).exists():
            shutil.copy(options.model / name, options.output / name)


if __name__ == "__main__":
    main()
