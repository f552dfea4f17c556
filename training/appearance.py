"""What each noun looks like in each colour, as a code that the text encoder is taught to say: the latents of its drawing, by principal components.

A U-Net that is told only which noun it draws has to learn every picture by heart; one that is told how the noun looks learns one thing
for all of them: to draw what the code says.
"""
from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL
from PIL import Image
from torch import nn

from .draw import object_picture
from .train_vae import to_tensor
from .world import CELL, COLOURS, NOUN_LIST, NOUNS, SIDE_ALONE, SMALL, Scene

PARTS = 192  # principal components
LOOKS = [None, *COLOURS]
GROUND = (228, 228, 228)  # of the drawings: neither black nor white vanishes in it


@torch.no_grad()
def appearance_codes(vae: AutoencoderKL) -> torch.Tensor:
    """float32 [nouns * looks, PARTS], noun by noun, of mean square 1; LOOKS is the order of the colours."""
    cells = SIDE_ALONE[SMALL]
    side = cells * CELL
    rows, batch = [], []
    for noun in NOUN_LIST:
        for colour in LOOKS:
            picture = object_picture(noun.singular, colour).resize((side, side), Image.Resampling.BILINEAR)
            canvas = Image.new("RGB", tuple(cells * CELL for cells in SMALL), GROUND)
            canvas.paste(picture.convert("RGB"), (CELL, CELL), picture.getchannel("A"))
            batch.append(np.asarray(canvas))
        with torch.autocast("cpu", torch.bfloat16):
            latents = vae.encode(to_tensor(torch.from_numpy(np.stack(batch)))).latent_dist.mean.float()
        rows.append(latents[:, :, 1:1 + cells, 1:1 + cells].flatten(1))
        batch.clear()
    return principal(torch.cat(rows))


def principal(x: torch.Tensor) -> torch.Tensor:
    """Rows of latents -> their PARTS largest principal components, of mean square 1."""
    x = x - x.mean(0)
    _, deviations, directions = torch.linalg.svd(x, full_matrices=False)
    kept = (deviations[:PARTS].square().sum() / deviations.square().sum()).item()
    print(f"appearance: {PARTS} parts keep {kept:.1%} of the variance of {len(x)} drawings", flush=True)
    codes = x @ directions[:PARTS].T
    return codes / codes.square().mean().sqrt()


class AppearanceReader(nn.Module):
    """Asks the tokens for one thing of the scene. What it answers is linear in their states, so that the U-Net's values can say it too."""

    def __init__(self, width: int, nouns: int = len(NOUN_LIST), looks: int = len(LOOKS)):
        super().__init__()
        self.noun, self.colour = nn.Embedding(nouns, width), nn.Embedding(looks, width)
        self.key, self.value = nn.Linear(width, width), nn.Linear(width, PARTS)

    def forward(self, tokens: torch.Tensor, nouns: torch.Tensor, colours: torch.Tensor) -> torch.Tensor:
        """tokens [n, length, width], nouns and colours int64 [n, things] -> codes [n, things, PARTS]"""
        query = self.noun(nouns) + self.colour(colours)
        weights = torch.softmax(query @ self.key(tokens).mT * tokens.shape[-1] ** -0.5, -1)
        return weights @ self.value(tokens)


def wanted(scenes: list[Scene]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Nouns and colours int64 [n, 2] of the scenes' things, and bool [n, 2]: whether there is one, drawn in its own look (no style)."""
    rows = torch.zeros(3, len(scenes), 2, dtype=torch.long)
    for i, scene in enumerate(scenes):
        for k, thing in enumerate(scene.things):
            rows[:, i, k] = torch.tensor([NOUNS[thing.noun].index, LOOKS.index(thing.colour), scene.style is None])
    return rows[0], rows[1], rows[2].bool()


def appearance_loss(said: torch.Tensor, codes: torch.Tensor, nouns: torch.Tensor, colours: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
    """Mean squared error; 1 is what saying nothing costs."""
    return F.mse_loss(said.float()[there], codes[nouns * len(LOOKS) + colours][there])
