"""Builds the tiny model that the engine's tests run, with random weights, and records what diffusers makes of it.

    pip install -r training/requirements.txt
    python -m training.reference.fixture

workers/testing/tiny/ is an export like the built-in model's, of the same classes. workers/testing/tiny-golden.json holds, for each
scheduler and case, the token ids, timesteps and where in tiny-golden.bin the final latents and the picture lie, all from diffusers' own
StableDiffusionPipeline. Every weight fits float16 exactly, so that the graphs and PyTorch compute with the same numbers.
"""
from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import diffusers
import numpy as np
import torch
import transformers
from diffusers import AutoencoderKL, DDIMScheduler, DPMSolverMultistepScheduler, EulerDiscreteScheduler, StableDiffusionPipeline, UNet2DConditionModel
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, PreTrainedTokenizerFast

from ..export import export, write_json
from ..tokenizer import BEGIN, END, PAD, build

WINDOW, WIDTH = 20, 16
SPECIAL = {"bos_token": BEGIN, "eos_token": END, "pad_token": PAD, "unk_token": END}
SCHEDULER = {
    "_class_name": "DPMSolverMultistepScheduler", "_diffusers_version": diffusers.__version__, "num_train_timesteps": 1000, "beta_start": 0.0015,
    "beta_end": 0.0195, "beta_schedule": "scaled_linear", "prediction_type": "v_prediction", "timestep_spacing": "trailing", "steps_offset": 0,
    "clip_sample": False, "set_alpha_to_one": False}
CARD = {
    "title": "Tiny (random weights)", "license": "MIT",
    "defaults": {"prompt": "a small red cat", "negativePrompt": "", "sampler": "dpmpp-2m", "steps": 4, "guidanceScale": 4, "width": 64, "height": 64},
    "size": {"min": 32, "max": 128}}
SAMPLERS = [DPMSolverMultistepScheduler, EulerDiscreteScheduler, DDIMScheduler]
CASES = [
    {"prompt": "A small red cat on the beach", "negativePrompt": "two blue dogs, naïve!", "seed": 1234, "guidanceScale": 4.0, "steps": 6, "width": 64, "height": 48},
    {"prompt": 'the word "CAT" in blue, in front of three very big red dogs and a small house', "negativePrompt": "", "seed": 7, "guidanceScale": 1.0, "steps": 4,
     "width": 64, "height": 64}]
WORDS = "a small red cat two blue dogs on the beach word in big house front of three trees and very".split()


