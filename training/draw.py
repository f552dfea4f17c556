"""Paints a Scene (world.py): 256x256 RGB, from the glyphs of Noto Color Emoji and procedural backgrounds and styles.

    python -m training.draw --count 24 --output training/runs/sheet.png    a contact sheet with captions
"""
from __future__ import annotations

import argparse
import functools
import math
import random

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from .world import CELL, COLOURS, LETTER_LABELS, NOUNS, SIZE, Scene

FONT = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"
LETTERS = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono-Bold.ttf"
GLYPH = 128  # side of a cached object picture
VARIANTS = 16  # drawings of each scene


@functools.cache
def _emoji_font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, 109)  # the only size of the font's bitmaps


@functools.lru_cache(4096)
def object_picture(noun: str, colour: str | None) -> Image.Image:
    """RGBA, GLYPH x GLYPH, the object touching its frame on the longer side; `colour` repaints it, shading kept."""
    canvas = Image.new("RGBA", (160, 160))
    ImageDraw.Draw(canvas).text((10, 10), NOUNS[noun].picture, font=_emoji_font(), embedded_color=True)
    canvas = canvas.crop(canvas.getchannel("A").point(lambda a: 255 if a > 24 else 0).getbbox())
    scale = GLYPH / max(canvas.size)
    canvas = canvas.resize((max(round(canvas.width * scale), 1), max(round(canvas.height * scale), 1)), Image.Resampling.LANCZOS)
    picture = Image.new("RGBA", (GLYPH, GLYPH))
    picture.paste(canvas, ((GLYPH - canvas.width) // 2, (GLYPH - canvas.height) // 2))
    return picture if colour is None else _repaint(picture, colour)


def _repaint(picture: Image.Image, colour: str) -> Image.Image:
    """Maps the object's own range of luminance to a ramp through the colour: dark tone, the colour, light tone."""
    rgba = np.asarray(picture, dtype=np.float32)
    alpha = rgba[..., 3] > 128
    luminance = rgba[..., :3] @ np.float32([0.299, 0.587, 0.114]) / 255
    low, high = np.percentile(luminance[alpha], (4, 96)) if alpha.any() else (0.0, 1.0)
    t = np.clip((luminance - low) / max(high - low, 0.12), 0, 1)[..., None]
    middle = np.float32(COLOURS[colour])
    dark, light = middle * 0.5, middle + (255 - middle) * 0.42
    if colour == "black":
        dark, light = middle * 0.2, middle * 2.6
    elif colour == "white":  # dark enough for an object's parts to stay apart, and light for most of it
        dark, light, t = np.float32([112, 116, 126]), np.float32([255, 255, 255]), t**0.5
        middle = (dark + light) / 2
    ramp = np.where(t < 0.5, dark + (middle - dark) * (t * 2), middle + (light - middle) * (t * 2 - 1))
    return Image.fromarray(np.dstack([ramp, rgba[..., 3]]).round().astype(np.uint8), "RGBA")


# ---- backgrounds: each takes a random.Random and paints 512x512, halved for smooth edges -------------------------------

S = 512


def _tone(rng: random.Random, colour: tuple[int, int, int], spread: int = 14) -> tuple[int, int, int]:
    shift = rng.randint(-spread, spread)
    return tuple(min(max(c + shift + rng.randint(-5, 5), 0), 255) for c in colour)


def _gradient(top, bottom, angle: float = math.pi / 2, size: int = S) -> Image.Image:
    """Linear blend of two colours along `angle` (radians, pi/2 = downwards)."""
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / (size - 1) - 0.5
    t = x * math.cos(angle) + y * math.sin(angle)
    t = ((t - t.min()) / (t.max() - t.min()))[..., None]
    return Image.fromarray(np.clip(np.float32(top) * (1 - t) + np.float32(bottom) * t, 0, 255).round().astype(np.uint8))


def _hills(draw, rng, base, height, colour, waves=2):
    phase, f = rng.uniform(0, 6.28), rng.uniform(0.6, 1.4) * waves
    points = [(x, base + height * math.sin(phase + f * x / S * 6.28 / 2)) for x in range(0, S + 9, 8)]
    draw.polygon([(0, S), *points, (S, S)], fill=colour)


def _beach(rng):
    horizon = rng.randint(170, 230)
    image = _gradient(_tone(rng, (128, 204, 246)), _tone(rng, (206, 238, 252)))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, horizon, S, S), fill=_tone(rng, (28, 140, 200)))
    shore = rng.randint(290, 350)
    _hills(draw, rng, shore, 8, (232, 248, 250))
    _hills(draw, rng, shore + 12, 8, _tone(rng, (240, 214, 150)))
    return image


