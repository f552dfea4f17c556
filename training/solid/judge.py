"""The judge of the solid model: from four rendered views, which things there are, their colours, how many and how they stand to each other.

    python -m training.solid.judge --solids 20000 --samples 150000

Trained on true solids, half of them as the autoencoder gives them back from latents with a little noise; never on what the U-Net makes.
Its pictures are rendered once and kept; it resumes from its checkpoint.
"""
from __future__ import annotations

import argparse
import os
import random
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import nn

from ..detector import Residual, block
from ..optim import Trainer
from .autoencoder import Autoencoder
from .dataset import pack, to_grids
from .grid import sample
from .looks import PART_NAMES, open_autoencoder
from .render import render
from .train_autoencoder import reconstruct
from .train_text import COLOUR_IDS, QUESTIONS, WIDTH, Parser
from .world import COLOUR_LIST, NOUN_LIST, NOUNS, RELATIONS, Placed, Scene, assemble, random_scene

VIEWS = ((25, 20), (115, 20), (205, 20), (295, 20))
SIDE = 80
ZOOM = 1.2
SHARD = 256
MIRRORED = {"right of": "left of", "behind": "in front of"}  # the same object, told from the other thing


def truth_of(scene: Scene, solids: list[Placed]) -> list[int]:
    """What is there, in the order of QUESTIONS: with the colours as they were built, and -1 for what is not asked. Relations only `on`,
    `left of` and `in front of`, the things ordered accordingly."""
    things = list(zip(scene.things, solids))
    relation = scene.relation
    if relation in MIRRORED:
        relation, things = MIRRORED[relation], things[::-1]
    names = {"noun": NOUNS[things[0][0].noun].index + 1, "noun of the other": 0, "colour": COLOUR_IDS[things[0][1].main], "colour of the other": 0,
             "size": -1, "count": things[0][0].count, "relation": RELATIONS.index(relation) + 1 if relation else 0}
    if len(things) == 2:
        names["noun of the other"], names["colour of the other"] = NOUNS[things[1][0].noun].index + 1, COLOUR_IDS[things[1][1].main]
        tints = {}
    else:
        tints = {part.name: COLOUR_IDS[part.colour] for part in things[0][1].parts if part.name}
    return [*names.values(), *(tints.get(part, -1) for part in PART_NAMES)]


