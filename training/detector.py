"""The judge of the built-in model: finds the objects of a picture, their colours and places, its ground, style and letters.

    python -m training.detector --vae training/runs/pipeline/vae --minutes 60

Trained on the project's own drawings, never on what the U-Net draws; half of them as the VAE gives them back, a little unsharp.
A small network in the manner of CenterNet (Zhou et al. 2019, arXiv:1904.07850): a heat map of centres at an eighth of the size, and
at each centre the noun, or the letter, and the colour.
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
from diffusers import AutoencoderKL
from safetensors.torch import load_file, save_file
from torch import nn

from .draw import draw_scene
from .fast_cpu import fuse
from .optim import Trainer
from .train_text import COLOUR_IDS, GROUNDS
from .train_vae import last_core, to_tensor
from .world import COLOURS, LABELS, LETTER_LABELS, LETTERS, NOUN_LIST, NOUNS, SIZE, STYLES, Scene, random_scene

CELL = 8
GRID = SIZE // CELL
FACTS = {"ground": len(GROUNDS), "style": len(STYLES) + 1, "graded_from": len(COLOURS) + 1, "graded_to": len(COLOURS) + 1}


def block(inside: int, outside: int, stride: int = 1) -> nn.Module:
    return nn.Sequential(nn.Conv2d(inside, outside, 3, stride, 1, bias=False), nn.BatchNorm2d(outside), nn.ReLU(inplace=True))


class Residual(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.body = nn.Sequential(block(width, width), nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(x + self.body(x))


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.to8 = nn.Sequential(block(3, 24, 2), block(24, 48, 2), Residual(48), block(48, 96, 2), Residual(96), Residual(96))
        self.to16 = nn.Sequential(block(96, 160, 2), Residual(160), Residual(160))
        self.to32 = nn.Sequential(block(160, 192, 2), Residual(192), Residual(192))
        self.lateral = nn.ModuleList([nn.Conv2d(96, 128, 1), nn.Conv2d(160, 128, 1), nn.Conv2d(192, 128, 1)])
        self.smooth = nn.Sequential(block(128, 128), block(128, 128))
        self.centre = nn.Conv2d(128, 1, 1)
        self.noun, self.colour = nn.Conv2d(128, LABELS - 1, 1), nn.Conv2d(128, len(COLOURS) + 1, 1)
        self.queries = nn.Parameter(torch.randn(len(FACTS), 192))
        self.attend = nn.MultiheadAttention(192, 4, batch_first=True)
        self.places = nn.Parameter(torch.randn(16 * 16, 192) * 0.1)
        self.keys = nn.Conv2d(160, 192, 1)
        self.facts = nn.ModuleList(nn.Sequential(nn.LayerNorm(192), nn.Linear(192, 192), nn.GELU(), nn.Linear(192, n)) for n in FACTS.values())
        nn.init.constant_(self.centre.bias, -4)

    def forward(self, x: torch.Tensor):
        a = self.to8(x)
        b = self.to16(a)
        c = self.to32(b)
        low = self.lateral[2](c)
        mid = self.lateral[1](b) + F.interpolate(low, scale_factor=2)
        f = self.smooth(self.lateral[0](a) + F.interpolate(mid, scale_factor=2))
        tokens = self.keys(b).flatten(2).mT
        if tokens.shape[1] == len(self.places):
            tokens = tokens + self.places
        answers = self.attend(self.queries.expand(len(x), -1, -1), tokens, tokens, need_weights=False)[0] + self.queries
        return self.centre(f)[:, 0], self.noun(f), self.colour(f), [head(answers[:, i]) for i, head in enumerate(self.facts)]


def truth(scene: Scene):
    """Heat map [GRID, GRID], noun or letter and colour at the centres (-1 elsewhere), facts."""
    heat = np.zeros((GRID, GRID), dtype=np.float32)
    nouns, colours = (np.full((GRID, GRID), -1, dtype=np.int64) for _ in range(2))
    rows, columns = np.mgrid[0:GRID, 0:GRID] + 0.5
    marks = [(*box, NOUNS[thing.noun].index, thing.colour) for thing in scene.things for box in thing.boxes]
    marks += [(*place, LETTER_LABELS[letter] - 1, scene.word_colour) for letter, place in zip(scene.word or "", scene.letters)]
    for x, y, side, name, colour in marks:
        distance = (columns - x / CELL) ** 2 + (rows - y / CELL) ** 2
        near = np.exp(-distance / (2 * max(side / CELL / 6, 0.6) ** 2))
        i, j = min(int(x / CELL), GRID - 1), min(int(y / CELL), GRID - 1)
        near[j, i] = 1
        heat = np.maximum(heat, near)
        around = distance < max(side / CELL / 5, 0.8) ** 2
        nouns[around], colours[around] = name, COLOUR_IDS[colour]
    ground = scene.ground
    name = ground[0] if ground[0] in ("pale", "graded") else f"plain {ground[1]}" if ground[0] == "plain" else ground[1]
    facts = np.array([GROUNDS.index(name), STYLES.index(scene.style) + 1 if scene.style else 0,
                      COLOUR_IDS[ground[1] if name == "graded" else None], COLOUR_IDS[ground[2] if name == "graded" else None]])
    return heat, nouns, colours, facts


class Drawings(torch.utils.data.IterableDataset):
    def __init__(self, seed: int):
        self.seed = seed

    def __iter__(self):
        worker = torch.utils.data.get_worker_info()
        rng = random.Random(f"detector {self.seed} {worker.id if worker else 0}")
        while True:
            scene = random_scene(rng)
            image, _ = draw_scene(scene, rng)
            yield (distort(np.asarray(image), rng), *truth(scene))


def distort(image: np.ndarray, rng: random.Random) -> np.ndarray:
    """A little blur, noise and brightness, so that the judge does not rely on perfectly sharp edges."""
    x = image.astype(np.float32)
    if rng.random() < 0.4:
        k = rng.uniform(0.2, 0.8)
        x = (1 - k) * x + k / 4 * (np.roll(x, 1, 0) + np.roll(x, -1, 0) + np.roll(x, 1, 1) + np.roll(x, -1, 1))
    if rng.random() < 0.4:
        x = x + np.random.default_rng(rng.getrandbits(32)).normal(0, rng.uniform(1, 8), x.shape)
    return np.clip(x * rng.uniform(0.94, 1.06), 0, 255).astype(np.uint8)


@torch.no_grad()
def through(vae: AutoencoderKL, x: torch.Tensor) -> torch.Tensor:
    """Drawings [n, 3, h, w] in -1..1 as the VAE gives them back, from latents with up to a fifth of noise: soft, as a drawn picture may be."""
    with torch.autocast("cpu", torch.bfloat16):
        z = vae.encode(x).latent_dist.mean.float()
        z = z + 0.2 * torch.rand(len(z), 1, 1, 1) * torch.randn_like(z)
        return vae.decode(z).sample.float().clamp(-1, 1)


@dataclass
class Found:
    """What the detector sees. Objects: noun, colour (or None), centre x and y in pixels, confidence. Letters are read from left to right."""

    objects: list[tuple[str, str | None, float, float, float]]
    ground: str
    style: str | None
    word: str
    word_colour: str | None
    graded_from: str | None
    graded_to: str | None


@torch.no_grad()
def detect(model: Detector, images: torch.Tensor, threshold: float = 0.35) -> list[Found]:
    """Pictures uint8 [n, height, width, 3]."""
    colour_names = [None, *COLOURS]
    results = []
    for batch in images.split(32):
        heat, noun, colour, facts = model(to_tensor(batch))
        heat = heat.float().sigmoid()
        peak = (heat == F.max_pool2d(heat[:, None], 5, 1, 2)[:, 0]) & (heat > threshold)
        guesses = [f.argmax(-1) for f in facts]
        for k in range(len(batch)):
            objects, letters = [], []
            for j, i in peak[k].nonzero().tolist():
                name, tint = int(noun[k, :, j, i].argmax()), colour_names[colour[k, :, j, i].argmax()]
                if name < len(NOUN_LIST):
                    objects.append((NOUN_LIST[name].singular, tint, (i + 0.5) * CELL, (j + 0.5) * CELL, heat[k, j, i].item()))
                else:
                    letters.append((i, LETTERS[name - len(NOUN_LIST)], tint))
            letters.sort()
            ground, style, graded_from, graded_to = (int(g[k]) for g in guesses)
            results.append(Found(objects, GROUNDS[ground], STYLES[style - 1] if style else None, "".join(letter for _, letter, _ in letters),
                                 letters[0][2] if letters else None, colour_names[graded_from], colour_names[graded_to]))
    return results


def load(file: Path) -> Detector:
    model = Detector()
    model.load_state_dict(load_file(file))
    return model.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--vae", type=Path, default=Path("training/runs/pipeline/vae"))
    parser.add_argument("--output", type=Path, default=Path("training/detector.safetensors"), help="goes on from it where it exists")
    options = parser.parse_args()
    torch.manual_seed(0)
    model = Detector().to(memory_format=torch.channels_last)
    if options.output.exists():
        model.load_state_dict(load_file(options.output))
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters")
    vae = fuse(AutoencoderKL.from_pretrained(options.vae)).to(memory_format=torch.channels_last).eval()
    trainer = Trainer([model], options.lr, options.lr * 0.5, ema=0.998)
    pin = last_core if os.cpu_count() > 2 else None
    loader = iter(torch.utils.data.DataLoader(Drawings(int(time.time())), options.batch, num_workers=options.workers, prefetch_factor=8 if options.workers else None, worker_init_fn=pin))
    start, steps, average = time.time(), 0, {}
    while (passed := (time.time() - start) / 60) < options.minutes:
        images, heat, nouns, colours, facts = next(loader)
        x = to_tensor(images).contiguous(memory_format=torch.channels_last)
        half = len(x) // 2
        x[:half] = through(vae, x[:half])
        with torch.autocast("cpu", torch.bfloat16):
            centre, noun, colour, fact = model(x)
        centre = centre.float()
        p = centre.sigmoid().clamp(1e-4, 1 - 1e-4)
        here = heat == 1
        # penalty-reduced focal loss (Law and Deng 2018, arXiv:1808.01244)
        focal = -((1 - p) ** 2 * p.log())[here].sum() - ((1 - heat) ** 4 * p**2 * (1 - p).log())[~here].sum()
        losses = {"centre": focal / max(here.sum().item(), 1), "noun": F.cross_entropy(noun.float(), nouns, ignore_index=-1), "colour": F.cross_entropy(colour.float(), colours, ignore_index=-1),
                  "facts": sum(F.cross_entropy(f.float(), facts[:, i]) for i, f in enumerate(fact)) / len(FACTS)}
        (losses["centre"] + losses["noun"] + 0.5 * losses["colour"] + losses["facts"] * 2).backward()
        trainer.step(min((steps + 1) / 50, 1) * min(1, 1.4 * (1 - passed / options.minutes) + 0.01))
        with torch.no_grad():
            right, letter = noun.argmax(1) == nouns, nouns >= len(NOUN_LIST)
            losses["right noun"] = right[here & ~letter].float().mean()
            losses["right letter"] = right[here & letter].float().mean()
        for k, v in losses.items():
            if v.isfinite():
                average[k] = 0.98 * average.get(k, v.item()) + 0.02 * v.item()
        steps += 1
        if steps % 50 == 0:
            print(f"{passed:5.1f} min {steps * options.batch:7d} drawings " + " ".join(f"{k} {v:.3f}" for k, v in average.items()), flush=True)
        if steps % 500 == 0 or (time.time() - start) / 60 >= options.minutes:
            trainer.swap()
            save_file({k: v.half().contiguous() if v.is_floating_point() else v for k, v in model.state_dict().items()}, options.output)
            trainer.swap()


if __name__ == "__main__":
    main()
