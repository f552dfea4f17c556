"""Trains the plane autoencoder on the solids of dataset.py, which may go on making them.

    python -m training.solid.train_autoencoder --samples 120000

Each solid is compared at the points of a random lattice within its box, so that the very operations that the page runs are trained. The
latents get noise, NOISE of their deviation: what the denoiser leaves unsure must decode to something sound. Resumes from its checkpoint;
the learning rate falls with the samples seen, not with the time.
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

from ..optim import Trainer
from .autoencoder import Autoencoder, decode_grid, hats
from .dataset import Grids, Solids, held_out_solids, to_grids
from .grid import NO_COLOUR, PALETTE, TRUNCATION
from .render import render, sheet

NOISE = 0.2
POINTS = 20  # a side of the lattice


def lattice(distance: torch.Tensor, snapped: bool, points: int = POINTS) -> torch.Tensor:
    """Coordinates x, y, z, float32 [3, n, points]: spread at random over the box where a surface is near, and a little more. `snapped`: to the
    centres of the grid's cells."""
    near = distance < 1
    n, side = len(distance), distance.shape[-1]
    slabs = near.any(1)  # [n, y, x]
    lines = slabs.any(1), slabs.any(2), near.flatten(2).any(2)
    out = []
    for line in lines:
        first, last = line.byte().argmax(1), side - line.flip(1).byte().argmax(1)
        low, high = (first - 2).clamp_min(0)[:, None], (last + 2).clamp_max(side)[:, None]
        cell = low + (high - low) * (torch.arange(points) + torch.rand(n, points)) / points
        out.append(((cell.long().clamp_max(side - 1) + 0.5 if snapped else cell) * 2 / side) - 1)
    return torch.stack(out)


