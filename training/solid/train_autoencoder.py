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
import torch.nn.functional as F

from ..optim import Trainer
from .autoencoder import Autoencoder, decode_grid, hats
from .dataset import Solids, held_out_solids, to_tensors, unpack
from .grid import TRUNCATION
from .render import colour_grid, render, sheet

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


def truth_at(grid: torch.Tensor, index: torch.Tensor, at: torch.Tensor, snapped: bool) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Distance [n, nz, ny, nx], rgb [n, 3, nz, ny, nx] in 0..1 and whether it is known, float32; between cells by trilinear interpolation."""
    n, side = len(grid), grid.shape[-1]
    if snapped:
        x, y, z = ((at + 1) * (side / 2)).long()
        where = torch.arange(n)[:, None, None, None], z[:, :, None, None], y[:, None, :, None], x[:, None, None, :]
        values = grid.movedim(1, -1)[where].float()
        return values[..., 0], (values[..., 1:].movedim(-1, 1) + 1) / 2, (index[where] < 255).float()
    wx, wy, wz = (hats(v, side).to(grid.dtype) for v in at)
    g = torch.cat([grid, (index < 255).to(grid.dtype)[:, None]], 1)
    g = torch.einsum("nza,ncayx->nczyx", wz, g)
    g = torch.einsum("nyb,nczbx->nczyx", wy, g)
    g = torch.einsum("nxd,nczyd->nczyx", wx, g).float()
    return g[:, 0], (g[:, 1:4] / g[:, 4:].clamp_min(1e-3) + 1) / 2, g[:, 4]


def losses(model: Autoencoder, grid: torch.Tensor, index: torch.Tensor, noise: float = NOISE) -> tuple[torch.Tensor, torch.Tensor]:
    """Of the distance, nearer to a surface weighing more, and of the colour near it."""
    snapped = random.random() < 0.7
    at = lattice(grid[:, 0], snapped)
    with torch.autocast("cpu", torch.bfloat16):
        z = model.encoder(grid)
        d, c = model.points(model.planes(z + noise * torch.randn_like(z)), *at)
    with torch.no_grad():
        want, tint, known = truth_at(grid, index, at, snapped)
        near = torch.exp(-(want / 0.4).square())
    error = d.float() - want
    shape = ((0.25 + near) * (error.abs() + error.square())).mean() / (0.25 + near).mean()
    weight = near * (known > 0.6)
    colour = ((c.float().movedim(-1, 1) - tint).abs().mean(1) * weight).sum() / weight.sum()
    return shape, colour


@torch.no_grad()
def judge(model: Autoencoder, held: list, noise: float = 0.0) -> dict[str, float]:
    """On held-out solids at 64 a side: IoU, mean distance of the true surface from the decoded one in hundredths of the cube's half side,
    mean absolute error of the colour at the surface (0..1)."""
    sums = np.zeros(3)
    for k in range(0, len(held), 8):
        grid, index = to_tensors(held[k:k + 8])
        with torch.autocast("cpu", torch.bfloat16):
            z = model.encoder(grid)
            d, c = decode_grid(model, z + noise * torch.randn_like(z))
        distance, rgb = grid[:, 0].float(), (grid[:, 1:].float() + 1) / 2
        inside, guess = distance < 0, d < 0
        iou = (inside & guess).flatten(1).sum(1) / (inside | guess).flatten(1).sum(1)
        surface = (distance.abs() < 0.25).float()
        count = surface.flatten(1).sum(1)
        off = ((d - distance).abs() * surface).flatten(1).sum(1) / count * TRUNCATION * 100
        shown = surface * (index < 255)
        tint = ((c.movedim(-1, 1) - rgb).abs().mean(1) * shown).flatten(1).sum(1) / shown.flatten(1).sum(1)
        sums += np.array([iou.sum(), off.sum(), tint.sum()])
    return dict(zip(("iou", "surface_hundredths", "colour"), (round(float(v), 4) for v in sums / len(held))))


@torch.no_grad()
def show(model: Autoencoder, held: list, path: Path) -> None:
    grid, _ = to_tensors(held)
    with torch.autocast("cpu", torch.bfloat16):
        d, c = decode_grid(model, model.encoder(grid))
    views = ((30, 20), (210, 20))
    true = torch.stack([torch.from_numpy(colour_grid(unpack(r)[1])) for r in held])
    pictures = torch.cat([render(grid[:, 0], true, views, 112), render(d, c, views, 112)], 1)
    sheet(pictures, ["true | decoded"] * len(held), 3).save(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=120_000, help="of the whole training; the rate falls over the last half")
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
    solids, held = Solids(options.solids), held_out_solids(48)
    log = (options.output / "log.jsonl").open("a")
    start, saved, before, steps, running = time.time(), time.time(), seen, 0, np.zeros(2)
    while seen < options.samples:
        records = [solids.records[i] for i in rng.integers(0, len(solids.records), options.batch)]
        shape, colour = losses(model, *to_tensors(records))
        (shape + 0.5 * colour).backward()
        share = seen / options.samples
        trainer.step(min((trainer.step_count + 1) / 100, 1) * min(1, math.cos(math.pi / 2 * max(2 * share - 1, 0)) + 0.01))
        seen, steps = seen + options.batch, steps + 1
        running = 0.98 * running + 0.02 * np.array([shape.item(), colour.item()])
        if steps % 50 == 0:
            fix = running / (1 - 0.98**steps)
            print(f"{(time.time() - start) / 60:6.1f} min {seen:8d} solids of {len(solids.records)} {(seen - before) / (time.time() - start):5.1f}/s distance {fix[0]:.4f} colour {fix[1]:.4f}", flush=True)
        if time.time() - saved > 300 or seen >= options.samples:
            saved = time.time()
            trainer.swap()
            model.eval()
            record = {"samples": seen, **judge(model, held), "noisy": judge(model, held, NOISE), "rate": round((seen - before) / (time.time() - start), 1)}
            show(model, held[:18], options.output / "shown.png")
            torch.save(model.state_dict(), options.output / "autoencoder.tmp")
            os.replace(options.output / "autoencoder.tmp", options.output / "autoencoder.pt")
            model.train()
            trainer.swap()
            torch.save({"model": model.state_dict(), "trainer": trainer.state(), "seen": seen}, checkpoint.with_suffix(".tmp"))
            os.replace(checkpoint.with_suffix(".tmp"), checkpoint)
            log.write(json.dumps(record) + "\n")
            log.flush()
            print(f"       {record}", flush=True)
            solids.refresh()


if __name__ == "__main__":
    main()