def _snow(rng):
    image = _gradient(_tone(rng, (172, 200, 226)), _tone(rng, (224, 236, 246)))
    draw = ImageDraw.Draw(image)
    _hills(draw, rng, rng.randint(250, 300), 24, _tone(rng, (222, 234, 246), 6))
    _hills(draw, rng, rng.randint(330, 390), 16, _tone(rng, (248, 251, 255), 4))
    for _ in range(rng.randint(30, 46)):
        x, y, r = rng.randint(0, S), rng.randint(0, S), rng.randint(4, 8)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=(255, 255, 255))
    return image


def _stars(draw, rng, count, colour=(255, 250, 220)):
    for _ in range(count):
        x, y, r = rng.randint(0, S), rng.randint(0, S), rng.choice((2, 3, 3, 5))
        draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)


def _night_sky(rng):
    image = _gradient(_tone(rng, (10, 14, 52), 6), _tone(rng, (34, 46, 112), 8))
    _stars(ImageDraw.Draw(image), rng, rng.randint(34, 50))
    return image


def _forest(rng):
    image = _gradient(_tone(rng, (176, 220, 190)), _tone(rng, (120, 180, 120)))
    draw = ImageDraw.Draw(image)
    for layer, (base, colour) in enumerate((((300), (58, 128, 76)), ((370), (32, 98, 54)))):
        colour = _tone(rng, colour, 8)
        for i in range(-1, 8):
            x, w, h = i * 74 + rng.randint(-16, 16) + layer * 36, rng.randint(56, 80), rng.randint(170, 240)
            for k in range(3):
                top = base - h + k * h // 4
                draw.polygon([(x, top + h // 2), (x + w // 2, top), (x + w, top + h // 2)], fill=colour)
        draw.rectangle((0, base - 20, S, S), fill=colour)
    draw.rectangle((0, 430, S, S), fill=_tone(rng, (70, 112, 52), 8))
    return image


def _desert(rng):
    image = _gradient(_tone(rng, (250, 210, 140)), _tone(rng, (255, 236, 190)))
    draw = ImageDraw.Draw(image)
    _hills(draw, rng, rng.randint(260, 300), 34, _tone(rng, (230, 176, 96)), 1.4)
    _hills(draw, rng, rng.randint(340, 390), 26, _tone(rng, (214, 152, 74)), 1.2)
    return image


def _sea(rng):
    image = _gradient(_tone(rng, (70, 180, 220)), _tone(rng, (10, 66, 130)))
    draw = ImageDraw.Draw(image)
    for _ in range(rng.randint(10, 18)):
        x, y, r = rng.randint(0, S), rng.randint(0, S), rng.randint(6, 16)
        draw.ellipse((x - r, y - r, x + r, y + r), outline=(190, 232, 246), width=4)
    _hills(draw, rng, 480, 10, _tone(rng, (196, 178, 122)))
    return image


def _city(rng):
    """Houses and windows stand on a lattice of 32 (one latent cell): small things at random places come out as noise."""
    image = _gradient(_tone(rng, (150, 196, 232)), _tone(rng, (222, 232, 240)))
    draw = ImageDraw.Draw(image)
    x = 0
    while x < S:
        w, h = 32 * rng.randint(2, 3), 32 * rng.randint(4, 10)
        draw.rectangle((x, 448 - h, x + w - 1, 448), fill=_tone(rng, rng.choice(((112, 122, 140), (140, 132, 130), (92, 108, 130), (160, 150, 144)))))
        window = rng.choice(((246, 232, 160), (70, 82, 100)))
        for wy in range(448 - h, 448, 32):
            for wx in range(x, min(x + w, S), 32):
                draw.rectangle((wx + 9, wy + 8, wx + 22, wy + 25), fill=window)
        x += w
    draw.rectangle((0, 448, S, S), fill=_tone(rng, (84, 86, 92), 8))
    return image


def _space(rng):
    image = _gradient(_tone(rng, (8, 6, 22), 4), _tone(rng, (44, 16, 70), 8), rng.uniform(0, 6.28))
    draw = ImageDraw.Draw(image)
    _stars(draw, rng, rng.randint(40, 60), (255, 255, 255))
    x, y, r = rng.randint(30, S - 30), rng.randint(30, S - 30), rng.randint(28, 54)
    draw.ellipse((x - r, y - r, x + r, y + r), fill=_tone(rng, rng.choice(((206, 120, 80), (120, 150, 210), (190, 170, 120)))))
    return image


def _meadow(rng):
    image = _gradient(_tone(rng, (120, 196, 246)), _tone(rng, (214, 240, 252)))
    draw = ImageDraw.Draw(image)
    _hills(draw, rng, rng.randint(270, 320), 22, _tone(rng, (132, 200, 84)))
    _hills(draw, rng, rng.randint(340, 400), 14, _tone(rng, (92, 172, 58)))
    for row, y in enumerate((432, 464, 496)):
        for k, x in enumerate(range(16 + 32 * row, S, 96)):
            draw.ellipse((x - 8, y - 8, x + 8, y + 8), fill=((255, 240, 90), (255, 255, 255), (250, 140, 170))[(k + row) % 3])
    return image


def _mountains(rng):
    image = _gradient(_tone(rng, (150, 190, 230)), _tone(rng, (230, 236, 242)))
    draw = ImageDraw.Draw(image)
    for i in range(4):
        x, y, w = i * 150 - 30 + rng.randint(-30, 30), rng.randint(110, 190), rng.randint(150, 200)
        draw.polygon([(x, y), (x - w, 420), (x + w, 420)], fill=_tone(rng, (104, 116, 140)))
        k = 0.24
        draw.polygon([(x, y), (x - w * k, y + (420 - y) * k), (x, y + (420 - y) * k * 0.8), (x + w * k, y + (420 - y) * k)], fill=(250, 252, 255))
    _hills(draw, rng, 410, 12, _tone(rng, (86, 140, 84)))
    return image


def _sunset(rng):
    image = _gradient(_tone(rng, (92, 50, 130)), _tone(rng, (255, 150, 60)))
    draw = ImageDraw.Draw(image)
    x, r = rng.randint(100, S - 100), rng.randint(50, 76)
    draw.ellipse((x - r, 350 - r, x + r, 350 + r), fill=(255, 226, 120))
    draw.rectangle((0, 370, S, S), fill=_tone(rng, (70, 36, 84), 8))
    return image


def _room(rng):
    wall = rng.choice(((236, 222, 196), (204, 222, 210), (222, 208, 226), (206, 220, 236)))
    image = Image.new("RGB", (S, S), _tone(rng, wall))
    draw = ImageDraw.Draw(image)
    x, y = rng.choice((40, 300)), rng.randint(40, 70)
    draw.rectangle((x, y, x + 160, y + 170), fill=(255, 255, 255))
    for i in range(2):
        for j in range(2):
            draw.rectangle((x + 12 + i * 72, y + 12 + j * 77, x + 76 + i * 72, y + 81 + j * 77), fill=(160, 210, 244))
    draw.rectangle((0, 380, S, S), fill=_tone(rng, (168, 116, 70)))
    draw.rectangle((0, 368, S, 382), fill=(250, 248, 244))
    return image


PAINTERS = {"beach": _beach, "snow": _snow, "night sky": _night_sky, "forest": _forest, "desert": _desert, "sea": _sea, "city": _city,
            "space": _space, "meadow": _meadow, "mountains": _mountains, "sunset": _sunset, "room": _room}


@functools.lru_cache(1024)
def _scene_picture(name: str, variant: int) -> Image.Image:
    return PAINTERS[name](random.Random(f"{name} {variant}")).reduce(2)


def _pale(rng: random.Random, deep: bool) -> Image.Image:
    base = 196 if deep else 236  # deep enough for a white object to stand out

    def pastel():
        hue = rng.uniform(0, 6.28)
        depth = rng.uniform(4, 34)
        return tuple(round(base + rng.uniform(-8, 10) + depth * math.cos(hue + k * 2.094) * 0.55) for k in range(3))
    pick = rng.random()
    if pick < 0.3 and not deep:
        return Image.new("RGB", (SIZE, SIZE), (255, 255, 255))
    if pick < 0.75:
        return Image.new("RGB", (SIZE, SIZE), tuple(min(c, 255) for c in pastel()))
    return _gradient(pastel(), pastel(), rng.uniform(0, 6.28), SIZE)


def background(rng: random.Random, ground: tuple[str, ...], deep: bool = False) -> Image.Image:
    if ground[0] == "plain":
        return Image.new("RGB", (SIZE, SIZE), _tone(rng, COLOURS[ground[1]], 8))
    if ground[0] == "graded":
        return _gradient(COLOURS[ground[1]], COLOURS[ground[2]], math.pi / 2, SIZE)
    if ground[0] == "scene":
        image = _scene_picture(ground[1], rng.randrange(VARIANTS)).copy()
        return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if rng.random() < 0.5 else image
    return _pale(rng, deep)


# ---- styles: filters over the drawing; `mask` is the objects' coverage ---------------------------------------------------


def _edges(image: Image.Image) -> np.ndarray:
    """Strength of luminance and colour edges, 0..1."""
    a = np.asarray(image.filter(ImageFilter.GaussianBlur(0.8)), dtype=np.float32)
    gx, gy = np.zeros_like(a), np.zeros_like(a)
    gx[:, 1:-1], gy[1:-1] = a[:, 2:] - a[:, :-2], a[2:] - a[:-2]
    return np.clip(np.sqrt(gx**2 + gy**2).max(-1) / 110, 0, 1)


def _pixel_art(image, mask):
    small = image.reduce(8)
    return small.point(lambda v: min(round(v / 36) * 36, 255)).resize(image.size, Image.Resampling.NEAREST)


def _pencil_sketch(image, mask):
    grey = np.asarray(image.convert("L"), dtype=np.float32)
    ink = np.clip(_edges(image) * 1.5, 0, 1) * 190 + (255 - grey) * 0.16
    return Image.fromarray(np.clip(250 - ink, 30, 250).astype(np.uint8)).convert("RGB")


def _watercolour(image, mask):
    """A thin wash on paper; pigment gathers in a dark rim."""
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(3)), dtype=np.float32)
    cover = np.asarray(mask.filter(ImageFilter.GaussianBlur(2)), dtype=np.float32)[..., None] / 255
    wash = soft * 0.62 + 255 * 0.38
    paper = (wash + np.float32([250, 247, 240])) / 2
    painted = paper + (wash - paper) * cover
    return Image.fromarray((painted + (soft * 0.55 - painted) * 2.8 * cover * (1 - cover)).astype(np.uint8))


def _neon(image, mask):
    edges = _edges(image)
    a = np.asarray(image, dtype=np.float32)
    vivid = a - a.min(-1, keepdims=True)
    vivid = vivid / np.maximum(vivid.max(-1, keepdims=True), 40) * 255
    vivid = np.where(vivid.max(-1, keepdims=True) < 60, np.float32([90, 220, 255]), vivid)
    lines = Image.fromarray((vivid * edges[..., None]).astype(np.uint8))
    glow = lines.filter(ImageFilter.GaussianBlur(5)).point(lambda v: min(int(v * 1.8), 255))
    return ImageChops.add(ImageChops.add(lines, glow), Image.new("RGB", image.size, (10, 6, 22)))


def _silhouette(image, mask):
    return Image.composite(Image.new("RGB", image.size, (14, 14, 16)), image, mask)


def _mosaic(image, mask):
    """Only the objects are tiled: of a pattern all over a pale ground the VAE keeps nothing."""
    tiles, covered = np.asarray(image.reduce(8), dtype=np.float32), np.asarray(mask.reduce(8)) > 90
    tiles[(np.indices(covered.shape).sum(0) % 2 > 0) & covered] *= 0.8
    tiles, covered = (part.repeat(8, 0).repeat(8, 1) for part in (tiles, covered))
    grout = np.zeros_like(covered)
    grout[::8] = grout[:, ::8] = True
    tiles[grout & covered] = (240, 236, 226)
    return Image.fromarray(tiles.astype(np.uint8))


def _blueprint(image, mask):
    lines = np.clip(_edges(image) * 1.4, 0, 1)[..., None]
    return Image.fromarray((np.float32([24, 70, 150]) * (1 - lines) + np.float32([236, 244, 255]) * lines).astype(np.uint8))


def _sepia(image, mask):
    grey = np.asarray(image.convert("L"), dtype=np.float32)[..., None] / 255
    return Image.fromarray(np.clip(np.float32([44, 26, 12]) + grey * np.float32([204, 188, 152]), 0, 255).astype(np.uint8))


FILTERS = {"pixel art": _pixel_art, "pencil sketch": _pencil_sketch, "watercolour": _watercolour, "neon": _neon, "silhouette": _silhouette,
           "mosaic": _mosaic, "blueprint": _blueprint, "sepia": _sepia}


@functools.cache
def _letter_font(pitch: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(LETTERS, round(pitch / 0.602))  # of a monospaced font's size


def _write(rng: random.Random, image: Image.Image, labels: np.ndarray, scene: Scene) -> None:
    draw = ImageDraw.Draw(image)
    fill = _tone(rng, COLOURS[scene.word_colour], 8)
    for letter, (x, y, pitch) in zip(scene.word, scene.letters):
        draw.text((x, y), letter, font=_letter_font(pitch), fill=fill, anchor="mm")
        left, top = round(x - pitch / 2) // CELL, round(y - pitch * 0.6) // CELL
        labels[top:top + pitch * 5 // 4 // CELL, left:left + pitch // CELL] = LETTER_LABELS[letter]


def draw_scene(scene: Scene, rng: random.Random) -> tuple[Image.Image, np.ndarray]:
    """The picture, and for each 16x16-pixel cell the noun or letter that fills it (world.LABELS): uint16 [rows, columns], 0 for none."""
    columns, rows = scene.canvas
    size = (columns * CELL, rows * CELL)
    image = background(rng, scene.ground, deep=any(t.colour == "white" for t in scene.things))
    if max(size) > SIZE:
        image = image.resize((max(size),) * 2, Image.Resampling.BICUBIC)
    image = image.crop((0, 0, *size))
    mask = Image.new("L", size)
    labels = np.zeros((rows, columns), dtype=np.uint16)
    shade = rng.uniform(0.93, 1.05)
    for thing in scene.things:
        glyph = object_picture(thing.noun, thing.colour)
        for x, y, side in thing.boxes:
            drawn = max(round(side), 8)
            picture = glyph.resize((drawn, drawn), Image.Resampling.LANCZOS if drawn > GLYPH else Image.Resampling.BOX if drawn * 2 < GLYPH else Image.Resampling.BILINEAR)
            alpha = picture.getchannel("A")
            at = (round(x - side / 2), round(y - side / 2))
            body = picture.convert("RGB").point(lambda v: min(int(v * shade), 255))
            image.paste(body, at, alpha)
            own = Image.new("L", size)
            own.paste(alpha, at, alpha)
            mask = ImageChops.lighter(mask, own)
            labels[np.asarray(own.reduce(16)) > 64] = NOUNS[thing.noun].index + 1
    if scene.word:
        _write(rng, image, labels, scene)
    if scene.style:
        image = FILTERS[scene.style](image, mask)
    return image, labels


def main() -> None:
    from .captions import caption
    from .world import KINDS, random_scene
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", default="training/runs/sheet.png")
    options = parser.parse_args()
    columns = 8
    sheet = Image.new("RGB", (columns * 264, math.ceil(options.count / columns) * 284), "white")
    for i in range(options.count):
        rng = random.Random(options.seed * 1_000_003 + i)
        scene = random_scene(rng, KINDS[i % len(KINDS)])
        sheet.paste(draw_scene(scene, rng)[0], (i % columns * 264, i // columns * 284))
        ImageDraw.Draw(sheet).text((i % columns * 264, i // columns * 284 + 258), caption(scene, rng)[:48], fill="black")
    sheet.save(options.output)


if __name__ == "__main__":
    main()
