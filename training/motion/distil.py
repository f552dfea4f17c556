"""Distils the motion model into one that draws clips in 4 steps without a second branch, by the recipe of the picture model's twin.

    python -m training.motion.distil --minutes 150

The teacher is the committed U-Net with what train.py has saved; the student is the same with one more low-rank difference, of the motion
modules too. The twin's difference.safetensors holds this one beside the motion model's own, in one LoRA: see export.py. Resumes from its
checkpoint.
"""
from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import torch
from torch import nn

from ..distil import STEPS, TIMES, Levels, add_low_rank, ddim, save, target
from ..optim import Trainer
from ..train_unet import GUIDANCE_SCALE, alphas_cumprod, to_bfloat16
from ..world import FULL
from .draw import sheet
from .model import fuse_motion, run
from .sample import SHOWN, Studio, decode, load_unet
from .train import FULL_AT_THE_END, Shards
from .train_text import fold

RANK = 24
SAVE_EVERY, SHOW_EVERY = 3, 30  # minutes


class Underway:
    """Clips of one canvas that the student is drawing, each at a step of its own: latents x, step `at`, states of the caption."""

    def __init__(self, shards: Shards, studio: Studio, levels: Levels, n: int, kind: tuple):
        self.shards, self.studio, self.kind = shards, studio, kind
        drawn, self.states = self.caption(n)
        self.at = torch.arange(n) % STEPS
        alpha, sigma = levels.of(TIMES[self.at])
        self.x = alpha * drawn + sigma * torch.randn_like(drawn)  # the first ones: as if the student had come this far

    @torch.no_grad()
    def caption(self, n: int) -> tuple[torch.Tensor, torch.Tensor]:
        drawn, ids, _ = self.shards.batch(n, self.kind)
        return drawn, self.studio.text(ids).last_hidden_state

    def advance(self, x: torch.Tensor) -> None:
        """To where a step of the student has led; a clip that is done makes room for noise and another caption."""
        self.x, self.at = x, self.at + 1
        done = self.at == STEPS
        if n := int(done.sum()):
            self.x[done], self.states[done], self.at[done] = torch.randn(n, *x.shape[1:]), self.caption(n)[1], 0


@torch.no_grad()
def draw(studio: Studio, levels: Levels, prompts: list[str], frames: int = 8) -> list:
    """In STEPS steps of DDIM, without guidance."""
    clips = []
    for seed, prompt in enumerate(prompts):
        x, states = torch.randn(1, 16, frames, 16, 16, generator=torch.Generator().manual_seed(seed)), studio.states([prompt])
        for t, to in zip(TIMES[:-1], TIMES[1:]):
            x = ddim(levels, x, run(studio.unet, x, t[None], states), t[None], to[None])
        clips += list(decode(studio.vae, x))
    return clips


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=150)
    parser.add_argument("--steps", type=int, default=3000, help="of the whole run, over whose last third the learning rate falls to nothing")
    parser.add_argument("--batch", type=int, default=4, help="clips of 8 frames of a full canvas, or what costs the same")
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--guidance", type=float, default=GUIDANCE_SCALE)
    parser.add_argument("--pipeline", type=Path, default=Path("training/runs/pipeline"))
    parser.add_argument("--motion", type=Path, default=Path("training/runs/motion/unet/motion.safetensors"))
    parser.add_argument("--latents", type=Path, default=Path("training/runs/motion/latents"))
    parser.add_argument("--output", type=Path, default=Path("training/runs/motion/twin"))
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(int(time.time()))

    def open_unet() -> nn.Module:
        return to_bfloat16(fuse_motion(load_unet(options.pipeline / "unet", options.motion))).to(memory_format=torch.channels_last)

    base, student = open_unet().requires_grad_(False), open_unet()
    layers = add_low_rank(student, RANK)
    adapters = nn.ModuleList(layers.values()).to(torch.bfloat16)
    trainer = Trainer([adapters], options.lr, options.lr, ema=0.998, muon=False)
    studio = Studio(options.pipeline, student)
    fold(studio.text, options.motion)
    empty = studio.states([""])
    steps, checkpoint = 0, options.output / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint)
        trainer.load(state["trainer"])
        steps = state["steps"]
    print(f"{sum(p.numel() for p in adapters.parameters()) / 1e6:.2f} M parameters; from step {steps}", flush=True)
    levels, shards = Levels(alphas_cumprod(), rank=5), Shards(options.latents, int(time.time()))
    underway: dict[tuple, Underway] = {}
    start = saved = shown = time.time()
    running = weight = 0.0
    over = False
    while not over:
        kind = shards.kind(FULL_AT_THE_END)
        (columns, rows), frames = kind
        if kind not in underway:
            underway[kind] = Underway(shards, studio, levels, max(options.batch * 8 * FULL[0] * FULL[1] // (frames * rows * columns), 1), kind)
        clips = underway[kind]
        x, states, t, to = clips.x, clips.states, TIMES[clips.at], TIMES[clips.at + 1]

        def guided(x, t):
            v, u = run(base, torch.cat([x, x]), torch.cat([t, t]), torch.cat([states, empty.expand_as(states)])).chunk(2)
            return u + options.guidance * (v - u)

        wanted, v = target(levels, x, t, to, guided), run(student, x, t, states)
        loss = (v - wanted).square().mean()
        loss.backward()
        clips.advance(ddim(levels, x, v.detach(), t, to))
        trainer.step(min((trainer.step_count + 1) / 50, 1) * max(min(1, 3 * (1 - steps / options.steps)), 0.01))
        steps += 1
        running, weight = 0.98 * running + 0.02 * loss.item(), 0.98 * weight + 0.02
        now = time.time()
        over = (now - start) / 60 >= options.minutes or steps >= options.steps
        if steps % 20 == 0:
            print(f"{(now - start) / 60:6.1f} min step {steps} loss {running / weight:.4f}", flush=True)
        if over or now - saved > 60 * SAVE_EVERY:
            saved = now
            torch.save({"trainer": trainer.state(), "steps": steps}, checkpoint.with_suffix(".tmp"))
            os.replace(checkpoint.with_suffix(".tmp"), checkpoint)
            trainer.swap()
            save(options.output / "difference.safetensors", layers)
            if over or now - shown > 60 * SHOW_EVERY:
                shown = now
                sheet(draw(studio, levels, SHOWN), SHOWN, options.output / f"sheets/{steps:06d}.jpg")
            trainer.swap()


if __name__ == "__main__":
    main()
