"""Grades the motion model on held-out prompts, 50 of each group of motions: each frame read by the detector, a rule for each motion.

    python -m training.motion.grade --motion training/runs/motion/unet/motion.safetensors
    python -m training.motion.grade --only-truth        how well the rules read true drawn clips of the same prompts

No noun that a prompt asks for ever made that motion in training (world.held_out). Four shares a group: object (every frame in which the
object should be seen shows it, and no other), motion (the rule), constant (noun and colour are read the same in all frames), steady
(the ground changes from frame to frame at most twice as much as in the true clip of the same prompt). Clips that are drawn are kept.
"""
from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import random
from collections import Counter
from pathlib import Path

import numpy as np

from ..detector import load
from ..train_unet import to_bfloat16
from ..world import CELL, COLOURS, FULL, NOUN_LIST, SCENES, Thing, held_out
from .captions import caption
from .draw import draw_clip, sheet
from .measure import ANGLES, Seen, brightness, ground_mask, read, read_turned, shift, unsteadiness
from .model import fuse_motion
from .sample import Studio, load_unet
from .train_text import fold
from .world import ACROSS, AROUND, DAY, DIRECTIONS, EDGES, GROUPS, IN_PLACE, PANNED, UPWARDS, Clip, make_clip

PER_GROUP = 50
FRAMES = 8
ALL_GROUPS = (*GROUPS, "two")
TURNED = ("spin", "spin_back", "roll_left", "roll_right")
SLACK = 2.0  # of the unsteadiness, in 255ths: what no eye sees


def held_out_clip(group: str, number: int, rng: random.Random) -> Clip:
    """A clip of the group whose main combination was kept from training."""
    while True:
        things = [Thing(rng.choice(NOUN_LIST).singular)]
        if group == "two":
            things.append(Thing(rng.choice(NOUN_LIST).singular))
            relation = rng.choice(("left of", "right of", "above", "below"))
            names = sorted(IN_PLACE - {"recolour", "blink", "appear", "disappear"} | (UPWARDS if relation in ("left of", "right of") else ACROSS - EDGES))
            motions = [rng.choice(names), rng.choice(names)]
            if things[0].noun == things[1].noun or not held_out("pair", *sorted(t.noun for t in things)):
                continue
            return make_clip(rng, things, motions, FULL, FRAMES, relation=relation)
        motion = GROUPS[group][number % len(GROUPS[group])]
        noun = things[0].noun
        if group != "still" and not held_out("motion", noun, motion) or group == "still" and not held_out("ground", noun, "scene", SCENES[number % len(SCENES)]):
            continue
        around, becomes, ground = None, None, ("pale",)
        if motion in AROUND:
            around, motion = motion, "still"
            ground = ("scene", rng.choice(SCENES if group == "camera" else DAY))
        elif group == "still":
            ground = ("scene", SCENES[number % len(SCENES)])
        elif rng.random() < 0.3:
            ground = ("scene", rng.choice(SCENES))
        if motion == "recolour":
            things[0].colour, becomes = rng.sample([c for c in COLOURS if c not in ("black", "white", "gray")], 2)
        return make_clip(rng, things, [motion], FULL, FRAMES, ground=ground, around=around, becomes=[becomes])


def clips(per_group: int = PER_GROUP) -> list[tuple[str, Clip, str]]:
    """The fixed list: group, clip and its plain wording."""
    listed = []
    for group in ALL_GROUPS:
        rng = random.Random(f"grade motion {group}")
        for number in range(per_group):
            clip = held_out_clip(group, number, rng)
            listed.append((group, clip, caption(clip, rng, plain=True)))
    return listed


# ---- rules: what each motion must look like ------------------------------------------------------------------------------


def surest(seen: list[list[Seen]], noun: str) -> list[Seen | None]:
    """The surest object of that noun in each frame."""
    return [max((one for one in found if one.noun == noun), key=lambda one: one.sure, default=None) for found in seen]


def follow(detector, frames: np.ndarray, clip: Clip, seen: list[list[Seen]]) -> list[tuple[list[Seen | None], bool]]:
    """Of each thing, where it is in each frame, and whether it is turned as it should be (true of what does not turn)."""
    ways = []
    for thing, motion, track in zip(clip.scene.things, clip.motions, clip.tracks):
        if motion not in TURNED:
            ways.append((surest(seen, thing.noun), True))
            continue
        turned = read_turned(detector, frames, thing.noun)
        right = []
        for row, pose in zip(turned, track):
            meant, most = row[ANGLES.index(pose.angle)], max((one.sure for one in row if one), default=0)
            right.append(meant is not None and meant.sure >= 0.7 * most)
        ways.append(([max((one for one in row if one), key=lambda one: one.sure, default=None) for row in turned], sum(right) >= len(right) - 1))
    return ways


def slope(values: list[float], at: list[int]) -> float:
    """Of the straight line through them, a frame."""
    return float(np.polyfit(at, values, 1)[0]) if len(values) > 1 else 0.0


