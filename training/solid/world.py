"""The solid world: what one object can be made of, and the random scenes that are trained on.

A Scene is the truth about one object; `build` makes it, captions.py words it, grade.py asks for it. Combinations that the grader asks
for (`held_out_scene`) are never trained on. A solid stands on FLOOR, centred, and fills most of the cube from -1 to 1.
"""
from __future__ import annotations

import random
from dataclasses import dataclass, field

import numpy as np

from ..world import COLOURS, held_out
from . import nouns_furniture, nouns_living, nouns_things, nouns_vehicles  # noqa: F401  (they register their nouns)
from .grid import sample
from .nouns import MAIN, NOUNS, Noun, Part

NOUN_LIST = list(NOUNS.values())
COLOUR_LIST = list(COLOURS)
FLOOR = -0.85
LONGEST = {None: 1.6, "big": 1.76, "small": 0.95}  # of a single solid's extents
STRETCH = {"tall": (1, 1.5, 1), "wide": (1.5, 1, 1), "short": (1, 0.62, 1)}  # "long" stretches the longer level axis
SIZES = ["small", "big", "tall", "wide", "long", "short"]
RELATIONS = ["on", "left of", "right of", "in front of", "behind"]
KINDS = {"one": 10, "colour": 22, "parts": 26, "size": 8, "count": 10, "relation": 24}  # shares of the scenes


@dataclass
class Thing:
    noun: str
    colour: str | None = None
    parts: dict[str, str] = field(default_factory=dict)  # colours by the part's name
    size: str | None = None
    count: int = 1


@dataclass
class Scene:
    kind: str
    things: list[Thing]
    relation: str | None = None  # of things[0] to things[1]


def alone(name: str, colour: str | None = None) -> Scene:
    return Scene("one", [Thing(name, colour)])


def held_out_scene(scene: Scene) -> bool:
    """True if any combination in the scene is one that the grader may ask for."""
    for thing in scene.things:
        if thing.colour and held_out("solid colour", thing.noun, thing.colour):
            return True
        if any(held_out("solid part", thing.noun, part, colour) for part, colour in thing.parts.items()):
            return True
        if thing.size and held_out("solid size", thing.noun, thing.size):
            return True
        if thing.count > 1 and held_out("solid count", thing.noun, thing.count):
            return True
    return len(scene.things) == 2 and held_out("solid pair", scene.relation, *(t.noun for t in scene.things))


def propose(rng: random.Random, kind: str) -> Scene:
    """Any scene of the kind, held out or not."""
    def noun(allowed=lambda n: True) -> Noun:
        return rng.choice([n for n in NOUN_LIST if allowed(n)])

    if kind == "parts":
        chosen = noun(lambda n: n.parts)
        names = rng.sample(chosen.parts, 2 if len(chosen.parts) > 1 and rng.random() < 0.15 else 1)
        tints = rng.sample(COLOUR_LIST, len(names) + 1)
        return Scene(kind, [Thing(chosen.singular, tints[-1] if rng.random() < 0.45 else None, dict(zip(names, tints)))])
    if kind == "relation":
        relation = rng.choices(RELATIONS, (5, 1.5, 1.5, 1, 1))[0]
        first = noun(lambda n: n.stands) if relation == "on" else noun()
        second = noun(lambda n: n.singular != first.singular and (n.carries or relation != "on"))
        tints = rng.sample(COLOUR_LIST, 2)
        return Scene(kind, [Thing(n.singular, tint if rng.random() < 0.7 else None) for n, tint in zip((first, second), tints)], relation)
    thing = Thing(noun().singular, rng.choice(COLOUR_LIST) if kind == "colour" or rng.random() < {"size": 0.35, "count": 0.35}.get(kind, 0) else None)
    if kind == "size":
        thing.size = rng.choice(SIZES)
    if kind == "count":
        thing.count = rng.choice((2, 3))
    return Scene(kind, [thing])


def random_scene(rng: random.Random, kind: str | None = None) -> Scene:
    """A scene that no held-out combination is in."""
    while True:
        scene = propose(rng, kind or rng.choices(list(KINDS), list(KINDS.values()))[0])
        if not held_out_scene(scene):
            return scene


# ---- building -----------------------------------------------------------------------------------------------------------


class Placed:
    """Parts together with the colour of the body, and with where they really are: a Shape's own box may be wider than what it holds."""

    def __init__(self, parts: list[Part], main: str):
        self.parts, self.main = parts, main
        self.low, self.high = _extent(parts)

    @property
    def size(self) -> np.ndarray:
        return self.high - self.low

    def moved(self, by: np.ndarray | tuple[float, float, float], scale: float = 1.0) -> Placed:
        """Scaled about the origin, then moved."""
        x, y, z = (float(v) for v in by)
        other = object.__new__(Placed)
        other.parts, other.main = [Part(p.shape.scaled(scale).at(x, y, z), p.colour, p.name) for p in self.parts], self.main
        other.low, other.high = self.low * scale + (x, y, z), self.high * scale + (x, y, z)
        return other

    def standing(self, x: float = 0, y: float = 0, z: float = 0, longest: float = 1.0) -> Placed:
        """Its longest extent that long, its foot at (x, y, z)."""
        scale = longest / float(self.size.max())
        middle = (self.low + self.high) / 2 * scale
        return self.moved((x - middle[0], y - self.low[1] * scale, z - middle[2]), scale)


