"""Draws clips and keeps them as latents with their captions, for training/motion/train.py.

    python -m training.motion.encode --shards 60 --output training/runs/motion/latents

Each shard of clips, all of one canvas and length (TURNS), is one .npz: latents float16 [n, frames, 16, rows, columns] (the encoder's
means), labels uint16 [n, frames, rows, columns] (world.LABELS), ids uint16 [n, 2, WORDINGS, window]: wordings of the clip, and of the clip
played backwards (where it has none, all zeros). New shards may be added while a training runs.
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

from ..fast_cpu import fuse
from ..tokenizer import LENGTH
from ..train_text import encode as tokenize
from ..train_vae import to_tensor
from ..world import FULL, MEDIUM, SMALL, TALL, WIDE
from .captions import caption
from .draw import draw_clip
from .world import random_clip, reverse

WORDINGS = 4
TURNS = [(MEDIUM, 8), (WIDE, 8), (FULL, 8), (SMALL, 8), (TALL, 8), (FULL, 8), (MEDIUM, 8), (WIDE, 8), (FULL, 8), (SMALL, 8),
         (MEDIUM, 16), (FULL, 8), (TALL, 8), (FULL, 8), (WIDE, 16), (FULL, 8), (MEDIUM, 8), (FULL, 16)]  # canvas and frames of each shard


def shard(first: int, count: int, canvas: tuple[int, int], frames: int, tokenizer: Tokenizer, vae: AutoencoderKL) -> dict[str, np.ndarray]:
    """Clips `first` and following of the endless list."""
    latents, labels, ids = [], [], np.zeros((count, 2, WORDINGS, LENGTH), dtype=np.uint16)
    for i in range(count):
        rng = random.Random(f"clip {first + i}")
        clip = random_clip(rng, canvas, frames)
        images, marks = draw_clip(clip, rng)
        for k, way in enumerate((clip, reverse(clip))):
            if way:
                ids[i, k] = tokenize(tokenizer, [caption(way, rng) for _ in range(WORDINGS)]).numpy()
        x = to_tensor(torch.from_numpy(images)).contiguous(memory_format=torch.channels_last)
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            latents.append(vae.encode(x).latent_dist.mean.to(torch.float16).numpy())
        labels.append(marks)
    return {"latents": np.stack(latents), "labels": np.stack(labels), "ids": ids}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shards", type=int, default=60)
    parser.add_argument("--shard", type=int, default=256, help="clips in one")
    parser.add_argument("--pipeline", type=Path, default=Path("training/runs/pipeline"))
    parser.add_argument("--output", type=Path, default=Path("training/runs/motion/latents"))
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(options.pipeline / "tokenizer/tokenizer.json"))
    vae = fuse(AutoencoderKL.from_pretrained(options.pipeline / "vae")).to(memory_format=torch.channels_last).eval()
    for number in range(options.shards):
        path = options.output / f"{number:05d}.npz"
        if path.exists():
            continue
        start = time.time()
        canvas, frames = TURNS[number % len(TURNS)]
        made = shard(number * options.shard, options.shard, canvas, frames, tokenizer, vae)
        temporary = path.with_suffix(".tmp.npz")
        np.savez(temporary, **made)
        os.replace(temporary, path)
        print(f"{path.name}: {options.shard / (time.time() - start):.1f} clips a second of {frames} frames on {canvas}", flush=True)


if __name__ == "__main__":
    main()
