"""Paints the frames of a Clip (world.py), with the brushes of training/draw.py.

    python -m training.motion.draw --count 60 --output training/runs/motion/clips.png    a contact sheet, a clip a row
"""
from __future__ import annotations

import argparse
import random
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageEnhance

from ..draw import FILTERS, GLYPH, background, object_picture
from ..world import CELL, FULL, NOUNS, SIZE, Scene, Thing
from .world import GROUPS, PAN, PANNED, SECOND, Clip, Pose, random_clip, view, zoomed

NIGHT = np.float32([0.30, 0.36, 0.62])  # what is left of red, green and blue on the ground
NIGHT_THING = np.float32([0.62, 0.66, 0.82])  # and on the things before it, which one still has to know


def _posed(thing: Thing, becomes: str | None, pose: Pose) -> Image.Image:
    """RGBA, centred on the pose's centre."""
    glyph = object_picture(thing.noun, thing.colour)
    if becomes and pose.mix > 0:
        glyph = Image.blend(glyph, object_picture(thing.noun, becomes), pose.mix)
    drawn = max(round(pose.side * CELL), 8)
    if pose.angle:
        glyph = glyph.rotate(-pose.angle, Image.Resampling.BICUBIC, expand=True)
    size = tuple(max(round(drawn * side / GLYPH), 1) for side in glyph.size)
    filtered = Image.Resampling.LANCZOS if drawn > GLYPH else Image.Resampling.BOX if drawn * 2 < GLYPH else Image.Resampling.BILINEAR
    picture = glyph.resize(size, filtered)
    if pose.alpha < 1:
        picture.putalpha(picture.getchannel("A").point(lambda a: round(a * pose.alpha)))
    return picture


def _weather_ground(clip: Clip, rng: random.Random, image: Image.Image) -> Image.Image:
    if clip.scene.ground == ("pale",):
        gray = rng.randint(-12, 12)
        return Image.new("RGB", image.size, tuple(c + gray for c in ((112, 132, 160) if clip.around == "snow" else (126, 136, 150))))
    return ImageEnhance.Brightness(image).enhance(0.8)


def _fall(image: Image.Image, marks: list[tuple[int, int]], snow: bool, frame: int) -> Image.Image:
    """Flakes or drops on the lattice of the latents, a cell (rain: two) further down in each frame; what leaves below comes back above."""
    image = image.copy()
    draw = ImageDraw.Draw(image)
    rows = image.height // CELL
    for column, row in marks:
        for y in range(((row + (1 if snow else 2) * frame) % SECOND) * CELL, rows * CELL, SECOND * CELL):
            x = column * CELL
            if snow:
                draw.ellipse((x + 4, y + 4, x + 11, y + 11), fill=(252, 253, 255))
            else:
                draw.line((x + 9, y + 1, x + 6, y + 14), fill=(196, 216, 246), width=2)
    return image


