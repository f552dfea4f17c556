"""Pretrains the solid model's text encoder: from a caption, what things there are, their colours, sizes, parts and relation, and what each
of them looks like (looks.py).

    python -m training.solid.train_text --samples 150000

As training/train_text.py: queries read the tokens by cross-attention and are told the answer; the heads are thrown away. Resumes from its
checkpoint; the learning rate falls with the captions seen.
"""
from __future__ import annotations

import argparse
import os
import random
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel

from ..optim import Trainer
from ..tokenizer import BEGIN, END, LENGTH, PAD
from ..train_text import encode
from .captions import caption
from .looks import PART_NAMES, Looks, LooksReader
from .world import COLOUR_LIST, NOUN_LIST, NOUNS, RELATIONS, SIZES, Scene, random_scene

WIDTH = 192
WINDOW = 28  # tokens that a caption is cut or padded to while pretraining
COLOUR_IDS = {None: 0, **{c: i + 1 for i, c in enumerate(COLOUR_LIST)}}
QUESTIONS = {"noun": len(NOUN_LIST) + 1, "noun of the other": len(NOUN_LIST) + 1, "colour": len(COLOUR_IDS), "colour of the other": len(COLOUR_IDS),
             "size": len(SIZES) + 1, "count": 4, "relation": len(RELATIONS) + 1, **{f"colour of the {part}": len(COLOUR_IDS) for part in PART_NAMES}}


def text_config(tokenizer: Tokenizer) -> CLIPTextConfig:
    token = tokenizer.token_to_id
    return CLIPTextConfig(vocab_size=tokenizer.get_vocab_size(), hidden_size=WIDTH, intermediate_size=4 * WIDTH, num_hidden_layers=4, num_attention_heads=6,
                          max_position_embeddings=LENGTH, hidden_act="gelu", projection_dim=WIDTH, bos_token_id=token(BEGIN), eos_token_id=token(END), pad_token_id=token(PAD))


def answers(scene: Scene) -> list[int]:
    """In the order of QUESTIONS."""
    first, other = scene.things[0], scene.things[1] if len(scene.things) == 2 else None
    return [NOUNS[first.noun].index + 1, NOUNS[other.noun].index + 1 if other else 0, COLOUR_IDS[first.colour], COLOUR_IDS[other.colour] if other else 0,
            SIZES.index(first.size) + 1 if first.size else 0, first.count, RELATIONS.index(scene.relation) + 1 if scene.relation else 0,
            *(COLOUR_IDS[first.parts.get(part)] for part in PART_NAMES)]


class Parser(nn.Module):
    """Cross-attention from a query for each question to the tokens."""

    def __init__(self):
        super().__init__()
        self.queries = nn.Parameter(torch.randn(len(QUESTIONS), WIDTH) * 0.5)
        self.attend = nn.MultiheadAttention(WIDTH, 6, batch_first=True)
        self.body = nn.Sequential(nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 2 * WIDTH), nn.GELU(), nn.Linear(2 * WIDTH, WIDTH))
        self.norm = nn.LayerNorm(WIDTH)
        self.heads = nn.ModuleList(nn.Linear(WIDTH, n) for n in list(QUESTIONS.values())[:7])
        self.part_colour = nn.Linear(WIDTH, len(COLOUR_IDS))

    def forward(self, tokens: torch.Tensor) -> tuple[list[torch.Tensor], torch.Tensor]:
        x = self.queries.expand(len(tokens), -1, -1)
        x = x + self.attend(x, tokens, tokens, need_weights=False)[0]
        x = self.norm(x + self.body(x))
        return [head(x[:, i]) for i, head in enumerate(self.heads)], self.part_colour(x[:, 7:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=150_000, help="captions of the whole training")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--tokenizer", type=Path, default=Path("training/runs/solid/tokenizer"))
    parser.add_argument("--looks", type=Path, default=Path("training/runs/solid/looks.pt"))
    parser.add_argument("--output", type=Path, default=Path("training/runs/solid/text"))
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    tokenizer = Tokenizer.from_file(str(options.tokenizer / "tokenizer.json"))
    text = CLIPTextModel(text_config(tokenizer))
    text.set_attn_implementation("sdpa")
    reader, looks_reader = Parser(), LooksReader(WIDTH)
    looks = Looks(torch.load(options.looks))
    print(f"text encoder {sum(p.numel() for p in text.parameters()) / 1e6:.2f} M parameters", flush=True)
    trainer = Trainer([text, reader, looks_reader], options.lr, options.lr * 0.5, ema=0.995)
    checkpoint, seen = options.output / "checkpoint.pt", 0
    if checkpoint.exists():
        state = torch.load(checkpoint)
        trainer.load(state["trainer"])
        seen = state["seen"]
    rng = random.Random(f"captions {seen} {time.time()}")
    start, saved, steps, average = time.time(), time.time(), 0, {}
    while seen < options.samples:
        scenes = [random_scene(rng) for _ in range(options.batch)]
        ids = encode(tokenizer, [caption(scene, rng) for scene in scenes], WINDOW)
        truth = torch.tensor([answers(scene) for scene in scenes])
        nouns, wanted, codes, there = looks.wanted(scenes)
        with torch.autocast("cpu", torch.bfloat16):
            states = text(ids).last_hidden_state
            said, parts = reader(states)
            look = looks_reader(states, nouns, wanted)
        names = list(QUESTIONS)
        losses = {names[i]: F.cross_entropy(s.float(), truth[:, i]) for i, s in enumerate(said)}
        coloured = truth[:, 7:] > 0
        losses["parts"] = F.cross_entropy(parts.float().transpose(1, 2), truth[:, 7:])
        losses["looks"] = F.mse_loss(look.float()[there], codes[there])
        (sum(losses.values()) + 10 * losses["parts"] + 3 * losses["looks"]).backward()
        share = seen / options.samples
        trainer.step(min((trainer.step_count + 1) / 50, 1) * min(1, 1.4 * (1 - share) + 0.01))
        seen, steps = seen + options.batch, steps + 1
        with torch.no_grad():
            losses["right noun"] = (said[0].argmax(-1) == truth[:, 0]).float().mean()
            losses["right part's colour"] = (parts.argmax(-1) == truth[:, 7:])[coloured].float().mean()
        for k, v in losses.items():
            if v.isfinite():
                average[k] = 0.98 * average.get(k, v.item()) + 0.02 * v.item()
        if steps % 50 == 0:
            print(f"{(time.time() - start) / 60:5.1f} min {seen:8d} captions " + " ".join(f"{k} {v:.3f}" for k, v in average.items()), flush=True)
        if time.time() - saved > 240 or seen >= options.samples:
            saved = time.time()
            torch.save({"trainer": trainer.state(), "seen": seen}, checkpoint.with_suffix(".tmp"))
            os.replace(checkpoint.with_suffix(".tmp"), checkpoint)
            trainer.swap()
            text.save_pretrained(options.output / "text_encoder")
            trainer.swap()


if __name__ == "__main__":
    main()
