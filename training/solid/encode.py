"""Encodes the solids of dataset.py, for train_unet.py.

    python -m training.solid.encode --output training/runs/solid/latents

Beside each shard of solids a .npz: latents float16 [n, CHANNELS, 16, 48], and occupied bool [n, 16, 48]: where on the planes a surface is.
The scenes, from which captions are made anew each time, are in a pickle beside it.
"""
from __future__ import annotations

import argparse
import os
import pickle
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from .dataset import to_grids
from .grid import NO_COLOUR
from .looks import open_autoencoder


def occupied(index: torch.Tensor) -> torch.Tensor:
    """Colour indices uint8 [n, z, y, x] -> bool [n, 16, 48] as the planes lie."""
    here = index != NO_COLOUR
    planes = torch.stack([here.any(1), here.any(3).mT, here.any(2)], 1).float()
    small = F.max_pool2d(planes, index.shape[-1] // 16) > 0
    return torch.cat(small.unbind(1), 2)


@torch.no_grad()
def encode(model: torch.nn.Module, records: list) -> tuple[np.ndarray, np.ndarray]:
    latents, cells = [], []
    for k in range(0, len(records), 16):
        grids = to_grids(records[k:k + 16])
        with torch.autocast("cpu", torch.bfloat16):
            latents.append(model.encoder(grids.distance, grids.colour).to(torch.float16).numpy())
        cells.append(occupied(grids.index).numpy())
    return np.concatenate(latents), np.concatenate(cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--solids", type=Path, default=Path("training/runs/solid/solids"))
    parser.add_argument("--autoencoder", type=Path, default=Path("training/runs/solid/autoencoder/autoencoder.pt"))
    parser.add_argument("--output", type=Path, default=Path("training/runs/solid/latents"))
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    model = open_autoencoder(options.autoencoder)
    for shard in sorted(options.solids.glob("*.pickle")):
        path = options.output / shard.with_suffix(".npz").name
        if path.exists():
            continue
        records = pickle.loads(shard.read_bytes())
        latents, cells = encode(model, records)
        (options.output / shard.name).write_bytes(pickle.dumps([r[0] for r in records]))
        np.savez(path.with_suffix(".tmp.npz"), latents=latents, occupied=cells)
        os.replace(path.with_suffix(".tmp.npz"), path)
        print(f"{path.name}: mean {latents.mean(dtype=np.float32):.3f}, deviation {latents.std(dtype=np.float32):.3f}", flush=True)


if __name__ == "__main__":
    main()
