"""How much noise the second pass of Upscale, and a subtle variation, may begin with: what keeps the picture, and what makes it sharper.

    python -m training.load --model public/models/safelight --output training/runs/pipeline
    python -m training.reference.measure_upscale

Draws the grader's prompts at the model's own size, enlarges each (latents or pixels, several strengths), reduces the result to the
size of the detector and compares what it finds with what it found before: the same nouns, or letters, each at its place and of its
size, and of its colour where the prompt asks for one. Drawn with PyTorch in bfloat16, as evaluate.py does; what is drawn is kept, and a
run that was broken off goes on where it was. Writes docs/upscaling.md.
"""
from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from diffusers import DPMSolverMultistepScheduler
from PIL import Image

from ..detector import Found, detect, load
from ..evaluate import Painter
from ..grade import scenes
from ..train_text import encode as tokenize
from ..train_unet import GUIDANCE_SCALE, SCHEDULE

STEPS, SECOND_STEPS = 12, 3  # the model's default, and the share of it that the page asks of the second pass
SEED = 1000  # of the first picture, as the grader counts
STRENGTHS = [0.03, 0.05, 0.1, 0.2, 0.3, 0.5]
UPSCALERS = ["pixels", "latent"]
VARIATIONS = [0.025, 0.05, 0.1, 0.2]
SCALES = [2, 1.5]
NEAR = 14  # pixels of 256: the detector's cell has 8, and a centre on an edge may fall to either side
NEAR_VARIED = 20  # in a variation an object may also go to the next cell of the latents, which is 16 pixels away
ALIKE = 0.2  # by how much of itself an object's side may change
EDGES = (16, 32)  # levels from the ground: an object begins between them


def enlarged(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS))


def reduced(pictures: np.ndarray, side: int) -> np.ndarray:
    return np.stack([np.asarray(Image.fromarray(p).resize((side, side), Image.Resampling.LANCZOS)) for p in pictures])


def sides(picture: np.ndarray, found: Found) -> list[float]:
    """The side of each object: the root of the area that differs from the ground and lies nearest to its centre. Not a number where the
    object is too like the ground to tell, which shows in an area that depends on the threshold."""
    border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    off = np.abs(picture.astype(np.float32) - np.median(border, 0)).max(-1)
    rows, columns = np.mgrid[0:off.shape[0], 0:off.shape[1]]
    nearest = np.argmin([np.hypot(columns - x, rows - y) for _, _, x, y, _ in found.objects] or [off], 0)
    low, high = ([np.sqrt(((nearest == i) & (off > edge)).sum()) for i in range(len(found.objects))] for edge in EDGES)
    return [float(a) if b > (1 - ALIKE / 2) * a else float("nan") for a, b in zip(low, high)]


def kept(before: Found, after: Found, coloured: bool, sizes: tuple[list[float], list[float]] | None, near: float) -> bool:
    """Whether the same objects, or letters, are seen, each within `near` pixels of its place, and of its colour and size where these are told."""
    # A side that is not a number, on either side, tells nothing.
    if (before.word, before.style, len(before.objects)) != (after.word, after.style, len(after.objects)):
        return False
    left = list(range(len(after.objects)))
    for i, (noun, colour, x, y, _) in enumerate(before.objects):
        def far(j: int) -> float:
            return max(abs(after.objects[j][2] - x), abs(after.objects[j][3] - y))
        same = [j for j in left if after.objects[j][0] == noun and (not coloured or after.objects[j][1] == colour) and far(j) <= near]
        if not same:
            return False
        j = min(same, key=far)
        if sizes and abs(sizes[1][j] - sizes[0][i]) > ALIKE * sizes[0][i]:
            return False
        left.remove(j)
    return True


def sharpness(picture: np.ndarray) -> float:
    """Mean absolute Laplacian of the luma, in levels."""
    y = picture.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    return float(np.abs(4 * y[1:-1, 1:-1] - y[:-2, 1:-1] - y[2:, 1:-1] - y[1:-1, :-2] - y[1:-1, 2:]).mean())


