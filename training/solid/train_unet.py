"""Trains the solid model's U-Net on the planes of encode.py: v-prediction with zero terminal SNR, captions dropped for guidance.

    python -m training.solid.train_unet --samples 600000

Resumes from its checkpoint, wherever it was cut. The learning rate depends on the samples seen and on --samples, the length of the whole
training, over whose last part it falls: a longer --samples goes on at full rate, a rate that has fallen can rise again.
"""
from __future__ import annotations

import argparse
import json
import os
import pickle
import random
import time
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import CLIPTextModel

from ..fast_cpu import fuse
from ..optim import Team, Trainer
from ..train_text import encode as tokenize
from ..train_unet import drawn_weight, to_bfloat16
from .autoencoder import decode_grid
from .captions import caption
from .looks import open_autoencoder
from .render import render, sheet
from .unet import alphas_cumprod, new_unet, sample, save_unet
from .world import Scene

SHOWN = ["a red mug", "a chair with red legs", "a green mug on a brown table", "a blue car", "two apples", "a yellow house with a green roof", "a penguin", "a tall purple vase",
         "a pine tree", "a pink pig on a white box", "a cat to the left of a dog", "an airplane with orange wings"]


class Planes:
    """All shards that are there; looks for new ones as it goes."""

    def __init__(self, folder: Path):
        self.folder, self.known, self.scenes, self.parts = folder, set(), [], []
        self.refresh()

    def refresh(self) -> None:
        for path in sorted(self.folder.glob("*[0-9].npz")):
            if path.name not in self.known:
                self.known.add(path.name)
                with np.load(path) as data:
                    self.parts.append((data["latents"], data["occupied"]))
                self.scenes.append(pickle.loads(path.with_suffix(".pickle").read_bytes()))

    def __len__(self) -> int:
        return sum(len(s) for s in self.scenes)

    def batch(self, size: int, rng: random.Random) -> tuple[torch.Tensor, torch.Tensor, list[Scene]]:
        """Latents float32 [n, CHANNELS, 16, 48], occupied bool [n, 16, 48], scenes."""
        picked = [(shard, rng.randrange(len(self.scenes[shard]))) for shard in (rng.randrange(len(self.parts)) for _ in range(size))]
        latents, cells = (torch.from_numpy(np.stack([self.parts[s][k][i] for s, i in picked])) for k in range(2))
        return latents.float(), cells, [self.scenes[s][i] for s, i in picked]


def timesteps(n: int) -> torch.Tensor:
    """int64 [n]: half uniform, half logit-normal (Esser et al. 2024, arXiv:2403.03206) about 0.6; one from each of n equally likely parts."""
    u = (torch.randperm(n) + torch.rand(n)) / n
    middle = torch.sigmoid(0.4 + torch.special.ndtri(u.clamp(1e-4, 1 - 1e-4)))
    return (torch.where(torch.rand(n) < 0.5, u, middle) * 1000).long().clamp_max(999)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=600_000)
    parser.add_argument("--decay", type=float, default=0.3, help="share of the samples over which the learning rate falls to nothing")
    parser.add_argument("--batch", type=int, default=64, help="shared out over the processes")
    parser.add_argument("--processes", type=int, default=1, help="each on a core of its own")
    parser.add_argument("--lr", type=float, default=1.5e-3)
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--runs", type=Path, default=Path("training/runs/solid"))
    options = parser.parse_args()
    output = options.runs / "unet"
    output.mkdir(parents=True, exist_ok=True)
    seed = int(time.time())
    torch.manual_seed(seed)
    checkpoint = output / "checkpoint.pt"
    state = torch.load(checkpoint) if checkpoint.exists() else None
    tokenizer = Tokenizer.from_file(str(options.runs / "tokenizer/tokenizer.json"))
    text = CLIPTextModel.from_pretrained(options.runs / "text/text_encoder").requires_grad_(False).eval()
    unet = fuse(new_unet())
    team = Team(options.processes)
    trainer = Trainer([unet], options.lr, options.lr * 0.5, ema=0.999, team=team)
    if state:
        trainer.load(state["trainer"])
    to_bfloat16(unet).to(memory_format=torch.channels_last)
    trainer.live = list(unet.parameters())  # the dtype change made new ones
    compiled = torch.compile(unet, dynamic=False) if options.compile else unet
    planes = Planes(options.runs / "latents")
    seen = state["seen"] if state else 0
    team.run(lambda: train(options, seed, seen, team, tokenizer, text, unet, compiled, planes, trainer, output))