def _extent(parts: list[Part], cells: int = 36) -> tuple[np.ndarray, np.ndarray]:
    low, high = np.min([p.shape.low for p in parts], 0), np.max([p.shape.high for p in parts], 0)
    low, high = low - 0.03 * (high - low), high + 0.03 * (high - low)
    cell = (high - low) / cells
    x, y, z = (low[a] + (np.arange(cells, dtype=np.float32) + 0.5) * cell[a] for a in range(3))
    x, y, z = (v.astype(np.float32) for v in (x, y, z))
    d = np.full((cells,) * 3, 1e9, np.float32)
    for part in parts:
        reach = cell * 2
        where = tuple(slice(*np.clip(((part.shape.low[a] - reach[a] - low[a]) / cell[a], (part.shape.high[a] + reach[a] - low[a]) / cell[a] + 1), 0, cells).astype(int)) for a in (2, 1, 0))
        np.minimum(d[where], part.shape.f(x[None, None, where[2]], y[None, where[1], None], z[where[0], None, None]), out=d[where])
    ends = []
    for axis, line in ((2, x), (1, y), (0, z)):
        nearest = d.min(tuple(a for a in range(3) if a != axis))
        inside = np.nonzero(nearest < 0)[0]
        first, last = inside[0], inside[-1]
        step = float(line[1] - line[0])
        before = min(float(nearest[first - 1]), step) if first else 0.0
        after = min(float(nearest[last + 1]), step) if last + 1 < cells else 0.0
        ends.append((line[first] - step + before, line[last] + step - after))
    return np.array([e[0] for e in ends]), np.array([e[1] for e in ends])


def make(thing: Thing, rng: random.Random) -> Placed:
    """One of the thing, anywhere and of any size."""
    noun = NOUNS[thing.noun]
    free = [c for c in noun.natural if c not in thing.parts.values()] or [c for c in ("gray", "white") if c not in thing.parts.values()]
    main = thing.colour or rng.choice(free)
    parts = [Part(p.shape, thing.parts.get(p.name or "", main if p.colour == MAIN else p.colour), p.name) for p in noun.build(rng)]
    if thing.size in STRETCH or thing.size == "long":
        if thing.size == "long":
            size = np.max([p.shape.high for p in parts], 0) - np.min([p.shape.low for p in parts], 0)
            stretch = (1.5, 1, 1) if size[0] >= size[2] else (1, 1, 1.5)
        else:
            stretch = STRETCH[thing.size]
        parts = [Part(p.shape.scaled(*stretch), p.colour, p.name) for p in parts]
    return Placed(parts, main)


def _several(thing: Thing, rng: random.Random) -> list[Placed]:
    """Of one make; two stand in a row, three in a triangle with one behind. Long ones stand side by side."""
    solids = [make(thing, rng).standing()] * thing.count
    wide, deep = max(s.size[0] for s in solids), max(s.size[2] for s in solids)
    gap = 0.16
    if wide > 1.6 * deep:
        pitch = deep + gap
        return [s.moved((0, 0, pitch * (i - (thing.count - 1) / 2))) for i, s in enumerate(solids)]
    if thing.count == 2 or deep > 1.6 * wide:
        pitch = wide + gap
        return [s.moved((pitch * (i - (thing.count - 1) / 2), 0, 0)) for i, s in enumerate(solids)]
    x, z = (wide + gap) / 2, (deep + gap) / 2
    return [s.moved(to) for s, to in zip(solids, ((-x, 0, z), (x, 0, z), (0, 0, -z)))]


def _pair(scene: Scene, rng: random.Random) -> list[Placed]:
    first, second = (make(thing, rng).standing() for thing in scene.things)
    if scene.relation == "on":
        scale = min(0.7 * second.size[0] / first.size[0], 0.75 * second.size[2] / first.size[2], 0.75)
        return [first.moved((0, float(second.high[1]) - 0.01, 0), scale), second]
    gap = 0.16
    x, z = (first.size[0] + second.size[0]) / 2 + gap, (first.size[2] + second.size[2]) / 2 + gap
    to = {"left of": (-x, 0, 0), "right of": (x, 0, 0), "in front of": (0, 0, z), "behind": (0, 0, -z)}[scene.relation or ""]
    return [first.moved(to), second]


def assemble(scene: Scene, rng: random.Random) -> list[Placed]:
    """The solids of the whole scene in the cube; of a relation the first and the second."""
    if len(scene.things) == 2:
        solids, longest = _pair(scene, rng), LONGEST["big"]
    elif scene.things[0].count > 1:
        solids, longest = _several(scene.things[0], rng), LONGEST["big"]
    else:
        solids, longest = [make(scene.things[0], rng)], LONGEST.get(scene.things[0].size, LONGEST[None])
    low, high = np.min([s.low for s in solids], 0), np.max([s.high for s in solids], 0)
    scale = longest / float((high - low).max())
    middle = (low + high) / 2 * scale
    by = (-middle[0], FLOOR - low[1] * scale, -middle[2])
    return [solid.moved(by, scale) for solid in solids]


def build(scene: Scene, rng: random.Random, side: int = 64) -> tuple[np.ndarray, np.ndarray]:
    """Distance and colour of one random solid that the scene describes, as grid.sample gives them."""
    return sample([part for solid in assemble(scene, rng) for part in solid.parts], side)
