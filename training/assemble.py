"""Puts the trained parts together as a diffusers pipeline folder, and writes concepts.json and latents for export.py's preview map.

    python -m training.assemble --output training/runs/pipeline
"""
from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import numpy as np

from .captions import (BOTH_SIDES, COLOUR_WORDS, NUMBERS, OPENINGS, PLACE_WORDS, RELATION_WORDS, SCENE_WORDS, SIZE_WORDS, STYLE_WORDS)
from .train_unet import SCHEDULE
from .world import COLOURS, NOUN_LIST

EXAMPLES = ["a cat", "three strawberries", "a blue elephant and a yellow star", "a rocket in space", "a fox to the left of a pine tree",
            'the word "HELLO" in red', "a house, pixel art", "a big green apple on a yellow background"]


def concepts() -> dict:
    """What the model was taught, for machines: suggestions while typing, and which words it has never seen."""
    return {
        "examples": EXAMPLES,
        "objects": [{"name": n.singular, "plural": n.plural, "synonyms": [{"name": a, "plural": b} for a, b in n.synonyms]} for n in NOUN_LIST],
        "colours": [{"name": c, "synonyms": [w for w in COLOUR_WORDS.get(c, []) if w != c]} for c in COLOURS],
        "counts": [{"name": word, "count": i} for i, word in enumerate(NUMBERS) if i],
        "positions": [*({"name": k, "wordings": v} for k, v in RELATION_WORDS.items()), *({"name": k, "wordings": v} for k, v in PLACE_WORDS.items())],
        "sizes": [{"name": k, "wordings": v} for k, v in SIZE_WORDS.items()],
        "scenes": [{"name": k, "wordings": v} for k, v in SCENE_WORDS.items()],
        "backgrounds": ["on a {colour} background", "on a background graded from {colour} to {colour}"],
        "styles": [{"name": k, "wordings": [w.replace("{bare}", "{object}").replace("{}", "{object}") for w in v]} for k, v in STYLE_WORDS.items()],
        "words": ['the word "{word}" in {colour}', "one to six letters"],
        "patterns": ["{object}", "{object} and {object}", "{count} {objects}", "{colour} {object}", "{size} {object}", "{object} {position} {object}", "{object} {place}",
                     "{object} {scene}", "{object}, {style}", *(w.replace("{a}", "{object}").replace("{b}", "{object}") for v in BOTH_SIDES.values() for w in v),
                     *(o.replace("{}", "{object}") for o in OPENINGS)],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, default=Path("training/runs"))
    parser.add_argument("--output", type=Path, default=Path("training/runs/pipeline"))
    options = parser.parse_args()
    shutil.rmtree(options.output, ignore_errors=True)
    options.output.mkdir(parents=True)
    for part, source in {"unet": "unet/unet", "text_encoder": "unet/text_encoder", "vae": "vae/vae", "tokenizer": "tokenizer"}.items():
        shutil.copytree(options.runs / source, options.output / part)
    with np.load(next(iter(sorted((options.runs / "latents").glob("*.npz"))))) as shard:
        np.save(options.runs / "preview.npy", shard["latents"][:96])
    (options.output / "scheduler").mkdir()
    # latents have a deviation of 1: DDIM and DDPM, which clip to -1..1 unless told otherwise, must not
    scheduler = {"_class_name": "DPMSolverMultistepScheduler", **SCHEDULE, "clip_sample": False}
    (options.output / "scheduler/scheduler_config.json").write_text(json.dumps(scheduler, indent=2) + "\n")
    index = {"_class_name": "StableDiffusionPipeline", "text_encoder": ["transformers", "CLIPTextModel"], "tokenizer": ["transformers", "PreTrainedTokenizerFast"],
             "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"], "scheduler": ["diffusers", "DPMSolverMultistepScheduler"],
             "safety_checker": [None, None], "feature_extractor": [None, None], "image_encoder": [None, None], "requires_safety_checker": False}
    (options.output / "model_index.json").write_text(json.dumps(index, indent=2) + "\n")
    shutil.copy(Path(__file__).parent / "model_card.md", options.output / "README.md")
    (options.output / "concepts.json").write_text(json.dumps(concepts(), indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
