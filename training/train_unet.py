"""Trains the latent U-Net on the shards of encode.py: v-prediction on a variance-preserving schedule, captions dropped for guidance.

    python -m training.train_unet --minutes 60 --output training/runs/unet

A head on the middle block names the noun in each cell from the noisy latents and the caption; it is thrown away. It ties words to
places early, as aligning a diffusion model's features with a vision model's does (Yu et al. 2024, arXiv:2410.06940), but with the
truth at hand. Resumes from its checkpoint; --minutes is the length of this run, and the learning rate falls at its end.
"""
from __future__ import annotations

import argparse
import json
import math
import os
import random
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import DPMSolverMultistepScheduler, UNet2DConditionModel
from tokenizers import Tokenizer
from torch import nn
from transformers import CLIPTextModel

from .encode import WORDINGS
from .fast_cpu import FusedGroupNorm, fuse
from .optim import Clock, Team, Trainer
from .train_text import encode as tokenize
from .world import FULL, LABELS, LANDSCAPE, LARGE, MEDIUM, PORTRAIT, SMALL, TALL, WIDE

WIDTH = 256
CONFIG = dict(sample_size=16, in_channels=16, out_channels=16, down_block_types=("CrossAttnDownBlock2D",) * 2, up_block_types=("CrossAttnUpBlock2D",) * 2,
              block_out_channels=(128, 224), layers_per_block=1, cross_attention_dim=WIDTH, attention_head_dim=(4, 7), use_linear_projection=True)
SCHEDULE = dict(num_train_timesteps=1000, beta_schedule="scaled_linear", beta_start=0.0015, beta_end=0.0195, prediction_type="v_prediction",
                timestep_spacing="trailing")
GUIDANCE_SCALE = 3.0  # as card.json asks of the app
SHOWN = ["a cat", "a red apple", "a dog to the left of a car", "three strawberries", "a blue elephant and a yellow star", 'the word "HELLO" in red',
         "a rocket in space", "a house, pixel art", "a guitar above a pumpkin", "five fish", "a green penguin", "an owl in the top left corner"]


def alphas_cumprod() -> torch.Tensor:
    betas = torch.linspace(SCHEDULE["beta_start"] ** 0.5, SCHEDULE["beta_end"] ** 0.5, 1000) ** 2
    return torch.cumprod(1 - betas, 0)


# Steps that go to each canvas, in proportion, and how many of its pictures cost as much as one of a full canvas.
CANVASES = {FULL: (4, 1), MEDIUM: (1, 2.5), SMALL: (0.5, 4), WIDE: (0.7, 2), TALL: (0.7, 2),
            LANDSCAPE: (1, 0.8), PORTRAIT: (1, 0.8), LARGE: (1.5, 0.44)}
FULL_AT_THE_END = 3  # times as many steps for full canvases, which is what is asked for in the end, when the learning rate has fallen


def timesteps(several: torch.Tensor, canvas: tuple[int, int]) -> torch.Tensor:
    """Bool [n], where there are several of a kind, and the latents' width and height -> int64 [n]: half uniform, half logit-normal
    (Esser et al. 2024, arXiv:2403.03206) about 0.67, where what is drawn settles; one from each of n equally likely parts, so that every
    batch covers the schedule evenly. How many there are settles while all is noise, and the loss barely tells: six in ten of those pictures
    are shown as noisy as that. On larger canvases, where there is room for one more of everything, three in ten of the others are too."""
    n = len(several)
    if math.prod(canvas) > math.prod(FULL):
        several = several | (torch.rand(n) < 0.5)
    u = (torch.randperm(n) + torch.rand(n)) / n
    middle = torch.sigmoid(0.7 + torch.special.ndtri(u.clamp(1e-4, 1 - 1e-4)))
    usual = torch.where(torch.rand(n) < 0.5, u, middle)
    return (torch.where(several & (torch.rand(n) < 0.6), 0.55 + 0.45 * torch.rand(n), usual) * 1000).long().clamp_max(999)