def back_and_forth(values: np.ndarray, least: float) -> bool:
    """It moves by at least `least` and turns round at least once."""
    steps = np.diff(values)
    steps = steps[np.abs(steps) > least / 4]
    return float(np.ptp(values)) >= least and bool((steps[1:] * steps[:-1] < 0).any())


def right_motion(way: list[Seen | None], turned: bool, thing: Thing, motion: str, becomes: str | None) -> bool:
    """Distances are judged by half of what a drawn clip has."""
    at = [k for k, one in enumerate(way) if one]
    there = [way[k] for k in at]
    n = len(way)
    if motion == "blink":
        shown = np.array([one is not None for one in way])
        return bool(2 <= shown.sum() <= n - 2 and np.abs(np.diff(shown.astype(int))).sum() >= 2)
    if motion in ("appear", "disappear"):
        shown = [one is not None for one in (way if motion == "appear" else way[::-1])]
        return not any(shown[:2]) and all(shown[-3:])
    if len(at) < 3:
        return False
    x, y, side = (np.array([getattr(one, key) for one in there]) for key in ("x", "y", "side"))
    if motion in DIRECTIONS or motion in EDGES:
        sign = {"enter_left": (1, 0), "exit_left": (-1, 0), "enter_right": (-1, 0), "exit_right": (1, 0)}.get(motion) or DIRECTIONS[motion]
        along = [slope(list(values), at) / CELL for values in (x, y)]
        return all(a * s >= 0.35 if s else abs(a) < 0.35 for a, s in zip(along, sign))
    if motion in TURNED:
        return turned and (motion.startswith("spin") or slope(list(x), at) / CELL * (1 if motion == "roll_right" else -1) >= 0.35)
    if motion in ("grow", "shrink"):
        ratio = np.mean(side[-2:]) / np.mean(side[:2])
        return bool(ratio >= 1.3 if motion == "grow" else ratio <= 1 / 1.3)
    if motion == "pulse":
        return back_and_forth(side, 0.15 * float(side.mean()))
    if motion == "shake":
        return back_and_forth(x, CELL * 0.7)
    if motion in ("sway", "swing"):
        return back_and_forth(x, CELL * 1.5) and float(np.ptp(x)) > float(np.ptp(y))
    if motion == "hover":
        return back_and_forth(y, CELL * 1.5) and float(np.ptp(y)) > float(np.ptp(x))
    if motion in ("bounce", "jump"):
        return back_and_forth(y, CELL * 1.5) and float(np.ptp(y)) > float(np.ptp(x))
    if motion == "fall":
        return slope(list(y), at) / CELL >= 0.5
    if motion == "recolour":
        return bool(there[0].colour == thing.colour and there[-1].colour == becomes and at[0] < 2 and at[-1] > n - 3)
    return float(np.ptp(x)) < CELL * 1.5 and float(np.ptp(y)) < CELL * 1.5 and float(side.max() / side.min()) < 1.5  # still


def right_around(frames: np.ndarray, way: list[Seen | None], around: str, mask: np.ndarray) -> bool:
    if around in GROUPS["light"]:
        light = brightness(frames, mask)
        light = light if around == "day_to_night" else light[::-1]
        return bool(light[-1] < 0.75 * light[0] and (np.diff(light) < 0.02).all())
    if around in GROUPS["weather"]:
        falling = frames - np.median(frames, 0)
        fits = {cells: shift(falling, mask, (0, cells * CELL)) for cells in (-2, -1, 1, 2)}
        return unsteadiness(frames, mask) > 1 and max(fits, key=lambda cells: fits[cells]) == (1 if around == "snow" else 2)
    at = [k for k, one in enumerate(way) if one]
    if len(at) < 3:
        return False
    if around in PANNED:
        across, down = PANNED[around]
        along = [slope([getattr(way[k], key) for k in at], at) / CELL for key in ("x", "y")]
        opposite = all(a * -s >= 0.35 if s else abs(a) < 0.35 for a, s in zip(along, (across, down)))
        return opposite and shift(frames, np.ones(mask.shape, dtype=bool), (-across * CELL, -down * CELL)) > 0.2
    ratio = np.mean([way[k].side for k in at[-2:]]) / np.mean([way[k].side for k in at[:2]])
    return bool(ratio >= 1.3 if around == "zoom_in" else ratio <= 1 / 1.3)


