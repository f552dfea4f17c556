"""Trains the motion modules, and low-rank differences of the U-Net's other weights and of the text encoder's, on the shards of encode.py.

    OMP_NUM_THREADS=1 python -m training.motion.train --steps 20000 --minutes 150

v-prediction on the picture model's schedule, one timestep for all frames of a clip. Half of the clips get noise of their own in each
frame, as diffusers' AnimateDiffPipeline draws it; in the others the frames have a part of it in common (Ge et al. 2023, arXiv:2305.10474),
with which the frames of a new model agree from the first step on. The run may be stopped at any moment and resumes from its checkpoint;
--minutes ends this session, --steps is the length of the whole run, over whose last part the learning rate falls (--decay): raise it to
go on for longer.
"""
from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

from ..distil import LowRank, add_low_rank
from ..optim import Trainer
from ..train_text import encode as tokenize
from ..train_unet import alphas_cumprod, drawn_weight, timesteps
from ..world import FULL, MEDIUM, SMALL, TALL, WIDE
from .draw import sheet
from .encode import WORDINGS
from .model import run, trainable
from .sample import SHOWN, Studio
from .train_text import RANK as TEXT_RANK
from .train_text import fill

CANVASES = {FULL: 3, MEDIUM: 2, WIDE: 1.5, TALL: 1, SMALL: 1}  # steps that go to each, in proportion
LONG = 0.25  # share of these for clips of 16 frames
FULL_AT_THE_END = 3
HELD = 8  # clips of each shard that are kept from training, for the held-out loss
SHOW_EVERY = 500  # steps; about 20 minutes of a core
SAVE_EVERY = 3  # minutes


class Shards:
    """Batches from the shards; looks for new ones as it goes."""

    def __init__(self, folder: Path, seed: int):
        self.folder, self.rng, self.known = folder, np.random.default_rng(seed), {}
        self.shards: dict[tuple, list[dict]] = {}
        self.refresh()

    def refresh(self) -> None:
        for path in sorted(self.folder.glob("[0-9]*[0-9].npz")):
            if path.name not in self.known:
                with np.load(path) as data:
                    shard = self.known[path.name] = {k: data[k] for k in ("latents", "labels", "ids")}
                frames, _, rows, columns = shard["latents"].shape[1:]
                self.shards.setdefault(((columns, rows), frames), []).append(shard)

    def __len__(self) -> int:
        return sum(len(s["latents"]) for s in self.known.values())

    def kind(self, full: float) -> tuple:
        """Canvas and frames. `full`: how many times as often as CANVASES says it is a full one."""
        there = list(self.shards)
        share = np.array([CANVASES[canvas] * (full if canvas == FULL else 1) * (1 if frames == 8 else LONG) for canvas, frames in there])
        return there[self.rng.choice(len(there), p=share / share.sum())]

    def batch(self, size: int, kind: tuple, held: bool = False) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """latents float32 [size, c, frames, h, w], ids int64 [size, window], labels int64 [size, frames, h, w]; half of the clips that can be are played backwards."""
        shards = self.shards[kind]
        latents, ids, labels = [], [], []
        for w in self.rng.integers(len(shards), size=size):
            s = shards[w]
            n = len(s["latents"])
            i = int(self.rng.integers(n - HELD, n) if held else self.rng.integers(n - HELD))
            back = self.rng.random() < 0.5 and s["ids"][i, 1, 0, 1] > 0
            latents.append(s["latents"][i, ::-1] if back else s["latents"][i])
            labels.append(s["labels"][i, ::-1] if back else s["labels"][i])
            ids.append(s["ids"][i, int(back), self.rng.integers(WORDINGS)])
        return torch.from_numpy(np.stack(latents)).float().transpose(1, 2), torch.from_numpy(np.stack(ids).astype(np.int64)), torch.from_numpy(np.stack(labels).astype(np.int64))


