"""Grades the built-in model on held-out prompts: 100 of each kind, drawn by Darkroom itself, judged by the detector.

    npm run grade                                 python3 -m training.grade: draws, judges, writes report.json and the contact sheet, of the twin too
    python3 -m training.grade --only-truth        how well the detector reads true drawings of the same prompts

No combination that a prompt asks for was ever drawn for training (world.held_out). The pictures are drawn in the model's default
settings by cli/generate.ts, one process a core, and kept: a run that was broken off goes on where it was.
"""
from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import os
import random
import subprocess
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from .captions import caption
from .detector import Found, detect, load
from .draw import draw_scene
from .load import load_modules
from .train_vae import held_out_drawings, psnr
from .world import COLOURS, KINDS, LETTERS, NOUN_LIST, RELATIONS, SCENES, STYLES, WORD_COLOURS, WORDS, Scene, Thing, held_out, place_many, place_one, place_pair, place_word

PER_KIND = 100


def held_out_scene(kind: str, rng: random.Random) -> Scene:
    """A scene of the kind whose main combination was kept from training."""
    # Not anew with each noun: of one there is no combination to keep from training, and three prompts of four would ask for one.
    count = rng.randint(1, 6) if kind == "counting" else 0
    while True:
        scene = Scene(kind)
        a, b = rng.sample(NOUN_LIST, 2)
        first, second = Thing(a.singular), Thing(b.singular)
        if kind == "one_object":
            place = rng.choice([None, "in the middle", "on the left", "on the right", "at the top", "at the bottom"])
            place_one(rng, first, place)
            scene.things, scene.place = [first], place
            if place is None or held_out("place", first.noun, place):
                return scene
        elif kind == "counting":
            place_many(rng, first, count)
            scene.things = [first]
            if count == 1 or held_out("count", first.noun, count):
                return scene
        elif kind == "color":
            first.colour = rng.choice(list(COLOURS))
            place_one(rng, first, None)
            scene.things = [first]
            if held_out("colour", first.noun, first.colour):
                return scene
        elif kind == "words":
            scene.word = rng.choice(WORDS) if rng.random() < 0.5 else "".join(rng.choice(LETTERS) for _ in range(rng.randint(1, 6)))
            scene.word_colour = rng.choice(WORD_COLOURS)
            place_word(rng, scene)
            if held_out("word", scene.word):
                return scene
        elif kind == "scene_style":
            scene.things = [first]
            if rng.random() < 0.5:
                scene.style = rng.choice(STYLES)
                place_one(rng, first, None, styled=True)
                if held_out("style", first.noun, scene.style):
                    return scene
            else:
                scene.ground = ("scene", rng.choice(SCENES)) if rng.random() < 0.65 else ("plain", rng.choice(list(COLOURS)))
                place_one(rng, first, None)
                if held_out("ground", first.noun, *scene.ground):
                    return scene
        else:
            relation = rng.choice(list(RELATIONS))
            if kind == "color_binding":
                first.colour, second.colour = rng.sample(list(COLOURS), 2)
            if kind == "position":
                scene.relation = relation
            place_pair(rng, first, second, relation)
            scene.things = [first, second]
            if held_out("pair", *sorted((first.noun, second.noun))):
                return scene


def scenes(per_kind: int = PER_KIND) -> list[tuple[Scene, str]]:
    """The fixed list: scene and its plain wording; with fewer a kind, the first of each."""
    listed = []
    for kind in KINDS:
        rng = random.Random(f"grade {kind}")
        for _ in range(per_kind):
            scene = held_out_scene(kind, rng)
            listed.append((scene, caption(scene, rng, plain=True)))
    return listed


def right(scene: Scene, found: Found) -> bool:
    """Whether the picture shows what the prompt asks for, and no other object. Of a style or a word only that is judged."""
    if scene.kind == "words":
        return found.word == scene.word
    if scene.style:
        return found.style == scene.style
    asked = Counter({t.noun: len(t.boxes) for t in scene.things})
    if Counter(name for name, *_ in found.objects) != asked:
        return False
    if scene.kind == "scene_style":
        return found.ground == (f"plain {scene.ground[1]}" if scene.ground[0] == "plain" else scene.ground[1])
    if scene.kind in ("color", "color_binding"):
        return {(t.noun, t.colour) for t in scene.things} == {(name, colour) for name, colour, *_ in found.objects}
    if scene.kind == "position":
        (ax, ay), (bx, by) = (next((x, y) for name, _, x, y, _ in found.objects if name == t.noun) for t in scene.things)
        dx, dy = RELATIONS[scene.relation]
        along = (ax - bx) * dx + (ay - by) * dy
        return along > abs((ax - bx) * dy) + abs((ay - by) * dx)
    return True