def train(options, seed, seen, team, tokenizer, text, unet, compiled, planes, trainer, output) -> None:
    """The loop, in each process of the team."""
    torch.manual_seed(seed + team.rank)
    rng = random.Random(seed + team.rank)
    n = options.batch // team.size
    ac = alphas_cumprod()
    empty = states_of(text, tokenizer, [""])
    before, steps, running = seen, 0, 0.0
    start = saved = time.time()
    shown = time.process_time()  # not by the clock: where other work holds the core, showing would take all that is left of it
    while True:
        rate = min(1, max((1 - seen / options.samples) / options.decay, 0) + 0.01)
        x0, cells, scenes = planes.batch(n, rng)
        states = states_of(text, tokenizer, [caption(scene, rng) for scene in scenes])
        states[torch.rand(n) < 0.1] = empty
        t = timesteps(n)
        alpha, sigma = (a.view(-1, 1, 1, 1) for a in (ac[t].sqrt(), (1 - ac[t]).sqrt()))
        noise = torch.randn_like(x0)
        noisy = (alpha * x0 + sigma * noise).to(torch.bfloat16).contiguous(memory_format=torch.channels_last)
        v = compiled(noisy, t, states.to(torch.bfloat16)).sample.float()
        loss = (drawn_weight(cells, ac[t]) * (v - (alpha * noise - sigma * x0)).square()).mean()
        loss.backward()
        trainer.step(min((trainer.step_count + 1) / 100, 1) * rate)
        steps, seen, running = steps + 1, seen + n * team.size, 0.99 * running + 0.01 * loss.item()
        fix = 1 - 0.99**steps
        if steps % 20 == 0 and team.rank == 0:
            print(f"{(time.time() - start) / 60:6.1f} min {seen:8d} samples {(seen - before) / (time.time() - start):5.1f}/s of {len(planes)} loss {running / fix:.4f} rate {rate:.2f}", flush=True)
        over = seen >= options.samples
        if not team.agree(int(over or time.time() - saved > 300)):
            continue
        saved = time.time()
        if team.rank == 0:
            torch.save({"trainer": trainer.state(), "seen": seen}, output / "checkpoint.tmp")
            os.replace(output / "checkpoint.tmp", output / "checkpoint.pt")
            record = {"samples": seen, "loss": round(running / fix, 4), "rate": round((seen - before) / (time.time() - start), 1), "time": time.strftime("%m-%d %H:%M")}
            if over or time.process_time() - shown > 1000:
                shown = time.process_time()
                show(options.runs, unet, states_of(text, tokenizer, SHOWN), empty, trainer, output / f"shown-{seen:08d}.png")
                save_average(trainer, output / "unet")
            with (output / "log.jsonl").open("a") as log:
                log.write(json.dumps(record) + "\n")
        team.wait()
        planes.refresh()
        if over:
            break


@torch.no_grad()
def states_of(text: nn.Module, tokenizer: Tokenizer, texts: list[str]) -> torch.Tensor:
    """float32 [n, window, width]"""
    with torch.autocast("cpu", torch.bfloat16):
        return text(tokenize(tokenizer, texts)).last_hidden_state.float()


@torch.no_grad()
def show(runs: Path, unet: nn.Module, states: torch.Tensor, empty: torch.Tensor, trainer: Trainer, path: Path) -> None:
    """Objects of SHOWN, made with the averaged weights."""
    trainer.swap()
    latents = sample(unet, states, empty)
    trainer.swap()
    model = open_autoencoder(runs / "autoencoder/autoencoder.pt")
    with torch.autocast("cpu", torch.bfloat16):
        distance, rgb = decode_grid(model, latents)
    sheet(render(distance, rgb, ((30, 20), (210, 20)), 128), SHOWN, 4).save(path)


def save_average(trainer: Trainer, folder: Path) -> None:
    """The averaged weights in float32 (the live ones are bfloat16) as a diffusers folder."""
    plain = new_unet()
    with torch.no_grad():
        for parameter, average in zip(plain.parameters(), trainer.average, strict=True):
            parameter.copy_(average)
    save_unet(plain, folder)


if __name__ == "__main__":
    main()
