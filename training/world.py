"""The world of the built-in model: what can be in a picture, and the random scenes that combine it.

A Scene is the truth about one picture; draw.py paints it, captions.py words it, grade.py asks for it.
Combinations that the grader asks for (`held_out`) are never drawn for training.
"""
from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from pathlib import Path

SIZE = 256  # pixels a side of a training picture
CELL = 16  # pixels: objects and letters stand on this grid, the VAE's, so that an object of one size has one latent pattern wherever it is
CELLS = SIZE // CELL
SMALL, MEDIUM, WIDE, TALL, FULL = (8, 8), (10, 10), (16, 8), (8, 16), (CELLS, CELLS)  # canvases: columns and rows
LANDSCAPE, PORTRAIT, LARGE = (20, 16), (16, 20), (24, 24)  # other sizes that are asked for: seen in training, or objects multiply on them

COLOURS = {  # the middle tone of each colour, sRGB
    "red": (222, 32, 38), "orange": (250, 132, 12), "yellow": (252, 214, 20), "green": (36, 160, 52),
    "blue": (34, 88, 226), "purple": (130, 42, 190), "pink": (250, 120, 180), "brown": (134, 80, 38),
    "black": (30, 30, 32), "white": (246, 246, 246), "gray": (134, 136, 140),
}
PLACES = {  # centre of the object as shares of the picture: x, y
    "in the middle": (0.5, 0.5), "in the top left corner": (0.22, 0.22), "in the top right corner": (0.78, 0.22),
    "in the bottom left corner": (0.22, 0.78), "in the bottom right corner": (0.78, 0.78), "on the left": (0.22, 0.5),
    "on the right": (0.78, 0.5), "at the top": (0.5, 0.22), "at the bottom": (0.5, 0.78),
}
RELATIONS = {"left of": (-1, 0), "right of": (1, 0), "above": (0, -1), "below": (0, 1)}
SCENES = ["beach", "snow", "night sky", "forest", "desert", "sea", "city", "space", "meadow", "mountains", "sunset", "room"]
STYLES = ["pixel art", "pencil sketch", "watercolour", "neon", "silhouette", "mosaic", "blueprint", "sepia"]
SIZES = ["small", "big"]
WORD_COLOURS = [c for c in COLOURS if c != "white"]
KINDS = ["one_object", "two_objects", "counting", "color", "position", "color_binding", "words", "scene_style"]


@dataclass(frozen=True)
class Noun:
    index: int
    picture: str
    singular: str
    plural: str
    synonyms: tuple[tuple[str, str], ...]


def _plural(word: str) -> str:
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")


def _load_nouns() -> dict[str, Noun]:
    nouns: dict[str, Noun] = {}
    for line in (Path(__file__).parent / "objects.txt").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        picture, singular, plural, synonyms = (part.strip() for part in line.split("|"))
        pairs = []
        for synonym in filter(None, (s.strip() for s in synonyms.split(","))):
            one, _, many = synonym.partition("/")
            pairs.append((one, many or _plural(one)))
        nouns[singular] = Noun(len(nouns), picture, singular, plural or _plural(singular), tuple(pairs))
    return nouns


NOUNS = _load_nouns()
NOUN_LIST = list(NOUNS.values())
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LETTER_LABELS = {letter: len(NOUN_LIST) + 1 + i for i, letter in enumerate(LETTERS)}  # what fills a cell: 0 nothing, index + 1 a noun, then these
LABELS = 1 + len(NOUN_LIST) + len(LETTERS)


@dataclass
class Thing:
    noun: str
    colour: str | None = None
    size: str | None = None
    boxes: list[tuple[float, float, float]] = field(default_factory=list)  # centre x, centre y, side: pixels


@dataclass
class Scene:
    kind: str
    things: list[Thing] = field(default_factory=list)
    relation: str | None = None  # of things[0] to things[1]
    place: str | None = None  # of things[0]
    ground: tuple[str, ...] = ("pale",)  # ("pale",) ("plain", colour) ("graded", colour, colour) ("scene", name)
    style: str | None = None
    word: str | None = None
    word_colour: str | None = None
    letters: list[tuple[float, float, int]] = field(default_factory=list)  # of the word: centre x, centre y, pitch: pixels
    canvas: tuple[int, int] = FULL


def held_out(*parts: object) -> bool:
    """One combination in ten is kept for grading: decided by a hash, so that every stage agrees without a list."""
    text = "|".join(str(p) for p in parts).encode()
    return hashlib.sha256(text).digest()[0] < 26


