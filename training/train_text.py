"""Pretrains the text encoder to parse: from a caption, which noun and colour fills each cell of an 8x8 grid, the rest of the scene, and what
each of its things looks like (appearance.py).

    python -m training.train_text --minutes 40

A text encoder that is trained by the U-Net's loss alone is slow to learn what "left of" means: the axis comes early, the direction
late. Here spatial queries read the tokens by cross-attention as the U-Net will, and are told the answer. The heads are thrown away.
"""
from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL
from tokenizers import Tokenizer
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel

from .appearance import AppearanceReader, appearance_codes, appearance_loss, wanted
from .captions import caption
from .fast_cpu import fuse
from .optim import Trainer
from .tokenizer import BEGIN, END, LENGTH, PAD
from .world import COLOURS, NOUN_LIST, NOUNS, SCENES, SIZE, STYLES, Scene, random_scene

GRID = 8
COLOUR_IDS = {None: 0, **{c: i + 1 for i, c in enumerate(COLOURS)}}
GROUNDS = ["pale", "graded", *(f"plain {c}" for c in COLOURS), *SCENES]
FACTS = {"ground": len(GROUNDS), "style": len(STYLES) + 1, "count": 7, "word_colour": len(COLOURS) + 1, "graded_to": len(COLOURS) + 1,
         **{f"letter{i}": 27 for i in range(6)}}
WIDTH = 256


def text_config(tokenizer: Tokenizer) -> CLIPTextConfig:
    token = tokenizer.token_to_id
    return CLIPTextConfig(vocab_size=tokenizer.get_vocab_size(), hidden_size=WIDTH, intermediate_size=4 * WIDTH, num_hidden_layers=5, num_attention_heads=8,
                          max_position_embeddings=LENGTH, hidden_act="gelu", projection_dim=WIDTH, bos_token_id=token(BEGIN), eos_token_id=token(END), pad_token_id=token(PAD))


def encode(tokenizer: Tokenizer, texts: list[str], length: int = LENGTH) -> torch.Tensor:
    """[n, length] int64, padded, cut with the end token kept."""
    pad = tokenizer.token_to_id(PAD)
    rows = []
    for e in tokenizer.encode_batch(texts):
        ids = e.ids if len(e.ids) <= length else [*e.ids[: length - 1], e.ids[-1]]
        rows.append(ids + [pad] * (length - len(ids)))
    return torch.tensor(rows)


def truth(scene: Scene) -> tuple[list[list[int]], list[list[int]], list[int]]:
    """Noun and colour of each cell, and the facts in the order of FACTS."""
    nouns, colours = ([[0] * GRID for _ in range(GRID)] for _ in range(2))
    cell = SIZE / GRID
    for thing in scene.things:
        for x, y, side in thing.boxes:
            for j in range(GRID):
                for i in range(GRID):
                    if ((i + 0.5) * cell - x) ** 2 + ((j + 0.5) * cell - y) ** 2 < (side * 0.5) ** 2:
                        nouns[j][i], colours[j][i] = NOUNS[thing.noun].index + 1, COLOUR_IDS[thing.colour]
    ground = scene.ground
    name = ground[0] if ground[0] in ("pale", "graded") else f"plain {ground[1]}" if ground[0] == "plain" else ground[1]
    letters = [ord(c) - 64 for c in (scene.word or "")] + [0] * 6
    facts = [GROUNDS.index(name), STYLES.index(scene.style) + 1 if scene.style else 0, len(scene.things[0].boxes) if scene.things else 0,
             COLOUR_IDS[scene.word_colour or (ground[1] if name == "graded" else None)], COLOUR_IDS[ground[2] if name == "graded" else None], *letters[:6]]
    return nouns, colours, facts


class Captions(torch.utils.data.IterableDataset):
    """Endless (scene, text, nouns, colours, facts)."""

    def __init__(self, seed: int):
        self.seed = seed

    def __iter__(self):
        rng = random.Random(self.seed)
        while True:
            scene = random_scene(rng)
            yield scene, caption(scene, rng), *truth(scene)


