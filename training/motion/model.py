"""diffusers' UNetMotionModel made of the committed U-Net and new motion modules, and what makes it fast enough to train on a CPU."""
from __future__ import annotations

from pathlib import Path

import torch
from diffusers import MotionAdapter, UNet2DConditionModel, UNetMotionModel
from diffusers.models.unets.unet_motion_model import AnimateDiffTransformer3D
from torch import nn

from ..distil import LowRank, add_low_rank
from ..fast_cpu import FusedGroupNorm, fuse
from ..train_unet import to_bfloat16

ADAPTER = dict(block_out_channels=(128, 224), motion_layers_per_block=1, motion_num_attention_heads=(4, 7), motion_max_seq_length=32, use_motion_mid_block=True)
MOTION = "motion_modules"  # in the names of what is new
RANK = 64  # of the spatial weights' difference


def plain_motion_unet(unet: Path, adapter: MotionAdapter | None = None) -> UNetMotionModel:
    """The model as diffusers makes it. A new adapter changes nothing at first: what its modules add is zero."""
    if adapter is None:
        adapter = MotionAdapter(**ADAPTER)
        for module in adapter.modules():
            if isinstance(module, AnimateDiffTransformer3D):
                nn.init.zeros_(module.proj_out.weight)
                nn.init.zeros_(module.proj_out.bias)
    return UNetMotionModel.from_unet2d(UNet2DConditionModel.from_pretrained(unet), adapter)


class TemporalTransformer(AnimateDiffTransformer3D):
    """The same function on channels-last pictures, whose memory is [clip, frame, pixel, channel] already: only queries, keys and values are turned round."""

    def forward(self, hidden_states, encoder_hidden_states=None, timestep=None, class_labels=None, num_frames=1, cross_attention_kwargs=None):
        x = hidden_states.contiguous(memory_format=torch.channels_last)
        n, c, h, w = x.shape
        clips = n // num_frames
        # All frames of a clip below one another: the norm is over all of them.
        tall = x.permute(0, 2, 3, 1).reshape(clips, num_frames * h, w, c).permute(0, 3, 1, 2)
        y = self.norm(tall).permute(0, 2, 3, 1).reshape(clips, num_frames, h * w, c)
        y = self.proj_in(y)
        for block in self.transformer_blocks:
            places = block.pos_embed.pe[0, :num_frames, None].to(y.dtype)
            y = y + self.attend(block.attn1, block.norm1(y) + places)
            y = y + self.attend(block.attn2, block.norm2(y) + places)
            y = y + block.ff(block.norm3(y))
        y = self.proj_out(y).reshape(n, h, w, c).permute(0, 3, 1, 2)
        return x + y

    @staticmethod
    def attend(attn: nn.Module, x: torch.Tensor) -> torch.Tensor:
        """Over the frames, at each pixel: [clips, frames, pixels, channels]."""
        clips, frames, pixels, _ = x.shape

        def turned(part: torch.Tensor) -> torch.Tensor:
            return part.unflatten(-1, (attn.heads, -1)).permute(0, 2, 3, 1, 4).reshape(clips * pixels * attn.heads, frames, -1)
        q, k, v = turned(attn.to_q(x) * attn.scale), turned(attn.to_k(x)), turned(attn.to_v(x))
        y = torch.bmm(torch.softmax(torch.bmm(q, k.mT), -1), v)
        y = y.view(clips, pixels, attn.heads, frames, -1).permute(0, 3, 1, 2, 4).reshape(clips, frames, pixels, -1)
        return attn.to_out[0](y)


def fuse_motion(unet: UNetMotionModel) -> UNetMotionModel:
    fuse(unet)
    for module in unet.modules():
        if isinstance(module, AnimateDiffTransformer3D):
            module.__class__ = TemporalTransformer
            module.norm.__class__ = FusedGroupNorm
    return unet


def trainable(unet: Path) -> tuple[UNetMotionModel, dict[str, nn.Parameter], dict[str, LowRank]]:
    """The fast model in bfloat16, its motion modules' parameters, and the low-rank differences of its other layers, by name."""
    model = to_bfloat16(fuse_motion(plain_motion_unet(unet))).to(memory_format=torch.channels_last)
    layers = add_low_rank(model, RANK, without=MOTION)
    for layer in layers.values():
        layer.to(torch.bfloat16)
    motion = {name: parameter for name, parameter in model.named_parameters() if MOTION in name}
    for parameter in motion.values():
        parameter.requires_grad_(True)
    return model, motion, layers


def run(unet: nn.Module, x: torch.Tensor, t: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
    """Clips [n, c, frames, h, w], timesteps [n], states [n, window, width] -> the network's v, float32."""
    frames = x.shape[2]
    return unet(x.to(unet.dtype), t, states.to(unet.dtype).repeat_interleave(frames, 0)).sample.float()
