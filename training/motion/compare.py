"""Draws five clips with diffusers' AnimateDiffPipeline and with Darkroom, and says how far the frames differ: at most 2/255 in the mean is the promise.

    python -m training.motion.compare --model public/models/safelight-motion

diffusers runs the PyTorch weights in float32: the picture model's, with what motion.safetensors adds. Darkroom runs the ONNX files by
cli/generate.ts in the model's default settings. With --sampler, training/motion/sample.py takes Darkroom's place. Writes docs/motion-agreement.md.
"""
from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import torch
from diffusers import AnimateDiffPipeline, AutoencoderKL, DPMSolverMultistepScheduler
from PIL import Image
from transformers import AutoTokenizer, CLIPTextModel

from ..reference.compare import MOST
from ..train_unet import GUIDANCE_SCALE
from .sample import load_unet, sample
from .train_text import fold

PROMPTS = ["a red apple jumping", "a cat moving to the left", "a star spinning", "a rocket moving up in space", "a penguin while it is snowing"]
FRAMES = 8


def pipeline_of(folder: Path, motion: Path) -> AnimateDiffPipeline:
    """diffusers' pipeline of the pipeline folder that training/load.py writes and of what train.py has saved."""
    text = fold(CLIPTextModel.from_pretrained(folder / "text_encoder"), motion)
    pipeline = AnimateDiffPipeline(AutoencoderKL.from_pretrained(folder / "vae"), text.eval(), AutoTokenizer.from_pretrained(folder / "tokenizer"),
                                   load_unet(folder / "unet", motion), None, DPMSolverMultistepScheduler.from_pretrained(folder / "scheduler"))
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def draw_with_diffusers(pipeline: AnimateDiffPipeline, steps: int) -> list[np.ndarray]:
    return [pipeline(prompt, num_frames=FRAMES, height=256, width=256, num_inference_steps=steps, guidance_scale=GUIDANCE_SCALE, output_type="np",
                     generator=torch.Generator().manual_seed(seed)).frames[0] for seed, prompt in enumerate(PROMPTS)]


@torch.no_grad()
def draw_with_sampler(pipeline: AnimateDiffPipeline, steps: int) -> list[np.ndarray]:
    def states(text: str) -> torch.Tensor:
        ids = pipeline.tokenizer(text, padding="max_length", max_length=pipeline.tokenizer.model_max_length, truncation=True, return_tensors="pt").input_ids
        return pipeline.text_encoder(ids)[0]
    clips = []
    for seed, prompt in enumerate(PROMPTS):
        latents = sample(pipeline.unet, states(prompt), states(""), FRAMES, steps=steps, seed=seed)
        pictures = pipeline.vae.decode(latents[0].transpose(0, 1)).sample
        clips.append(((pictures.clamp(-1, 1) + 1) / 2).permute(0, 2, 3, 1).numpy())
    return clips


def draw_with_darkroom(model: Path) -> list[np.ndarray]:
    clips = []
    for seed, prompt in enumerate(PROMPTS):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["npx", "tsx", "cli/generate.ts", "--model", str(model.resolve()), "--prompt", prompt, "--seed", str(seed), "--frames", str(FRAMES),
                            "--output", f"{folder}/frame.png"], check=True, stdout=subprocess.DEVNULL)
            clips.append(np.stack([np.asarray(Image.open(file).convert("RGB")) / 255 for file in sorted(Path(folder).glob("*.png"))]))
    return clips


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("public/models/safelight-motion"))
    parser.add_argument("--pipeline", type=Path, default=Path("training/runs/pipeline"))
    parser.add_argument("--motion", type=Path, default=Path("training/runs/motion/unet/motion.safetensors"))
    parser.add_argument("--sampler", action="store_true")
    parser.add_argument("--steps", type=int, help="without it, the model's default")
    parser.add_argument("--output", type=Path, default=Path("docs/motion-agreement.md"))
    options = parser.parse_args()
    steps = options.steps or json.loads((options.model / "darkroom.json").read_text())["defaults"]["steps"]
    pipeline = pipeline_of(options.pipeline, options.motion)
    theirs = draw_with_diffusers(pipeline, steps)
    ours = draw_with_sampler(pipeline, steps) if options.sampler else draw_with_darkroom(options.model)
    differences = [np.abs(a - b) for a, b in zip(theirs, ours, strict=True)]
    rows = [f"| {prompt} | {seed} | {d.mean() * 255:.3f} | {d.max() * 255:.0f} |" for seed, (prompt, d) in enumerate(zip(PROMPTS, differences))]
    print("\n".join(rows))
    if not options.sampler:
        options.output.write_text(f"""# The motion model in diffusers and in Darkroom

Written by `python -m training.motion.compare`: the same prompts and seeds, {FRAMES} frames of 256x256, {steps} steps, guidance scale {GUIDANCE_SCALE:g}. diffusers' AnimateDiffPipeline runs the PyTorch
weights in float32, Darkroom the ONNX files on onnxruntime-web. Differences of the frames in 255ths; the mean may be at most 2.

| Prompt | Seed | Mean | Largest |
|---|---|---|---|
""" + "\n".join(rows) + "\n")
    worst = max(d.mean() for d in differences)
    if worst > MOST:
        raise SystemExit(f"The frames differ by {worst * 255:.2f}/255 in the mean, more than {MOST * 255:.0f}/255.")


if __name__ == "__main__":
    main()
