"""Distils the U-Net into one that draws in 4 steps without a second branch, kept as a low-rank difference (a LoRA).

    python -m training.distil --pipeline training/runs/pipeline --minutes 60 --output training/runs/twin

One step of the student goes where three DDIM steps of the guided U-Net go (after Salimans and Ho 2022, arXiv:2202.00512, and Meng et al.
2023, arXiv:2210.03142), and starts where the student's own steps have led: it learns to mend what it does itself, not what noise does to
a drawing (Ross et al. 2011, arXiv:1011.0686). Every layer's weight is W + up down (Hu et al. 2021, arXiv:2106.09685); only up and down
are trained. Resumes from its checkpoint.
"""
from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import nn
from torch.nn.utils import parametrize
from transformers import CLIPTextModel

from .fast_cpu import fuse
from .optim import Clock, Team, Trainer
from .train_text import encode as tokenize
from .train_unet import CANVASES, FULL_AT_THE_END, GUIDANCE_SCALE, Shards, alphas_cumprod, to_bfloat16

STEPS = 4  # of the student
SUBSTEPS = 3  # of the teacher for each


class LowRank(nn.Module):
    """W -> W + up down; down [rank, in, ...], up [out, rank]."""

    def __init__(self, weight: torch.Tensor, rank: int):
        super().__init__()
        flat = weight.flatten(1)
        rank = min(rank, *flat.shape)
        self.down = nn.Parameter(torch.randn(rank, flat.shape[1]) / flat.shape[1] ** 0.5)
        self.up = nn.Parameter(torch.zeros(flat.shape[0], rank))

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        return weight + (self.up @ self.down).view_as(weight).to(weight.dtype)


def add_low_rank(model: nn.Module, rank: int, without: str | None = None) -> dict[str, LowRank]:
    """By the layer's name; to all but those whose name holds `without`. The model's own weights are frozen."""
    model.requires_grad_(False)
    added = {}
    for name, module in list(model.named_modules()):
        if isinstance(module, (nn.Linear, nn.Conv2d)) and not (without and without in name):
            added[name] = LowRank(module.weight, rank)
            parametrize.register_parametrization(module, "weight", added[name])
    return added


TIMES = torch.tensor([round(1000 * (STEPS - i) / STEPS) - 1 for i in range(STEPS + 1)])  # of DDIM with trailing spacing, from 999 down; -1 at the end stands for no noise


