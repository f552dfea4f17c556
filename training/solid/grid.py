"""A solid as a sampled grid: truncated signed distance and colour at the centres of cells, over the cube from -1 to 1.

Arrays are [z, y, x]: x to the right, y up, z to the viewer. Distances are in units of TRUNCATION, -1 to 1, negative inside.
"""
from __future__ import annotations

import numpy as np

from ..world import COLOURS
from .nouns import Part

SIDE = 64
TRUNCATION = 0.125  # of the cube's half side: four cells of a grid of 64
COLOUR_LIST = list(COLOURS)
NO_COLOUR = 255
PALETTE = np.array([COLOURS[c] for c in COLOUR_LIST], np.float32) / 255  # sRGB, 0..1


def centres(side: int = SIDE) -> np.ndarray:
    """Coordinates of the cells' centres, float32 [side]."""
    return ((np.arange(side) + 0.5) * 2 / side - 1).astype(np.float32)


def sample(parts: list[Part], side: int = SIDE) -> tuple[np.ndarray, np.ndarray]:
    """Distance float32 [side, side, side] in -1..1; colour uint8 of the nearest part, an index into COLOUR_LIST, NO_COLOUR where no surface is near.

    Smooth unions and stretched shapes have gradients other than 1; the distance is divided by its gradient, which mends it to first order.
    """
    c = centres(side)
    cell = 2 / side
    margin = TRUNCATION + 3 * cell
    distance = np.full((side,) * 3, margin, np.float32)
    colours = np.full((side,) * 3, NO_COLOUR, np.uint8)
    for part in parts:
        index = COLOUR_LIST.index(part.colour)
        first = np.clip(np.searchsorted(c, part.shape.low - margin), 0, side)
        last = np.clip(np.searchsorted(c, part.shape.high + margin), 0, side)
        if (last <= first).any():
            continue
        x, y, z = (c[a:b] for a, b in zip(first, last))
        d = part.shape.f(x[None, None, :], y[None, :, None], z[:, None, None])
        where = tuple(slice(a, b) for a, b in zip(first[::-1], last[::-1]))
        near = d < distance[where]
        np.copyto(distance[where], d, where=near)
        np.copyto(colours[where], index, where=near)
    out = _straightened(distance, cell, margin)
    colours[np.abs(out) >= 1] = NO_COLOUR
    return out, colours


def _straightened(distance: np.ndarray, cell: float, margin: float) -> np.ndarray:
    """The distance over its gradient, truncated; worked out only in the box where a surface is near."""
    near = distance < margin
    where = tuple(slice(int(a[0]), int(a[-1]) + 1) for a in (np.nonzero(near.any(axes))[0] for axes in ((1, 2), (0, 2), (0, 1))))
    d = distance[where]
    squared = np.zeros_like(d)
    for axis in range(3):
        ahead, behind = (tuple(s if a == axis else slice(None) for a in range(3)) for s in (slice(2, None), slice(None, -2)))
        inner = tuple(slice(1, -1) if a == axis else slice(None) for a in range(3))
        squared[inner] += np.square((d[ahead] - d[behind]) * np.float32(0.5 / cell))
    out = np.sign(distance)
    out[where] = np.clip(d / np.sqrt(np.clip(squared, 0.36, 2.56)) / np.float32(TRUNCATION), -1, 1)
    return out