def judge(detector, frames: np.ndarray, clip: Clip, truth: float) -> dict[str, bool]:
    """Frames uint8 [n, height, width, 3]; `truth`: unsteadiness of the true clip."""
    seen = read(detector, frames)
    ways = follow(detector, frames, clip, seen)
    things = clip.scene.things
    shown = constant = True
    for thing, becomes, motion, track, (way, _) in zip(things, clip.becomes, clip.motions, clip.tracks, ways):
        wanted = [one for one, pose in zip(way, track) if pose.alpha == 1 and _inside(pose)]
        shown &= all(wanted)
        judged = [one.colour for one in wanted if one] if becomes is None and clip.around not in GROUPS["light"] and motion not in TURNED else []
        constant &= len(set(judged)) <= 1
    # Another noun is one too many, or the object turned into it; what is half outside or lies on its side may be read as anything.
    readable = [k for k in range(clip.frames) if all(_inside(track[k]) and track[k].angle == 0 and track[k].alpha in (0, 1) for track in clip.tracks)]
    for k in readable:
        names = Counter(one.noun for one in seen[k])
        allowed = Counter(thing.noun for thing, track in zip(things, clip.tracks) if track[k].alpha)
        shown &= not names - allowed
        constant &= set(names) <= {thing.noun for thing in things}
    mask = ground_mask(seen, frames.shape[1:3])
    moved = right_around(frames, ways[0][0], clip.around, mask) if clip.around \
        else all(right_motion(*way, thing, motion, becomes) for way, thing, motion, becomes in zip(ways, things, clip.motions, clip.becomes))
    return {"object": shown, "motion": moved, "constant": shown and constant, "steady": not unsteadiness(frames, mask) > max(2 * truth, SLACK)}


def _inside(pose) -> bool:
    """At least three quarters of it are in the picture."""
    return all(min(at + pose.side, 16) - max(at, 0) >= 0.75 * pose.side for at in (pose.x, pose.y))


def grade(detector, made: list[np.ndarray], true: list[np.ndarray], listed: list[tuple[str, Clip, str]]) -> tuple[dict, list[dict]]:
    verdicts = []
    for frames, drawn, (_, clip, _) in zip(made, true, listed):
        truth = unsteadiness(drawn, ground_mask(read(detector, drawn), drawn.shape[1:3]))
        verdicts.append(judge(detector, frames, clip, truth))
    groups = {}
    for group in ALL_GROUPS:
        own = [v for v, (name, *_) in zip(verdicts, listed) if name == group]
        groups[group] = {key: round(float(np.mean([v[key] for v in own])), 3) for key in own[0]}
    groups["mean"] = {key: round(float(np.mean([groups[g][key] for g in ALL_GROUPS])), 3) for key in groups["two"]}
    return groups, verdicts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--motion", type=Path, default=Path("training/runs/motion/unet/motion.safetensors"))
    parser.add_argument("--pipeline", type=Path, default=Path("training/runs/pipeline"))
    parser.add_argument("--detector", type=Path, default=Path("training/detector.safetensors"))
    parser.add_argument("--per-group", type=int, default=PER_GROUP)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--shared", type=float, default=0)
    parser.add_argument("--guidance", type=float, default=3.0)
    parser.add_argument("--only-truth", action="store_true")
    parser.add_argument("--output", type=Path, default=Path("training/runs/motion/grade"))
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    listed = clips(options.per_group)
    detector = load(options.detector)
    rng = random.Random("true clips")
    true = [draw_clip(clip, rng)[0] for _, clip, _ in listed]
    truth, verdicts = grade(detector, true, true, listed)
    for group, shares in truth.items():
        print(f"true  {group:12s}", shares, flush=True)
    if options.only_truth:
        wrong = [i for i, v in enumerate(verdicts) if not all(v.values())][:48]
        sheet([true[i] for i in wrong], [f"{listed[i][2]} {[k for k, v in verdicts[i].items() if not v]}" for i in wrong], options.output / "true-wrong.jpg")
        return
    digest = hashlib.sha256(options.motion.read_bytes() + json.dumps([[p for *_, p in listed], options.steps, options.shared, options.guidance]).encode()).hexdigest()[:12]
    folder = options.output / digest
    folder.mkdir(exist_ok=True)
    unet = to_bfloat16(fuse_motion(load_unet(options.pipeline / "unet", options.motion)))
    studio = Studio(options.pipeline, unet)
    fold(studio.text, options.motion)
    made = []
    for i, (_, _, prompt) in enumerate(listed):
        file = folder / f"{i}.npy"
        if not file.exists():
            np.save(file, studio.clips([prompt], frames=FRAMES, steps=options.steps, seed=1000 + i, shared=options.shared, guidance=options.guidance)[0])
        made.append(np.load(file))
    groups, verdicts = grade(detector, made, true, listed)
    for group, shares in groups.items():
        print(f"drawn {group:12s}", shares, flush=True)
    (folder / "report.json").write_text(json.dumps({"groups": groups, "true_clips": truth, "prompts_per_group": options.per_group, "steps": options.steps,
                                                    "date": datetime.date.today().isoformat()}, indent=2) + "\n")
    picked = [i for group in ALL_GROUPS for i in [k for k, (g, *_) in enumerate(listed) if g == group][:4]]
    sheet([made[i] for i in picked], [f"{listed[i][2]} {[k for k, v in verdicts[i].items() if not v] or ''}" for i in picked], folder / "sheet.jpg")


if __name__ == "__main__":
    main()
