"""Teaches the committed text encoder the words for motions: a low-rank difference of its weights, a LoRA.

    python -m training.motion.train_text --steps 600

Captions of still pictures keep the states that they had (distillation), so that the picture model's U-Net goes on reading them. Of
captions of clips, readers that are linear in the tokens' states are asked, by the noun, what each thing looks like (the codes of
appearance.py), how it moves, which colour it takes and on which side it is, and what happens to the whole picture. The appearance
reader answers for still captions too, whose states are fixed: so those of moving things keep the form in which the U-Net knows them.
Resumes from its checkpoint.
"""
from __future__ import annotations

import argparse
import os
import random
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import nn
from transformers import CLIPTextModel

from ..appearance import LOOKS, AppearanceReader, appearance_codes, appearance_loss, wanted
from ..captions import caption as picture_caption
from ..distil import LowRank, add_low_rank
from ..encode import TURNS as PICTURE_TURNS
from ..fast_cpu import fuse
from ..optim import Trainer
from ..train_text import GROUNDS, WIDTH
from ..train_text import encode as tokenize
from ..world import NOUN_LIST, NOUNS, STYLES, random_scene
from .captions import caption
from .encode import TURNS
from .world import AROUND, MOTIONS, Clip, random_clip

RANK = 32
SIDES = ("left of", "right of", "above", "below")
ASKED = {"motion": len(MOTIONS), "becomes": len(LOOKS), "side": 4}
FACTS = {"around": len(AROUND) + 1, "ground": len(GROUNDS), "style": len(STYLES) + 1}
OPPOSITE = {0: 1, 1: 0, 2: 3, 3: 2}


class Reader(nn.Module):
    """Asks the tokens, by attention with one head, about each thing by its noun, and about the whole. Linear in the tokens' states."""

    def __init__(self, width: int):
        super().__init__()
        self.noun, self.fact = nn.Embedding(len(NOUN_LIST), width), nn.Parameter(torch.randn(len(FACTS), width))
        self.query = nn.ModuleDict({name: nn.Linear(width, width) for name in ASKED})
        self.key = nn.Linear(width, width)
        self.value = nn.ModuleDict({name: nn.Linear(width, n) for name, n in (ASKED | FACTS).items()})

    def forward(self, tokens: torch.Tensor, nouns: torch.Tensor) -> dict[str, torch.Tensor]:
        """tokens [n, length, width], nouns int64 [n, 2] -> logits [n, 2, answers] by ASKED, [n, answers] by FACTS"""
        keys, named = self.key(tokens).mT * tokens.shape[-1] ** -0.5, self.noun(nouns)
        answers = {name: self.value[name](torch.softmax(self.query[name](named) @ keys, -1) @ tokens) for name in ASKED}
        whole = torch.softmax(self.fact @ keys, -1) @ tokens
        return answers | {name: self.value[name](whole[:, i]) for i, name in enumerate(FACTS)}


def truth(clip: Clip) -> dict[str, list[int] | int]:
    """-100 where there is nothing to say."""
    scene = clip.scene
    ground = scene.ground
    name = ground[0] if ground[0] in ("pale", "graded") else f"plain {ground[1]}" if ground[0] == "plain" else ground[1]
    side = SIDES.index(scene.relation) if scene.relation else -100
    return {"motion": [MOTIONS.index(m) for m in clip.motions] + [-100] * (2 - len(clip.motions)),
            "becomes": [LOOKS.index(b) for b in clip.becomes] + [-100] * (2 - len(clip.motions)),
            "side": [side, OPPOSITE.get(side, -100)],
            "around": AROUND.index(clip.around) + 1 if clip.around else 0, "ground": GROUNDS.index(name), "style": STYLES.index(scene.style) + 1 if scene.style else 0}


def save(file: Path, layers: dict[str, LowRank]) -> None:
    """A LoRA with diffusers' names, float16."""
    tensors = {}
    for name, layer in layers.items():
        tensors[f"text_encoder.{name}.lora_A.weight"] = layer.down.detach().half().contiguous()
        tensors[f"text_encoder.{name}.lora_B.weight"] = layer.up.detach().half().contiguous()
    save_file(tensors, file)


@torch.no_grad()
def fill(layers: dict[str, LowRank], file: Path, part: str) -> None:
    """@raises KeyError where the file has nothing for a layer."""
    tensors = load_file(file)
    for name, layer in layers.items():
        layer.down.copy_(tensors[f"{part}.{name}.lora_A.weight"])
        layer.up.copy_(tensors[f"{part}.{name}.lora_B.weight"])