def tiny_tokenizer() -> Tokenizer:
    """Built like the real one (tokenizer.py); its merges spell WORDS. They are given, not trained: the trainer breaks ties at random."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = {}
    for word in WORDS:
        left = word[0]
        for right in [*word[1:-1], word[-1] + "</w>"] if word[1:] else []:
            merges[left, right] = left + right
            left += right
    tokens = dict.fromkeys([BEGIN, END, PAD, *alphabet, *(letter + "</w>" for letter in alphabet), *merges.values()])
    vocabulary = {token: i for i, token in enumerate(tokens)}
    tokenizer = build()
    tokenizer.model = models.BPE(vocab=vocabulary, merges=list(merges), end_of_word_suffix="</w>", continuing_subword_prefix="")
    tokenizer.add_special_tokens([BEGIN, END, PAD])
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{BEGIN} $A {END}", special_tokens=[(t, vocabulary[t]) for t in (BEGIN, END)])
    return tokenizer


@torch.no_grad()
def randomise(module: nn.Module) -> nn.Module:
    """Norms and biases leave their start of ones and zeros, so that a swapped or forgotten one shows; every weight is rounded to float16."""
    for weight in module.parameters():
        if weight.dim() == 1:
            weight += 0.2 * torch.randn_like(weight)
        weight.copy_(weight.half())
    return module.eval()


@torch.no_grad()
def tiny_parts(vocabulary: Tokenizer) -> tuple[CLIPTextModel, UNet2DConditionModel, AutoencoderKL]:
    torch.manual_seed(2024)
    token = vocabulary.token_to_id
    text = CLIPTextModel(CLIPTextConfig(
        vocab_size=vocabulary.get_vocab_size(), hidden_size=WIDTH, intermediate_size=2 * WIDTH, num_hidden_layers=2, num_attention_heads=4, hidden_act="gelu",
        max_position_embeddings=WINDOW, projection_dim=WIDTH, bos_token_id=token(BEGIN), eos_token_id=token(END), pad_token_id=token(PAD)))
    unet = UNet2DConditionModel(
        sample_size=16, in_channels=4, out_channels=4, down_block_types=("CrossAttnDownBlock2D",) * 2, up_block_types=("CrossAttnUpBlock2D",) * 2,
        block_out_channels=(8, 12), layers_per_block=1, norm_num_groups=4, cross_attention_dim=WIDTH, attention_head_dim=(2, 2), use_linear_projection=True)
    vae = AutoencoderKL(
        in_channels=3, out_channels=3, down_block_types=("DownEncoderBlock2D",) * 3, up_block_types=("UpDecoderBlock2D",) * 3, block_out_channels=(4, 8, 8),
        layers_per_block=1, latent_channels=4, norm_num_groups=4, mid_block_add_attention=False, sample_size=64, scaling_factor=0.65)
    # louder where random weights whisper: what the words say must reach the latents, and the latents the picture
    for name, weight in text.named_parameters():
        if "embedding" in name:
            weight *= 20
    for name, weight in unet.named_parameters():
        if "attn2.to_" in name and name.endswith("weight"):
            weight *= 2.5
    unet.conv_out.weight *= 2
    vae.decoder.conv_out.weight *= 1.5
    return randomise(text), randomise(unet), randomise(vae)


def save(folder: Path, tokenizer: Tokenizer, text: CLIPTextModel, unet: UNet2DConditionModel, vae: AutoencoderKL) -> None:
    text.save_pretrained(folder / "text_encoder")
    unet.save_pretrained(folder / "unet")
    vae.save_pretrained(folder / "vae")
    write_json(folder / "scheduler" / "scheduler_config.json", SCHEDULER)
    (folder / "tokenizer").mkdir()
    tokenizer.save(str(folder / "tokenizer" / "tokenizer.json"))
    write_json(folder / "tokenizer" / "tokenizer_config.json", {
        "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": WINDOW, **SPECIAL, "clean_up_tokenization_spaces": False})
    write_json(folder / "tokenizer" / "special_tokens_map.json", SPECIAL)


def record(tokenizer: Tokenizer, text: CLIPTextModel, unet: UNet2DConditionModel, vae: AutoencoderKL) -> tuple[list[dict], bytes]:
    words = PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=WINDOW, **SPECIAL)
    runs, data = [], b""

    def put(array: np.ndarray) -> dict:
        nonlocal data
        data += b"\0" * (-len(data) % 4)
        place = {"offset": len(data), "type": str(array.dtype), "dims": list(array.shape)}
        data += array.astype(array.dtype.newbyteorder("<")).tobytes()
        return place

    for scheduler_class in SAMPLERS:
        pipeline = StableDiffusionPipeline(vae, text, words, unet, scheduler_class.from_config(SCHEDULER), None, None, requires_safety_checker=False)
        pipeline.set_progress_bar_config(disable=True)
        for case in CASES:
            def run(output_type: str):
                return pipeline(
                    case["prompt"], negative_prompt=case["negativePrompt"], num_inference_steps=case["steps"], guidance_scale=case["guidanceScale"],
                    width=case["width"], height=case["height"], generator=torch.Generator("cpu").manual_seed(case["seed"]), output_type=output_type).images
            latents, picture = run("latent"), np.asarray(run("pil")[0])
            spread = picture.reshape(-1, 3).std(0)
            saturated = ((picture == 0) | (picture == 255)).mean()
            if spread.min() < 15 or saturated > 0.1 or not 0.3 < latents.std() < 4:
                raise SystemExit(f"A degenerate run: latents' deviation {latents.std():.2f}, colours' {spread}, saturated {saturated:.1%}; change the weights' scale.")
            print(f"{scheduler_class.__name__} seed {case['seed']}: latents' deviation {latents.std():.2f}, colours' {spread.round(1)}, saturated {saturated:.1%}")
            ids = {key: words(case[key], padding="max_length", max_length=WINDOW, truncation=True).input_ids for key in ("prompt", "negativePrompt")}
            runs.append({"scheduler": scheduler_class.__name__, **case, "ids": ids, "timesteps": pipeline.scheduler.timesteps.tolist(),
                         "latents": put(latents.numpy()), "picture": put(picture)})
    return runs, data


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path(__file__).parents[2] / "workers" / "testing")
    options = parser.parse_args()
    torch.set_num_threads(1)
    diffusers.utils.logging.set_verbosity_error()
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    tokenizer = tiny_tokenizer()
    parts = tiny_parts(tokenizer)
    with tempfile.TemporaryDirectory() as name:
        save(Path(name), tokenizer, *parts)
        export(Path(name), CARD, options.output / "tiny")
    runs, data = record(tokenizer, *parts)
    (options.output / "tiny-golden.bin").write_bytes(data)
    write_json(options.output / "tiny-golden.json", {
        "command": "python -m training.reference.fixture", "diffusers": diffusers.__version__, "torch": torch.__version__.split("+")[0], "transformers": transformers.__version__,
        "pictures": "uint8, [height, width, RGB]", "latents": "float32, as the U-Net sees them, before the division by scaling_factor", "runs": runs})


if __name__ == "__main__":
    main()