def judge(detector, images: np.ndarray, listed: list[tuple[Scene, str]]) -> tuple[dict[str, float], list[bool]]:
    verdicts = [right(scene, found) for (scene, _), found in zip(listed, detect(detector, torch.from_numpy(images)))]
    kinds = {kind: round(float(np.mean([v for (s, _), v in zip(listed, verdicts) if s.kind == kind])), 3) for kind in KINDS}
    return kinds, verdicts


def sheet(images: np.ndarray, listed: list[tuple[Scene, str]], verdicts: list[bool], path: Path, columns: int = 16) -> None:
    """Twelve pictures a kind, wrong ones marked."""
    picked = [i for kind in KINDS for i in [k for k, (s, _) in enumerate(listed) if s.kind == kind][:columns]]
    canvas = Image.new("RGB", (columns * 136, len(KINDS) * 152), "white")
    draw = ImageDraw.Draw(canvas)
    for n, i in enumerate(picked):
        x, y = n % columns * 136, n // columns * 152
        canvas.paste(Image.fromarray(images[i]).resize((132, 132), Image.Resampling.LANCZOS), (x + 2, y + 2))
        if not verdicts[i]:
            draw.rectangle((x + 1, y + 1, x + 134, y + 134), outline=(220, 40, 30), width=2)
        draw.text((x + 3, y + 136), listed[i][1][:24], fill="black")
    canvas.save(path, quality=85)


def draw(model: Path, listed: list[tuple[Scene, str]], output: Path) -> np.ndarray:
    """Pictures of the prompts, by Darkroom's engine: uint8 [n, height, width, 3]."""
    cores = sorted(os.sched_getaffinity(0))
    work = []
    for k, core in enumerate(cores):
        folder = output / f"{k}-of-{len(cores)}"
        folder.mkdir(parents=True, exist_ok=True)
        own = [i for i in range(k, len(listed), len(cores))]
        left = [i for i in own if not (output / f"{i}.png").exists()]
        prompts = folder / "prompts.jsonl"
        prompts.write_text("".join(json.dumps({"prompt": listed[i][1], "seed": 1000 + i}) + "\n" for i in left))
        command = ["npx", "tsx", "cli/generate.ts", "--model", str(model.resolve()), "--prompts", str(prompts), "--output-dir", str(folder)]
        if left:
            work.append((left, folder, subprocess.Popen(command, stdout=subprocess.DEVNULL, preexec_fn=lambda core=core: os.sched_setaffinity(0, {core}))))
    for left, folder, process in work:
        code = process.wait()
        for n, i in enumerate(left):
            if (folder / f"{n}.png").exists():
                os.replace(folder / f"{n}.png", output / f"{i}.png")
        if code:
            raise SystemExit("cli/generate.ts ended with an error; the pictures that are done are kept, run it again.")
    return np.stack([np.asarray(Image.open(output / f"{i}.png").convert("RGB")) for i in range(len(listed))])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("public/models/safelight"))
    parser.add_argument("--detector", type=Path, default=Path("training/detector.safetensors"))
    parser.add_argument("--pictures", type=Path, default=Path("training/runs/grade"), help="where the pictures are kept, in folders named after a digest of the weights and the prompts")
    parser.add_argument("--per-kind", type=int, default=PER_KIND)
    parser.add_argument("--only-truth", action="store_true")
    parser.add_argument("--note", default="", help="recipe, hours and hardware, for the report")
    options = parser.parse_args()
    listed = scenes(options.per_kind)
    detector = load(options.detector)
    rng = random.Random("true drawings")
    truth, _ = judge(detector, np.stack([np.asarray(draw_scene(scene, rng)[0]) for scene, _ in listed]), listed)
    print("true drawings", truth)
    if options.only_truth:
        return
    vae = load_modules(options.model)[2]
    common = {"vae_psnr_db": round(psnr(vae, held_out_drawings(64), half=False), 2), "detector_on_true_drawings": truth,
              "prompts_per_kind": options.per_kind, "date": datetime.date.today().isoformat(), "recipe": options.note}
    twin = options.model.with_name(options.model.name + "-4-steps")
    kinds, means = {}, {}
    for model in [options.model, *([twin] if twin.exists() else [])]:
        prompts = json.dumps([prompt for _, prompt in listed]).encode()  # pictures of another list would be judged by this one's prompts
        digest = hashlib.sha256((model / "darkroom.json").read_bytes() + prompts).hexdigest()[:12]
        images = draw(model, listed, options.pictures / digest)
        kinds[model], verdicts = judge(detector, images, listed)
        means[model] = float(np.mean(list(kinds[model].values())))
        print(model.name, kinds[model], "mean", round(means[model], 3))
        sheet(images, listed, verdicts, model / "sheet.jpg")
    for model in means:
        gap = round(means[options.model] - means[twin], 3) if twin in means else None
        (model / "report.json").write_text(json.dumps({"kinds": kinds[model], "twin_mean_gap": gap, **common}, indent=2) + "\n")


if __name__ == "__main__":
    main()
