"""Builds random solids and keeps them, for the autoencoder and, encoded, for the denoiser.

    python -m training.solid.dataset --solids 60000 --output training/runs/solid/solids

A shard is a pickle of SHARD records (scene, distance, colours), the grids as zlib-compressed bytes: distance in 255 steps from -1 to 1, and
the index of the colour. Solid i is made from the seed i alone: a shard that is there is not made again, and a run may be cut anywhere.
"""
from __future__ import annotations

import argparse
import os
import pickle
import random
import time
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from .grid import NO_COLOUR, PALETTE, SIDE
from .render import colour_grid
from .world import Scene, build, random_scene

SHARD = 512
HELD_OUT_SEED = "held-out solid"


def pack(scene: Scene, distance: np.ndarray, colours: np.ndarray) -> tuple[Scene, bytes, bytes]:
    return scene, zlib.compress(np.round(distance * 127 + 127).astype(np.uint8).tobytes(), 1), zlib.compress(colours.tobytes(), 1)


def unpack(record: tuple[Scene, bytes, bytes]) -> tuple[np.ndarray, np.ndarray]:
    """uint8 [SIDE, SIDE, SIDE] each."""
    return tuple(np.frombuffer(zlib.decompress(part), np.uint8).reshape((SIDE,) * 3) for part in record[1:])  # type: ignore[return-value]


@dataclass
class Grids:
    """What the autoencoder learns from. Distance bfloat16 [n, s, s, s], -1..1; the index of the colour uint8 [n, s, s, s], NO_COLOUR where no
    surface is near; and the colours bfloat16 [n, 3, s / 2, s / 2, s / 2], -1..1, summed over eight cells and divided by eight, so that they fade where few are known."""

    distance: torch.Tensor
    index: torch.Tensor
    colour: torch.Tensor

    def __getitem__(self, part) -> Grids:
        return Grids(self.distance[part], self.index[part], self.colour[part])

    def rgb(self) -> torch.Tensor:
        """float32 [n, s, s, s, 3], 0..1; cells without a colour take their neighbours'."""
        return torch.stack([torch.from_numpy(colour_grid(i)) for i in self.index.numpy()])


def to_grids(records: list[tuple[Scene, bytes, bytes]]) -> Grids:
    n, half = len(records), SIDE // 2
    distance = np.empty((n, SIDE**3), np.uint8)
    index = np.empty((n, SIDE**3), np.uint8)
    colour = np.zeros((n, 3, half**3), np.float32)
    for k, record in enumerate(records):
        distance[k], index[k] = (part.ravel() for part in unpack(record))
        shown = np.flatnonzero(index[k] != NO_COLOUR)
        z, y, x = (shown // SIDE**2) // 2, (shown // SIDE % SIDE) // 2, (shown % SIDE) // 2
        cell = (z * half + y) * half + x
        for c in range(3):
            colour[k, c] = np.bincount(cell, (PALETTE[:, c] * 2 - 1)[index[k][shown]], half**3) / 8
    cube = (SIDE,) * 3
    return Grids((torch.from_numpy(distance).to(torch.bfloat16) / 127 - 1).view(n, *cube), torch.from_numpy(index).view(n, *cube), torch.from_numpy(colour).to(torch.bfloat16).view(n, 3, half, half, half))


def held_out_solids(count: int) -> list[tuple[Scene, bytes, bytes]]:
    rng = random.Random(HELD_OUT_SEED)
    return [pack(scene, *build(scene, rng)) for scene in (random_scene(rng) for _ in range(count))]


class Solids:
    """All shards that are there; looks for new ones as it goes."""

    def __init__(self, folder: Path):
        self.folder, self.records, self.known = folder, [], set()
        self.refresh()

    def refresh(self) -> None:
        for path in sorted(self.folder.glob("*.pickle")):
            if path.name not in self.known:
                self.known.add(path.name)
                self.records.extend(pickle.loads(path.read_bytes()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--solids", type=int, default=30_720)
    parser.add_argument("--output", type=Path, default=Path("training/runs/solid/solids"))
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    for first in range(0, options.solids, SHARD):
        path = options.output / f"{first:08d}.pickle"
        if path.exists():
            continue
        start, records = time.time(), []
        for i in range(first, first + SHARD):
            rng = random.Random(f"solid {i}")
            scene = random_scene(rng)
            records.append(pack(scene, *build(scene, rng)))
        path.with_suffix(".tmp").write_bytes(pickle.dumps(records))
        os.replace(path.with_suffix(".tmp"), path)
        print(f"{path.name}: {SHARD / (time.time() - start):.1f} solids a second, {path.stat().st_size / SHARD / 1024:.1f} KB each", flush=True)


if __name__ == "__main__":
    main()