class Judge(nn.Module):
    """Pictures [n, views, 3, SIDE, SIDE] in -1..1 -> logits for each question."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(block(3, 32, 2), block(32, 64, 2), Residual(64), block(64, 128, 2), Residual(128), block(128, WIDTH, 2), Residual(WIDTH))
        cells = len(VIEWS) * (SIDE // 16) ** 2
        self.places = nn.Parameter(torch.randn(cells, WIDTH) * 0.1)
        self.layer = nn.TransformerEncoderLayer(WIDTH, 6, 2 * WIDTH, 0.0, "gelu", batch_first=True, norm_first=True)
        self.parser = Parser()

    def forward(self, views: torch.Tensor) -> tuple[list[torch.Tensor], torch.Tensor]:
        x = self.body(views.flatten(0, 1).contiguous(memory_format=torch.channels_last))
        tokens = x.unflatten(0, (-1, len(VIEWS))).permute(0, 1, 3, 4, 2).flatten(1, 3)
        return self.parser(self.layer(tokens + self.places.to(tokens.dtype)))


@dataclass
class Found:
    """What the judge sees. Nouns and colours of the first and, in a relation, of the second thing; colours of parts by name."""

    nouns: list[str]
    colours: list[str]
    count: int
    relation: str | None
    parts: dict[str, str]


def photograph(distance: torch.Tensor, rgb: torch.Tensor) -> torch.Tensor:
    """Grids [n, s, s, s], [n, s, s, s, 3] -> uint8 [n, views, SIDE, SIDE, 3]"""
    return render(distance, rgb, VIEWS, SIDE, ZOOM)


def to_input(pictures: torch.Tensor) -> torch.Tensor:
    return (pictures.float() / 127.5 - 1).movedim(-1, 2)


@torch.no_grad()
def look(judge: Judge, pictures: torch.Tensor) -> list[Found]:
    """Pictures uint8 [n, views, SIDE, SIDE, 3]."""
    names = [None, *COLOUR_LIST]
    found = []
    for part in pictures.split(16):
        said, tints = judge(to_input(part))
        noun, other, colour, other_colour, _, count, relation = (s.clone() for s in said)
        noun[:, 0], count[:, 0], colour[:, 0], tints[..., 0] = -1e9, -1e9, -1e9, -1e9  # there is always something, and everything has a colour
        for k in range(len(part)):
            two = int(relation[k].argmax()) if int(other[k].argmax()) else 0
            nouns = [NOUN_LIST[int(noun[k].argmax()) - 1].singular] + ([NOUN_LIST[int(other[k].argmax()) - 1].singular] if two else [])
            colours = [str(names[int(c[k].argmax())]) for c in (colour, other_colour)][: len(nouns)]
            found.append(Found(nouns, colours, int(count[k].argmax()), RELATIONS[two - 1] if two else None, {p: str(names[int(tints[k, i].argmax())]) for i, p in enumerate(PART_NAMES)}))
    return found


@torch.no_grad()
def make_shard(first: int, model: Autoencoder) -> tuple[np.ndarray, np.ndarray]:
    """Pictures uint8 [SHARD, views, SIDE, SIDE, 3] and answers int16 [SHARD, questions] of solids of their own; every second one has been through
    the autoencoder."""
    pictures, rows = [], []
    for i in range(first, first + SHARD, 16):
        records = []
        for k in range(i, i + 16):
            rng = random.Random(f"judged solid {k}")
            scene = random_scene(rng)
            solids = assemble(scene, rng)
            records.append(pack(scene, *sample([part for solid in solids for part in solid.parts])))
            rows.append(truth_of(scene, solids))
        grids = to_grids(records)
        distance, rgb = grids.distance.float(), grids.rgb()
        distance[::2], rgb[::2] = reconstruct(model, grids[::2], 0.3 * torch.rand(8, 1, 1, 1))
        pictures.append(photograph(distance, rgb.clamp(0, 1)).numpy())
    return np.concatenate(pictures), np.array(rows, np.int16)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--solids", type=int, default=20_480)
    parser.add_argument("--samples", type=int, default=160_000, help="of the whole training")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--runs", type=Path, default=Path("training/runs/solid"))
    parser.add_argument("--output", type=Path, help="training/runs/solid/judge.safetensors unless said")
    options = parser.parse_args()
    folder = options.runs / "judge"
    folder.mkdir(parents=True, exist_ok=True)
    autoencoder = None
    for first in range(0, options.solids, SHARD):
        path = folder / f"{first:08d}.npz"
        if path.exists():
            continue
        autoencoder = autoencoder or open_autoencoder(options.runs / "autoencoder/autoencoder.pt")
        start = time.time()
        pictures, rows = make_shard(first, autoencoder)
        np.savez_compressed(path.with_suffix(".tmp.npz"), pictures=pictures, answers=rows)
        os.replace(path.with_suffix(".tmp.npz"), path)
        print(f"{path.name}: {SHARD / (time.time() - start):.1f} solids a second", flush=True)
    shards = [np.load(path) for path in sorted(folder.glob("*[0-9].npz"))]
    pictures, rows = np.concatenate([s["pictures"] for s in shards]), torch.from_numpy(np.concatenate([s["answers"] for s in shards])).long()
    held = len(rows) // 20  # never trained on: what the judge gets wrong of true solids
    torch.manual_seed(0)
    judge = Judge()
    judge.parser.heads[list(QUESTIONS).index("size")].requires_grad_(False)  # not asked
    trainer = Trainer([judge], options.lr, options.lr * 0.5, ema=0.998)
    checkpoint, seen = folder / "checkpoint.pt", 0
    if checkpoint.exists():
        state = torch.load(checkpoint)
        judge.load_state_dict(state["judge"])
        trainer.load(state["trainer"])
        seen = state["seen"]
    rng = np.random.default_rng(int(time.time()))
    weights = [2.0, 2.0, 1.0, 1.0, 0.0, 1.0, 1.0]
    start, saved, steps, average = time.time(), time.process_time(), 0, {}
    while seen < options.samples:
        picked = rng.integers(held, len(rows), options.batch)
        views, truth = to_input(torch.from_numpy(pictures[picked])), rows[picked]
        views = views + torch.rand(len(views), 1, 1, 1, 1) * 0.06 * torch.randn_like(views)
        with torch.autocast("cpu", torch.bfloat16):
            said, tints = judge(views)
        losses = {name: F.cross_entropy(said[i].float(), truth[:, i]) for i, (name, w) in enumerate(zip(QUESTIONS, weights)) if w}
        losses["parts"] = F.cross_entropy(tints.float().transpose(1, 2), truth[:, 7:], ignore_index=-1)
        (sum(w * losses[name] for name, w in zip(QUESTIONS, weights) if w) + 2 * losses["parts"]).backward()
        trainer.step(min((trainer.step_count + 1) / 50, 1) * min(1, 1.4 * (1 - seen / options.samples) + 0.01))
        seen, steps = seen + options.batch, steps + 1
        for k, v in losses.items():
            if v.isfinite():
                average[k] = 0.98 * average.get(k, v.item()) + 0.02 * v.item()
        if steps % 50 == 0:
            print(f"{(time.time() - start) / 60:5.1f} min {seen:8d} solids " + " ".join(f"{k} {v:.3f}" for k, v in average.items()), flush=True)
        if time.process_time() - saved > 200 or seen >= options.samples:
            saved = time.process_time()
            torch.save({"judge": judge.state_dict(), "trainer": trainer.state(), "seen": seen}, checkpoint.with_suffix(".tmp"))
            os.replace(checkpoint.with_suffix(".tmp"), checkpoint)
            trainer.swap()
            judge.eval()
            print("       held-out solids:", accuracy(judge, pictures[:held], rows[:held]), flush=True)
            save_file({k: v.half().contiguous() if v.is_floating_point() else v for k, v in judge.state_dict().items()}, options.output or options.runs / "judge.safetensors")
            judge.train()
            trainer.swap()


@torch.no_grad()
def accuracy(judge: Judge, pictures: np.ndarray, rows: torch.Tensor) -> dict[str, float]:
    said, tints = (list(x) for x in zip(*(judge(to_input(torch.from_numpy(pictures[k:k + 32]))) for k in range(0, len(rows), 32))))
    right = {name: (torch.cat([s[i] for s in said]).argmax(-1) == rows[:, i]).float().mean().item() for i, name in enumerate(list(QUESTIONS)[:7]) if name != "size"}
    asked = rows[:, 7:] >= 0
    right["parts"] = (torch.cat(tints).argmax(-1) == rows[:, 7:])[asked].float().mean().item()
    return {k: round(v, 3) for k, v in right.items()}


def load(file: Path) -> Judge:
    judge = Judge()
    judge.load_state_dict(load_file(file))
    return judge.float().eval()


if __name__ == "__main__":
    main()
