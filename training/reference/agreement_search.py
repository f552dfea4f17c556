"""Draws settings at random and records what diffusers' pipelines make of them on tiny models, so that corners which no golden holds are found.

    pip install -r training/requirements.txt -r training/reference/requirements.txt
    python -m training.reference.agreement_search --output /tmp/search
    FAMILIES=/tmp/search npx tsx scripts/bench/agreement-search.ts

The folder has the form of golden_pipelines'. A run is drawn from a seed of its own (family, --seed, number), and what is in the folder
already is not drawn again: a search can be stopped and go on. What diffusers itself refuses is left out and counted. `moved` is how far diffusers' own latents move when
the input of its network is moved by a millionth: where they move as far as the difference to Darkroom, that difference says nothing.
"""
from __future__ import annotations

import argparse
import copy
import json
import logging
import random
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
import transformers
from diffusers import SD3Transformer2DModel
from diffusers.schedulers import scheduling_dpmsolver_sde

from ..export import PlainAttention, write_json
from .golden_pipelines import CAT, DOGS, LONG, TASKS, Tiny, clip_tokenizer, export, make, pictures, t5_tokenizer, tiny_models

MOVED_BY = 1e-6
PIECE = 25  # runs after which all is written
GOLDEN = Path(__file__).resolve().parents[2] / "workers" / "testing" / "families"

# sampler id -> diffusers' class, and what it is told besides the config
DIFFUSION: dict[str, tuple[str, dict[str, Any]]] = {
    "euler": ("EulerDiscreteScheduler", {}), "euler-ancestral": ("EulerAncestralDiscreteScheduler", {}), "ddim": ("DDIMScheduler", {}),
    "ddpm": ("DDPMScheduler", {}), "dpmpp-2m": ("DPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver++"}),
    "dpmpp-2m-sde": ("DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++"}), "dpmpp-sde": ("DPMSolverSDEScheduler", {}),
    "dpmpp-2s": ("DPMSolverSinglestepScheduler", {"algorithm_type": "dpmsolver++"}),
    "dpmpp-2s-sde": ("DPMSolverSinglestepScheduler", {"algorithm_type": "sde-dpmsolver++"}),
    "dpm-solver": ("DPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver"}),
    "dpm-solver-2s": ("DPMSolverSinglestepScheduler", {"algorithm_type": "dpmsolver"}), "unipc": ("UniPCMultistepScheduler", {}),
    "heun": ("HeunDiscreteScheduler", {}), "kdpm2": ("KDPM2DiscreteScheduler", {}), "kdpm2-ancestral": ("KDPM2AncestralDiscreteScheduler", {}),
    "lms": ("LMSDiscreteScheduler", {}), "pndm": ("PNDMScheduler", {}), "deis": ("DEISMultistepScheduler", {}), "lcm": ("LCMScheduler", {}),
    "tcd": ("TCDScheduler", {}),
}
FLOW: dict[str, tuple[str, dict[str, Any]]] = {
    "flow-euler": ("FlowMatchEulerDiscreteScheduler", {}), "flow-heun": ("FlowMatchHeunDiscreteScheduler", {}),
    "unipc": ("UniPCMultistepScheduler", {}), "dpmpp-2m": ("DPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver++"}),
    "deis": ("DEISMultistepScheduler", {}),
}
NO_SAMPLE = {"EulerAncestralDiscreteScheduler", "KDPM2DiscreteScheduler", "KDPM2AncestralDiscreteScheduler", "DPMSolverSDEScheduler", "PNDMScheduler"}


@dataclass
class Variant:
    """A model of golden_pipelines, or one beside it, with other words in its files."""

    model: str  # its folder
    index: dict[str, Any] = field(default_factory=dict)  # in model_index.json
    vae: dict[str, Any] = field(default_factory=dict)  # in the VAE's config.json


