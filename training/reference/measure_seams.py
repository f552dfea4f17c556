"""The step in brightness where what is painted anew meets what is kept: masks over plain ground, and extended pictures.

    python -m training.reference.measure_seams

Drawings on plain, pastel and graded grounds and night skies are extended to the right, and a disc of their free ground is painted
anew, by Darkroom's own engine with the page's settings. Along the join the mean colour of a strip on the new side is compared with
that of a strip on the kept side, beyond the feather on both; strips as far apart on the kept side alone and on the new side alone
say what the ground itself does. Writes docs/seams.md.
"""
from __future__ import annotations

import argparse
import json
import random
import subprocess
from pathlib import Path

import numpy as np
from PIL import Image

from ..captions import caption
from ..draw import draw_scene
from ..world import NOUN_LIST, Scene, Thing

FEATHER = 8  # pixels, the page's
GROUNDS = [("pale",)] * 14 + [("plain", "white"), ("plain", "blue"), ("plain", "gray"), ("plain", "green"), ("graded", "blue", "white"), ("graded", "orange", "yellow")] + [("scene", "night sky")] * 4
STRIP, GAP = 10, 26  # pixels: how wide a strip is, and how far one's middle lies from the next one's
PLAIN = 10  # levels that a pixel of plain ground may differ from the strip's median; else something is drawn there
DISC = (200, 128, 36)  # centre x and y and radius of the mask, pixels
WIDER = 64  # pixels
KINDS = {"mask": "A masked disc", "extend": "Extended to the right"}
SIDES = ("join", "kept side", "new side")


def drawings() -> list[tuple[Image.Image, str]]:
    """An object on the left of each ground, and its caption."""
    listed = []
    for i, ground in enumerate(GROUNDS):
        rng = random.Random(f"seam {i}")
        scene = Scene("one_object", [Thing(rng.choice(NOUN_LIST).singular, boxes=[(80.0, 128.0, 96.0)])], ground=ground)
        listed.append((draw_scene(scene, rng)[0].convert("RGB"), caption(scene, rng, plain=True)))
    return listed


def requests(folder: Path) -> list[dict]:
    lines = []
    for i, (picture, prompt) in enumerate(drawings()):
        width, height = picture.size
        x, y = np.meshgrid(np.arange(width), np.arange(height))
        disc = (x - DISC[0]) ** 2 + (y - DISC[1]) ** 2 < DISC[2] ** 2
        wide = np.pad(np.asarray(picture), ((0, 0), (0, WIDER), (0, 0)), mode="edge")
        beyond = np.zeros(wide.shape[:2], bool)
        beyond[:, width:] = True
        for kind, start, mask in (("mask", np.asarray(picture), disc), ("extend", wide, beyond)):
            image, covered = folder / f"{kind}-{i}-start.png", folder / f"{kind}-{i}-mask.png"
            Image.fromarray(start).save(image)
            Image.fromarray((mask * 255).astype(np.uint8)).convert("RGB").save(covered)
            settings = {"prompt": prompt, "seed": 7000 + i, "width": start.shape[1], "height": start.shape[0], "maskFeather": FEATHER}
            lines.append({"settings": settings, "image": str(image), "mask": str(covered), "output": str(folder / f"{kind}-{i}.png")})
    return lines


def steps(picture: np.ndarray, away: np.ndarray) -> list[float] | None:
    """How far the mean colours of two strips differ, in levels: at the join, on the kept side alone, on the new side alone.

    `away` is how far each pixel lies beyond the mask's edge, negative inside. A mean over the pieces of the join that are plain on both
    sides: where something is drawn there is no ground to compare. @returns None where there are none
    """
    sector_of = sectors(picture.shape)
    middles = [GAP * 1.5 + FEATHER / 2, GAP / 2 + FEATHER / 2, FEATHER / 2 - GAP / 2, FEATHER / 2 - GAP * 1.5]
    rows = []
    for sector in np.unique(sector_of):
        strips = []
        for middle in middles:
            inside = picture[(sector_of == sector) & (np.abs(away - middle) <= STRIP / 2)]
            if len(inside) < STRIP:
                break
            usual = np.median(inside, 0)
            plain = np.abs(inside - usual).max(1) <= PLAIN
            if plain.mean() < 0.85:
                break
            strips.append(inside[plain].mean(0))
        if len(strips) == len(middles):
            far, near, new, deep = strips
            if max(np.abs(new - near).max(), np.abs(deep - new).max()) < 40:
                rows.append([np.abs(step).max() for step in (new - near, near - far, deep - new)])
    return [float(np.mean(part)) for part in zip(*rows)] if len(rows) >= 3 else None


