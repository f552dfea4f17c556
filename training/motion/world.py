"""Things that move: random clips of the world of training/world.py.

A Clip is a Scene, a motion for each of its things, and at most one thing that happens to the whole picture (`around`: the camera, the
weather, the light). draw.py paints its frames, captions.py words it. Objects move by whole cells of the latents' grid and keep the few
sizes that the picture model knows, so a moving object is the same latent pattern again, one cell further on; only turning ones are new.
Nouns whose motions the grader asks for (`held_out("motion", noun, motion)`) never make that motion in training.
"""
from __future__ import annotations

import math
import random
from dataclasses import dataclass, field, replace

from ..world import (CELL, CELLS, COLOURS, COLOUR_SHARES, FULL, MEDIUM, NOUN_LIST, PLACES, SCENES, SMALL, STYLES, TALL, WIDE, Scene, Thing,
                     held_out, held_out_scene, place_one)

FRAMES = (8, 16)
SECOND = 8  # frames

# What a motion is called, the group it is graded in, and the motion that its clip shows when it is played backwards.
GROUPS = {
    "moving": ("left", "right", "up", "down"),
    "diagonal": ("up_left", "up_right", "down_left", "down_right"),
    "entering": ("enter_left", "enter_right", "exit_left", "exit_right"),
    "size": ("grow", "shrink", "pulse"),
    "turning": ("spin", "spin_back"),
    "rolling": ("roll_left", "roll_right"),
    "swinging": ("swing", "shake", "sway", "hover"),
    "jumping": ("bounce", "jump", "fall"),
    "visibility": ("blink", "appear", "disappear"),
    "colour": ("recolour",),
    "still": ("still",),
    "camera": ("zoom_in", "zoom_out", "pan_left", "pan_right", "pan_up", "pan_down"),
    "weather": ("snow", "rain"),
    "light": ("day_to_night", "night_to_day"),
}
GROUP_OF = {motion: group for group, motions in GROUPS.items() for motion in motions}
AROUND = (*GROUPS["camera"], *GROUPS["weather"], *GROUPS["light"])
MOTIONS = tuple(motion for motion in GROUP_OF if motion not in AROUND)
_OPPOSITES = (("left", "right"), ("up", "down"), ("up_left", "down_right"), ("up_right", "down_left"), ("enter_left", "exit_left"), ("enter_right", "exit_right"),
              ("grow", "shrink"), ("spin", "spin_back"), ("roll_left", "roll_right"), ("appear", "disappear"), ("zoom_in", "zoom_out"),
              ("pan_left", "pan_right"), ("pan_up", "pan_down"), ("day_to_night", "night_to_day"))
REVERSED = {a: b for pair in _OPPOSITES for a, b in (pair, pair[::-1])} | {same: same for same in ("still", "pulse", "swing", "shake", "sway", "hover", "bounce", "jump", "blink", "recolour")}

DIRECTIONS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1), "up_left": (-1, -1), "up_right": (1, -1), "down_left": (-1, 1), "down_right": (1, 1)}
ACROSS = {"left", "right", "roll_left", "roll_right", "enter_left", "enter_right", "exit_left", "exit_right", "sway"}
UPWARDS = {"up", "down", "bounce", "jump", "fall", "hover"}
IN_PLACE = {"grow", "shrink", "pulse", "spin", "spin_back", "swing", "shake", "blink", "appear", "disappear", "recolour", "still"}
EDGES = {"enter_left", "enter_right", "exit_left", "exit_right"}
FITS = {  # motions that have room on each canvas
    FULL: set(MOTIONS), WIDE: ACROSS | {"shake", "still"}, TALL: UPWARDS | {"shake", "still"},
    MEDIUM: IN_PLACE | ACROSS | UPWARDS | set(GROUPS["diagonal"]), SMALL: IN_PLACE | ACROSS - EDGES | UPWARDS,
}
SHARES = {"spin": 3, "spin_back": 2, "roll_left": 2, "roll_right": 2, "swing": 2, "recolour": 3, "still": 1.5, "sway": 0.7, "hover": 0.7, "pulse": 0.7,
          "grow": 1.5, "shrink": 1.5, "left": 1.5, "right": 1.5}  # how often each is drawn; 1 where nothing is said