def truth_at(grids: Grids, at: torch.Tensor, snapped: bool) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Distance [n, nz, ny, nx], by linear interpolation between cells, rgb [n, nz, ny, nx, 3] (0..1) of the nearest cell, and whether it has one."""
    n, side = len(grids.distance), grids.distance.shape[-1]
    x, y, z = ((at + 1) * (side / 2)).long().clamp_max(side - 1)
    where = torch.arange(n)[:, None, None, None], z[:, :, None, None], y[:, None, :, None], x[:, None, None, :]
    index = grids.index[where].long()
    if snapped:
        distance = grids.distance[where].float()
    else:
        wx, wy, wz = (hats(v, side).to(grids.distance.dtype) for v in at)
        d = torch.bmm(wz, grids.distance.flatten(2)).unflatten(2, (side, side))
        distance = torch.einsum("nyb,nzbx,ndx->nzyd", wy, d, wx).float()
    return distance, torch.from_numpy(PALETTE)[index.clamp_max(len(PALETTE) - 1)], index != NO_COLOUR


def losses(model: Autoencoder, grids: Grids, noise: float = NOISE) -> tuple[torch.Tensor, torch.Tensor]:
    """Of the distance, nearer to a surface weighing more, and of the colour near it."""
    snapped = random.random() < 0.7
    at = lattice(grids.distance, snapped)
    with torch.autocast("cpu", torch.bfloat16):
        z = model.encoder(grids.distance, grids.colour)
        d, c = model.points(model.planes(z + noise * torch.randn_like(z)), *at)
    with torch.no_grad():
        want, tint, known = truth_at(grids, at, snapped)
        near = torch.exp(-(want / 0.4).square())
    error = d.float() - want
    shape = ((0.25 + near) * (error.abs() + error.square())).mean() / (0.25 + near).mean()
    weight = near * known
    colour = ((c.float() - tint).abs().mean(-1) * weight).sum() / weight.sum()
    return shape, colour


@torch.no_grad()
def standardize(model: Autoencoder, records: list) -> None:
    """Makes mean 0 and deviation 1 exact over these solids, for the weights as they are: the running statistics are those of other weights."""
    last = model.encoder.standard
    last.reset_running_stats()
    last.momentum, before = None, last.momentum  # the mean over all batches
    last.train()
    for k in range(0, len(records), 16):
        grids = to_grids(records[k:k + 16])
        with torch.autocast("cpu", torch.bfloat16):
            model.encoder(grids.distance, grids.colour)
    last.momentum = before
    last.eval()


@torch.no_grad()
def reconstruct(model: Autoencoder, grids: Grids, noise: float | torch.Tensor = 0.0) -> tuple[torch.Tensor, torch.Tensor]:
    """Distance [n, s, s, s] and rgb [n, s, s, s, 3] as the autoencoder gives them back, from latents with that much noise."""
    with torch.autocast("cpu", torch.bfloat16):
        z = model.encoder(grids.distance, grids.colour)
        return decode_grid(model, z + noise * torch.randn_like(z))


@torch.no_grad()
def judge(model: Autoencoder, held: Grids, noise: float = 0.0) -> dict[str, float]:
    """On held-out solids at 64 a side: IoU, mean distance of the true surface from the decoded one in hundredths of the cube's half side,
    mean absolute error of the colour at the surface (0..1)."""
    sums = np.zeros(3)
    for k in range(0, len(held.index), 8):
        part = held[k:k + 8]
        d, c = reconstruct(model, part, noise)
        distance = part.distance.float()
        inside, guess = distance < 0, d < 0
        surface = distance.abs() < 0.25
        shown = surface & (part.index != NO_COLOUR)
        off, tint = (d - distance).abs(), (c - torch.from_numpy(PALETTE)[part.index.long().clamp_max(len(PALETTE) - 1)]).abs().mean(-1)
        for i in range(len(d)):
            sums += np.array([((inside & guess)[i].sum() / (inside | guess)[i].sum()).item(), off[i][surface[i]].mean().item() * TRUNCATION * 100, tint[i][shown[i]].mean().item()])
    return dict(zip(("iou", "surface_hundredths", "colour"), (round(float(v), 4) for v in sums / len(held.index))))


@torch.no_grad()
def show(model: Autoencoder, held: Grids, path: Path) -> None:
    views = ((30, 20), (210, 20))
    pictures = torch.cat([render(held.distance, held.rgb(), views, 112), render(*reconstruct(model, held), views, 112)], 1)
    sheet(pictures, ["true | decoded"] * len(pictures), 3).save(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=72_000, help="of the whole training; the rate falls over the last half")
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--solids", type=Path, default=Path("training/runs/solid/solids"))
    parser.add_argument("--output", type=Path, default=Path("training/runs/solid/autoencoder"))
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(int(time.time()))
    rng = np.random.default_rng(int(time.time()))
    model = Autoencoder().to(memory_format=torch.channels_last)
    trainer = Trainer([model], options.lr, options.lr * 0.5, ema=0.998)
    checkpoint = options.output / "checkpoint.pt"
    seen = 0
    if checkpoint.exists():
        state = torch.load(checkpoint)
        model.load_state_dict(state["model"])
        trainer.load(state["trainer"])
        seen = state["seen"]
    print(f"{ {name: round(sum(p.numel() for p in part.parameters()) / 1e6, 2) for name, part in model.named_children()} } M parameters", flush=True)
    solids, held = Solids(options.solids), to_grids(held_out_solids(48))
    log = (options.output / "log.jsonl").open("a")
    start, saved, before, steps, running = time.time(), time.time(), seen, 0, np.zeros(2)
    judged = time.process_time()  # not by the clock: where other work holds the core, judging would take all that is left of it
    while seen < options.samples:
        records = [solids.records[i] for i in rng.integers(0, len(solids.records), options.batch)]
        shape, colour = losses(model, to_grids(records))
        (shape + 0.5 * colour).backward()
        share = seen / options.samples
        trainer.step(min((trainer.step_count + 1) / 100, 1) * min(1, math.cos(math.pi / 2 * max(2 * share - 1, 0)) + 0.01))
        seen, steps = seen + options.batch, steps + 1
        running = 0.98 * running + 0.02 * np.array([shape.item(), colour.item()])
        over = seen >= options.samples
        if steps % 50 == 0:
            fix = running / (1 - 0.98**steps)
            print(f"{(time.time() - start) / 60:6.1f} min {seen:8d} solids of {len(solids.records)} {(seen - before) / (time.time() - start):5.1f}/s distance {fix[0]:.4f} colour {fix[1]:.4f}", flush=True)
        if time.process_time() - judged > 420 or over:
            judged = time.process_time()
            live = {k: v.clone() for k, v in model.encoder.standard.state_dict().items()}
            trainer.swap()
            model.eval()
            standardize(model, solids.records[:1024 if over else 128])
            record = {"samples": seen, **judge(model, held), "noisy": judge(model, held, NOISE), "rate": round((seen - before) / (time.time() - start), 1)}
            show(model, held[:18], options.output / "shown.png")
            torch.save(model.state_dict(), options.output / "autoencoder.tmp")
            os.replace(options.output / "autoencoder.tmp", options.output / "autoencoder.pt")
            model.train()
            trainer.swap()
            model.encoder.standard.load_state_dict(live)
            log.write(json.dumps(record) + "\n")
            log.flush()
            print(f"       {record}", flush=True)
            solids.refresh()
        if time.time() - saved > 240 or over:
            saved = time.time()
            torch.save({"model": model.state_dict(), "trainer": trainer.state(), "seen": seen}, checkpoint.with_suffix(".tmp"))
            os.replace(checkpoint.with_suffix(".tmp"), checkpoint)


if __name__ == "__main__":
    main()
