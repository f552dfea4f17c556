"""The denoiser of the solid model: diffusers' UNet2DConditionModel on the joined planes, told where on which plane it is.

Planes that share an axis have to find each other by attention, and convolutions alone do not say where they are: what conv_in gives has a
learned picture added to it, `place`, begun as sines of the coordinates.
"""
from __future__ import annotations

import json
import math
from pathlib import Path

import torch
from diffusers import DDIMScheduler, UNet2DConditionModel
from safetensors.torch import load_file, save_file
from torch import nn

from .autoencoder import CHANNELS, COLUMNS, ROWS
from .train_text import WIDTH

CONFIG = dict(sample_size=[ROWS, COLUMNS], in_channels=CHANNELS, out_channels=CHANNELS, down_block_types=["DownBlock2D", "CrossAttnDownBlock2D"],
              up_block_types=["CrossAttnUpBlock2D", "UpBlock2D"], block_out_channels=[96, 192], layers_per_block=1, cross_attention_dim=WIDTH,
              attention_head_dim=[3, 6], use_linear_projection=True)
SCHEDULE = dict(num_train_timesteps=1000, beta_schedule="scaled_linear", beta_start=0.0015, beta_end=0.0195, prediction_type="v_prediction",
                timestep_spacing="trailing", rescale_betas_zero_snr=True, clip_sample=False)
GUIDANCE_SCALE = 3.0


def alphas_cumprod() -> torch.Tensor:
    """float32 [1000]; the last is 0 (Lin et al. 2023, arXiv:2305.08891)."""
    return DDIMScheduler(**SCHEDULE).alphas_cumprod


class PlacedConv(nn.Conv2d):
    """A convolution with a picture added to what it gives."""

    place: nn.Parameter

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x) + self.place.to(x.dtype)


def _waves(width: int) -> torch.Tensor:
    """[1, width, 16, 48]: a random map of the sines and cosines of a cell's coordinates and of its plane's index."""
    c = (torch.arange(ROWS) + 0.5) * 2 / ROWS - 1
    rows, columns = torch.meshgrid(c, c, indexing="ij")
    zero = torch.zeros_like(rows)
    planes = []
    for index, axes in enumerate(((columns, rows, None), (None, rows, columns), (columns, None, rows))):
        maps = [zero + (k == index) for k in range(3)]
        for axis in axes:
            for frequency in (0.5, 1, 2, 4):
                maps += [zero, zero] if axis is None else [torch.sin(math.pi * frequency * axis), torch.cos(math.pi * frequency * axis)]
        planes.append(torch.stack(maps))
    waves = torch.cat(planes, 2)
    mix = torch.randn(width, len(waves), generator=torch.Generator().manual_seed(0)) / len(waves) ** 0.5
    return torch.einsum("wm,mrc->wrc", mix, waves)[None]


def new_unet() -> UNet2DConditionModel:
    unet = UNet2DConditionModel(**CONFIG)
    conv = unet.conv_in
    conv.__class__ = PlacedConv
    conv.register_parameter("place", nn.Parameter(_waves(conv.out_channels)))
    return unet


def save_unet(unet: UNet2DConditionModel, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"_class_name": "UNet2DConditionModel", **dict(unet.config)}, indent=2, default=list) + "\n")
    save_file({k: v.float().contiguous() for k, v in unet.state_dict().items()}, folder / "diffusion_pytorch_model.safetensors")


def open_unet(folder: Path) -> UNet2DConditionModel:
    unet = new_unet()
    unet.load_state_dict(load_file(folder / "diffusion_pytorch_model.safetensors"))
    return unet.eval()


@torch.no_grad()
def sample(unet: nn.Module, states: torch.Tensor, empty: torch.Tensor, steps: int = 12, seed: int = 0, guidance: float = GUIDANCE_SCALE) -> torch.Tensor:
    """Text states [n, window, width] -> planes float32 [n, CHANNELS, 16, 48], by guided DDIM."""
    scheduler = DDIMScheduler(**SCHEDULE)
    scheduler.set_timesteps(steps)
    x = torch.randn(len(states), CHANNELS, ROWS, COLUMNS, generator=torch.Generator().manual_seed(seed))
    context = torch.cat([empty.expand(len(states), -1, -1), states]).to(unet.dtype)
    for t in scheduler.timesteps:
        both = torch.cat([x, x]).to(unet.dtype).contiguous(memory_format=torch.channels_last)
        u, c = unet(both, t.expand(len(both)), context).sample.float().chunk(2)
        x = scheduler.step(u + guidance * (c - u), t, x).prev_sample
    return x
