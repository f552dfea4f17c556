"""What each noun of the solid world looks like, in each colour and with each of its parts in each colour: codes as in training/appearance.py.

    python -m training.solid.looks --autoencoder training/runs/solid/autoencoder/autoencoder.pt

A look is None, a colour of the body, or a part's name and a colour. A thing of several looks is the sum of what each of them changes.
"""
from __future__ import annotations

import argparse
import random
from pathlib import Path

import torch
from torch import nn

from ..appearance import PARTS, AppearanceReader, principal
from ..fast_cpu import fuse
from .autoencoder import Autoencoder
from .dataset import pack, to_grids
from .world import COLOUR_LIST, NOUN_LIST, NOUNS, Scene, Thing, build

PART_NAMES = sorted({part for noun in NOUN_LIST for part in noun.parts})
LOOKS: list[object] = [None, *COLOUR_LIST, *((part, colour) for part in PART_NAMES for colour in COLOUR_LIST)]
LOOK_IDS = {look: i for i, look in enumerate(LOOKS)}
BUILDS = 2  # of each look, with the same proportions for all looks of a noun
MOST = 3  # looks of a thing beside its plain one


def looks_of(thing: Thing) -> list[object]:
    """Those that the thing has; the plain one where it has none."""
    return [look for look in (thing.colour, *thing.parts.items()) if look is not None][:MOST]


def table() -> list[tuple[int, object]]:
    """Noun and look of each row of the codes."""
    return [(noun.index, look) for noun in NOUN_LIST for look in LOOKS if not isinstance(look, tuple) or look[0] in noun.parts]


def open_autoencoder(file: Path) -> Autoencoder:
    model = Autoencoder().to(memory_format=torch.channels_last)
    model.load_state_dict(torch.load(file))
    return model.eval()


@torch.no_grad()
def make_codes(model: Autoencoder) -> torch.Tensor:
    """float32 [rows of the table, PARTS]"""
    rows = table()
    latents = []
    for k in range(0, len(rows), 16):
        records = []
        for noun, look in rows[k:k + 16]:
            name = NOUN_LIST[noun].singular
            thing = Thing(name, look if isinstance(look, str) else None, {look[0]: look[1]} if isinstance(look, tuple) else {})
            scene = Scene("one", [thing])
            records += [pack(scene, *build(scene, random.Random(f"look {name} {i}"))) for i in range(BUILDS)]
        grids = to_grids(records)
        with torch.autocast("cpu", torch.bfloat16):
            z = model.encoder(grids.distance, grids.colour)
        latents.append(z.float().flatten(1).unflatten(0, (-1, BUILDS)).mean(1))
    return principal(torch.cat(latents))


class Looks:
    """The codes, and what of them a batch of scenes asks for."""

    def __init__(self, codes: torch.Tensor):
        self.codes = codes
        self.rows = {pair: i for i, pair in enumerate(table())}

    def wanted(self, scenes: list[Scene]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Nouns int64 [n, 2], looks int64 [n, 2, MOST] (0 where there are fewer), codes float32 [n, 2, PARTS], and whether there is a thing, bool [n, 2]."""
        n = len(scenes)
        nouns, looks, there = torch.zeros(n, 2, dtype=torch.long), torch.zeros(n, 2, MOST, dtype=torch.long), torch.zeros(n, 2, dtype=torch.bool)
        codes = torch.zeros(n, 2, PARTS)
        for i, scene in enumerate(scenes):
            for k, thing in enumerate(scene.things):
                noun = NOUNS[thing.noun].index
                plain = self.codes[self.rows[noun, None]]
                nouns[i, k], there[i, k], codes[i, k] = noun, True, plain
                for j, look in enumerate(looks_of(thing)):
                    looks[i, k, j] = LOOK_IDS[look]
                    codes[i, k] += self.codes[self.rows[noun, look]] - plain
        return nouns, looks, codes, there


class LooksReader(AppearanceReader):
    """Asks the tokens for one thing with all of its looks."""

    def __init__(self, width: int):
        super().__init__(width, len(NOUN_LIST), len(LOOKS))
        nn.init.zeros_(self.colour.weight)

    def forward(self, tokens: torch.Tensor, nouns: torch.Tensor, looks: torch.Tensor) -> torch.Tensor:
        """tokens [n, length, width], nouns [n, things], looks [n, things, MOST] -> codes [n, things, PARTS]"""
        query = self.noun(nouns) + self.colour(looks).sum(-2)
        weights = torch.softmax(query @ self.key(tokens).mT * tokens.shape[-1] ** -0.5, -1)
        return weights @ self.value(tokens)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--autoencoder", type=Path, default=Path("training/runs/solid/autoencoder/autoencoder.pt"))
    parser.add_argument("--output", type=Path, default=Path("training/runs/solid/looks.pt"))
    options = parser.parse_args()
    torch.save(make_codes(fuse(open_autoencoder(options.autoencoder))), options.output)


if __name__ == "__main__":
    main()
