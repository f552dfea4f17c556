"""Exports the trained solid model to the folder that the page loads: ONNX graphs, configs, tokenizer, darkroom.json, as training/export.py does.

    python -m training.solid.export --runs training/runs/solid --output training/runs/solid/model

In place of the VAE there are two graphs: plane_decoder (planes -> feature planes) and point_decoder (feature planes and the coordinates of
a block of a lattice -> distance and colour). README.md says what goes in and comes out.
"""
from __future__ import annotations

import argparse
import json
import logging
import shutil
import tempfile
from pathlib import Path

import onnx
import torch
import torch.nn.functional as F
from diffusers import UNet2DConditionModel
from torch import nn
from transformers import CLIPTextModel

from ..export import TOKENIZER_FILES, Graph, PlainAttention, TextEncoder, UNet, build, list_files, read_json, round_weights, verify, write_json
from .autoencoder import CHANNELS, COLUMNS, FEATURE_SIDE, FEATURES, ROWS, PlaneDecoder, PointDecoder, hats
from .grid import TRUNCATION
from .looks import open_autoencoder
from .unet import SCHEDULE, open_unet

CARD = Path(__file__).parent / "card.json"


class LatticeDecoder(nn.Module):
    """PointDecoder for one object, its products written out."""

    def __init__(self, points: PointDecoder):
        super().__init__()
        self.points = points

    def forward(self, feature_planes: torch.Tensor, x: torch.Tensor, y: torch.Tensor, z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """[1, 3, FEATURES, 64, 64], [nx], [ny], [nz] -> distance [nz, ny, nx] in units of the truncation, rgb [nz, ny, nx, 3]"""
        xy, yz, zx = feature_planes[0].unbind(0)
        wx, wy, wz = hats(x), hats(y), hats(z)
        xy = (wy @ xy @ wx.T).permute(1, 2, 0)
        yz = (wy @ yz @ wz.T).permute(2, 1, 0)
        zx = (wz @ zx @ wx.T).permute(1, 2, 0)
        h = F.silu(xy[None] + yz[:, :, None] + zx[:, None])
        p = self.points
        out = p.out(F.silu(p.hidden2(F.silu(p.hidden1(h)))))
        return out[..., 0], out[..., 1:]


def graphs(text: CLIPTextModel, unet: UNet2DConditionModel, planes: PlaneDecoder, points: PointDecoder) -> list[Graph]:
    length, vocabulary = text.config.max_position_embeddings, text.config.vocab_size
    generator = torch.Generator().manual_seed(0)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator)

    def ids(batch: int, k: int):
        return {"input_ids": torch.randint(0, vocabulary, (batch, length - 3 * k), generator=generator)}

    def noisy(batch: int, k: int):
        return {"sample": normal(batch, CHANNELS, ROWS, COLUMNS), "timestep": torch.tensor([999.0 - 371.5 * k]),
                "encoder_hidden_states": normal(batch, length - 3 * k, unet.config.cross_attention_dim)}

    def latents(batch: int, k: int):
        return {"latent_sample": normal(batch, CHANNELS, ROWS, COLUMNS)}

    def lattice(batch: int, k: int):
        return {"feature_planes": normal(1, 3, FEATURES, FEATURE_SIDE, FEATURE_SIDE), **{axis: torch.linspace(-1, 1, 9 + 4 * i + k) for i, axis in enumerate("xyz")}}

    words = {0: "batch_size", 1: "sequence_length"}
    batch = {0: "batch_size"}
    return [
        Graph("text_encoder", TextEncoder(text), ids, {"input_ids": words}, {"last_hidden_state": words, "pooler_output": batch}),
        Graph("unet", UNet(unet), noisy, {"sample": batch, "timestep": {}, "encoder_hidden_states": words}, {"out_sample": batch}),
        Graph("plane_decoder", planes, latents, {"latent_sample": batch}, {"feature_planes": batch}),
        Graph("point_decoder", LatticeDecoder(points), lattice, {"feature_planes": {}, "x": {0: "columns"}, "y": {0: "rows"}, "z": {0: "layers"}},
              {"distance": {0: "layers", 1: "rows", 2: "columns"}, "rgb": {0: "layers", 1: "rows", 2: "columns"}}),
    ]


def export(runs: Path, card: dict, output: Path) -> None:
    """Writes `output`, which replaces an earlier export there."""
    if output.exists() and any(output.iterdir()) and not (output / "darkroom.json").exists():
        raise SystemExit(f"{output} holds something that is not an export; name a new folder.")
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    text = CLIPTextModel.from_pretrained(runs / "text/text_encoder", attn_implementation="eager").float().eval()
    unet = open_unet(runs / "unet/unet")
    unet.set_attn_processor(PlainAttention())
    autoencoder = open_autoencoder(runs / "autoencoder/autoencoder.pt").float()
    modules = text, unet, autoencoder.planes, autoencoder.points
    for module in modules:
        round_weights(module)
    configs = {
        "text_encoder": {**text.config.to_dict(), "_class_name": "CLIPTextModel"},
        "unet": {"_class_name": "UNet2DConditionModel", **json.loads(json.dumps(dict(unet.config), default=list))},
        "plane_decoder": {"_class_name": "PlaneDecoder", "latent_channels": CHANNELS, "scaling_factor": 1.0, "rows": ROWS, "columns": COLUMNS, "planes": ["xy", "yz", "zx"],
                          "features": FEATURES, "feature_side": FEATURE_SIDE},
        "point_decoder": {"_class_name": "PointDecoder", "truncation": TRUNCATION},
    }
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=f".{output.name}-") as name:
        folder = Path(name) / output.name
        for graph in graphs(*modules):
            write_json(folder / graph.folder / "config.json", configs[graph.folder])
            file = folder / graph.folder / "model.onnx"
            onnx.save(build(graph), file)
            print(f"{graph.folder}/model.onnx: {file.stat().st_size:,} bytes, operators {', '.join(sorted({n.op_type for n in onnx.load(file).graph.node}))}")
            verify(graph, file)
        for file in TOKENIZER_FILES:
            write_json(folder / "tokenizer" / file, read_json(runs / "tokenizer" / file), None if file == "tokenizer.json" else 2)
        write_json(folder / "scheduler/scheduler_config.json", {"_class_name": "DDIMScheduler", **SCHEDULE})
        write_json(folder / "model_index.json", {
            "_class_name": "SolidPipeline", "scheduler": ["diffusers", "DDIMScheduler"], "text_encoder": ["transformers", "CLIPTextModel"],
            "tokenizer": ["transformers", "PreTrainedTokenizerFast"], "unet": ["diffusers", "UNet2DConditionModel"],
            "plane_decoder": ["darkroom", "PlaneDecoder"], "point_decoder": ["darkroom", "PointDecoder"]})
        write_json(folder / "darkroom.json", {**card, "files": list_files(folder)})
        if output.exists():
            shutil.rmtree(output)
        folder.rename(output)
    print(f"{output}: {sum(f.stat().st_size for f in output.rglob('*') if f.is_file()):,} bytes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, default=Path("training/runs/solid"))
    parser.add_argument("--card", type=Path, default=CARD, help="JSON with title, license, defaults")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    export(options.runs, read_json(options.card), options.output)


if __name__ == "__main__":
    main()