def noise_like(x: torch.Tensor) -> torch.Tensor:
    """Independent in half of the clips; in the others the frames have from nothing to all of its variance in common."""
    n = len(x)
    shared = (torch.rand(n) * (torch.rand(n) < 0.5)).view(-1, 1, 1, 1, 1)
    return (1 - shared).sqrt() * torch.randn_like(x) + shared.sqrt() * torch.randn_like(x[:, :, :1])


def loss_of(unet: nn.Module, ac: torch.Tensor, x0: torch.Tensor, states: torch.Tensor, labels: torch.Tensor, t: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
    """Mean squared error of v, of each clip: [n]."""
    frames = x0.shape[2]
    alpha, sigma = (a.view(-1, 1, 1, 1, 1) for a in (ac[t].sqrt(), (1 - ac[t]).sqrt()))
    v = run(unet, alpha * x0 + sigma * noise, t, states)
    weight = drawn_weight(labels.flatten(0, 1), ac[t].repeat_interleave(frames)).unflatten(0, (-1, frames)).transpose(1, 2)
    return (weight * (v - (alpha * noise - sigma * x0)).square()).mean((1, 2, 3, 4))


@torch.no_grad()
def held_out_loss(studio: Studio, ac: torch.Tensor, kept: list[tuple]) -> float:
    return float(np.mean([loss_of(studio.unet, ac, x0, studio.text(ids).last_hidden_state, *rest).mean().item() for x0, ids, *rest in kept]))


def keep(shards: Shards, batches: int = 3) -> list[tuple]:
    """The held-out clips, always the same, at timesteps of all kinds, with independent noise."""
    generator = torch.Generator().manual_seed(0)
    own, shards.rng = shards.rng, np.random.default_rng(0)
    kept = []
    for k in range(batches):
        x0, ids, labels = shards.batch(4, (FULL, 8), held=True)
        kept.append((x0, ids, labels, torch.tensor([150, 400, 650, 900]) + 80 * k - 80, torch.randn(x0.shape, generator=generator)))
    shards.rng = own
    return kept


def save(folder: Path, steps: int, clips: int, motion: dict[str, nn.Parameter], differences: dict[str, dict[str, LowRank]], trainers: list[Trainer]) -> None:
    """The checkpoint, and the averaged weights in half precision: motion modules by name, differences as a LoRA (by part and layer)."""
    torch.save({"trainers": [t.state() for t in trainers], "steps": steps, "clips": clips}, folder / "checkpoint.tmp")
    os.replace(folder / "checkpoint.tmp", folder / "checkpoint.pt")
    tensors = {f"unet.{name}": value.half() for name, value in zip(motion, trainers[0].average, strict=True)}
    for (part, layers), trainer in zip(differences.items(), trainers[1:], strict=True):
        pairs = zip(trainer.average[::2], trainer.average[1::2], strict=True)  # LowRank's parameters: down, up
        for name, (down, up) in zip(layers, pairs, strict=True):
            tensors[f"{part}.{name}.lora_A.weight"], tensors[f"{part}.{name}.lora_B.weight"] = down.half(), up.half()
    save_file(tensors, folder / "motion.tmp")
    os.replace(folder / "motion.tmp", folder / "motion.safetensors")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=150)
    parser.add_argument("--steps", type=int, default=20_000, help="of the whole run")
    parser.add_argument("--until", type=int, help="the step at which this session ends, where it is not the last one")
    parser.add_argument("--decay", type=float, default=0.3, help="share of the steps over which the learning rate falls to nothing")
    parser.add_argument("--batch", type=int, default=5, help="clips of 8 frames of a full canvas, or what costs the same")
    parser.add_argument("--lr", type=float, default=1.2e-3, help="of the motion modules' matrices")
    parser.add_argument("--spatial-lr", type=float, default=5e-4, help="of the low-rank differences")
    parser.add_argument("--text-lr", type=float, default=1e-4, help="of the text encoder's")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--pipeline", type=Path, default=Path("training/runs/pipeline"))
    parser.add_argument("--text", type=Path, default=Path("training/runs/motion/text/difference.safetensors"))
    parser.add_argument("--latents", type=Path, default=Path("training/runs/motion/latents"))
    parser.add_argument("--output", type=Path, default=Path("training/runs/motion/unet"))
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    seed = int(time.time())
    torch.manual_seed(seed)
    unet, motion, layers = trainable(options.pipeline / "unet")
    studio = Studio(options.pipeline, unet)
    words = add_low_rank(studio.text, TEXT_RANK)
    fill(words, options.text, "text_encoder")
    differences = {"unet": layers, "text_encoder": words}
    trainers = [Trainer([nn.ParameterList(motion.values())], options.lr, options.lr * 0.5, ema=0.999),
                *(Trainer([nn.ModuleList(added.values())], rate, rate, ema=0.999, muon=False) for added, rate in ((layers, options.spatial_lr), (words, options.text_lr)))]
    steps = clips = 0
    if (options.output / "checkpoint.pt").exists():
        state = torch.load(options.output / "checkpoint.pt")
        for trainer, held in zip(trainers, state["trainers"], strict=True):
            trainer.load(held)
        steps, clips = state["steps"], state["clips"]
    network = torch.compile(unet, dynamic=False) if options.compile else unet
    shards, ac = Shards(options.latents, seed), alphas_cumprod()
    kept, nothing = keep(shards), tokenize(studio.tokenizer, [""])
    log = (options.output / "log.jsonl").open("a")
    start = saved = time.time()
    before, since, running, weight = clips, start, 0.0, 0.0
    print(f"{sum(p.numel() for p in motion.values()) / 1e6:.2f} M parameters of motion, {sum(p.numel() for p in layers.values() for p in p.parameters()) / 1e6:.2f} M of differences; from step {steps}", flush=True)
    last = min(options.until or options.steps, options.steps)
    while steps < last:
        rate = min(1, (1 - steps / options.steps) / options.decay + 0.01)
        kind = shards.kind(FULL_AT_THE_END ** (1 - rate))
        (columns, rows), frames = kind
        n = max(options.batch * 8 * 256 // (frames * rows * columns), 1)
        x0, ids, labels = shards.batch(n, kind)
        ids[torch.rand(n) < 0.1] = nothing
        with torch.autocast("cpu", torch.bfloat16):
            states = studio.text(ids).last_hidden_state.float()
        t = timesteps(torch.rand(n) < 0.3, (columns, rows))
        loss = loss_of(network, ac, x0, states, labels, t, noise_like(x0)).mean()
        loss.backward()
        warm = min((trainers[0].step_count + 1) / 200, 1)
        for trainer in trainers:
            trainer.step(warm * rate)
        steps, clips = steps + 1, clips + n
        running, weight = 0.99 * running + 0.01 * loss.item(), 0.99 * weight + 0.01
        now = time.time()
        over = (now - start) / 60 >= options.minutes or steps == last
        if steps % 20 == 0:
            print(f"{(now - start) / 60:6.1f} min step {steps} clips {clips} {(clips - before) / (now - since):.2f}/s of {len(shards)} loss {running / weight:.4f}", flush=True)
            before, since = clips, now
        if over or now - saved > SAVE_EVERY * 60:
            save(options.output, steps, clips, motion, differences, trainers)
            saved = time.time()
            shards.refresh()
        if over or steps % SHOW_EVERY == 0:
            for trainer in trainers:
                trainer.swap()
            held = held_out_loss(studio, ac, kept)
            sheet(list(studio.clips(SHOWN, steps=10)), SHOWN, options.output / f"sheets/{steps:06d}.jpg", side=96)
            for trainer in trainers:
                trainer.swap()
            log.write(json.dumps({"step": steps, "clips": clips, "minutes": round((now - start) / 60, 1), "loss": round(running / weight, 4), "held_out": round(held, 4)}) + "\n")
            log.flush()
            print(f"held-out loss {held:.4f}", flush=True)
        if over:
            break


if __name__ == "__main__":
    main()