class Parser(nn.Module):
    """Cross-attention from a grid of queries (and one query a fact) to the tokens."""

    def __init__(self, layers: int = 2):
        super().__init__()
        self.queries = nn.Parameter(torch.randn(GRID * GRID + len(FACTS), WIDTH) * 0.5)
        self.layers = nn.ModuleList(nn.TransformerDecoderLayer(WIDTH, 4, 2 * WIDTH, 0.0, "gelu", batch_first=True, norm_first=True) for _ in range(layers))
        self.norm = nn.LayerNorm(WIDTH)
        self.noun, self.colour = nn.Linear(WIDTH, len(NOUN_LIST) + 1), nn.Linear(WIDTH, len(COLOURS) + 1)
        self.facts = nn.ModuleList(nn.Linear(WIDTH, n) for n in FACTS.values())

    def forward(self, tokens: torch.Tensor):
        x = self.queries.expand(len(tokens), -1, -1)
        for layer in self.layers:
            x = layer(x, tokens)
        x = self.norm(x)
        cells = x[:, : GRID * GRID]
        return self.noun(cells), self.colour(cells), [head(x[:, GRID * GRID + i]) for i, head in enumerate(self.facts)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--batch", type=int, default=192)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--vae", type=Path, default=Path("training/runs/vae/vae"))
    parser.add_argument("--tokenizer", type=Path, default=Path("training/runs/tokenizer"))
    parser.add_argument("--output", type=Path, default=Path("training/runs/text"))
    options = parser.parse_args()
    torch.manual_seed(0)
    tokenizer = Tokenizer.from_file(str(options.tokenizer / "tokenizer.json"))
    text = CLIPTextModel(text_config(tokenizer))
    text.set_attn_implementation("sdpa")
    reader, appearance = Parser(), AppearanceReader(WIDTH)
    codes = appearance_codes(fuse(AutoencoderKL.from_pretrained(options.vae)).to(memory_format=torch.channels_last).eval())
    print(f"text encoder {sum(p.numel() for p in text.parameters()) / 1e6:.2f} M parameters")
    trainer = Trainer([text, reader, appearance], options.lr, options.lr * 0.5, ema=0.995)
    loader = iter(torch.utils.data.DataLoader(Captions(int(time.time())), None))
    start, steps, average = time.time(), 0, {}
    while (passed := (time.time() - start) / 60) < options.minutes:
        rows = [next(loader) for _ in range(options.batch)]
        ids = encode(tokenizer, [r[1] for r in rows], 26)
        nouns, colours, facts = (torch.tensor([r[k] for r in rows]) for k in (2, 3, 4))
        things = wanted([r[0] for r in rows])
        with torch.autocast("cpu", torch.bfloat16):
            states = text(ids).last_hidden_state
            noun, colour, fact = reader(states)
            looks = appearance(states, *things[:2])
        nouns, colours = nouns.flatten(1), colours.flatten(1)
        here = nouns > 0
        losses = {"noun": F.cross_entropy(noun.float().transpose(1, 2), nouns), "colour": F.cross_entropy(colour.float()[here], colours[here])}
        losses["facts"] = sum(F.cross_entropy(f.float(), facts[:, i]) for i, f in enumerate(fact)) / len(FACTS)
        losses["appearance"] = appearance_loss(looks, codes, *things)
        (losses["noun"] * 2 + losses["colour"] + losses["facts"] * 2 + losses["appearance"] * 2).backward()
        share = passed / options.minutes
        trainer.step(min((steps + 1) / 50, 1) * min(1, 1.3 * (1 - share) + 0.02))
        with torch.no_grad():
            guess = noun[..., 1:].argmax(-1) + 1
            losses["right noun where one is"] = (guess == nouns)[here].float().mean()
            pairs = torch.tensor([len({x for x in n.tolist() if x}) == 2 for n in nouns])
            losses["the same, of two"] = (guess == nouns)[pairs][here[pairs]].float().mean()
            losses["letters"] = torch.stack([(f.argmax(-1) == facts[:, i])[facts[:, 5] > 0].float().mean() for i, f in enumerate(fact)][5:]).mean()
        for k, v in losses.items():
            if v.isfinite():
                average[k] = 0.98 * average.get(k, v.item()) + 0.02 * v.item()
        steps += 1
        if steps % 50 == 0:
            print(f"{passed:5.1f} min {steps * options.batch:8d} captions " + " ".join(f"{k} {v:.3f}" for k, v in average.items()), flush=True)
        if steps % 500 == 0 or (time.time() - start) / 60 >= options.minutes:
            trainer.swap()
            text.save_pretrained(options.output)
            trainer.swap()


if __name__ == "__main__":
    main()
