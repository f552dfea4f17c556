"""Trains the AutoencoderKL: 256x256 RGB in -1..1 <-> latents [16, 16, 16], on drawings made as it goes.

    python -m training.train_vae --minutes 60 --output training/runs/vae        # both halves
    python -m training.train_vae --minutes 60 --decoder-only                    # goes on with the decoder, latents frozen

Loss: L1 and L2 with the drawn objects weighted, differences of neighbouring pixels for the edges, and a KL term that keeps the
latents near a standard normal and noisy enough for a diffusion model (Rombach et al. 2022, arXiv:2112.10752).
"""
from __future__ import annotations

import argparse
import json
import os
import random
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL

from .draw import draw_scene
from .fast_cpu import fuse
from .optim import Trainer
from .world import random_scene

CONFIG = dict(in_channels=3, out_channels=3, down_block_types=("DownEncoderBlock2D",) * 5, up_block_types=("UpDecoderBlock2D",) * 5,
              block_out_channels=(16, 32, 64, 128, 192), layers_per_block=1, latent_channels=16, norm_num_groups=8, mid_block_add_attention=False,
              sample_size=256)
CROP = 128


class Crops(torch.utils.data.IterableDataset):
    """Endless uint8 crops [CROP, CROP, 3] and object weights [CROP / 16, CROP / 16]; half of them around an object."""

    def __init__(self, seed: int, size: int = CROP):
        self.seed, self.size = seed, size

    def __iter__(self):
        worker = torch.utils.data.get_worker_info()
        rng = random.Random(self.seed * 100 + (worker.id if worker else 0))
        while True:
            scene = random_scene(rng)
            image, labels = draw_scene(scene, rng)
            image = np.asarray(image)
            for _ in range(2):
                # multiples of 16, so that the crop falls on the grid that the encoder sees at full size
                x, y = (rng.randint(0, (256 - self.size) // 16) for _ in range(2))
                if scene.things and rng.random() < 0.7:
                    cx, cy, _side = rng.choice(rng.choice(scene.things).boxes)
                    x, y = (min(max(int(c / 16 - self.size / 32 + rng.uniform(-2, 2)), 0), (256 - self.size) // 16) for c in (cx, cy))
                n = self.size // 16
                yield image[y * 16:y * 16 + self.size, x * 16:x * 16 + self.size].copy(), labels[y:y + n, x:x + n].astype(np.int32)


def last_core(_worker: int) -> None:
    """Drawing stays off the cores that the training threads own."""
    os.sched_setaffinity(0, {os.cpu_count() - 1})


def to_tensor(images: torch.Tensor) -> torch.Tensor:
    """uint8 NHWC -> float32 NCHW in -1..1, channels last in memory."""
    return (images.float() / 127.5 - 1).permute(0, 3, 1, 2)


def loss_of(x: torch.Tensor, y: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    weight = 1 + 1.5 * F.interpolate((labels > 0).float()[:, None], scale_factor=16)
    error = y - x
    pixels = (weight * (error.abs() + 4 * error**2)).mean()
    edges = (error[..., 1:, :] - error[..., :-1, :]).abs().mean() + (error[..., 1:] - error[..., :-1]).abs().mean()
    return pixels + 0.5 * edges


@torch.no_grad()
def psnr(vae: AutoencoderKL, images: torch.Tensor, half: bool = True) -> float:
    """Mean over pictures of 10 log10(1 / mean squared error), values in 0..1, as the picture is saved (8 bits)."""
    total = 0.0
    for x in images.split(16):
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            y = vae.decode(vae.encode(to_tensor(x)).latent_dist.mode()).sample.float()
        y = ((y + 1) * 127.5).clamp(0, 255).round().permute(0, 2, 3, 1)
        total += (10 * torch.log10(255**2 / (y - x.float()).square().mean((1, 2, 3)).clamp_min(1e-3))).sum().item()
    return total / len(images)


@torch.no_grad()
def standardize(vae: AutoencoderKL, images: torch.Tensor) -> None:
    """Makes each latent channel's mean 0 and deviation 1 over the pictures, by rewriting the two 1x1 convolutions around the latents.

    The decoded pictures stay what they are; scaling_factor becomes 1.
    """
    means = torch.cat([vae.encode(to_tensor(x)).latent_dist.mean for x in images.split(16)])
    mean, std = means.mean((0, 2, 3)), means.std((0, 2, 3))
    inside, outside = vae.quant_conv, vae.post_quant_conv
    n = len(mean)
    inside.bias[:n] = (inside.bias[:n] - mean) / std
    inside.weight[:n] /= std[:, None, None, None]
    inside.bias[n:] -= 2 * std.log()
    outside.bias += outside.weight[:, :, 0, 0] @ mean
    outside.weight *= std[None, :, None, None]
    vae.register_to_config(scaling_factor=1.0)


def held_out_drawings(count: int) -> torch.Tensor:
    rng = random.Random(987_654_321)
    return torch.from_numpy(np.stack([np.asarray(draw_scene(random_scene(rng), rng)[0]) for _ in range(count)]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--kl", type=float, default=3e-3)
    parser.add_argument("--decoder-only", action="store_true")
    parser.add_argument("--output", type=Path, default=Path("training/runs/vae"))
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(options.seed)
    checkpoint = options.output / "checkpoint.pt"
    vae = fuse(AutoencoderKL(**CONFIG)).to(memory_format=torch.channels_last)
    with torch.no_grad():  # start with a standard deviation of 0.05: under the default's 1 no signal passes and the latents collapse
        vae.quant_conv.bias[16:] = -6
        vae.quant_conv.weight[16:] *= 0.1
        vae.quant_conv.weight[:16] *= 4
    state = torch.load(checkpoint) if checkpoint.exists() else None
    trained: list[torch.nn.Module] = [vae]
    if state and not options.decoder_only:
        vae.load_state_dict(state["vae"])
    if options.decoder_only:
        vae = fuse(AutoencoderKL.from_pretrained(options.output / "vae")).to(memory_format=torch.channels_last)
        trained = [vae.decoder, vae.post_quant_conv]
        vae.encoder.requires_grad_(False)
        vae.quant_conv.requires_grad_(False)
    trainer = Trainer(trained, options.lr, options.lr * 0.5, ema=0.998)
    if state and state["decoder_only"] == options.decoder_only:
        trainer.load(state["trainer"])
    encoder, decoder = torch.compile(vae.encoder), torch.compile(vae.decoder)
    loader = iter(torch.utils.data.DataLoader(Crops(options.seed), options.batch, num_workers=1, prefetch_factor=16, worker_init_fn=last_core))
    test = held_out_drawings(64)
    log = (options.output / "log.jsonl").open("a")
    start, seen, steps, running = time.time(), 0, 0, 0.0
    saved = start
    while (passed := (time.time() - start) / 60) < options.minutes:
        images, labels = next(loader)
        x = to_tensor(images)
        with torch.autocast("cpu", torch.bfloat16, cache_enabled=False):
            with torch.set_grad_enabled(not options.decoder_only):
                mean, logvar = vae.quant_conv(encoder(x)).float().chunk(2, 1)
                logvar = logvar.clamp(-30, 20)
            z = mean + torch.randn_like(mean) * (0.5 * logvar).exp()
            y = decoder(vae.post_quant_conv(z)).float()
        kl = 0.5 * (mean**2 + logvar.exp() - 1 - logvar).mean()
        share = passed / options.minutes
        warm = 1 if state else min(max(share - 0.05, 0) / 0.25, 1)  # with a KL term from the start the latents collapse
        loss = loss_of(x, y, labels) + (0 if options.decoder_only else options.kl * warm * kl)
        loss.backward()
        trainer.step(min((steps + 1) / 100, 1) * min(1, 0.01 + 1.3 * (1 - share) ** 1.5))
        seen, steps, running = seen + options.batch, steps + 1, 0.98 * running + 0.02 * loss.item()
        if steps % 100 == 0 or steps == 20:
            print(f"{passed:6.1f} min {seen:8d} crops {seen / passed / 60:5.0f}/s loss {running / (1 - 0.98**steps):.4f} kl {kl.item():.3f} std {(0.5 * logvar).exp().mean().item():.3f} mean {mean.std().item():.3f}", flush=True)
        if time.time() - saved > 300 or (time.time() - start) / 60 >= options.minutes:
            saved = time.time()
            trainer.swap()
            value = psnr(vae, test)
            plain = AutoencoderKL(**vae.config)
            plain.load_state_dict(vae.state_dict())
            if not options.decoder_only:
                standardize(plain, test)
            plain.save_pretrained(options.output / "vae")
            trainer.swap()
            log.write(json.dumps({"minutes": round(passed, 1), "crops": seen, "psnr_db": round(value, 2), "decoder_only": options.decoder_only}) + "\n")
            log.flush()
            print(f"       held-out drawings: {value:.2f} dB", flush=True)
            torch.save({"vae": vae.state_dict(), "trainer": trainer.state(), "decoder_only": options.decoder_only}, checkpoint)


if __name__ == "__main__":
    main()
