"""Trains the solid model's byte-level BPE tokenizer on its captions: training/tokenizer.py with other words.

    python -m training.solid.tokenizer --output training/runs/solid/tokenizer
"""
from __future__ import annotations

import argparse
import random
from pathlib import Path

from ..tokenizer import train
from .captions import caption
from .world import NOUN_LIST, random_scene

VOCABULARY = 1280


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--captions", type=int, default=60_000)
    parser.add_argument("--output", type=Path, default=Path("training/runs/solid/tokenizer"))
    options = parser.parse_args()
    rng = random.Random(7)
    names = [name for noun in NOUN_LIST for pair in ((noun.singular, noun.plural), *noun.synonyms) for name in pair] * 20
    texts = [caption(random_scene(rng), rng) for _ in range(options.captions)] + names
    tokenizer = train(texts, options.output, VOCABULARY)
    for text in [*texts[:8], "a zeppelin made of 東京 glass"]:
        print(text, "->", tokenizer.encode(text).tokens)


if __name__ == "__main__":
    main()
