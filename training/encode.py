"""Draws pictures and keeps them as latents with their captions, for train_unet.py.

    python -m training.encode --pictures 80000 --output training/runs/latents

Each shard of pictures, all on one canvas (world.FULL, SMALL, ...), is one .npz: latents float16 [n, 16, rows, columns] (the encoder's
means), ids uint16 [n, 2, window] (two wordings of each scene), labels uint16 [n, rows, columns] (world.LABELS: what fills each cell),
several bool [n] (more than one of a kind); and beside it .states.npy, float16 [n, 2, window, width]: what the text encoder makes of the
wordings, for a U-Net that trains while the text encoder rests. New shards may be added while a training runs.
"""
from __future__ import annotations

import argparse
import os
import random
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from tokenizers import Tokenizer
from transformers import CLIPTextModel

from .captions import caption
from .draw import draw_scene
from .fast_cpu import fuse
from .train_text import encode as tokenize
from .train_vae import last_core, to_tensor
from .world import FULL, LANDSCAPE, LARGE, MEDIUM, PORTRAIT, SMALL, TALL, WIDE, random_scene

WORDINGS = 2
TURNS = [FULL, WIDE, MEDIUM, FULL, LANDSCAPE, SMALL, FULL, WIDE, PORTRAIT, FULL, TALL, LARGE]  # the canvas of each shard


class Drawings(torch.utils.data.Dataset):
    """Picture `seed` of the endless list: uint8 [height, width, 3], labels [rows, columns], more than one of a kind, WORDINGS captions."""

    def __init__(self, first: int, count: int, canvas: tuple[int, int]):
        self.first, self.count, self.canvas = first, count, canvas

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, i: int):
        rng = random.Random(f"picture {self.first + i}")
        scene = random_scene(rng, canvas=self.canvas)
        image, labels = draw_scene(scene, rng)
        return np.asarray(image), labels.astype(np.int32), any(len(thing.boxes) > 1 for thing in scene.things), [caption(scene, rng) for _ in range(WORDINGS)]


def collate(rows):
    return torch.from_numpy(np.stack([r[0] for r in rows])), np.stack([r[1] for r in rows]), [r[2] for r in rows], [c for r in rows for c in r[3]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=80_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first picture; shards that exist are skipped")
    parser.add_argument("--vae", type=Path, default=Path("training/runs/vae/vae"))
    parser.add_argument("--tokenizer", type=Path, default=Path("training/runs/tokenizer"))
    parser.add_argument("--text", type=Path, default=Path("training/runs/text"))
    parser.add_argument("--output", type=Path, default=Path("training/runs/latents"))
    parser.add_argument("--shard", type=int, default=2048)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(options.tokenizer / "tokenizer.json"))
    vae = fuse(AutoencoderKL.from_pretrained(options.vae)).to(memory_format=torch.channels_last).eval()
    text = CLIPTextModel.from_pretrained(options.text).eval()
    for first in range(options.first, options.first + options.pictures, options.shard):
        path = options.output / f"{first:08d}.npz"
        if path.exists():
            continue
        start = time.time()
        latents, ids, labels, several, states = [], [], [], [], []
        canvas = TURNS[first // options.shard % len(TURNS)]
        loader = torch.utils.data.DataLoader(Drawings(first, options.shard, canvas), 32, num_workers=options.workers, collate_fn=collate, prefetch_factor=6 if options.workers else None, worker_init_fn=last_core)
        for images, marks, more, texts in loader:
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
                latents.append(vae.encode(to_tensor(images)).latent_dist.mean.to(torch.float16).numpy())
                window = tokenize(tokenizer, texts)
                states.append(text(window).last_hidden_state.to(torch.float16).numpy().reshape(len(images), WORDINGS, window.shape[1], -1))
            ids.append(window.numpy().astype(np.uint16).reshape(len(images), WORDINGS, -1))
            labels.append(marks.astype(np.uint16))
            several.extend(more)
        np.save(path.with_suffix(".states.npy"), np.concatenate(states))
        temporary = path.with_suffix(".tmp.npz")
        np.savez(temporary, latents=np.concatenate(latents), ids=np.concatenate(ids), labels=np.concatenate(labels), several=np.array(several))
        os.replace(temporary, path)
        print(f"{path.name}: {options.shard / (time.time() - start):.0f} pictures a second on {canvas}", flush=True)


if __name__ == "__main__":
    main()
