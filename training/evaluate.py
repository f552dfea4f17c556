"""Quality against steps: the grader's prompts drawn with each sampler at each number of steps, judged by the detector, and plotted.

    python -m training.evaluate --pipeline training/runs/pipeline --difference training/runs/twin/difference.safetensors --per-kind 30

Writes docs/samplers-and-steps.json and .svg. Drawn with PyTorch in bfloat16 and diffusers' schedulers, which Darkroom's samplers agree
with (docs/sampler-agreement.md): the many pictures that this takes would keep the browser's engine busy for a day.
"""
from __future__ import annotations

import argparse
import json
from pathlib import Path

import matplotlib
import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, DPMSolverMultistepScheduler, EulerAncestralDiscreteScheduler, UNet2DConditionModel
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import CLIPTextModel

from .detector import load
from .fast_cpu import fuse
from .grade import judge, scenes
from .train_text import encode as tokenize
from .train_unet import GUIDANCE_SCALE, SCHEDULE

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

STEPS = [1, 2, 4, 8, 12, 20, 50]
SAMPLERS = {"DDIM": DDIMScheduler, "DPM-Solver++(2M)": DPMSolverMultistepScheduler, "Euler ancestral": EulerAncestralDiscreteScheduler}
TWIN, TWIN_STEPS = "Twin, DDIM", [1, 2, 4, 8]


@torch.no_grad()
def add_difference(unet: torch.nn.Module, file: Path) -> None:
    """Adds the low-rank difference of distil.py to the weights. @raises KeyError where the file has none for a layer."""
    factors = load_file(file)
    for name, module in unet.named_modules():
        if isinstance(module, (torch.nn.Linear, torch.nn.Conv2d)):
            down, up = (factors[f"unet.{name}.lora_{which}.weight"].float() for which in "AB")
            module.weight += (up @ down).view_as(module.weight)


class Painter:
    """Text encoder, U-Net and VAE of a pipeline folder, in bfloat16; with a `difference` its twin."""

    def __init__(self, pipeline: Path, difference: Path | None = None):
        self.text = CLIPTextModel.from_pretrained(pipeline / "text_encoder").eval()
        self.unet = fuse(UNet2DConditionModel.from_pretrained(pipeline / "unet")).eval()
        self.vae = fuse(AutoencoderKL.from_pretrained(pipeline / "vae")).to(memory_format=torch.channels_last).eval()
        self.tokenizer = Tokenizer.from_file(str(pipeline / "tokenizer/tokenizer.json"))
        if difference:
            add_difference(self.unet, difference)

    @torch.no_grad()
    def latents(self, prompts: list[str], scheduler, steps: int, guidance: float, seeds: list[int], size: tuple[int, int] = (16, 16)) -> torch.Tensor:
        """Float32 [n, 16, *size]; every picture has the noise of its own seed."""
        with torch.autocast("cpu", torch.bfloat16):
            states = self.text(tokenize(self.tokenizer, ["", *prompts])).last_hidden_state
        context = torch.cat([states[:1].expand(len(prompts), -1, -1), states[1:]])
        scheduler.set_timesteps(steps)
        x = torch.stack([torch.randn(16, *size, generator=torch.Generator().manual_seed(s)) for s in seeds]) * scheduler.init_noise_sigma
        generator = torch.Generator().manual_seed(seeds[0])
        for t in scheduler.timesteps:
            scaled = scheduler.scale_model_input(x, t)
            with torch.autocast("cpu", torch.bfloat16):
                if guidance <= 1:
                    prediction = self.unet(scaled.contiguous(memory_format=torch.channels_last), t, states[1:]).sample.float()
                else:
                    both = torch.cat([scaled, scaled]).contiguous(memory_format=torch.channels_last)
                    u, c = self.unet(both, t, context).sample.float().chunk(2)
                    prediction = u + guidance * (c - u)
            extra = {"generator": generator} if isinstance(scheduler, EulerAncestralDiscreteScheduler) else {}
            x = scheduler.step(prediction, t, x, **extra).prev_sample
        return x

    @torch.no_grad()
    def pictures(self, latents: torch.Tensor) -> torch.Tensor:
        """uint8 [n, height, width, 3]"""
        with torch.autocast("cpu", torch.bfloat16):
            y = self.vae.decode(latents).sample.float()
        return ((y + 1) * 127.5).clamp(0, 255).round().to(torch.uint8).permute(0, 2, 3, 1)

    def draw(self, prompts: list[str], scheduler, steps: int, guidance: float, seeds: list[int], batch: int = 40) -> np.ndarray:
        parts = [self.pictures(self.latents(prompts[i:i + batch], scheduler, steps, guidance, seeds[i:i + batch])) for i in range(0, len(prompts), batch)]
        return torch.cat(parts).numpy()


def plot(results: dict[str, dict[str, float]], file: Path) -> None:
    figure, axes = plt.subplots(figsize=(7, 4.2))
    for name, means in results.items():
        points = [(int(steps), mean) for steps, mean in means.items()]
        axes.plot(*zip(*points), marker="o", markersize=4, label=name)
    axes.set_xscale("log")
    axes.set_xticks(STEPS, [str(s) for s in STEPS])
    axes.minorticks_off()
    axes.set_ylim(0, 1)
    axes.set_xlabel("Denoising steps")
    axes.set_ylabel("Right pictures, mean over the kinds")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pipeline", type=Path, default=Path("training/runs/pipeline"))
    parser.add_argument("--difference", type=Path, help="of the twin, which is drawn without guidance")
    parser.add_argument("--detector", type=Path, default=Path("training/detector.safetensors"))
    parser.add_argument("--per-kind", type=int, default=30)
    parser.add_argument("--guidance", type=float, default=GUIDANCE_SCALE)
    parser.add_argument("--steps", type=int, nargs="+", default=STEPS)
    parser.add_argument("--samplers", nargs="*", default=list(SAMPLERS))
    parser.add_argument("--output", type=Path, default=Path("docs/samplers-and-steps"))
    options = parser.parse_args()
    listed = scenes(options.per_kind)
    seeds = [1000 + i for i in range(len(listed))]
    prompts, detector = [text for _, text in listed], load(options.detector)
    results: dict[str, dict[str, float]] = {}

    def measure(painter: Painter, name: str, scheduler, steps: int, guidance: float) -> None:
        kinds, _ = judge(detector, painter.draw(prompts, scheduler.from_config({**SCHEDULE, "clip_sample": False}), steps, guidance, seeds), listed)
        mean = round(float(np.mean(list(kinds.values()))), 3)
        results.setdefault(name, {})[str(steps)] = mean
        print(name, steps, mean, kinds, flush=True)

    painter = Painter(options.pipeline)
    for name in options.samplers:
        for steps in options.steps:
            measure(painter, name, SAMPLERS[name], steps, options.guidance)
    if options.difference:
        twin = Painter(options.pipeline, options.difference)
        for steps in TWIN_STEPS:
            measure(twin, TWIN, DDIMScheduler, steps, 1)
    options.output.with_suffix(".json").write_text(json.dumps({"pictures": len(listed), "guidance": options.guidance, "means": results}, indent=2) + "\n")
    plot(results, options.output.with_suffix(".svg"))


if __name__ == "__main__":
    main()
