"""Draws clips with what train.py has learned so far: a contact sheet of fixed prompts, or of others.

    python -m training.motion.sample --prompts "a red apple jumping" "a cat moving to the left" --output sheet.jpg
"""
from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, DPMSolverMultistepScheduler, UNetMotionModel
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import nn
from transformers import CLIPTextModel

from ..fast_cpu import fuse
from ..train_text import encode as tokenize
from ..train_unet import GUIDANCE_SCALE, SCHEDULE, to_bfloat16
from .draw import sheet
from .model import fuse_motion, plain_motion_unet, run
from .train_text import fold

SHOWN = ["a red apple jumping", "a cat moving to the left", "a star spinning", "a balloon growing", "a blue fish moving to the right", "a car rolling to the right",
         "a red ball bouncing next to a sleeping dog", "a rocket moving up in space", "a heart changing colour from red to blue", "a penguin while it is snowing",
         "a house in a meadow, day turns to night", "a tree in the mountains, the camera pans left", "a pizza blinking", "a bell swinging", "an owl falling", "a clock"]


def first_noise(n: int, frames: int, size: tuple[int, int], seed: int, shared: float = 0) -> torch.Tensor:
    """[n, 16, frames, rows, columns]; `shared`: the part of its variance that all frames of a clip have in common."""
    generator = torch.Generator().manual_seed(seed)
    own = torch.randn(n, 16, frames, *size, generator=generator)
    return own if shared == 0 else (1 - shared) ** 0.5 * own + shared**0.5 * torch.randn(n, 16, 1, *size, generator=generator)


@torch.no_grad()
def sample(unet: nn.Module, states: torch.Tensor, empty: torch.Tensor, frames: int = 8, size: tuple[int, int] = (16, 16), steps: int = 12, seed: int = 0,
           shared: float = 0, guidance: float = GUIDANCE_SCALE) -> torch.Tensor:
    """States [n, window, width] -> latents [n, 16, frames, *size], by guided DPM-Solver++(2M)."""
    done = []
    for k, part in enumerate(states.split(4)):
        scheduler = DPMSolverMultistepScheduler(**SCHEDULE)
        scheduler.set_timesteps(steps)
        x = first_noise(len(part), frames, size, seed + k, shared)
        context = torch.cat([empty.expand(len(part), -1, -1), part])
        for t in scheduler.timesteps:
            u, c = run(unet, torch.cat([x, x]), t.expand(2 * len(part)), context).chunk(2)
            x = scheduler.step(u + guidance * (c - u), t, x).prev_sample
        done.append(x)
    return torch.cat(done)


@torch.no_grad()
def decode(vae: AutoencoderKL, latents: torch.Tensor) -> np.ndarray:
    """[n, 16, frames, h, w] -> uint8 [n, frames, height, width, 3]"""
    clips = []
    for clip in latents:
        with torch.autocast("cpu", torch.bfloat16):
            pictures = vae.decode(clip.transpose(0, 1).contiguous(memory_format=torch.channels_last)).sample.float()
        clips.append(((pictures.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy())
    return np.stack(clips)


@torch.no_grad()
def load_unet(unet: Path, file: Path, differences: bool = True) -> UNetMotionModel:
    """The plain model in float32 with the motion modules and, folded into its other weights, the low-rank differences that the file holds."""
    model, tensors = plain_motion_unet(unet), load_file(file)
    modules, parameters = dict(model.named_modules()), dict(model.named_parameters())
    for key, value in tensors.items():
        name = key.removeprefix("unet.")
        if not key.startswith("unet."):
            continue
        if ".lora_" in name and not differences:
            continue
        if name.endswith(".lora_A.weight"):
            weight = modules[name.removesuffix(".lora_A.weight")].weight
            weight += (tensors[key.replace("lora_A", "lora_B")].float() @ value.float()).view_as(weight)
        elif not name.endswith(".lora_B.weight"):
            parameters[name].copy_(value.float())
    return model.eval()


class Studio:
    """What it takes to turn prompts into clips. The text encoder is the committed one; fold() adds what it has learned."""

    def __init__(self, pipeline: Path, unet: nn.Module):
        self.tokenizer = Tokenizer.from_file(str(pipeline / "tokenizer/tokenizer.json"))
        self.text = CLIPTextModel.from_pretrained(pipeline / "text_encoder", attn_implementation="eager").eval()
        self.vae = fuse(AutoencoderKL.from_pretrained(pipeline / "vae")).to(memory_format=torch.channels_last).eval()
        self.unet = unet

    @torch.no_grad()
    def states(self, prompts: list[str]) -> torch.Tensor:
        return self.text(tokenize(self.tokenizer, prompts)).last_hidden_state

    def clips(self, prompts: list[str], **options) -> np.ndarray:
        return decode(self.vae, sample(self.unet, self.states(prompts), self.states([""]), **options))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", nargs="*", default=SHOWN)
    parser.add_argument("--frames", type=int, default=8)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shared", type=float, default=0, help="part of the noise that all frames have in common")
    parser.add_argument("--guidance", type=float, default=GUIDANCE_SCALE)
    parser.add_argument("--pipeline", type=Path, default=Path("training/runs/pipeline"))
    parser.add_argument("--motion", type=Path, default=Path("training/runs/motion/unet/motion.safetensors"))
    parser.add_argument("--output", type=Path, default=Path("training/runs/motion/sample.jpg"))
    options = parser.parse_args()
    unet = to_bfloat16(fuse_motion(load_unet(options.pipeline / "unet", options.motion))).to(memory_format=torch.channels_last)
    studio = Studio(options.pipeline, unet)
    fold(studio.text, options.motion)
    clips = studio.clips(options.prompts, frames=options.frames, steps=options.steps, seed=options.seed, shared=options.shared, guidance=options.guidance)
    sheet(list(clips), options.prompts, options.output, side=128)


if __name__ == "__main__":
    main()