def noise(seeds: list[int], size: tuple[int, int]) -> torch.Tensor:
    return torch.stack([torch.randn(16, *size, generator=torch.Generator().manual_seed(s)) for s in seeds])


def slerp(share: float, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    flat_a, flat_b = a.flatten(1), b.flatten(1)
    angle = torch.acos((flat_a * flat_b).sum(1) / (flat_a.norm(dim=1) * flat_b.norm(dim=1))).view(-1, 1, 1, 1)
    return (torch.sin((1 - share) * angle) * a + torch.sin(share * angle) * b) / torch.sin(angle)


@torch.no_grad()
def denoise(painter: Painter, prompts: list[str], x: torch.Tensor, clean: torch.Tensor | None, steps: int, first: int) -> torch.Tensor:
    """From noise `x`, or from `clean` latents noised by it to the level of the first step. DPM-Solver++(2M), guided."""
    parts = []
    for at in range(0, len(prompts), 8):
        some, own = prompts[at:at + 8], x[at:at + 8]
        with torch.autocast("cpu", torch.bfloat16):
            states = painter.text(tokenize(painter.tokenizer, ["", *some])).last_hidden_state
        context = torch.cat([states[:1].expand(len(some), -1, -1), states[1:]])
        scheduler = DPMSolverMultistepScheduler(**SCHEDULE)
        scheduler.set_timesteps(steps)
        scheduler.set_begin_index(first)
        if clean is not None:
            own = scheduler.add_noise(clean[at:at + 8], own, scheduler.timesteps[first:first + 1].expand(len(some)))
        for t in scheduler.timesteps[first:]:
            both = torch.cat([own, own]).contiguous(memory_format=torch.channels_last)
            with torch.autocast("cpu", torch.bfloat16):
                u, c = painter.unet(both, t, context).sample.float().chunk(2)
            own = scheduler.step(u + GUIDANCE_SCALE * (c - u), t, own).prev_sample
        parts.append(own)
    return torch.cat(parts)


@torch.no_grad()
def pictures(painter: Painter, latents: torch.Tensor) -> np.ndarray:
    return torch.cat([painter.pictures(part) for part in latents.split(4)]).numpy()


@torch.no_grad()
def encode(painter: Painter, images: np.ndarray) -> torch.Tensor:
    x = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 127.5 - 1
    means = []
    for part in x.split(4):
        with torch.autocast("cpu", torch.bfloat16):
            means.append(painter.vae.encode(part.contiguous(memory_format=torch.channels_last)).latent_dist.mean.float())
    return torch.cat(means)


def second_pass(painter: Painter, prompts: list[str], latents: torch.Tensor, base: np.ndarray, scale: float, upscaler: str, strength: float) -> np.ndarray:
    cells = round(latents.shape[-1] * scale)
    seeds = [SEED + i for i in range(len(prompts))]
    if upscaler == "latent":
        clean = torch.nn.functional.interpolate(latents, (cells, cells), mode="bilinear")
    else:
        clean = encode(painter, np.stack([enlarged(p, cells * 16, cells * 16) for p in base]))
    steps = int(SECOND_STEPS / min(strength, 0.999))
    return pictures(painter, denoise(painter, prompts, noise(seeds, (cells, cells)), clean, steps, steps - SECOND_STEPS))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pipeline", type=Path, default=Path("training/runs/pipeline"))
    parser.add_argument("--detector", type=Path, default=Path("training/detector.safetensors"))
    parser.add_argument("--per-kind", type=int, default=5)
    parser.add_argument("--scales", type=float, nargs="*", default=SCALES)
    parser.add_argument("--upscalers", nargs="*", default=UPSCALERS)
    parser.add_argument("--strengths", type=float, nargs="*", default=STRENGTHS)
    parser.add_argument("--variations", type=float, nargs="*", default=VARIATIONS)
    parser.add_argument("--pictures", type=Path, default=Path("training/runs/upscale"), help="where what is drawn is kept; empty it when the weights change")
    parser.add_argument("--output", type=Path, default=Path("docs/upscaling.md"))
    options = parser.parse_args()
    listed = scenes(options.per_kind)
    prompts, seeds = [text for _, text in listed], [SEED + i for i in range(len(listed))]
    detector, painter = load(options.detector), Painter(options.pipeline)
    options.pictures.mkdir(parents=True, exist_ok=True)

    def once(name: str, draw: Callable[[], np.ndarray]) -> np.ndarray:
        file = options.pictures / f"{len(listed)} {name}.npy"
        if not file.exists():
            np.save(file, draw())
        return np.load(file)

    latents = torch.from_numpy(once("latents", lambda: denoise(painter, prompts, noise(seeds, (16, 16)), None, STEPS, 0).numpy()))
    base = once("base", lambda: pictures(painter, latents))
    side = base.shape[1]
    before = detect(detector, torch.from_numpy(base))
    sizes = [sides(p, f) for p, f in zip(base, before)]

    def judge(name: str, images: np.ndarray, near: float = NEAR) -> str:
        small = images if images.shape[1] == side else reduced(images, side)
        after = detect(detector, torch.from_numpy(small))
        same, verdict = [], []
        for (scene, _), a, b, own, p in zip(listed, before, after, sizes, small):
            coloured, plain = scene.kind in ("color", "color_binding"), a.ground.startswith(("pale", "plain")) and not a.style
            same.append(kept(a, b, coloured, (own, sides(p, b)) if plain else None, near))
            verdict.append(kept(a, b, coloured, None, near=side))
        sharper = np.mean([sharpness(p) for p in images]) / np.mean([sharpness(enlarged(p, images.shape[2], images.shape[1])) for p in base])
        change = np.abs(small.astype(np.float32) - base).mean()
        row = f"| {name} | {np.mean(verdict):.3f} | {np.mean(same):.3f} | {sharper:.2f} | {change:.1f} |"
        print(row, [prompts[i] for i, s in enumerate(same) if not s], flush=True)
        return row

    def varied(strength: float) -> np.ndarray:
        turned = slerp(strength, noise(seeds, (16, 16)), noise([s + 500_000 for s in seeds], (16, 16)))
        return pictures(painter, denoise(painter, prompts, turned, None, STEPS, 0))

    rows = []
    for scale in options.scales:
        wide = round(side * scale)
        rows.append(judge(f"{scale:g}x, Lanczos alone", np.stack([enlarged(p, wide, wide) for p in base])))
        for upscaler in options.upscalers:
            for strength in options.strengths:
                images = once(f"{scale:g} {upscaler} {strength}", lambda: second_pass(painter, prompts, latents, base, scale, upscaler, strength))
                rows.append(judge(f"{scale:g}x, {upscaler}, strength {strength}", images))
    rows += [judge(f"variation, strength {strength}", once(f"variation {strength}", lambda: varied(strength)), NEAR_VARIED) for strength in options.variations]
    options.output.write_text(f"""# What Upscale and a subtle variation keep

Written by `python -m training.reference.measure_upscale`: {len(listed)} pictures of the built-in model, {STEPS} steps at {side}x{side}, before and after. Same objects: the detector finds the same nouns, letters and style, and the same colours where the prompt
asks for them. Kept: each of them stands within {NEAR} pixels of its place, in a variation {NEAR_VARIED}, too, and its side differs by at most {ALIKE:.0%}. Sharpness: mean absolute Laplacian, over that of the same picture enlarged by Lanczos alone. Change: mean difference in
levels of 255, at {side}x{side}. The second pass runs {SECOND_STEPS} steps, over enlarged latents or over the enlarged picture's.

| | Same objects | Kept | Sharpness | Change |
|---|---|---|---|---|
""" + "\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