XL = "stable-diffusion-xl"
MEANS = {"latents_mean": [0.3, -0.2, 0.1, 0.4], "latents_std": [1.3, 0.8, 1.1, 0.9]}
FAMILIES = {
    "stable-diffusion": [Variant("stable-diffusion"), Variant("stable-diffusion"), Variant("inpainting")],
    "guidance-embedding": [
        Variant("lcm", {"_class_name": "LatentConsistencyModelPipeline"}), Variant("lcm", {"_class_name": "StableDiffusionPipeline"}),
        Variant("lcm", {"_class_name": "StableDiffusionPipeline"}), Variant("xl-embedding")],
    XL: [Variant(XL), Variant(XL), Variant(XL, {"force_zeros_for_empty_prompt": False}), Variant(XL, vae=MEANS), Variant("xl-inpainting"), Variant("refiner")],
    "stable-diffusion-3": [Variant("stable-diffusion-3"), Variant("stable-diffusion-3", {"text_encoder_3": [None, None], "tokenizer_3": [None, None]})],
}


def all_models() -> list[Tiny]:
    """Those of golden_pipelines, and two U-Nets more for SDXL's."""
    golden = tiny_models()
    xl = next(tiny for tiny in golden if tiny.name == XL)
    scheduler = {"_class_name": xl.scheduler["_class_name"]}
    return [*golden, replace(xl, name="xl-embedding", seed=206, base=XL, scheduler=scheduler, unet={**xl.unet, "time_cond_proj_dim": 12}),
            replace(xl, name="xl-inpainting", seed=207, base=XL, scheduler=scheduler, unet={**xl.unet, "in_channels": 9})]