@dataclass(frozen=True)
class Pose:
    """Of one thing in one frame: first column and row, side (cells), turned by `angle` degrees clockwise, opacity, and how far it has taken its second colour."""

    x: float
    y: float
    side: float
    angle: float = 0
    alpha: float = 1
    mix: float = 0


@dataclass
class Clip:
    scene: Scene
    frames: int
    motions: list[str]
    tracks: list[list[Pose]]  # of each thing
    becomes: list[str | None] = field(default_factory=list)  # of each thing, the colour it changes to
    around: str | None = None


def reverse(clip: Clip) -> Clip | None:
    """The clip played backwards; None where that is not a clip of this world (what falls does not fall upwards)."""
    names = [*clip.motions, *([clip.around] if clip.around else [])]
    if any(name not in REVERSED for name in names):
        return None
    things = [replace(t, colour=b, boxes=list(t.boxes)) if b else t for t, b in zip(clip.scene.things, clip.becomes)]
    becomes = [t.colour if b else None for t, b in zip(clip.scene.things, clip.becomes)]
    tracks = [[replace(pose, mix=1 - pose.mix if b else 0.0) for pose in track[::-1]] for track, b in zip(clip.tracks, becomes)]
    return Clip(replace(clip.scene, things=things), clip.frames, [REVERSED[m] for m in clip.motions], tracks, becomes, clip.around and REVERSED[clip.around])


def held_out_motion(clip: Clip) -> bool:
    """True if any combination in the clip is one that the grader may ask for."""
    for thing, motion, becomes in zip(clip.scene.things, clip.motions, clip.becomes):
        if motion != "still" and held_out("motion", thing.noun, motion):
            return True
        if becomes and held_out("colour", thing.noun, becomes):
            return True
        if clip.around and held_out("motion", thing.noun, clip.around):
            return True
    return held_out_scene(clip.scene)


# ---- tracks ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lane:
    """The part of the canvas in which a thing moves, cells."""

    x: int
    y: int
    columns: int
    rows: int


def line(distance: float, frames: int) -> list[int]:
    """From 0 to `distance` in whole cells, evenly."""
    return [round(distance * k / (frames - 1)) for k in range(frames)]


def wave(profile: tuple[float, ...], height: float, frames: int) -> list[int]:
    return [round(height * profile[k % len(profile)]) for k in range(frames)]


def between(sizes: tuple[int, ...], frames: int) -> list[int]:
    return [sizes[min(int(len(sizes) * k / frames), len(sizes) - 1)] for k in range(frames)]


BOUNCE = (0, 0.75, 1, 0.75)
JUMP = (0, 0, 0.7, 1, 1, 0.7, 0, 0)
AROUND_ZERO = (0, 0.7, 1, 0.7, 0, -0.7, -1, -0.7)
SHAKE = (0, 1, 0, -1)


def _first(rng: random.Random, offsets: list[int], side: int, start: int, cells: int, spread: float) -> int:
    """The first cell of an object whose way, `offsets`, is to lie in the middle of its lane, within `spread` of it; a cell stays free at the borders where there is room."""
    low, high = min(offsets), max(offsets) + side
    room = cells - (high - low)
    free = 1 if room >= 2 else 0
    at = min(max(round(room / 2 + rng.uniform(-spread, spread)), free), max(room - free, 0))
    return start + at - low


def side_of(thing: Thing, motion: str, lane: Lane) -> int:
    """Cells; few sizes, each often, and all of them sizes of still pictures."""
    narrow = min(lane.columns, lane.rows)
    if motion in IN_PLACE:
        usual = 8 if narrow >= 12 else 6 if narrow >= 8 else 4
        if motion in ("swing", "shake") and narrow < 10:
            usual = min(usual, 6 if motion == "shake" else 4)
        return {"small": 4, "big": 12 if narrow >= 14 and motion in ("still", "blink", "appear", "disappear", "recolour") else min(usual + 2, narrow), None: usual}[thing.size]
    along = lane.columns if motion in ACROSS else lane.rows if motion in UPWARDS else narrow
    across = lane.rows if motion in ACROSS else lane.columns if motion in UPWARDS else narrow
    usual = 6 if along >= 14 and across >= 8 else 4
    return {"small": 4, "big": 8 if along >= 16 and across >= 8 and motion in ACROSS | UPWARDS else usual, None: usual}[thing.size]


