"""Distils the solid model's U-Net into one of 4 steps without a second branch, kept as a low-rank difference: training/distil.py on planes.

    python -m training.solid.distil --samples 40000

Resumes from its checkpoint; the learning rate falls with the samples seen.
"""
from __future__ import annotations

import argparse
import os
import random
import time
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import CLIPTextModel

from ..distil import STEPS, TIMES, Levels, add_low_rank, ddim, run, save, target
from ..fast_cpu import fuse
from ..optim import Trainer
from ..train_unet import to_bfloat16
from .autoencoder import decode_grid
from .captions import caption
from .looks import open_autoencoder
from .render import render, sheet
from .train_unet import SHOWN, Planes, states_of
from .unet import GUIDANCE_SCALE, alphas_cumprod, open_unet


class Underway:
    """Objects that the student is making, each at a step of its own: planes x, step `at`, states of the caption."""

    def __init__(self, n: int, planes: Planes, levels: Levels, say, rng: random.Random):
        self.planes, self.say, self.rng = planes, say, rng
        made, _, scenes = planes.batch(n, rng)
        self.states = say(scenes)
        self.at = torch.arange(n) % STEPS
        alpha, sigma = levels.of(TIMES[self.at])
        self.x = alpha * made + sigma * torch.randn_like(made)  # the first ones: as if the student had come this far

    def advance(self, x: torch.Tensor) -> None:
        """To where a step of the student has led; an object that is done makes room for noise and another caption."""
        self.x, self.at = x, self.at + 1
        done = self.at == STEPS
        if n := int(done.sum()):
            self.x[done], self.states[done], self.at[done] = torch.randn(n, *x.shape[1:]), self.say(self.planes.batch(n, self.rng)[2]), 0


@torch.no_grad()
def sample_twin(student: nn.Module, states: torch.Tensor, levels: Levels, seed: int = 0) -> torch.Tensor:
    """Text states -> planes, in STEPS steps."""
    x = torch.randn(len(states), 8, 16, 48, generator=torch.Generator().manual_seed(seed))
    for k in range(STEPS):
        t, to = (TIMES[i].expand(len(x)) for i in (k, k + 1))
        x = ddim(levels, x, run(student, x, t, states), t, to)
    return x


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=40_000)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rank", type=int, default=24)
    parser.add_argument("--lr", type=float, default=1.5e-3)
    parser.add_argument("--guidance", type=float, default=GUIDANCE_SCALE)
    parser.add_argument("--runs", type=Path, default=Path("training/runs/solid"))
    options = parser.parse_args()
    output = options.runs / "twin"
    output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(int(time.time()))
    rng = random.Random(int(time.time()))
    tokenizer = Tokenizer.from_file(str(options.runs / "tokenizer/tokenizer.json"))
    text = CLIPTextModel.from_pretrained(options.runs / "text/text_encoder").requires_grad_(False).eval()
    empty = states_of(text, tokenizer, [""])

    def half(unet: nn.Module) -> nn.Module:
        return to_bfloat16(fuse(unet)).to(memory_format=torch.channels_last)

    base, student = half(open_unet(options.runs / "unet/unet")).requires_grad_(False), half(open_unet(options.runs / "unet/unet"))
    layers = add_low_rank(student, options.rank)
    adapters = nn.ModuleList(layers.values())
    trainer = Trainer([adapters], options.lr, options.lr, ema=0.998, muon=False)
    print(f"{sum(p.numel() for p in adapters.parameters()) / 1e6:.2f} M parameters", flush=True)
    checkpoint, seen = output / "checkpoint.pt", 0
    if checkpoint.exists():
        state = torch.load(checkpoint)
        trainer.load(state["trainer"])
        seen = state["seen"]
    levels, planes = Levels(alphas_cumprod()), Planes(options.runs / "latents")
    objects = Underway(options.batch, planes, levels, lambda scenes: states_of(text, tokenizer, [caption(scene, rng) for scene in scenes]), rng)
    start, saved, before, steps, running = time.time(), time.time(), seen, 0, 0.0
    while seen < options.samples:
        x, states, t, to = objects.x, objects.states, TIMES[objects.at], TIMES[objects.at + 1]

        def guided(x, t):
            v, u = run(base, torch.cat([x, x]), torch.cat([t, t]), torch.cat([states, empty.expand_as(states)])).chunk(2)
            return u + options.guidance * (v - u)

        wanted, v = target(levels, x, t, to, guided), run(student, x, t, states)
        loss = (v - wanted).square().mean()
        loss.backward()
        objects.advance(ddim(levels, x, v.detach(), t, to))
        trainer.step(min((trainer.step_count + 1) / 50, 1) * max(min(1, 1.5 * (1 - seen / options.samples)), 0.01))
        seen, steps, running = seen + options.batch, steps + 1, 0.98 * running + 0.02 * loss.item()
        if steps % 20 == 0:
            print(f"{(time.time() - start) / 60:6.1f} min {seen:8d} samples {(seen - before) / (time.time() - start):5.1f}/s loss {running / (1 - 0.98**steps):.4f}", flush=True)
        if time.time() - saved > 300 or seen >= options.samples:
            saved = time.time()
            torch.save({"trainer": trainer.state(), "seen": seen}, checkpoint.with_suffix(".tmp"))
            os.replace(checkpoint.with_suffix(".tmp"), checkpoint)
            trainer.swap()
            save(output / "difference.safetensors", layers)
            latents = sample_twin(student, states_of(text, tokenizer, SHOWN), levels)
            trainer.swap()
            with torch.autocast("cpu", torch.bfloat16):
                distance, rgb = decode_grid(open_autoencoder(options.runs / "autoencoder/autoencoder.pt"), latents)
            sheet(render(distance, rgb, ((30, 20), (210, 20)), 128), SHOWN, 4).save(output / "shown.png")


if __name__ == "__main__":
    main()