@torch.no_grad()
def fold(text: CLIPTextModel, file: Path) -> CLIPTextModel:
    """Adds the difference to the weights, rounded as the file has it. @raises KeyError where a layer is not there."""
    tensors, modules = load_file(file), dict(text.named_modules())
    for key in tensors:
        if key.startswith("text_encoder.") and key.endswith(".lora_A.weight"):
            weight = modules[key.removeprefix("text_encoder.").removesuffix(".lora_A.weight")].weight
            weight += (tensors[key.replace("lora_A", "lora_B")].float() @ tensors[key].float()).view_as(weight)
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=600, help="of the whole run, over whose second half the learning rate falls to nothing")
    parser.add_argument("--batch", type=int, default=64, help="captions of clips; half as many of pictures beside them")
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--pipeline", type=Path, default=Path("training/runs/pipeline"))
    parser.add_argument("--output", type=Path, default=Path("training/runs/motion/text"))
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    tokenizer = Tokenizer.from_file(str(options.pipeline / "tokenizer/tokenizer.json"))
    base, text = (CLIPTextModel.from_pretrained(options.pipeline / "text_encoder", attn_implementation="eager") for _ in range(2))
    base.eval().requires_grad_(False)
    layers = add_low_rank(text, RANK)
    adapters = nn.ModuleList(layers.values())
    reader, appearance = Reader(WIDTH), AppearanceReader(WIDTH)
    codes_file = options.output / "codes.pt"
    if not codes_file.exists():
        torch.save(appearance_codes(fuse(AutoencoderKL.from_pretrained(options.pipeline / "vae")).to(memory_format=torch.channels_last).eval()), codes_file)
    codes = torch.load(codes_file)
    trainers = [Trainer([adapters], options.lr, options.lr, ema=0.99, muon=False), Trainer([reader, appearance], options.lr, options.lr * 0.5, ema=0.99)]
    checkpoint = options.output / "checkpoint.pt"
    steps = 0
    if checkpoint.exists():
        state = torch.load(checkpoint)
        for trainer, held in zip(trainers, state["trainers"]):
            trainer.load(held)
        steps = state["steps"]
    print(f"{sum(p.numel() for p in adapters.parameters()) / 1e6:.2f} M parameters", flush=True)
    rng = random.Random(time.time())
    start, average, saved = time.time(), {}, time.time()
    while steps < options.steps:
        clips = []
        for _ in range(options.batch):
            canvas, frames = rng.choice(TURNS)
            clips.append(random_clip(rng, canvas, frames))
        scenes = [random_scene(rng, canvas=rng.choice(PICTURE_TURNS)) for _ in range(options.batch // 2)]
        ids = tokenize(tokenizer, [caption(clip, rng) for clip in clips] + [picture_caption(scene, rng) for scene in scenes])
        marks = [truth(clip) for clip in clips]
        nouns = torch.tensor([[NOUNS[t.noun].index for t in (clip.scene.things * 2)[:2]] for clip in clips])
        things = wanted([clip.scene for clip in clips] + scenes)
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                old = base(ids[len(clips):]).last_hidden_state.float()
            states = text(ids).last_hidden_state
            answers = reader(states[:len(clips)], nouns)
            looks = appearance(states, *things[:2])
        losses = {"kept": (states[len(clips):].float() - old).square().mean(), "appearance": appearance_loss(looks, codes, *things)}
        right = {}
        for name, said in answers.items():
            asked = torch.tensor([mark[name] for mark in marks])
            losses[name] = F.cross_entropy(said.float().flatten(0, -2), asked.flatten(), reduction="sum") / max((asked >= 0).sum().item(), 1)
            right[f"{name} right"] = (said.argmax(-1) == asked)[asked >= 0].float().mean().item()
        two = torch.tensor([len(clip.motions) == 2 for clip in clips])
        right["motion of two right"] = (answers["motion"].argmax(-1) == torch.tensor([mark["motion"] for mark in marks]))[two].float().mean().item()
        weights = {"kept": 20, "appearance": 2, "motion": 2}
        sum(weights.get(name, 0.5) * loss for name, loss in losses.items()).backward()
        rate = min((steps + 1) / 50, 1) * min(1, 2 * (1 - steps / options.steps) + 0.02)
        for trainer in trainers:
            trainer.step(rate)
        for name, value in ({n: loss.item() for n, loss in losses.items()} | right).items():
            if value == value:
                average[name] = 0.98 * average.get(name, value) + 0.02 * value
        steps += 1
        if steps % 25 == 0:
            print(f"{(time.time() - start) / 60:5.1f} min step {steps} " + " ".join(f"{k} {v:.4f}" for k, v in average.items()), flush=True)
        if time.time() - saved > 120 or steps == options.steps:
            saved = time.time()
            torch.save({"trainers": [t.state() for t in trainers], "steps": steps}, checkpoint.with_suffix(".tmp"))
            os.replace(checkpoint.with_suffix(".tmp"), checkpoint)
            trainers[0].swap()
            save(options.output / "difference.safetensors", layers)
            trainers[0].swap()


if __name__ == "__main__":
    main()
