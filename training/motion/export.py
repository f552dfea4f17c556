"""Exports the motion model: a folder that shares the picture model's files and holds only what is new.

    python -m training.motion.export --motion training/runs/motion/unet/motion.safetensors --output public/models/safelight-motion

unet/model.onnx is the graph with the motion modules: `sample` [clips, channels, frames, rows, columns], `timestep` [1],
`encoder_hidden_states` [clips * frames, tokens, width] (each prompt repeated for its frames) -> `out_sample`. The picture model's weights
are not in it: they are external data in unet/base.onnx, which is the picture model's own unet/model.onnx (darkroom.json says so), at the
places where they lie in that file. What the training changed of them, and of the text encoder's, is a LoRA, difference.safetensors, which
the page merges when it loads the model, as it does for the picture model's twin.
"""
from __future__ import annotations

import argparse
import json
import logging
import shutil
import tempfile
from pathlib import Path
from unittest import mock

import onnx
import torch
from onnx import TensorProto
from safetensors.torch import load_file, save_file
from torch import nn

from ..export import OPSET, Graph, PlainAttention, add_to_index, build, config_of, list_files, read_json, round_weights, verify, write_json
from .sample import load_unet

BASE_FILE = "base.onnx"  # how the graph calls the picture model's unet/model.onnx
DEFAULTS = {"sampler": "dpmpp-2m", "steps": 12, "guidanceScale": 3}
OWN = ("README.md", "report.json", "sheet.jpg")
SHARED = ("text_encoder/", "vae_decoder/", "vae_encoder/", "tokenizer/", "scheduler/")


class MotionUNet(nn.Module):
    def __init__(self, unet: nn.Module):
        super().__init__()
        self.unet = unet

    def forward(self, sample, timestep, encoder_hidden_states):
        return self.unet(sample, timestep, encoder_hidden_states, return_dict=False)[0]


def motion_graph(unet: nn.Module, length: int) -> Graph:
    generator = torch.Generator().manual_seed(0)
    config = unet.config

    def noisy(batch: int, k: int) -> dict[str, torch.Tensor]:
        frames = 8 - 3 * k
        return {"sample": torch.randn(batch, config.in_channels, frames, 8, 8 + 4 * k, generator=generator), "timestep": torch.tensor([999.0 - 371.5 * k]),
                "encoder_hidden_states": torch.randn(batch * frames, length - 3 * k, config.cross_attention_dim, generator=generator)}

    clips = {0: "batch_size", 2: "num_frames", 3: "latent_height", 4: "latent_width"}
    return Graph("unet", MotionUNet(unet), noisy, {"sample": clips, "timestep": {}, "encoder_hidden_states": {0: "batch_frames", 1: "sequence_length"}}, {"out_sample": clips})


def repeat_rows(x: torch.Tensor, times: int, dim: int = 0, output_size: int | None = None) -> torch.Tensor:
    """Tensor.repeat_interleave of rows, which the exporter (torch 2.13) turns into a graph that is right for one clip only."""
    return x.unsqueeze(1).expand(-1, times, *x.shape[1:]).flatten(0, 1)


def refer_to(base: Path, model: onnx.ModelProto) -> int:
    """Replaces each weight that `base` holds, bit for bit, by a reference to its place in that file. @returns the bytes that this saves"""
    whole = base.read_bytes()
    held = {tensor.raw_data: tensor.name for tensor in onnx.load(base).graph.initializer if len(tensor.raw_data) >= 1024}
    saved = 0
    for tensor in model.graph.initializer:
        raw = tensor.raw_data
        if raw not in held:
            continue
        offset = whole.find(raw)
        if offset < 0 or whole.find(raw, offset + 1) >= 0 and len(raw) < 4096:
            continue
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", BASE_FILE), ("offset", str(offset)), ("length", str(len(raw)))):
            entry = tensor.external_data.add()
            entry.key, entry.value = key, value
        saved += len(raw)
    return saved


def split(file: Path) -> dict[str, torch.Tensor]:
    """Of what train.py saves, the LoRA."""
    return {key: value for key, value in load_file(file).items() if ".lora_" in key}


def export(base: Path, pipeline: Path, motion: Path, output: Path) -> str:
    """The title of what was written to `output`, a folder beside `base`."""
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    unet = load_unet(pipeline / "unet", motion, differences=False)
    unet.set_attn_processor(PlainAttention())
    round_weights(unet)
    card = json.loads((base / "darkroom.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=f".{output.name}-") as name:
        folder = Path(name) / output.name
        (folder / "unet").mkdir(parents=True)
        length = read_json(base / "text_encoder/config.json")["max_position_embeddings"]
        graph = motion_graph(unet, length)
        with mock.patch.object(torch.Tensor, "repeat_interleave", repeat_rows):
            model = build(graph)
        saved = refer_to(base / "unet/model.onnx", model)
        file = folder / "unet/model.onnx"
        file.write_bytes(model.SerializeToString())
        print(f"unet/model.onnx: {file.stat().st_size:,} bytes, and {saved:,} of the picture model's")
        shutil.copy(base / "unet/model.onnx", folder / "unet" / BASE_FILE)  # for the check only
        verify(graph, file)
        (folder / "unet" / BASE_FILE).unlink()
        config = {key: value for key, value in unet.config.items() if not key.startswith("_") or key == "_class_name"}
        write_json(folder / "unet/config.json", config)
        save_file({key: value.contiguous() for key, value in split(motion).items()}, folder / "difference.safetensors")
        index = json.loads((base / "model_index.json").read_text(encoding="utf-8"))
        write_json(folder / "model_index.json", {**index, "_class_name": "AnimateDiffPipeline", "unet": ["diffusers", "UNetMotionModel"]})
        card["title"] += " Motion"
        card["defaults"] |= DEFAULTS
        shared = {path: {**record, "folder": f"../{base.name}/"} for path, record in card["files"].items() if path.startswith(SHARED)}
        shared[f"unet/{BASE_FILE}"] = {**card["files"]["unet/model.onnx"], "folder": f"../{base.name}/", "path": "unet/model.onnx"}
        write_json(folder / "darkroom.json", {**card, "files": {**shared, **list_files(folder)}, "difference": "difference.safetensors"})
        for name in OWN:  # of an earlier export
            if (output / name).exists():
                shutil.copy(output / name, folder / name)
        if output.exists():
            shutil.rmtree(output)
        folder.rename(output)
    print(f"{output}: {sum(f.stat().st_size for f in output.rglob('*') if f.is_file()):,} bytes")
    return card["title"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, default=Path("public/models/safelight"))
    parser.add_argument("--pipeline", type=Path, default=Path("training/runs/pipeline"))
    parser.add_argument("--motion", type=Path, default=Path("training/runs/motion/unet/motion.safetensors"))
    parser.add_argument("--output", type=Path, default=Path("public/models/safelight-motion"))
    parser.add_argument("--index", type=Path, help="the list of built-in models to add it to, public/models/index.json")
    options = parser.parse_args()
    if options.output.parent.resolve() != options.base.parent.resolve():
        raise SystemExit(f"{options.output} shares the files of {options.base}; it must lie beside it.")
    title = export(options.base, options.pipeline, options.motion, options.output)
    if options.index:
        add_to_index(options.index, options.output.name, title)


if __name__ == "__main__":
    main()
