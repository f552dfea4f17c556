"""Grades the solid model on held-out prompts: 60 of each kind, judged from four rendered sides by judge.py, true solids beside.

    python -m training.solid.grade --runs training/runs/solid                the base, 12 guided steps
    python -m training.solid.grade --runs training/runs/solid --twin         the twin, 4 steps

No combination that a prompt asks for was ever built for training (world.held_out_scene). `truth` is what the judge says of true solids of
the same prompts: its own error. Also the distance to the nearest true solid of the noun, and how different 16 seeds are.
"""
from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import CLIPTextModel

from ..distil import Levels, add_low_rank, fill
from .autoencoder import decode_grid
from .captions import caption
from .distil import sample_twin
from .grid import TRUNCATION
from .judge import MIRRORED, Found, load, look, photograph
from .looks import open_autoencoder
from .render import colour_grid, render, sheet
from .train_unet import states_of
from .unet import GUIDANCE_SCALE, alphas_cumprod, open_unet, sample
from .world import KINDS, NOUN_LIST, Scene, alone, build, held_out_scene, propose

PER_KIND = 60
TRUE_SOLIDS = 16  # of each noun, that an object is held against
SEEDS, SEED_NOUNS = 16, 6


def scenes(per_kind: int = PER_KIND) -> list[Scene]:
    """The fixed list. Of `one` nothing can be held out; of the others each prompt has a combination that was."""
    listed = []
    for kind in KINDS:
        rng = random.Random(f"grade solid {kind}")
        if kind == "one":
            listed += [alone(noun.singular) for noun in rng.sample(NOUN_LIST, min(per_kind, len(NOUN_LIST)))]
            continue
        while sum(s.kind == kind for s in listed) < per_kind:
            scene = propose(rng, kind)
            if held_out_scene(scene):
                listed.append(scene)
    return listed


def right(scene: Scene, found: Found) -> bool:
    """Whether the object is what the prompt asks for, and nothing else. Colours and parts count where the prompt names them."""
    things, relation = scene.things, scene.relation
    if relation in MIRRORED:
        things, relation = things[::-1], MIRRORED[relation]
    if found.nouns != [t.noun for t in things] or found.relation != relation:
        return False
    if len(things) == 1 and found.count != things[0].count:
        return False
    if any(t.colour and t.colour != seen for t, seen in zip(things, found.colours)):
        return False
    return all(found.parts[part] == colour for t in things for part, colour in t.parts.items())


def iou(a: np.ndarray, b: np.ndarray) -> float:
    """Of what two distance grids hold."""
    return float(((a < 0) & (b < 0)).sum() / max(((a < 0) | (b < 0)).sum(), 1))


def surface(a: np.ndarray, b: np.ndarray) -> float:
    """Mean distance of a's surface from b's, truncated, in hundredths of the cube's half side."""
    near = np.abs(a) < 0.25
    return float(np.abs(a - b)[near].mean() * TRUNCATION * 100) if near.any() else 100 * TRUNCATION


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, default=Path("training/runs/solid"))
    parser.add_argument("--judge", type=Path, help="judge.safetensors of the runs unless said")
    parser.add_argument("--per-kind", type=int, default=PER_KIND)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--guidance", type=float, default=GUIDANCE_SCALE)
    parser.add_argument("--twin", action="store_true")
    parser.add_argument("--output", type=Path, help="a folder for report.json and sheet.png; the runs' unless said")
    options = parser.parse_args()
    output = options.output or options.runs / "grade"
    output.mkdir(parents=True, exist_ok=True)
    judge = load(options.judge or options.runs / "judge.safetensors")
    listed = scenes(options.per_kind)
    rng = random.Random("true solids")
    true = [build(scene, rng) for scene in listed]
    distance, rgb = torch.from_numpy(np.stack([t[0] for t in true])), torch.from_numpy(np.stack([colour_grid(t[1]) for t in true]))
    truth = [right(s, f) for s, f in zip(listed, look(judge, photograph(distance, rgb)))]

    tokenizer = Tokenizer.from_file(str(options.runs / "tokenizer/tokenizer.json"))
    text = CLIPTextModel.from_pretrained(options.runs / "text/text_encoder").eval()
    unet, autoencoder = open_unet(options.runs / "unet/unet"), open_autoencoder(options.runs / "autoencoder/autoencoder.pt").float()
    if options.twin:
        fill(add_low_rank(unet, 24), options.runs / "twin/difference.safetensors")
    empty = states_of(text, tokenizer, [""])

    @torch.no_grad()
    def make(prompts: list[str], seed: int) -> tuple[torch.Tensor, torch.Tensor]:
        parts = []
        for k in range(0, len(prompts), 12):
            states = states_of(text, tokenizer, prompts[k:k + 12])
            latents = sample_twin(unet, states, Levels(alphas_cumprod()), seed + k) if options.twin else sample(unet, states, empty, options.steps, seed + k, options.guidance)
            parts.append(decode_grid(autoencoder, latents))
        return torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts]).clamp(0, 1)

    plain = random.Random(0)
    prompts = [caption(scene, plain, plain=True) for scene in listed]
    distance, rgb = make(prompts, 1000)
    verdicts = [right(s, f) for s, f in zip(listed, look(judge, photograph(distance, rgb)))]

    def by_kind(values: list[bool]) -> dict[str, float]:
        return {kind: round(float(np.mean([v for s, v in zip(listed, values) if s.kind == kind])), 3) for kind in KINDS}

    ones = [i for i, s in enumerate(listed) if s.kind == "one"]
    off, off_true = [], []
    for i in ones:
        solids = [build(listed[i], random.Random(f"near {i} {k}"))[0] for k in range(TRUE_SOLIDS + 1)]
        off.append(min(surface(distance[i].numpy(), s) for s in solids[1:]))
        off_true.append(min(surface(solids[0], s) for s in solids[1:]))
    seeds = {}
    for noun in random.Random("seeds").sample(NOUN_LIST, SEED_NOUNS):
        made = make([caption(alone(noun.singular), plain, plain=True)] * SEEDS, 0)[0].numpy()
        solids = [build(alone(noun.singular), random.Random(f"seed {k}"))[0] for k in range(SEEDS)]
        seeds[noun.singular] = [round(1 - float(np.mean([iou(some[a], some[b]) for a in range(SEEDS) for b in range(a)])), 3) for some in (made, solids)]
    report = {"kinds": by_kind(verdicts), "judge_on_true_solids": by_kind(truth), "nearest_true_solid_hundredths": round(float(np.mean(off)), 3), "the_same_of_true_solids": round(float(np.mean(off_true)), 3),
              "difference_of_16_seeds_made_and_true": seeds, "steps": 4 if options.twin else options.steps, "guidance": 1 if options.twin else options.guidance, "per_kind": options.per_kind}
    print(json.dumps(report, indent=2))
    name = "twin" if options.twin else "base"
    (output / f"report-{name}.json").write_text(json.dumps(report, indent=2) + "\n")
    shown = [i for kind in KINDS for i in [k for k, s in enumerate(listed) if s.kind == kind][:12]]
    marks = [f"{'' if verdicts[i] else 'X '}{prompts[i]}" for i in shown]
    sheet(render(distance[shown], rgb[shown], ((30, 20), (210, 20)), 112), marks, 6).save(output / f"sheet-{name}.png")


if __name__ == "__main__":
    main()