def random_config(draw: random.Random, name: str) -> dict[str, Any]:
    """What a scheduler_config.json of a class may hold."""
    some = draw.choice
    if name.startswith("FlowMatch"):
        config: dict[str, Any] = {"shift": some([1.0, 3.0, 1.7]), "num_train_timesteps": 1000}
        if name == "FlowMatchEulerDiscreteScheduler":
            config |= some([{}, {}, {"use_karras_sigmas": True}, {"use_exponential_sigmas": True}, {"use_beta_sigmas": True}])
        return {"_class_name": name, **config}
    kinds = ["epsilon", "epsilon", "v_prediction"] + ([] if name in NO_SAMPLE else ["sample"])
    config = {"num_train_timesteps": some([1000] * 4 + [800, 500, 400]), "prediction_type": some(kinds)}
    config |= some([{"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}] * 4 + [
        {"beta_start": 0.0001, "beta_end": 0.02, "beta_schedule": "linear"}, {"beta_schedule": "squaredcos_cap_v2"}, {}])
    if name != "DPMSolverSinglestepScheduler":
        config |= {"timestep_spacing": some(["linspace", "leading", "trailing"]), "steps_offset": some([0, 1])}
    keys = set(getattr(diffusers, name)().config)
    sigmas = [{key: True} for key in ("use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas", "use_lu_lambdas") if key in keys]
    config |= some([{}] * 4 + sigmas)
    if "thresholding" in keys and draw.random() < 0.2:
        config |= {"thresholding": True, "dynamic_thresholding_ratio": some([0.995, 0.7]), "sample_max_value": some([1.0, 2.5, 4.0])}
    elif "clip_sample" in keys:
        config |= {"clip_sample": some([False, False, True]), "clip_sample_range": some([1.0, 2.0])}
    if name == "DDPMScheduler":
        config |= {"variance_type": some(["fixed_small", "fixed_small_log", "fixed_large"])}
    if name in ("DDIMScheduler", "PNDMScheduler", "LCMScheduler"):
        config |= {"set_alpha_to_one": some([True, False])}
    if name == "PNDMScheduler":
        config |= {"skip_prk_steps": some([True, True, False])}
    if name in ("LCMScheduler", "TCDScheduler"):
        config |= {"original_inference_steps": some([50, 40]), "timestep_scaling": some([10.0, 4.0])}
    if name == "EulerDiscreteScheduler":
        config |= some([{}] * 3 + [{"interpolation_type": "log_linear"}, {"timestep_type": "continuous"}])
    if "solver_order" in keys:
        config |= {"solver_order": some([1, 2, 2, 3]), "lower_order_final": some([True, True, False]), "solver_type": some(["midpoint", "heun", "logrho", "bh1", "bh2"])}
    if "algorithm_type" in keys and name != "DEISMultistepScheduler":
        config |= {"algorithm_type": some(["dpmsolver++", "dpmsolver++", "sde-dpmsolver++", "dpmsolver"])}
    if "final_sigmas_type" in keys:
        config |= {"final_sigmas_type": "sigma_min" if config.get("algorithm_type") == "dpmsolver" else some(["zero", "zero", "sigma_min"])}
    if name == "UniPCMultistepScheduler" and config["final_sigmas_type"] == "sigma_min":
        config |= {"predict_x0": some([True, False])}
    if "rescale_betas_zero_snr" in keys and config["prediction_type"] == "v_prediction" and draw.random() < 0.3:
        config |= {"rescale_betas_zero_snr": True}
    return {"_class_name": name, **config}


PIPELINES = {tiny.name: tiny.pipeline for tiny in all_models()}


def random_run(draw: random.Random, family: str) -> dict[str, Any]:
    variant = draw.choice(FAMILIES[family])
    flow = family == "stable-diffusion-3"
    samplers = FLOW if flow else DIFFUSION
    named = variant.index.get("_class_name") or PIPELINES[variant.model]
    consistent = named == "LatentConsistencyModelPipeline"
    sampler = "lcm" if consistent else draw.choice(list(samplers))
    own = draw.random() < 0.5
    classes = [name for name, _ in samplers.values() if not flow or name.startswith("FlowMatch")]
    config = random_config(draw, "LCMScheduler" if consistent else samplers[sampler][0] if own and not (flow and not sampler.startswith("flow")) else draw.choice(classes))
    only = "mask" if "inpainting" in variant.model else None
    task = only or draw.choice(["text", "picture"] if consistent else ["picture", "mask"] if variant.model == "refiner" else ["text", "text", "picture", "picture", "mask"])
    width, height = draw.choice([(64, 64), (64, 64), (96, 64), (64, 128), (48, 80), (128, 96)])
    run: dict[str, Any] = {
        "model": variant.model, "modelIndex": {**variant.index, "_class_name": named, "scheduler": ["diffusers", config["_class_name"]]}, "config": config, "sampler": sampler,
        "prompt": draw.choice([CAT, CAT, LONG, ""]), "negativePrompt": "" if consistent else draw.choice(["", "", DOGS]), "seed": draw.randrange(2**32),
        "steps": draw.choice([1, 2, 3, 5, 5, 8, 8, 20]), "guidanceScale": draw.choice([0.0, 1.0, 1.5, 4.0, 7.5, 7.5]), "width": width, "height": height}
    if task != "text":
        run["strength"] = draw.choice([0.3, 0.5, 0.7, 0.75, 0.8, 0.9, 0.95, 1.0])
    if sampler in ("ddim", "tcd") and not flow:
        run["eta"] = draw.choice([0.0, 0.5, 1.0])
    # StableDiffusionImg2ImgPipeline takes the argument and does not read it
    if not flow and not consistent and draw.random() < 0.1 and (task == "text" or "XL" in named and task == "picture"):
        run["guidanceRescale"] = 0.7
    return run | {"task": task} | ({"vae": variant.vae} if variant.vae else {})


class SearchBrownian:
    """Stands in for the Brownian tree of DPMSolverSDEScheduler, whose numbers no other program draws: a step's two halves are the generator's
    next draws, the whole is their sum."""

    generator: torch.Generator

    def __init__(self, x, *_args, **_kwargs):
        self.shape, self.half = x.shape, None

    def __call__(self, high, low):
        def fresh():
            return torch.randn(self.shape, generator=SearchBrownian.generator)
        if self.half is None:
            self.half = (fresh(), low)
            return self.half[0]
        (first, middle), self.half = self.half, None
        return ((high - middle) / (high - low)) ** 0.5 * first + ((middle - low) / (high - low)) ** 0.5 * fresh()


def scheduler_of(run: dict[str, Any], flow: bool) -> Any:
    name, extra = (FLOW if flow else DIFFUSION)[run["sampler"]]
    own = getattr(diffusers, run["config"]["_class_name"]).from_config(run["config"])
    if flow and not name.startswith("FlowMatch"):  # what diffusers' documentation asks of who changes the sampler of a flow matching model
        extra = {**extra, "use_flow_sigmas": True, "flow_shift": run["config"]["shift"], "prediction_type": "flow_prediction"}
    elif not extra.get("algorithm_type", "++").endswith("++") and "final_sigmas_type" not in run["config"]:
        extra = {**extra, "final_sigmas_type": "sigma_min"}
    return getattr(diffusers, name).from_config(own.config, **extra)


def generate(tiny: Tiny, run: dict[str, Any], moved: bool) -> torch.Tensor:
    """The final latents. @raises whatever diffusers raises"""
    flow = tiny.pipeline == "StableDiffusion3Pipeline"
    backbone = tiny.parts["transformer" if flow else "unet"]
    forward, nudge = backbone.forward, torch.Generator().manual_seed(1)
    whole = tiny.edges.timestep == torch.int64

    def told(sample, timestep, *args, **kwargs):
        """Some graphs take the timestep as a whole number; the millionth goes on top of the noisy latents."""
        sample = sample * (1 + MOVED_BY * torch.randn(sample.shape, generator=nudge)) if moved else sample
        return forward(sample, torch.as_tensor(timestep).round() if whole else timestep, *args, **kwargs)

    def told_flow(hidden_states, timestep, **kwargs):
        return told(hidden_states, timestep=timestep, **kwargs)
    components = dict(tiny.parts)
    if "vae" in run:
        components["vae"] = copy.deepcopy(tiny.parts["vae"])
        components["vae"].register_to_config(**run["vae"])
    for i, pad in enumerate(tiny.pads):
        suffix = "" if i == 0 else f"_{i + 1}"
        components |= {f"tokenizer{suffix}": pad and clip_tokenizer(pad), **({} if pad else {f"text_encoder{suffix}": None})}
    if flow:
        without = "text_encoder_3" in run["modelIndex"]
        components |= {"text_encoder_3": None if without else tiny.parts["text_encoder_3"], "tokenizer_3": None if without else t5_tokenizer()}
    named = run["modelIndex"]["_class_name"]
    if named in ("StableDiffusionPipeline", "LatentConsistencyModelPipeline"):
        components |= {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    own = {key: value for key, value in run["modelIndex"].items() if key == "force_zeros_for_empty_prompt"}
    extra = {**tiny.index, **own, "add_watermarker": False} if "XL" in named else {}
    name = TASKS[named][{"text": 0, "picture": 1, "mask": 2}[run["task"]]]
    pipeline = getattr(diffusers, name)(**components, scheduler=scheduler_of(run, flow), **extra)
    pipeline.set_progress_bar_config(disable=True)
    picture, mask = pictures(run["width"], run["height"])
    arguments: dict[str, Any] = {"prompt": run["prompt"], "num_inference_steps": run["steps"], "guidance_scale": run["guidanceScale"]}
    if named != "LatentConsistencyModelPipeline":
        arguments["negative_prompt"] = run["negativePrompt"] or None
    if run["task"] != "picture" or flow:
        arguments |= {"width": run["width"], "height": run["height"]}
    if run["task"] != "text":
        arguments |= {"image": picture, "strength": run["strength"]}
    if run["task"] == "mask":
        arguments["mask_image"] = mask
    if "eta" in run:
        arguments["eta"] = run["eta"]
    if "guidanceRescale" in run:
        arguments["guidance_rescale"] = run["guidanceRescale"]
    generator = SearchBrownian.generator = torch.Generator("cpu").manual_seed(run["seed"])
    try:
        backbone.forward = told_flow if flow else told
        return pipeline(**arguments, generator=generator, output_type="latent").images.float()
    finally:
        backbone.forward = forward


class Bytes:
    """What the runs of a model have in common lies in its file once."""

    def __init__(self, data: bytes = b"") -> None:
        self.data, self.places = bytearray(data), {}

    def put(self, array: np.ndarray) -> dict[str, Any]:
        raw = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes()
        if raw not in self.places:
            self.data.extend(b"\0" * (-len(self.data) % 4))
            self.places[raw] = len(self.data)
            self.data.extend(raw)
        return {"offset": self.places[raw], "dims": list(array.shape)}


def search(family: str, models: dict[str, Tiny], numbers: Iterable[int], seed: int, files: dict[str, Bytes]) -> tuple[dict[str, list[dict]], list[dict]]:
    runs: dict[str, list[dict]] = {}
    refused = []
    for number in numbers:
        attempt = 0
        while True:  # until diffusers runs one
            run = random_run(random.Random(f"{family} {seed} {number} {attempt}"), family)
            tiny = models[run["model"]]
            label = {"family": family, "number": number, "attempt": attempt}
            try:
                with torch.no_grad():
                    latents, nudged = (generate(tiny, run, moved) for moved in (False, True))
            except Exception as error:  # noqa: BLE001: diffusers refuses settings by errors of every kind
                refused.append({**label, "config": run["config"], "sampler": run["sampler"], "task": run["task"], "reason": f"{type(error).__name__}: {str(error)[:160]}"})
            else:
                if latents.numel() > 0 and torch.isfinite(latents).all():
                    break
                refused.append({**label, "config": run["config"], "sampler": run["sampler"], "task": run["task"], "reason": "latents that are not numbers, or none"})
            attempt += 1
        largest = latents.abs().max()
        file = files.setdefault(tiny.name, Bytes())
        picture, mask = pictures(run["width"], run["height"])
        if run["task"] != "text":
            run["picture"] = file.put(np.asarray(picture))
        if run["task"] == "mask":
            run["mask"] = file.put(np.asarray(mask))
        runs.setdefault(tiny.name, []).append({
            **label, **run, "pipeline": run["modelIndex"]["_class_name"], "moved": float(f"{((nudged - latents).abs().max() / largest).item():.2g}"),
            "latents": file.put(latents.numpy())})
        print(family, number, tiny.name, run["sampler"], run["task"], flush=True)
    return runs, refused


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--family", nargs="*", choices=list(FAMILIES), default=list(FAMILIES))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--from", type=int, default=0, dest="first")
    parser.add_argument("--runs", type=int, default=300)
    options = parser.parse_args()
    torch.set_num_threads(1)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    diffusers.utils.logging.set_verbosity_error()
    transformers.utils.logging.set_verbosity_error()
    scheduling_dpmsolver_sde.BrownianTreeNoiseSampler = SearchBrownian
    made: dict[str, Tiny] = {}
    options.output.mkdir(parents=True, exist_ok=True)
    path = options.output / "golden.json"
    earlier = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"models": {}, "refused": []}
    golden, left_out = earlier["models"], earlier["refused"]
    files = {name: Bytes((options.output / f"golden-{name}.bin").read_bytes()) for name, model in golden.items() if model["runs"]}
    for tiny in all_models():
        make(tiny, made)
        for module in tiny.parts.values():
            if hasattr(module, "set_attn_processor") and not isinstance(module, SD3Transformer2DModel):
                module.set_attn_processor(PlainAttention())
        folder = options.output / tiny.name
        if not folder.exists():
            if (GOLDEN / tiny.name).exists():
                folder.symlink_to(GOLDEN / tiny.name)
            else:
                with torch.no_grad():
                    export(tiny, folder)
        golden.setdefault(tiny.name, {"base": tiny.base, "runs": []})
    for family in options.family:
        done = {run["number"] for model in golden.values() for run in model["runs"] if run["family"] == family}
        numbers = [number for number in range(options.first, options.first + options.runs) if number not in done]
        for start in range(0, len(numbers), PIECE):
            runs, refused = search(family, made, numbers[start:start + PIECE], options.seed, files)
            left_out += refused
            for name, own in runs.items():
                golden[name]["runs"] += own
            for name in runs:
                (options.output / f"golden-{name}.bin").write_bytes(bytes(files[name].data))
            write_json(path, {"command": "python -m training.reference.agreement_search", "diffusers": diffusers.__version__, "torch": torch.__version__.split("+")[0],
                              "seed": options.seed, "models": golden, "refused": left_out}, 1)


if __name__ == "__main__":
    main()