def drawn_weight(labels: torch.Tensor, ac: torch.Tensor) -> torch.Tensor:
    """Labels int64 [n, h, w], alphas_cumprod at the timestep float32 [n] -> float32 [n, 1, h, w], of mean 1 in each picture: in the loss,
    what is drawn counts up to three times what the ground around it does. Not while noise hides whether something is there: the best
    answer to a weighted loss is E[w x0 | x_t] / E[w | x_t], which then leans to there being one object more."""
    known = (10 * ac).clamp(max=1).view(-1, 1, 1, 1)
    weight = 1 + 2 * known * F.max_pool2d((labels[:, None] > 0).float(), 3, 1, 1)
    return weight / weight.mean((1, 2, 3), keepdim=True)


class Shards:
    """Batches from the shards; looks for new ones as it goes. `frozen`: with the text encoder's states in place of the tokens."""

    def __init__(self, folder: Path, seed: int, frozen: bool):
        self.folder, self.rng, self.frozen, self.known = folder, np.random.default_rng(seed), frozen, {}
        self.refresh()

    def refresh(self) -> None:
        for path in sorted(self.folder.glob("*[0-9].npz")):
            if path.name not in self.known:
                with np.load(path) as data:
                    self.known[path.name] = {k: data[k] for k in ("latents", "ids", "labels", "several")}
                if self.frozen:
                    self.known[path.name]["states"] = np.load(path.with_suffix(".states.npy"), mmap_mode="r")
        self.shards: dict[tuple[int, int], list[dict]] = {}
        for shard in self.known.values():
            self.shards.setdefault(shard["latents"].shape[:1:-1], []).append(shard)

    def __len__(self) -> int:
        return sum(len(s["latents"]) for s in self.known.values())

    def canvas(self, full: float = 1) -> tuple[int, int]:
        """One that there are shards of. `full`: how many times as often as CANVASES says it is a full one."""
        there = list(self.shards)
        share = np.array([CANVASES[canvas][0] * (full if canvas == FULL else 1) for canvas in there])
        return there[self.rng.choice(len(there), p=share / share.sum())]

    def batch(self, size: int, canvas: tuple[int, int]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """latents float32 [size, c, h, w], ids int64 [size, window] or states float32 [size, window, width], labels int64 [size, h, w],
        several bool [size]"""
        shards = self.shards[canvas]
        which = self.rng.integers(len(shards), size=size)
        rows = [(shards[w], int(self.rng.integers(len(shards[w]["latents"])))) for w in which]
        wording = self.rng.integers(WORDINGS, size=size)
        latents = torch.from_numpy(np.stack([s["latents"][i] for s, i in rows])).float()
        words = np.stack([s["states" if self.frozen else "ids"][i, k] for (s, i), k in zip(rows, wording)])
        words = torch.from_numpy(words.astype(np.float32 if self.frozen else np.int64))
        labels = torch.from_numpy(np.stack([s["labels"][i] for s, i in rows]).astype(np.int64))
        return latents, words, labels, torch.tensor([bool(s["several"][i]) for s, i in rows])


def to_bfloat16(unet: nn.Module) -> nn.Module:
    unet.to(torch.bfloat16)
    for module in unet.modules():
        if isinstance(module, FusedGroupNorm):
            module.float()
    return unet


@torch.no_grad()
def sample(unet: nn.Module, states: torch.Tensor, empty: torch.Tensor, steps: int = 20, seed: int = 0, size=(16, 16)) -> torch.Tensor:
    """States [n, window, width] -> latents [n, 16, *size], by guided DPM-Solver++(2M)."""
    scheduler = DPMSolverMultistepScheduler(**SCHEDULE)
    scheduler.set_timesteps(steps)
    x = torch.randn(len(states), 16, *size, generator=torch.Generator().manual_seed(seed))
    context = torch.cat([empty.expand(len(states), -1, -1), states]).to(unet.dtype)
    for t in scheduler.timesteps:
        both = torch.cat([x, x]).to(unet.dtype).contiguous(memory_format=torch.channels_last)
        u, c = unet(both, t.expand(len(both)), context).sample.float().chunk(2)
        x = scheduler.step(u + GUIDANCE_SCALE * (c - u), t, x).prev_sample
    return x


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--batch", type=int, default=66, help="shared out over the processes; pictures of a full canvas, or as many as cost the same of a smaller one")
    parser.add_argument("--compile", action="store_true", help="torch.compile: minutes of it for each canvas; worth it with AMX, 5 %% without")
    parser.add_argument("--processes", type=int, default=1, help="each on a core of its own")
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--text-lr", type=float, default=0.0, help="share of the learning rate that the text encoder gets; 0 leaves it as it is")
    parser.add_argument("--latents", type=Path, default=Path("training/runs/latents"))
    parser.add_argument("--init", type=Path, help="a pipeline folder (load.py writes one) to begin from where there is no checkpoint; without the head's gradient")
    parser.add_argument("--text", type=Path, default=Path("training/runs/text"))
    parser.add_argument("--tokenizer", type=Path, default=Path("training/runs/tokenizer"))
    parser.add_argument("--output", type=Path, default=Path("training/runs/unet"))
    parser.add_argument("--decay", type=float, default=0.25, help="share of the run over which the learning rate falls to nothing")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    seed = int(time.time())
    torch.manual_seed(seed)
    random.seed(seed)
    checkpoint = options.output / "checkpoint.pt"
    state = torch.load(checkpoint) if checkpoint.exists() else None

    tokenizer = Tokenizer.from_file(str(options.tokenizer / "tokenizer.json"))
    text = CLIPTextModel.from_pretrained(options.text)
    unet = UNet2DConditionModel(**CONFIG)
    if state and "text" in state:
        text.load_state_dict(state["text"])
    elif options.init:
        text = CLIPTextModel.from_pretrained(options.init / "text_encoder")
        unet = UNet2DConditionModel.from_pretrained(options.init / "unet")
    fuse(unet)
    text.requires_grad_(options.text_lr > 0)
    head = nn.Linear(CONFIG["block_out_channels"][-1], LABELS)
    team = Team(options.processes)
    trainer = Trainer([unet, head], options.lr, options.lr * 0.5, ema=0.999, team=team)
    text_trainer = Trainer([text], options.lr * options.text_lr, options.lr * options.text_lr * 0.5, ema=0.999, team=team) if options.text_lr else None
    seen = 0
    if state:
        trainer.load(state["trainer"])
        if text_trainer and "text_trainer" in state:
            text_trainer.load(state["text_trainer"])
        seen = state["seen"]
    to_bfloat16(unet).to(memory_format=torch.channels_last)
    head.to(torch.bfloat16)
    trainer.live = [p for m in (unet, head) for p in m.parameters()]  # the dtype change made new ones
    middle: list[torch.Tensor] = []
    unet.mid_block.register_forward_hook(lambda _m, _i, out: middle.append(out))
    compiled = torch.compile(unet, dynamic=False) if options.compile else unet
    shards = Shards(options.latents, seed, frozen=options.text_lr == 0)
    team.run(lambda: train(options, seed, seen, team, tokenizer, text, unet, head, compiled, middle, shards, trainer, text_trainer))


def train(options, seed, seen, team, tokenizer, text, unet, head, compiled, middle, shards, trainer, text_trainer) -> None:
    """The loop, in each process of the team."""
    torch.manual_seed(seed + team.rank)
    shards.rng = np.random.default_rng(seed + team.rank)
    batch = options.batch // team.size
    ac = alphas_cumprod()
    pad_row = tokenize(tokenizer, [""])
    shown = tokenize(tokenizer, SHOWN)
    with torch.no_grad():
        empty = text(pad_row).last_hidden_state
    log = (options.output / "log.jsonl").open("a") if team.rank == 0 else None
    clock = Clock(team, options.minutes)
    before, steps, running, named = seen, 0, 0.0, 0.0
    while not clock.over:
        passed = clock.passed
        rate = min(1, (1 - passed / options.minutes) / options.decay + 0.01)
        canvas = shards.canvas(FULL_AT_THE_END ** (1 - rate))
        n = int(batch * CANVASES[canvas][1])
        x0, words, labels, several = shards.batch(n, canvas)
        if shards.frozen:
            states = words
            states[torch.rand(n) < 0.1] = empty
        else:
            words[torch.rand(n) < 0.1] = pad_row
            with torch.autocast("cpu", torch.bfloat16):
                states = text(words).last_hidden_state
        t = timesteps(several, canvas)
        alpha, sigma = (a.view(-1, 1, 1, 1) for a in (ac[t].sqrt(), (1 - ac[t]).sqrt()))
        noise = torch.randn_like(x0)
        noisy = (alpha * x0 + sigma * noise).to(torch.bfloat16).contiguous(memory_format=torch.channels_last)
        middle.clear()
        v = compiled(noisy, t, states.to(torch.bfloat16)).sample.float()
        loss = (drawn_weight(labels, ac[t]) * (v - (alpha * noise - sigma * x0)).square()).mean()
        cells = F.max_pool2d(labels[:, None].float(), 2)[:, 0].long()
        features = middle[0].permute(0, 2, 3, 1)
        names = head(features.detach() if options.init else features).float()  # beside a U-Net that can draw the head is new: it has nothing to teach
        naming = F.cross_entropy(names.flatten(0, 2), cells.flatten())
        (loss + 0.1 * naming).backward()
        scale = max(min((trainer.step_count + 1) / 100, 1) * rate, 0)
        trainer.step(scale)
        if text_trainer:
            text_trainer.step(scale)
        steps, seen = steps + 1, seen + n * team.size
        running, named = 0.99 * running + 0.01 * loss.item(), 0.99 * named + 0.01 * naming.item()
        fix = 1 - 0.99**steps
        if steps % 50 == 0 and team.rank == 0:
            print(f"{passed:6.1f} min {seen:8d} samples {(seen - before) / passed / 60:5.0f}/s of {len(shards)} loss {running / fix:.4f} naming {named / fix:.3f}", flush=True)
        if not clock.save():
            continue
        if team.rank == 0:
            save(options.output, seen, text, unet, trainer, text_trainer)
            show(options.output, text, unet, pad_row, shown, trainer, text_trainer)
            middle.clear()
            log.write(json.dumps({"minutes": round(passed, 1), "samples": seen, "loss": round(running / fix, 4), "naming": round(named / fix, 3)}) + "\n")
            log.flush()
        else:
            shards.refresh()
        team.wait()
        if team.rank == 0:
            shards.refresh()


def save(folder: Path, seen: int, text: nn.Module, unet: nn.Module, trainer: Trainer, text_trainer: Trainer | None) -> None:
    held = {"trainer": trainer.state(), "text": text.state_dict(), "seen": seen}
    if text_trainer:
        held["text_trainer"] = text_trainer.state()
    torch.save(held, folder / "checkpoint.tmp")
    os.replace(folder / "checkpoint.tmp", folder / "checkpoint.pt")


def show(folder: Path, text: nn.Module, unet: nn.Module, pad_row: torch.Tensor, shown: torch.Tensor, trainer: Trainer, text_trainer: Trainer | None) -> None:
    """Saves the averaged weights, and the latents of a few prompts drawn with them."""
    trainers = [one for one in (trainer, text_trainer) if one]
    for one in trainers:
        one.swap()
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        states = text(torch.cat([pad_row, shown])).last_hidden_state.float()
    np.save(folder / "shown.npy", sample(unet, states[1:], states[:1]).numpy())
    text.save_pretrained(folder / "text_encoder")
    for one in trainers:
        one.swap()
    save_average(trainer, folder)


def save_average(trainer: Trainer, folder: Path) -> None:
    """The averaged weights in float32 (the live ones are bfloat16) as a diffusers folder."""
    plain = UNet2DConditionModel(**CONFIG)
    with torch.no_grad():
        for parameter, average in zip(plain.parameters(), trainer.average):
            parameter.copy_(average)
    plain.save_pretrained(folder / "unet")


if __name__ == "__main__":
    main()