def without_slope(picture: np.ndarray, away: np.ndarray) -> np.ndarray:
    """The picture less the plane that its kept ground lies on, so that a graded ground has no step of its own."""
    y, x = np.mgrid[0:picture.shape[0], 0:picture.shape[1]]
    plane = np.stack([np.ones(away.size), x.ravel() / 256, y.ravel() / 256], 1)
    flat = picture.reshape(-1, 3).astype(np.float64)
    fits = (away > FEATHER).ravel()
    for _ in range(8):
        slope = np.linalg.lstsq(plane[fits], flat[fits], rcond=None)[0]
        off = np.abs(flat - plane @ slope).max(1)
        fits = (away > FEATHER).ravel() & (off <= max(PLAIN / 2, np.median(off[fits])))
    return (flat - plane @ slope).reshape(picture.shape).astype(np.float32)


def sectors(shape: tuple[int, ...]) -> np.ndarray:
    """Which piece of the join a pixel belongs to: bands of 16 rows, or of a disc twelfths of the circle."""
    y, x = np.mgrid[0:shape[0], 0:shape[1]]
    if shape[1] > 256:
        return y // 16
    return ((np.arctan2(y - DISC[1], x - DISC[0]) + np.pi) / (2 * np.pi) * 12).astype(int) % 12


def distance(kind: str, shape: tuple[int, ...]) -> np.ndarray:
    y, x = np.mgrid[0:shape[0], 0:shape[1]].astype(np.float32)
    if kind == "extend":
        return shape[1] - WIDER - 0.5 - x
    return np.hypot(x - DISC[0], y - DISC[1]) - DISC[2]


def measure(folder: Path, kind: str) -> dict:
    found = []
    for i in range(len(GROUNDS)):
        picture = np.asarray(Image.open(folder / f"{kind}-{i}.png").convert("RGB"))
        away = distance(kind, picture.shape)
        at = steps(without_slope(picture, away), away)
        if at:
            found.append(at)
            print(kind, i, GROUNDS[i], " ".join(f"{v:.2f}" for v in found[-1]))
    columns = np.array(found)
    return {"pictures": len(found), **{name: {"mean": round(float(c.mean()), 2), "largest": round(float(c.max()), 2)}
                                       for name, c in zip(SIDES, columns.T)}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("public/models/safelight"))
    parser.add_argument("--pictures", type=Path, default=Path("training/runs/seams"))
    parser.add_argument("--only-measure", action="store_true", help="of pictures that are drawn already")
    parser.add_argument("--output", type=Path, default=Path("docs/seams.md"))
    options = parser.parse_args()
    options.pictures.mkdir(parents=True, exist_ok=True)
    if not options.only_measure:
        listed = options.pictures / "requests.jsonl"
        listed.write_text("".join(json.dumps(line) + "\n" for line in requests(options.pictures)))
        subprocess.run(["npx", "tsx", "scripts/draw-requests.ts", str(options.model), str(listed)], check=True)
    results = {kind: measure(options.pictures, kind) for kind in KINDS}
    rows = [f"| {name} | {found['pictures']} | " + " | ".join(f"{found[side]['mean']:.2f} ({found[side]['largest']:.2f})" for side in SIDES) + " |"
            for (kind, name), found in ((item, results[item[0]]) for item in KINDS.items())]
    options.output.write_text(f"""# The step at a join

Written by `python -m training.reference.measure_seams`: drawings on plain, pastel and graded grounds and night skies, a disc of their free ground painted anew or the picture extended by {WIDER} pixels, feather {FEATHER}.
The difference of the mean colours of two strips, {GAP} pixels from middle to middle, in levels of 255, the worst of the three channels: mean over the pictures, and in brackets the largest.

| | Pictures | Across the join | On the kept side alone | On the new side alone |
|---|---|---|---|---|
""" + "\n".join(rows) + "\n")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