def _grounds(clip: Clip, rng: random.Random, size: tuple[int, int]) -> list[Image.Image]:
    """The ground of each frame."""
    scene, around = clip.scene, clip.around
    ground = background(rng, scene.ground, deep=any(t.colour == "white" for t in scene.things))
    if around in PANNED:
        whole = tuple(side + PAN * CELL for side in size)
        ground = ground.resize((max(whole),) * 2, Image.Resampling.BICUBIC)
        return [ground.crop((x * CELL, y * CELL, x * CELL + size[0], y * CELL + size[1])) for x, y in view(around, clip.frames)]
    if around in ("zoom_in", "zoom_out"):
        views = []
        for share in zoomed(clip.frames, around == "zoom_in"):
            edge = SIZE * (1 - share) / 2
            views.append(ground.resize(size, Image.Resampling.BICUBIC, (edge, edge, SIZE - edge, SIZE - edge)))
        return views
    ground = ground.crop((0, 0, *size))
    if around in GROUPS["weather"]:
        ground = _weather_ground(clip, rng, ground)
        marks = [(column, row) for column in range(size[0] // CELL) for row in range(SECOND) if rng.random() < (0.16 if around == "snow" else 0.22)]
        return [_fall(ground, marks, around == "snow", frame) for frame in range(clip.frames)]
    return [ground] * clip.frames


def _dim(image: Image.Image, light: np.ndarray) -> Image.Image:
    return Image.fromarray((np.asarray(image, dtype=np.float32) * light).round().astype(np.uint8))


def _nights(clip: Clip) -> list[float]:
    """How much of night each frame is."""
    if clip.around not in GROUPS["light"]:
        return [0.0] * clip.frames
    rising = [k / (clip.frames - 1) for k in range(clip.frames)]
    return rising if clip.around == "day_to_night" else rising[::-1]


def draw_clip(clip: Clip, rng: random.Random) -> tuple[np.ndarray, np.ndarray]:
    """The frames, uint8 [frames, height, width, 3], and for each 16x16-pixel cell the noun that fills it: uint16 [frames, rows, columns], 0 for none."""
    scene = clip.scene
    columns, rows = scene.canvas
    size = (columns * CELL, rows * CELL)
    grounds, nights, shade = _grounds(clip, rng, size), _nights(clip), rng.uniform(0.93, 1.05)
    images, labels = [], np.zeros((clip.frames, rows, columns), dtype=np.uint16)
    for k in range(clip.frames):
        image, mask = grounds[k].copy(), Image.new("L", size)
        if nights[k]:
            image = _dim(image, 1 - nights[k] * (1 - NIGHT))
        for thing, becomes, track in zip(scene.things, clip.becomes, clip.tracks):
            pose = track[k]
            if pose.alpha == 0:
                continue
            picture = _posed(thing, becomes, pose)
            alpha = picture.getchannel("A")
            body = picture.convert("RGB").point(lambda v: min(int(v * shade), 255))
            if nights[k]:
                body = _dim(body, 1 - nights[k] * (1 - NIGHT_THING))
            at = tuple(round((start + pose.side / 2) * CELL - side / 2) for start, side in zip((pose.x, pose.y), picture.size))
            image.paste(body, at, alpha)
            own = Image.new("L", size)
            own.paste(alpha, at, alpha)
            mask = ImageChops.lighter(mask, own)
            labels[k][np.asarray(own.reduce(CELL)) > 64] = NOUNS[thing.noun].index + 1
        if scene.style:
            image = FILTERS[scene.style](image, mask)
        images.append(np.asarray(image))
    return np.stack(images), labels


def sheet(clips: list[np.ndarray], titles: list[str], file: Path, side: int = 96, across: int = 2) -> None:
    """Clips uint8 [frames, height, width, 3], a row each, `across` of them beside each other."""
    frames = max(len(clip) for clip in clips)
    width, height = frames * (side + 2) + 12, side + 18
    canvas = Image.new("RGB", (across * width, -(-len(clips) // across) * height), "white")
    draw = ImageDraw.Draw(canvas)
    for n, (clip, title) in enumerate(zip(clips, titles)):
        left, top = n % across * width, n // across * height
        for k, image in enumerate(clip):
            picture = Image.fromarray(image)
            picture.thumbnail((side, side), Image.Resampling.LANCZOS)
            canvas.paste(picture, (left + k * (side + 2), top))
        draw.text((left + 2, top + side + 2), title[:int(frames * side / 6)], fill="black")
    file.parent.mkdir(parents=True, exist_ok=True)
    canvas.save(file, quality=88)


def main() -> None:
    from ..encode import TURNS
    from .captions import caption
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--frames", type=int, default=8)
    parser.add_argument("--small", action="store_true", help="on all the canvases of training, not only on full ones")
    parser.add_argument("--output", type=Path, default=Path("training/runs/motion/clips.png"))
    options = parser.parse_args()
    clips, titles = [], []
    for i in range(options.count):
        rng = random.Random(options.seed * 1_000_003 + i)
        clip = random_clip(rng, TURNS[i % 4 + 1 if i % 4 < 2 else -2 if i % 4 == 2 else 5] if options.small else FULL, options.frames)
        clips.append(draw_clip(clip, rng)[0])
        titles.append(caption(clip, rng))
    sheet(clips, titles, options.output)


if __name__ == "__main__":
    main()