def held_out_scene(scene: Scene) -> bool:
    """True if any combination in the scene is one that the grader may ask for."""
    things = scene.things
    if scene.word:
        return held_out("word", scene.word)
    if len(things) == 2 and held_out("pair", *sorted(t.noun for t in things)):
        return True
    for thing in things:
        if thing.colour and held_out("colour", thing.noun, thing.colour):
            return True
        if len(thing.boxes) > 1 and held_out("count", thing.noun, len(thing.boxes)):
            return True
        if scene.style and held_out("style", thing.noun, scene.style):
            return True
        if scene.ground[0] != "pale" and held_out("ground", thing.noun, *scene.ground):
            return True
        if scene.place and held_out("place", thing.noun, scene.place):
            return True
    return False


# Few sizes, each often: every noun has one latent pattern a size, and what is seen often is drawn sharp. In cells.
SIDES = {"small": 4, "big": 12, None: 8}
SIDE_PLACED = 6
SIDES_STYLED = (8, 12)  # a filter needs a large object to act on
SIDES_PAIR = {"small": 4, "big": 8, None: 6}
SIDES_MANY = {1: (8,), 2: (6, 4), 3: (4, 6), 4: (4, 6), 5: (4,), 6: (4,)}
SIDE_ALONE = {SMALL: 6, MEDIUM: 8}


def _start(centre: float, side: int, cells: int = CELLS) -> int:
    """First cell of an object that is `side` cells wide and centred as nearly as may be; a cell stays free at the borders where there is room."""
    free = 1 if cells == CELLS else 0
    return min(max(round(centre - side / 2), free), cells - free - side)


def _box(x: int, y: int, side: int) -> tuple[float, float, float]:
    return ((x + side / 2) * CELL, (y + side / 2) * CELL, float(side * CELL))


def place_one(rng: random.Random, thing: Thing, place: str | None, styled: bool = False) -> None:
    side = rng.choice(SIDES_STYLED) if styled and thing.size is None else SIDES[thing.size]
    if place is None:
        spread = 2.6 if thing.size != "small" else 4.5
        x, y = (CELLS / 2 + rng.uniform(-spread, spread) for _ in range(2))
    else:
        if place != "in the middle" and thing.size is None:
            side = SIDE_PLACED
        jitter = 0.5 if place == "in the middle" else 0.9
        x, y = (CELLS * share + rng.uniform(-jitter, jitter) for share in PLACES[place])
    thing.boxes = [_box(_start(x, side), _start(y, side), side)]


def place_pair(rng: random.Random, first: Thing, second: Thing, relation: str, canvas: tuple[int, int] = FULL) -> None:
    """Side by side or one above the other, clear of each other, with a little slant."""
    a, b = (SIDES_PAIR[thing.size] for thing in (first, second))
    dx, dy = RELATIONS[relation]
    length, breadth = canvas if dx else canvas[::-1]
    slack = length - 2 - a - b - 1
    gap = 1 + rng.randint(0, slack)
    start = 1 + rng.randint(0, 1 + slack - gap)
    at = [start, start + a + gap]
    if dx + dy > 0:  # first comes second along the axis
        at = [length - at[0] - a, length - at[1] - b]
    middle = breadth / 2 + rng.uniform(-2.5, 2.5)
    across = [_start(middle + rng.uniform(-0.9, 0.9), side, breadth) for side in (a, b)]
    for thing, along, over, side in zip((first, second), at, across, (a, b)):
        thing.boxes = [_box(along, over, side) if dx else _box(over, along, side)]


# How several of a kind stand together: columns and rows, in units of their distance. An arrangement is learned as a whole, with its number;
# objects strewn at random come out of the noise each by itself, and nothing decides how many. One a number: of several, mixtures came out.
ARRANGEMENTS = {
    1: ((0, 0),),
    2: ((0, 0), (1, 0)),
    3: ((0.5, 0), (0, 1), (1, 1)),
    4: ((0, 0), (1, 0), (0, 1), (1, 1)),
    5: ((0, 0), (1, 0), (0.5, 1), (0, 2), (1, 2)),
    6: ((0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1)),
}


