"""What a clip shows, measured frame by frame: the objects (training/detector.py) with their sizes, how far an object is turned, how the ground moves."""
from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from ..detector import CELL, Detector
from ..train_vae import to_tensor
from ..world import COLOURS, NOUN_LIST

COLOUR_NAMES = (None, *COLOURS)
THRESHOLD = 0.35


@dataclass
class Seen:
    """One object in one frame: centre and side in pixels."""

    noun: str
    colour: str | None
    x: float
    y: float
    side: float
    sure: float


@torch.no_grad()
def read(detector: Detector, frames: np.ndarray) -> list[list[Seen]]:
    """Frames uint8 [n, height, width, 3]. The side comes from the width of the peak in the heat map, which is drawn in proportion to it."""
    heat, noun, colour, _ = detector(to_tensor(torch.from_numpy(frames)))
    heat = heat.float().sigmoid()
    peaks = (heat == F.max_pool2d(heat[:, None], 5, 1, 2)[:, 0]) & (heat > THRESHOLD)
    rows, columns = torch.meshgrid(*(torch.arange(n) for n in heat.shape[1:]), indexing="ij")
    seen = []
    for k in range(len(frames)):
        found = []
        for j, i in peaks[k].nonzero().tolist():
            name = int(noun[k, :, j, i].argmax())
            if name < len(NOUN_LIST):
                near = heat[k] * (((columns - i) ** 2 + (rows - j) ** 2) < 36)
                mass = near.sum()
                x, y = ((near * axis).sum() / mass for axis in (columns, rows))
                found.append(Seen(NOUN_LIST[name].singular, COLOUR_NAMES[int(colour[k, :, j, i].argmax())], (x.item() + 0.5) * CELL, (y.item() + 0.5) * CELL,
                                  6 * CELL * math.sqrt(mass.item() / (2 * math.pi)), heat[k, j, i].item()))
        seen.append(found)
    return seen


ANGLES = tuple(range(0, 360, 45))


def read_turned(detector: Detector, frames: np.ndarray, noun: str) -> list[list[Seen | None]]:
    """Of each frame, the surest object of that noun in the picture turned back by each of ANGLES: the detector knows upright objects only,
    so it is surest at the angle by which the object is turned. Its place is that in the picture as it is."""
    height, width = frames.shape[1:3]
    turned = []
    for frame in frames:
        fill = tuple(int(v) for v in np.median(np.concatenate([frame[0], frame[-1], frame[:, 0], frame[:, -1]]), 0))
        turned += [np.asarray(Image.fromarray(frame).rotate(angle, Image.Resampling.BICUBIC, fillcolor=fill)) for angle in ANGLES]
    seen = read(detector, np.stack(turned))
    best = []
    for k, found in enumerate(seen):
        one = max((one for one in found if one.noun == noun), key=lambda one: one.sure, default=None)
        if one:
            angle = math.radians(ANGLES[k % len(ANGLES)])
            x, y = one.x - width / 2, one.y - height / 2
            one = replace(one, x=width / 2 + x * math.cos(angle) - y * math.sin(angle), y=height / 2 + x * math.sin(angle) + y * math.cos(angle))
        best.append(one)
    return [best[k:k + len(ANGLES)] for k in range(0, len(best), len(ANGLES))]


def ground_mask(seen: list[list[Seen]], shape: tuple[int, int]) -> np.ndarray:
    """Bool [height, width]: where no frame has an object."""
    mask = np.ones(shape, dtype=bool)
    y, x = np.mgrid[0:shape[0], 0:shape[1]]
    for found in seen:
        for one in found:
            mask &= (abs(x - one.x) > one.side * 0.75) | (abs(y - one.y) > one.side * 0.75)
    return mask


def unsteadiness(frames: np.ndarray, mask: np.ndarray) -> float:
    """Mean difference of the ground from one frame to the next, of 255."""
    if mask.mean() < 0.02:
        return float("nan")
    steps = np.abs(np.diff(frames.astype(np.float32), axis=0)).mean(-1)
    return float(steps[:, mask].mean())


def brightness(frames: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Of the ground in each frame, 0..1."""
    return frames[:, mask].mean((1, 2)) / 255 if mask.any() else frames.mean((1, 2, 3)) / 255


def shift(frames: np.ndarray, mask: np.ndarray, step: tuple[int, int]) -> float:
    """How much of the difference from each frame to the next is gone when the earlier one is moved by `step` (x, y: pixels): 1 all, below 0 it grows."""
    dx, dy = step
    h, w = mask.shape
    to = (slice(max(dy, 0), h + min(dy, 0)), slice(max(dx, 0), w + min(dx, 0)))
    of = (slice(max(-dy, 0), h + min(-dy, 0)), slice(max(-dx, 0), w + min(-dx, 0)))
    both = mask[to] & mask[of]
    if both.mean() < 0.02:
        return float("nan")
    x = frames.astype(np.float32)
    moved = np.abs(x[1:, to[0], to[1]] - x[:-1, of[0], of[1]]).mean(-1)[:, both].mean()
    stays = np.abs(x[1:, to[0], to[1]] - x[:-1, to[0], to[1]]).mean(-1)[:, both].mean()
    return float(1 - moved / max(stays, 1e-3))
