"""Draws solids from their grids by sphere tracing, for contact sheets and for the grader: several views, two lights, a plain ground.

    python -m training.solid.render --count 40 --output training/runs/solid/sheet.png
"""
from __future__ import annotations

import argparse
import math
import random
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw

from .grid import NO_COLOUR, PALETTE, TRUNCATION

BACKGROUND = 0.93
VIEWS = ((30, 20), (120, 20), (210, 20), (300, 20))  # degrees to the right and above: four sides
STEPS = 56


def colour_grid(colours: np.ndarray) -> np.ndarray:
    """Indices [side, side, side] -> float32 [side, side, side, 3]; where there is none, the mean of the neighbours that have one."""
    known = (colours != NO_COLOUR).astype(np.float32)
    rgb = PALETTE[np.where(colours != NO_COLOUR, colours, 0)] * known[..., None]
    x = torch.from_numpy(np.concatenate([rgb, known[..., None]], -1)).movedim(-1, 0)[None]
    spread = F.avg_pool3d(x, 3, 1, 1)[0].movedim(0, -1).numpy()
    return np.where(known[..., None] > 0, rgb, spread[..., :3] / np.maximum(spread[..., 3:], 1e-6)).astype(np.float32)


@torch.no_grad()
def render(distance: torch.Tensor, rgb: torch.Tensor, views=VIEWS, side: int = 96, zoom: float = 1.35) -> torch.Tensor:
    """Distance [n, s, s, s] (-1..1), rgb [n, s, s, s, 3] (0..1) -> uint8 [n, views, side, side, 3], orthographic; `zoom`: half the picture's side."""
    field = torch.cat([distance[:, None], rgb.movedim(-1, 1)], 1).float()
    n = len(field)
    directions, starts = [], []
    for azimuth, elevation in views:
        a, e = math.radians(azimuth), math.radians(elevation)
        to = torch.tensor([math.sin(a) * math.cos(e), math.sin(e), math.cos(a) * math.cos(e)])
        right = torch.tensor([math.cos(a), 0, -math.sin(a)])
        up = torch.linalg.cross(to, right)
        grid = (torch.arange(side) + 0.5) / side * 2 - 1
        starts.append((zoom * (grid[None, :, None] * right - grid[:, None, None] * up) + 1.75 * to).view(-1, 3))
        directions.append((-to).expand(side * side, 3))
    p0, way = torch.cat(starts), torch.cat(directions)
    out = []
    for k in range(n):
        one = field[k:k + 1]

        def at(p: torch.Tensor, part: torch.Tensor) -> torch.Tensor:
            return F.grid_sample(part, p.view(1, 1, 1, -1, 3), align_corners=False, padding_mode="border").view(part.shape[1], -1)
        # to the cube first: outside of it the border's value says little
        t0 = ((-1 * way.sign() - p0) / way).where(way.abs() > 1e-6, torch.full_like(way, -1e9)).amax(1)
        t1 = ((way.sign() - p0) / way).where(way.abs() > 1e-6, torch.full_like(way, 1e9)).amin(1)
        alive = torch.nonzero(t1 > t0)[:, 0]
        t, hit = t0[alive].clamp_min(0), torch.zeros(len(p0), dtype=torch.bool)
        depth = torch.zeros(len(p0))
        for _ in range(STEPS):
            d = at(p0[alive] + t[:, None] * way[alive], one[:, :1])[0] * TRUNCATION
            found = d < 0.002
            hit[alive[found]] = True
            depth[alive[found]] = t[found]
            t = t + d.clamp_min(0.004)
            keep = ~found & (t < t1[alive])
            alive, t = alive[keep], t[keep]
            if not len(alive):
                break
        seen = torch.nonzero(hit)[:, 0]
        picture = torch.full((len(p0), 3), BACKGROUND)
        if len(seen):
            p = p0[seen] + depth[seen, None] * way[seen]
            h = 0.02
            offsets = torch.eye(3) * h
            normal = torch.stack([at(p + o, one[:, :1])[0] - at(p - o, one[:, :1])[0] for o in offsets], 1)
            normal = F.normalize(normal, dim=1)
            to = -way[seen]
            sun = F.normalize(torch.tensor([[0.3, 0.85, 0.45]]) + 0.8 * to, dim=1)
            light = 0.42 + 0.5 * (normal * sun).sum(1).clamp_min(0) + 0.12 * normal[:, 1].clamp_min(0)
            shade = (at(p + 0.1 * normal, one[:, :1])[0] * TRUNCATION / 0.1).clamp(0, 1) * 0.35 + 0.65  # what stands near takes light away
            picture[seen] = (at(p - 0.012 * normal, one[:, 1:]).T * (light * shade)[:, None]).clamp(0, 1)
        out.append(picture.view(len(views), side, side, 3))
    return (torch.stack(out) * 255).round().to(torch.uint8)


def sheet(pictures: torch.Tensor, captions: list[str], columns: int) -> Image.Image:
    """Pictures uint8 [n, views, side, side, 3] with their captions, `columns` solids a row."""
    n, views, side = pictures.shape[:3]
    cell, rows = views * side, -(-n // columns)
    canvas = Image.new("RGB", (columns * cell, rows * (side + 14)), "white")
    draw = ImageDraw.Draw(canvas)
    for i in range(n):
        x, y = i % columns * cell, i // columns * (side + 14)
        canvas.paste(Image.fromarray(np.concatenate(list(pictures[i].numpy()), 1)), (x, y))
        draw.text((x + 3, y + side + 1), captions[i][: cell // 6], fill="black")
    return canvas


def main() -> None:
    from .captions import caption
    from .world import build, random_scene
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--columns", type=int, default=4)
    parser.add_argument("--views", type=int, default=4)
    parser.add_argument("--side", type=int, default=96)
    parser.add_argument("--nouns", help="comma-separated; one of each, or `all`")
    parser.add_argument("--kind", help="of scene")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    from .nouns import NOUNS
    from .world import alone
    rng = random.Random(options.seed)
    if options.nouns:
        names = list(NOUNS) if options.nouns == "all" else [n.strip() for n in options.nouns.split(",")]
        scenes = [alone(name) for name in names for _ in range(options.count if options.nouns != "all" else 1)]
    else:
        scenes = [random_scene(rng, options.kind) for _ in range(options.count)]
    pictures, texts = [], []
    for scene in scenes:
        distance, colours = build(scene, rng)
        pictures.append(render(torch.from_numpy(distance)[None], torch.from_numpy(colour_grid(colours))[None], VIEWS[: options.views], options.side)[0])
        texts.append(caption(scene, rng) if not options.nouns else scene.things[0].noun)
    sheet(torch.stack(pictures), texts, options.columns).save(options.output)


if __name__ == "__main__":
    main()