def place_many(rng: random.Random, thing: Thing, count: int) -> None:
    """In the arrangement of that number, at any distance that there is room for, anywhere."""
    arrangement = ARRANGEMENTS[count]
    across, down = (max(place) for place in zip(*arrangement))
    room = CELLS - 2  # a cell stays free at the borders, and one between two objects
    side = rng.choice([s for s in ((4,) if thing.size == "small" else SIDES_MANY[count]) if max(across, down) * (s + 1) + s <= room])

    def line(units: float) -> tuple[int, int]:
        """First cell of the arrangement, and cells from one object to the next."""
        distance = rng.randint(side + 1, int((room - side) / units)) if units else 0
        return 1 + rng.randint(0, room - side - int(distance * units)), distance

    (x, columns), (y, rows) = line(across), line(down)
    thing.boxes = [_box(x + int(columns * i), y + int(rows * j), side) for i, j in arrangement]


PITCH = {FULL[0]: (4, 4, 4, 2, 2, 2), SMALL[0]: (4, 2, 2)}  # cells from letter to letter, by the canvas's columns and the number of letters


def place_word(rng: random.Random, scene: Scene) -> None:
    """In the middle of the width: a letter is drawn sharp when its column is sure."""
    pitch = PITCH[scene.canvas[0]][len(scene.word) - 1]
    columns, rows = scene.canvas
    height = -(-pitch * 5 // 4)
    x, y = (columns - pitch * len(scene.word)) // 2, min(max((rows - height) // 2 + rng.randint(-2, 2), 1), rows - 1 - height)
    scene.letters = [((x + (i + 0.5) * pitch) * CELL, (y + height / 2) * CELL, pitch * CELL) for i in range(len(scene.word))]


def _ground(rng: random.Random, plain: float, scenes: float) -> tuple[str, ...]:
    pick = rng.random()
    if pick < plain:
        return ("plain", rng.choice(list(COLOURS)))
    if pick < plain + scenes:
        return ("scene", rng.choice(SCENES))
    return ("pale",)


def _clashes(colour: str | None, ground: tuple[str, ...]) -> bool:
    return colour is not None and colour in ground[1:]


def random_word(rng: random.Random, longest: int = 6) -> str:
    if longest == 6 and rng.random() < 0.5:
        return rng.choice(WORDS)
    return "".join(rng.choice(LETTERS) for _ in range(rng.randint(1, longest)))


ALL_KINDS = dict(zip(KINDS, (4, 6, 75, 20, 6, 16, 10, 26)))  # most to those with the most to tell apart
COLOUR_SHARES = [3 if c == "white" else 1 for c in COLOURS]  # white says the least in the loss, and its faint parts take the longest to learn
KIND_SHARES = {
    **dict.fromkeys((FULL, LANDSCAPE, PORTRAIT, LARGE), ALL_KINDS),
    SMALL: {"one_object": 10, "color": 70, "words": 20},
    MEDIUM: {"one_object": 40, "color": 60},
    WIDE: {"two_objects": 12, "position": 12, "color_binding": 36, "words": 40},
    TALL: {"two_objects": 20, "position": 20, "color_binding": 60},
}


def random_scene(rng: random.Random, kind: str | None = None, canvas: tuple[int, int] = FULL) -> Scene:
    """A scene that no held-out combination is in. `kind` fixes the kind.

    The canvases smaller than FULL hold the same objects in less empty space: they are for training, where most of what a picture
    costs is its background. The larger ones hold a scene of FULL, spread out.
    """
    shares = KIND_SHARES[canvas]
    larger = min(canvas) >= CELLS
    while True:
        scene = _propose(rng, kind or rng.choices(list(shares), list(shares.values()))[0], FULL if larger else canvas)
        if not held_out_scene(scene):
            if larger:
                _spread(scene, canvas)
            return scene


def _spread(scene: Scene, canvas: tuple[int, int]) -> None:
    """Takes the scene from FULL to a larger canvas: objects keep their size and their share of the way across and down, words stay together."""
    def moved(at: float, more: int) -> float:
        return at + CELL * round(more * at / SIZE)
    columns, rows = (cells - CELLS for cells in canvas)
    for thing in scene.things:
        thing.boxes = [(moved(x, columns), moved(y, rows), side) for x, y, side in thing.boxes]
    scene.letters = [(x + CELL * (columns // 2), y + CELL * (rows // 2), pitch) for x, y, pitch in scene.letters]
    scene.canvas = canvas


def _propose(rng: random.Random, kind: str, canvas: tuple[int, int]) -> Scene:
    def noun() -> str:
        return rng.choice(NOUN_LIST).singular

    def colour(chance: float) -> str | None:
        return rng.choices(list(COLOURS), COLOUR_SHARES)[0] if rng.random() < chance else None

    scene = Scene(kind, canvas=canvas)
    if kind == "words":
        scene.word, scene.word_colour = random_word(rng, 3 if canvas == SMALL else 6), rng.choice(WORD_COLOURS)
        scene.ground = _ground(rng, 0.15, 0)
        if _clashes(scene.word_colour, scene.ground):
            scene.ground = ("pale",)
        place_word(rng, scene)
        return scene

    if kind in ("two_objects", "position", "color_binding"):
        a, b = Thing(noun()), Thing(noun())
        while b.noun == a.noun:
            b.noun = noun()
        relation = rng.choice(["left of", "right of"] if canvas == WIDE else ["above", "below"] if canvas == TALL else list(RELATIONS))
        if kind == "color_binding":
            a.colour, b.colour = rng.sample(list(COLOURS), 2)
            scene.relation = relation if rng.random() < 0.25 else None
        elif kind == "position":
            a.colour, b.colour = colour(0.1), colour(0.1)
            scene.relation = relation
        if canvas == FULL and rng.random() < 0.08:
            a.size, b.size = rng.choice([("small", None), (None, "small"), ("small", "big"), ("big", "small")])
        place_pair(rng, a, b, relation, canvas)
        scene.things = [a, b]
        scene.ground = _ground(rng, 0.08, 0.08 if canvas == FULL else 0)
    else:
        thing = Thing(noun())
        scene.things = [thing]
        if kind == "counting":
            count = rng.randint(1, 6)
            thing.colour = colour(0.15)
            thing.size = "small" if rng.random() < 0.04 else None
            place_many(rng, thing, count)
            scene.ground = _ground(rng, 0.06, 0.06)
        else:
            if kind == "color":
                thing.colour = colour(1)
            else:
                thing.colour = colour(0.1)
            if side := SIDE_ALONE.get(canvas):
                scene.ground = _ground(rng, 0.1, 0)
                thing.boxes = [_box(*(rng.randint(0, cells - side) for cells in canvas), side)]
            else:
                _place_alone(rng, scene, thing, kind)
    if any(_clashes(t.colour, scene.ground) for t in scene.things):
        scene.ground = ("pale",)
    return scene


def _place_alone(rng: random.Random, scene: Scene, thing: Thing, kind: str) -> None:
    thing.size = rng.choice(SIZES) if rng.random() < 0.15 else None
    if kind != "scene_style":
        scene.ground = _ground(rng, 0.1, 0.1)
        scene.place = rng.choice(list(PLACES)) if rng.random() < 0.25 else None
    elif rng.random() < 0.5:
        scene.style = rng.choice(STYLES)
        if scene.style not in ("pixel art", "watercolour", "mosaic", "neon"):
            thing.colour = None
        scene.ground = _ground(rng, 0, 0.15) if scene.style not in ("neon", "blueprint", "pencil sketch") else ("pale",)
    elif rng.random() < 0.3:
        scene.ground = ("graded", *rng.sample(list(COLOURS), 2))
    else:
        scene.ground = _ground(rng, 0.35, 0.65)
    place_one(rng, thing, scene.place, styled=scene.style is not None)


WORDS = """A I HI NO OK GO UP ME WE US IT ON TO BY MY YES CAT DOG SUN SKY FUN WOW HOT ICE TEA RED BIG NEW OLD TOP SEA FLY BUS CAR ART BOX
CUP HAT JOY KEY LOVE HOME BLUE STAR MOON TREE FISH BIRD CAKE GOLD HELLO WORLD PEACE HAPPY MUSIC DREAM SMILE LIGHT WATER EARTH GREEN OCEAN
OPEN STOP SALE FREE PLAY GAME FIRE SNOW RAIN WIND TIME LIFE HOPE ZERO FIVE NINE EXIT TAXI JAZZ QUIZ FROG KING VERY WAVE YEAR ZOOM KIWI
APPLE LEMON GRAPE TIGER ZEBRA HORSE QUEEN ROBOT PIZZA BREAD SUGAR NIGHT RIVER CLOUD STORM BEACH PARTY DANCE MAGIC POWER SPACE PIXEL VIDEO
SUMMER WINTER SPRING AUTUMN FLOWER GARDEN FOREST ISLAND CASTLE DRAGON PLANET ROCKET ORANGE PURPLE YELLOW SILVER FRIEND FAMILY SCHOOL COFFEE
THANKS MARKET BAKERY MUSEUM CIRCUS GALAXY WIZARD JUNGLE VOYAGE OXYGEN PUZZLE RHYTHM QUARTZ MYSTIC FABRIC HOTEL LUNCH JUICE KAYAK VIVID""".split()
