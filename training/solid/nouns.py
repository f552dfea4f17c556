"""The nouns of the solid world: each is a function that builds one at random, out of named and coloured parts.

The functions are in nouns_*.py; importing this package's `world` registers them all.
"""
from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from .shapes import Shape

MAIN = "main"  # stands for the colour that is asked for: the body's


@dataclass
class Part:
    """`name` is what a caption may call it, None where a caption does not. Parts of one name share their colour."""

    shape: Shape
    colour: str
    name: str | None = None


@dataclass(frozen=True)
class Noun:
    index: int
    singular: str
    plural: str
    synonyms: tuple[tuple[str, str], ...]
    parts: tuple[str, ...]  # that a caption may colour
    natural: tuple[str, ...]  # colours of the body where none is asked for
    carries: bool  # has a level top that something can stand on
    stands: bool  # small or compact enough to stand on something
    build: Callable[[random.Random], list[Part]]


NOUNS: dict[str, Noun] = {}


def plural_of(word: str) -> str:
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")


def noun(singular: str, natural: str, parts: str = "", also: str = "", plural: str | None = None, carries: bool = False, stands: bool = True):
    """Registers a builder. `also`: synonyms, comma-separated, each `one` or `one/many`; `parts`: comma-separated."""
    def register(build: Callable[[random.Random], list[Part]]):
        pairs = []
        for word in filter(None, (w.strip() for w in also.split(","))):
            one, _, many = word.partition("/")
            pairs.append((one, many or plural_of(one)))
        names = tuple(filter(None, (p.strip() for p in parts.split(","))))
        NOUNS[singular] = Noun(len(NOUNS), singular, plural or plural_of(singular), tuple(pairs), names, tuple(natural.split()), carries, stands, build)
        return build
    return register
