"""Distils the U-Net into one that draws in 4 steps without a second branch, kept as a low-rank difference (a LoRA).

    python -m training.distil --pipeline training/runs/pipeline --minutes 60 --output training/runs/twin

Progressive distillation (Salimans and Ho 2022, arXiv:2202.00512) of the guided model (Meng et al. 2023, arXiv:2210.03142): one step of
the student goes where two DDIM steps of its teacher go. The first stage has 8 steps and the guided U-Net as its teacher, the second
4 and the student of the first. Every layer's weight is W + up down (Hu et al. 2021, arXiv:2106.09685); only up and down are trained.
Resumes from its checkpoint.
"""
from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import nn
from torch.nn.utils import parametrize
from transformers import CLIPTextModel

from .fast_cpu import fuse
from .optim import Team, Trainer
from .train_text import encode as tokenize
from .train_unet import FULL_AT_THE_END, Shards, alphas_cumprod, drawn_weight, to_bfloat16

STAGES = (8, 4)  # steps of the student
SHARE = 0.45  # of the time for the first stage


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


def add_low_rank(unet: nn.Module, rank: int) -> dict[str, LowRank]:
    """By the layer's name. The U-Net's own weights are frozen."""
    unet.requires_grad_(False)
    added = {}
    for name, module in list(unet.named_modules()):
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            added[name] = LowRank(module.weight, rank)
            parametrize.register_parametrization(module, "weight", added[name])
    return added


def grid(steps: int) -> torch.Tensor:
    """int64 [steps + 1]: the timesteps of DDIM with trailing spacing, from 999 down; -1 at the end stands for no noise."""
    return torch.tensor([round(1000 * (steps - i) / steps) - 1 for i in range(steps + 1)])


class Levels:
    def __init__(self):
        ac = torch.cat([alphas_cumprod(), torch.ones(1)])  # at -1: no noise
        self.alpha, self.sigma = ac.sqrt(), (1 - ac).sqrt()

    def of(self, t: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.alpha[t].view(-1, 1, 1, 1), self.sigma[t].view(-1, 1, 1, 1)


def run(unet: nn.Module, x: torch.Tensor, t: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
    """The network's v, float32."""
    return unet(x.to(torch.bfloat16).contiguous(memory_format=torch.channels_last), t, states.to(torch.bfloat16)).sample.float()


def ddim(levels: Levels, x: torch.Tensor, v: torch.Tensor, t: torch.Tensor, to: torch.Tensor) -> torch.Tensor:
    """Song et al. 2021, arXiv:2010.02502, equation 12 with sigma_t = 0."""
    (a, s), (a2, s2) = levels.of(t), levels.of(to)
    return a2 * (a * x - s * v) + s2 * (a * v + s * x)


@torch.no_grad()
def target(levels: Levels, x: torch.Tensor, t: torch.Tensor, to: torch.Tensor, teach) -> torch.Tensor:
    """The v with which one DDIM step from t to `to` ends where two of the teacher's do."""
    half = (t + to + 1) // 2  # -1 is the end of the trailing grid: (t + 1) and (to + 1) are the even ones
    middle = ddim(levels, x, teach(x, t), t, half)
    end = ddim(levels, middle, teach(middle, half), half, to)
    (a, s), (a2, s2) = levels.of(t), levels.of(to)
    # end = (a2 a + s2 s) x + (s2 a - a2 s) v
    return (end - (a2 * a + s2 * s) * x) / (s2 * a - a2 * s)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--batch", type=int, default=10, help="of each process; pictures of a full canvas")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--lr", type=float, default=1.5e-3)
    parser.add_argument("--guidance", type=float, default=3.0)
    parser.add_argument("--pipeline", type=Path, default=Path("training/runs/pipeline"))
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
    adapters = nn.ModuleList(layers.values())
    teacher = open_unet()
    teaching = nn.ModuleList(add_low_rank(teacher, options.rank).values()).requires_grad_(False)
    team = Team(options.processes)
    trainer = Trainer([adapters], options.lr, options.lr, ema=0.998, team=team, muon=False)
    print(f"{sum(p.numel() for p in adapters.parameters()) / 1e6:.2f} M parameters", flush=True)
    checkpoint = options.output / "checkpoint.pt"
    state = torch.load(checkpoint) if checkpoint.exists() else {"stage": 0}
    if "trainer" in state:
        trainer.load(state["trainer"])
        teaching.load_state_dict(state["teaching"])
    shards = Shards(options.latents, 0, frozen=True)
    stages = list(enumerate(STAGES))[state["stage"]:]
    shares = [SHARE, 1 - SHARE][state["stage"]:]

    def work() -> None:
        torch.manual_seed(int(time.time()) + team.rank)
        shards.rng = np.random.default_rng(int(time.time()) + team.rank)
        levels = Levels()
        for (stage, steps), share in zip(stages, shares):
            def guided(x, t):
                u, c = run(base, torch.cat([x, x]), torch.cat([t, t]), torch.cat([empty.expand(len(x), -1, -1), states])).chunk(2)
                return u + options.guidance * (c - u)

            teach = guided if stage == 0 else lambda x, t: run(teacher, x, t, states)
            times, minutes = grid(steps), options.minutes * share / sum(shares)
            start, count, running = time.time(), 0, 0.0
            while True:
                passed = (time.time() - start) / 60
                x0, states, labels = shards.batch(options.batch, FULL_AT_THE_END)
                n = len(x0)
                at = (torch.randperm(n) + int(torch.randint(steps, ()))) % steps
                t, to = times[at], times[at + 1]
                alpha, sigma = levels.of(t)
                x = alpha * x0 + sigma * torch.randn_like(x0)
                wanted = target(levels, x, t, to, teach)
                weight = drawn_weight(labels)
                loss = (weight * (run(student, x, t, states) - wanted).square()).mean()
                loss.backward()
                trainer.step(min((count + 1) / 50, 1) * max(min(1, 1.5 * (1 - passed / minutes)), 0.01))
                count, running = count + 1, 0.98 * running + 0.02 * loss.item()
                if count % 20 == 0 and team.rank == 0:
                    print(f"{steps} steps {passed:6.1f} min {count * n * team.size:7d} samples loss {running / (1 - 0.98**count):.4f}", flush=True)
                if team.agree(int(passed >= minutes)):
                    break
            trainer.swap()
            teaching.load_state_dict(adapters.state_dict())
            trainer.swap()
            if team.rank == 0:
                torch.save({"stage": min(stage + 1, len(STAGES) - 1), "trainer": trainer.state(), "teaching": teaching.state_dict()}, checkpoint.with_suffix(".tmp"))
                os.replace(checkpoint.with_suffix(".tmp"), checkpoint)
                save(options.output / "difference.safetensors", layers, teaching)
            team.wait()

    team.run(work)


def save(file: Path, layers: dict[str, LowRank], averaged: nn.ModuleList) -> None:
    """A LoRA with diffusers' names, float16."""
    tensors = {}
    for name, layer in zip(layers, averaged):
        tensors[f"unet.{name}.lora_A.weight"] = layer.down.detach().half().contiguous()
        tensors[f"unet.{name}.lora_B.weight"] = layer.up.detach().half().contiguous()
    save_file(tensors, file)


if __name__ == "__main__":
    main()