class Levels:
    """Of signal and noise at each timestep of a schedule. `rank` of the latents: 4 of pictures, 5 of clips."""

    def __init__(self, schedule: torch.Tensor, rank: int = 4):
        self.ones = (1,) * (rank - 1)
        ac = torch.cat([schedule, torch.ones(1)])  # at -1: no noise
        self.alpha, self.sigma = ac.sqrt(), (1 - ac).sqrt()

    def of(self, t: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.alpha[t].view(-1, *self.ones), self.sigma[t].view(-1, *self.ones)


def run(unet: nn.Module, x: torch.Tensor, t: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
    """The network's v, float32."""
    return unet(x.to(torch.bfloat16).contiguous(memory_format=torch.channels_last), t, states.to(torch.bfloat16)).sample.float()


def ddim(levels: Levels, x: torch.Tensor, v: torch.Tensor, t: torch.Tensor, to: torch.Tensor) -> torch.Tensor:
    """Song et al. 2021, arXiv:2010.02502, equation 12 with sigma_t = 0."""
    (a, s), (a2, s2) = levels.of(t), levels.of(to)
    return a2 * (a * x - s * v) + s2 * (a * v + s * x)


@torch.no_grad()
def target(levels: Levels, x: torch.Tensor, t: torch.Tensor, to: torch.Tensor, teach) -> torch.Tensor:
    """The v with which one DDIM step from t to `to` ends where SUBSTEPS of the teacher's do."""
    end, now = x, t
    for left in reversed(range(SUBSTEPS)):
        then = to + (t - to) * left // SUBSTEPS
        end, now = ddim(levels, end, teach(end, now), now, then), then
    (a, s), (a2, s2) = levels.of(t), levels.of(to)
    # end = (a2 a + s2 s) x + (s2 a - a2 s) v
    return (end - (a2 * a + s2 * s) * x) / (s2 * a - a2 * s)


class Underway:
    """Pictures of one canvas that the student is drawing, each at a step of its own: latents x, step `at`, states of the caption."""

    def __init__(self, shards: Shards, levels: Levels, n: int, canvas: tuple[int, int]):
        self.shards, self.canvas = shards, canvas
        drawn, self.states, *_ = shards.batch(n, canvas)
        self.at = torch.arange(n) % STEPS
        alpha, sigma = levels.of(TIMES[self.at])
        self.x = alpha * drawn + sigma * torch.randn_like(drawn)  # the first ones: as if the student had come this far

    def advance(self, x: torch.Tensor) -> None:
        """To where a step of the student has led; a picture that is done makes room for noise and another caption."""
        self.x, self.at = x, self.at + 1
        done = self.at == STEPS
        if n := int(done.sum()):
            _, states, *_ = self.shards.batch(n, self.canvas)
            self.x[done], self.states[done], self.at[done] = torch.randn(n, *x.shape[1:]), states, 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--batch", type=int, default=10, help="of each process; pictures of a full canvas")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--lr", type=float, default=1.5e-3)
    parser.add_argument("--guidance", type=float, default=GUIDANCE_SCALE)
    parser.add_argument("--pipeline", type=Path, default=Path("training/runs/pipeline"))
    parser.add_argument("--init", type=Path, help="the difference of an earlier twin to begin from where there is no checkpoint")
    parser.add_argument("--latents", type=Path, default=Path("training/runs/latents"))
    parser.add_argument("--output", type=Path, default=Path("training/runs/twin"))
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(int(time.time()))
    tokenizer = Tokenizer.from_file(str(options.pipeline / "tokenizer/tokenizer.json"))
    with torch.no_grad():
        empty = CLIPTextModel.from_pretrained(options.pipeline / "text_encoder")(tokenize(tokenizer, [""])).last_hidden_state

    def open_unet() -> nn.Module:
        return to_bfloat16(fuse(UNet2DConditionModel.from_pretrained(options.pipeline / "unet"))).to(memory_format=torch.channels_last)

    base, student = open_unet().requires_grad_(False), open_unet()
    layers = add_low_rank(student, options.rank)
    if options.init:
        fill(layers, options.init)
    adapters = nn.ModuleList(layers.values())
    team = Team(options.processes)
    trainer = Trainer([adapters], options.lr, options.lr, ema=0.998, team=team, muon=False)
    print(f"{sum(p.numel() for p in adapters.parameters()) / 1e6:.2f} M parameters", flush=True)
    checkpoint = options.output / "checkpoint.pt"
    if checkpoint.exists():
        trainer.load(torch.load(checkpoint))
    shards = Shards(options.latents, 0, frozen=True)

    def work() -> None:
        torch.manual_seed(int(time.time()) + team.rank)
        shards.rng = np.random.default_rng(int(time.time()) + team.rank)
        levels, underway = Levels(alphas_cumprod()), {}
        clock = Clock(team, options.minutes)
        count, running = 0, 0.0
        while not clock.over:
            passed = clock.passed
            canvas = shards.canvas(FULL_AT_THE_END)
            if canvas not in underway:
                underway[canvas] = Underway(shards, levels, int(options.batch * CANVASES[canvas][1]), canvas)
            pictures = underway[canvas]
            x, states, t, to = pictures.x, pictures.states, TIMES[pictures.at], TIMES[pictures.at + 1]

            def guided(x, t):
                v, u = run(base, torch.cat([x, x]), torch.cat([t, t]), torch.cat([states, empty.expand_as(states)])).chunk(2)
                return u + options.guidance * (v - u)

            wanted, v = target(levels, x, t, to, guided), run(student, x, t, states)
            loss = (v - wanted).square().mean()
            loss.backward()
            pictures.advance(ddim(levels, x, v.detach(), t, to))
            trainer.step(min((count + 1) / 50, 1) * max(min(1, 1.5 * (1 - passed / options.minutes)), 0.01))
            count, running = count + 1, 0.98 * running + 0.02 * loss.item()
            if count % 20 == 0 and team.rank == 0:
                print(f"{passed:6.1f} min {count:6d} steps loss {running / (1 - 0.98**count):.4f}", flush=True)
            if not clock.save():
                continue
            if team.rank == 0:
                torch.save(trainer.state(), checkpoint.with_suffix(".tmp"))
                os.replace(checkpoint.with_suffix(".tmp"), checkpoint)
                trainer.swap()
                save(options.output / "difference.safetensors", layers)
                trainer.swap()
            team.wait()

    team.run(work)


@torch.no_grad()
def fill(layers: dict[str, LowRank], file: Path) -> None:
    """@raises KeyError where the file has none for a layer."""
    tensors = load_file(file)
    for name, layer in layers.items():
        layer.down.copy_(tensors[f"unet.{name}.lora_A.weight"])
        layer.up.copy_(tensors[f"unet.{name}.lora_B.weight"])


def save(file: Path, layers: dict[str, LowRank]) -> None:
    """A LoRA with diffusers' names, float16."""
    tensors = {}
    for name, layer in layers.items():
        tensors[f"unet.{name}.lora_A.weight"] = layer.down.detach().half().contiguous()
        tensors[f"unet.{name}.lora_B.weight"] = layer.up.detach().half().contiguous()
    save_file(tensors, file)


if __name__ == "__main__":
    main()