def track(rng: random.Random, thing: Thing, motion: str, lane: Lane, frames: int) -> list[Pose]:
    """Where the thing is in each frame."""
    side = side_of(thing, motion, lane)
    sides, dx, dy, angles, alphas, mixes = [side] * frames, [0] * frames, [0] * frames, [0.0] * frames, [1.0] * frames, [0.0] * frames
    wide, high = lane.columns - side, lane.rows - side
    free_x, free_y = (room - 2 if room >= 6 else room for room in (wide, high))
    share = [k / (frames - 1) for k in range(frames)]
    if motion in DIRECTIONS:
        across, down = DIRECTIONS[motion]
        far = min(frames - 1 if frames <= SECOND else 8, free_x if across else 99, free_y if down else 99)
        dx, dy = [across * d for d in line(far, frames)], [down * d for d in line(far, frames)]
    elif motion in EDGES:
        left = motion.endswith("left")
        way = line(side - 2 + wide // 2, frames)  # two cells of it are in the picture at the outermost
        xs = [lane.x + (2 - side + d if left else lane.columns - 2 - d) for d in (way if motion.startswith("enter") else way[::-1])]
        y = _first(rng, [0], side, lane.y, lane.rows, 2)
        return [Pose(x, y, side) for x in xs]
    elif motion.startswith("roll"):
        sign = -1 if motion == "roll_left" else 1
        way = line(min(frames - 1 if frames <= SECOND else 8, free_x), frames)
        dx, angles = [sign * d for d in way], [sign * 45 * k for k in range(frames)]
    elif motion in ("spin", "spin_back"):
        angles = [(45 if motion == "spin" else -45) * k for k in range(frames)]
    elif motion in ("grow", "shrink", "pulse"):
        most = min(lane.columns, lane.rows)
        sizes = (4, 6, 8, 10, 12) if most >= 14 else (4, 6, 8) if most >= 8 else (2, 4, 6)
        if motion == "pulse":
            low, up = (6, 8, 10) if most >= 12 else (4, 6, 8), None
            sides = [low[i] for i in (0, 0, 1, 1, 2, 2, 1, 1)] * (frames // 8)
        else:
            sides = between(sizes, frames)
        if motion == "shrink":
            sides = sides[::-1]
    elif motion == "swing":
        angles, dx = [-30 * AROUND_ZERO[k % 8] for k in range(frames)], wave(AROUND_ZERO, min(2, wide // 2), frames)
    elif motion == "shake":
        dx = wave(SHAKE, 1 if wide >= 2 else 0.5, frames)
    elif motion == "sway":
        dx = wave(AROUND_ZERO, min(3, free_x // 2), frames)
    elif motion == "hover":
        dy = wave(AROUND_ZERO, min(2, free_y // 2), frames)
    elif motion == "bounce":
        dy = [-d for d in wave(BOUNCE, min(5, free_y), frames)]
    elif motion == "jump":
        dy = [-d for d in wave(JUMP, min(4, free_y), frames)]
    elif motion == "fall":
        dy = [round(min(9, high) * t * t) for t in share]
    elif motion == "blink":
        alphas = [1.0 if k % 4 < 2 else 0.0 for k in range(frames)]
    elif motion in ("appear", "disappear"):
        rising = [0.0 if t < 0.35 else 0.5 if t < 0.5 else 1.0 for t in share]
        alphas = rising if motion == "appear" else rising[::-1]
    elif motion == "recolour":
        mixes = [min(max((t - 0.25) / 0.5, 0), 1) for t in share]
    spread = 2 if motion in IN_PLACE else 1.5
    widest = max(sides)
    x = _first(rng, dx, widest, lane.x, lane.columns, spread)
    y = _first(rng, dy, widest, lane.y, lane.rows, spread)
    return [Pose(x + a + (widest - s) / 2, y + b + (widest - s) / 2, s, angle % 360, alpha, mix) for a, b, s, angle, alpha, mix in zip(dx, dy, sides, angles, alphas, mixes)]


def zoomed(frames: int, near: bool) -> list[float]:
    """Side of the view as a share of the ground's, frame by frame."""
    shares = [1 - 0.5 * k / (frames - 1) for k in range(frames)]
    return shares if near else shares[::-1]


PANNED = {"pan_left": (-1, 0), "pan_right": (1, 0), "pan_up": (0, -1), "pan_down": (0, 1)}
PAN = 7  # cells that the camera travels


def view(around: str, frames: int) -> list[tuple[int, int]]:
    """First column and row of the picture in a ground that is PAN cells larger, for a camera that pans."""
    across, down = PANNED[around]
    start = (PAN if across < 0 else 0 if across > 0 else PAN // 2, PAN if down < 0 else 0 if down > 0 else PAN // 2)
    return [(start[0] + across * d, start[1] + down * d) for d in line(PAN, frames)]


def _seen(rng: random.Random, around: str, canvas: tuple[int, int], frames: int) -> list[Pose]:
    """Of a thing that keeps its place while the camera moves."""
    columns, rows = canvas
    if around in PANNED:
        across, down = PANNED[around]
        side = 6
        dx, dy = ([-direction * d for d in line(min(PAN, cells - side), frames)] for direction, cells in ((across, columns), (down, rows)))
        x, y = _first(rng, dx, side, 0, columns, 1), _first(rng, dy, side, 0, rows, 1)
        return [Pose(x + a, y + b, side) for a, b in zip(dx, dy)]
    sizes = between((6, 8, 10, 12), frames)
    if around == "zoom_out":
        sizes = sizes[::-1]
    return [Pose((columns - s) / 2, (rows - s) / 2, s) for s in sizes]


# ---- random clips ----------------------------------------------------------------------------------------------------------


def _colour(rng: random.Random, chance: float) -> str | None:
    return rng.choices(list(COLOURS), COLOUR_SHARES)[0] if rng.random() < chance else None


def _motion(rng: random.Random, names: set[str]) -> str:
    listed = [m for m in MOTIONS if m in names]
    return rng.choices(listed, [SHARES.get(m, 1) for m in listed])[0]


DARK_GROUNDS = ("snow", "space", "night sky", "sunset")  # not for falling snow, nor for nightfall
DAY = [scene for scene in SCENES if scene not in DARK_GROUNDS]


def _ground(rng: random.Random, canvas: tuple[int, int], around: str | None) -> tuple[str, ...]:
    full = canvas == FULL
    if around in GROUPS["camera"]:
        return ("scene", rng.choice(SCENES)) if full else ("graded", *rng.sample(list(COLOURS), 2))
    if around in GROUPS["light"]:
        return ("scene", rng.choice(DAY)) if full and rng.random() < 0.8 else ("plain", rng.choice(("blue", "green", "white", "yellow", "orange", "pink")))
    if around in GROUPS["weather"]:
        if rng.random() < 0.4:
            return ("pale",)  # drawn as a gray sky
        return ("scene", rng.choice(DAY)) if full and rng.random() < 0.8 else ("plain", rng.choice(("blue", "green", "gray", "purple", "black", "brown")))
    pick = rng.random()
    if pick < 0.12:
        return ("plain", rng.choice(list(COLOURS)))
    if full and pick < 0.4:
        return ("scene", rng.choice(SCENES))
    return ("pale",)


def make_clip(rng: random.Random, things: list[Thing], motions: list[str], canvas: tuple[int, int], frames: int, *, ground: tuple[str, ...] = ("pale",),
              around: str | None = None, becomes: list[str | None] | None = None, relation: str | None = None, place: str | None = None) -> Clip:
    """`relation`: of things[0] to things[1], which get half of the canvas each."""
    columns, rows = canvas
    scene = Scene("clip", things, relation, place, ground, canvas=canvas)
    lanes = [Lane(0, 0, columns, rows)]
    if len(things) == 2:
        lanes = [Lane(0, 0, columns // 2, rows), Lane(columns // 2, 0, columns // 2, rows)] if relation in ("left of", "right of") else [Lane(0, 0, columns, rows // 2), Lane(0, rows // 2, columns, rows // 2)]
        if relation in ("right of", "below"):
            lanes.reverse()
    if around in GROUPS["camera"]:
        tracks = [_seen(rng, around, canvas, frames)]
    elif place:
        place_one(rng, things[0], place)
        x, y, side = (v / CELL for v in things[0].boxes[0])
        lane = Lane(round(x - side / 2), round(y - side / 2), round(side), round(side))
        tracks = [track(rng, things[0], motions[0], lane, frames)]
    else:
        tracks = [track(rng, thing, motion, lane, frames) for thing, motion, lane in zip(things, motions, lanes)]
    for thing, poses in zip(things, tracks):
        pose = poses[0]
        thing.boxes = [((pose.x + pose.side / 2) * CELL, (pose.y + pose.side / 2) * CELL, pose.side * CELL)]
    return Clip(scene, frames, motions, tracks, becomes or [None] * len(things), around)


PLACEABLE = ("spin", "spin_back", "blink", "appear", "disappear", "recolour", "still")


def _propose(rng: random.Random, canvas: tuple[int, int], frames: int) -> Clip:
    def noun() -> str:
        return rng.choice(NOUN_LIST).singular

    def second(colour: str | None) -> str:
        return rng.choice([c for c in COLOURS if c != colour])

    pick = rng.random()
    relation = place = around = None
    if pick < 0.2 and canvas in (FULL, WIDE, TALL):
        side_by_side = canvas == WIDE or (canvas == FULL and rng.random() < 0.6)
        relation = rng.choice(("left of", "right of") if side_by_side else ("above", "below"))
        names = IN_PLACE | (UPWARDS if side_by_side else ACROSS - EDGES)
        a, b = Thing(noun(), _colour(rng, 0.45)), Thing(noun(), _colour(rng, 0.45))
        while b.noun == a.noun:
            b.noun = noun()
        things = [a, b]
        motions = [_motion(rng, names), "still" if rng.random() < 0.35 else _motion(rng, names)]
        if rng.random() < 0.5:
            motions.reverse()
    else:
        things = [Thing(noun(), _colour(rng, 0.4))]
        motions = ["still"]
        if pick < 0.36 and canvas in (FULL, MEDIUM, SMALL):
            around = rng.choice((*GROUPS["camera"], *GROUPS["camera"], *GROUPS["weather"] * 3, *GROUPS["light"] * 3) if canvas == FULL else (*GROUPS["weather"], *GROUPS["light"]))
            if around not in GROUPS["camera"] and rng.random() < 0.3:
                motions = [_motion(rng, FITS[canvas] - {"appear", "disappear", "blink"})]
        else:
            motions = [_motion(rng, FITS[canvas])]
            if canvas == FULL and rng.random() < 0.15:
                things[0].size = rng.choice(("small", "big")) if motions[0] not in ("grow", "shrink", "pulse") else None
            elif canvas == FULL and motions[0] in PLACEABLE and rng.random() < 0.25:
                place = rng.choice(list(PLACES))
    becomes: list[str | None] = []
    for thing, motion in zip(things, motions):
        if motion == "recolour" and thing.colour is None:
            thing.colour = _colour(rng, 1)
        becomes.append(second(thing.colour) if motion == "recolour" else None)
    ground = _ground(rng, canvas, around)
    if any(c in ground[1:] for t, b in zip(things, becomes) for c in (t.colour, b) if c):
        ground = ("pale",) if ground[0] != "scene" and around not in GROUPS["camera"] + GROUPS["light"] else ground
    clip = make_clip(rng, things, motions, canvas, frames, ground=ground, around=around, becomes=becomes, relation=relation, place=place)
    if len(things) == 2 and rng.random() < 0.5:
        clip.scene.relation = None  # "and": which is where is not said
    if around is None and len(things) == 1 and canvas == FULL and ground == ("pale",) and rng.random() < 0.06:
        clip.scene.style = rng.choice(STYLES)
    return clip


def random_clip(rng: random.Random, canvas: tuple[int, int] = FULL, frames: int = 8) -> Clip:
    """A clip that no held-out combination is in, forwards or backwards."""
    while True:
        clip = _propose(rng, canvas, frames)
        back = reverse(clip)
        if not held_out_motion(clip) and not (back and held_out_motion(back)):
            return clip
