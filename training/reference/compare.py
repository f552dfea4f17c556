"""Draws ten prompts with diffusers and with Darkroom, and says how far the pictures differ: at most 2/255 in the mean is the promise.

    python -m training.reference.compare

diffusers loads the pipeline folder that load.py makes of the committed files and runs its own StableDiffusionPipeline in float32;
Darkroom runs the ONNX files by cli/generate.ts in the model's default settings. Writes docs/model-agreement.md.
"""
from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from PIL import Image

PROMPTS = ["a red apple", "two strawberries", "a dog to the left of a car", "five fish", "a blue elephant and a yellow star", "an owl in the top left corner",
           "a rocket in space", "a house, pixel art", 'the word "HELLO" in red', "please draw a small green frog on a beach"]
MOST = 2 / 255


def draw_with_diffusers(folder: Path, defaults: dict) -> list[np.ndarray]:
    pipeline = StableDiffusionPipeline.from_pretrained(folder)
    pipeline.set_progress_bar_config(disable=True)
    return [pipeline(prompt, num_inference_steps=defaults["steps"], guidance_scale=defaults["guidanceScale"], height=defaults["height"], width=defaults["width"],
                     output_type="np", generator=torch.Generator().manual_seed(seed)).images[0] for seed, prompt in enumerate(PROMPTS)]


def draw_with_darkroom(model: Path) -> list[np.ndarray]:
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "prompts.jsonl"
        listed.write_text("".join(json.dumps({"prompt": prompt, "seed": seed}) + "\n" for seed, prompt in enumerate(PROMPTS)))
        subprocess.run(["npx", "tsx", "cli/generate.ts", "--model", str(model.resolve()), "--prompts", str(listed), "--output-dir", folder], check=True, stdout=subprocess.DEVNULL)
        return [np.asarray(Image.open(Path(folder) / f"{i}.png").convert("RGB")) / 255 for i in range(len(PROMPTS))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("public/models/safelight"))
    parser.add_argument("--output", type=Path, default=Path("docs/model-agreement.md"))
    options = parser.parse_args()
    defaults = json.loads((options.model / "darkroom.json").read_text())["defaults"]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "training.load", "--model", str(options.model), "--output", folder], check=True)
        theirs = draw_with_diffusers(Path(folder), defaults)
    differences = [np.abs(a - b) for a, b in zip(theirs, draw_with_darkroom(options.model))]
    rows = [f"| {prompt} | {seed} | {d.mean() * 255:.3f} | {d.max() * 255:.0f} |" for seed, (prompt, d) in enumerate(zip(PROMPTS, differences))]
    options.output.write_text(f"""# The built-in model in diffusers and in Darkroom

Written by `python -m training.reference.compare`: the same prompts and seeds, {defaults["steps"]} steps, guidance scale {defaults["guidanceScale"]}, {defaults["width"]}x{defaults["height"]}. diffusers' StableDiffusionPipeline runs the PyTorch
weights in float32, Darkroom the ONNX files on onnxruntime-web. Differences of the pictures in 255ths; the mean may be at most 2.

| Prompt | Seed | Mean | Largest |
|---|---|---|---|
""" + "\n".join(rows) + "\n")
    print("\n".join(rows))
    worst = max(d.mean() for d in differences)
    if worst > MOST:
        raise SystemExit(f"The pictures differ by {worst * 255:.2f}/255 in the mean, more than {MOST * 255:.0f}/255.")


if __name__ == "__main__":
    main()
