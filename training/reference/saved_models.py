"""Writes the tiny models of golden_pipelines as diffusers saves them: what an exporter is given.

    pip install -r training/requirements.txt
    python -m training.reference.saved_models --output /tmp/saved

Each folder is the output of `save_pretrained`, with the tokenizer's files and the names of the text encoder's weights as public repositories hold
them and versions of transformers before 5 ask for them. docs/models.md exports and runs these folders.
"""
from __future__ import annotations

import argparse
import json
from pathlib import Path

import diffusers
import transformers
from safetensors.torch import save_file
from transformers import CLIPTextModel

from ..export import write_json
from .golden_pipelines import Tiny, clip_tokenizer, make, save_clip_tokenizer, t5_tokenizer, tiny_models

NAMES = ("stable-diffusion", "stable-diffusion-xl", "stable-diffusion-3")


def save(tiny: Tiny, folder: Path) -> None:
    tokenizers = {f"tokenizer{'' if i == 0 else f'_{i + 1}'}": clip_tokenizer(pad) for i, pad in enumerate(tiny.pads)}
    components = {**tiny.parts, **tokenizers, **tiny.index}
    if tiny.t5:
        components["tokenizer_3"] = t5_tokenizer()
    if tiny.pipeline == "StableDiffusionPipeline":
        components |= {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    scheduler = getattr(diffusers, tiny.scheduler["_class_name"]).from_config(tiny.scheduler)
    getattr(diffusers, tiny.pipeline)(**components, scheduler=scheduler).save_pretrained(folder)
    for name, tokenizer in tokenizers.items():
        save_clip_tokenizer(folder / name, tokenizer, bare=True)
    for name, part in tiny.parts.items():
        if isinstance(part, CLIPTextModel):
            weights = {f"text_model.{key.removeprefix('text_model.')}": weight for key, weight in part.state_dict().items()}
            save_file(weights, folder / name / "model.safetensors", metadata={"format": "pt"})
    if tiny.t5:
        index = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
        write_json(folder / "model_index.json", index | {"tokenizer_3": ["transformers", "T5TokenizerFast"]})
        path = folder / "tokenizer_3" / "tokenizer_config.json"
        write_json(path, json.loads(path.read_text(encoding="utf-8")) | {"tokenizer_class": "T5TokenizerFast"})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    diffusers.utils.logging.set_verbosity_error()
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    for tiny in tiny_models():
        if tiny.name not in NAMES:
            continue
        make(tiny, {})
        save(tiny, options.output / tiny.name)
        print(options.output / tiny.name)


if __name__ == "__main__":
    main()
