"""Records what diffusers' schedulers make of each other's configs: which values a class takes, reads as another one, or refuses.

    pip install -r training/reference/requirements.txt
    python -m training.reference.golden_configs

A model's scheduler_config.json is read by the class that it names, and the sampler that is chosen takes that scheduler's config over:
`Chosen.from_config(Named.from_config(file).config)`. For each pair and value workers/diffusion/fixtures/configs.json holds the first numbers of
the latents after a short run of golden.py's network, or "refused"; `at` is the index into `results`.
"""

import json
import math
from functools import cache

import diffusers
import torch

from . import golden

# sampler id -> class, and the algorithm that the id stands for
SAMPLERS = {
    **{name: (golden.SAMPLERS[name][0], {}) for name in golden.SAMPLERS if not name.startswith("flow-")},
    "dpm-solver": ("DPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver"}),
    "dpm-solver-sde": ("DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver"}),
    "dpmpp-2m": ("DPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver++"}),
    "dpmpp-2m-sde": ("DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++"}),
    "dpm-solver-2s": ("DPMSolverSinglestepScheduler", {"algorithm_type": "dpmsolver"}),
    "dpmpp-2s": ("DPMSolverSinglestepScheduler", {"algorithm_type": "dpmsolver++"}),
    "dpmpp-2s-sde": ("DPMSolverSinglestepScheduler", {"algorithm_type": "sde-dpmsolver++"}),
}
STEPS = 5
SHOWN = 6  # numbers of the final latents

# What another class writes into the fields that the solvers share.
SHARED = {
    "solver_type": ["midpoint", "heun", "logrho", "bh1", "bh2", "rk4"],
    "algorithm_type": ["dpmsolver", "dpmsolver++", "sde-dpmsolver", "sde-dpmsolver++", "deis", "ode"],
}
VALUES = {
    **SHARED,
    "final_sigmas_type": ["zero", "sigma_min", "one"],
    "timestep_spacing": ["linspace", "leading", "trailing", "even"],
    "beta_schedule": ["linear", "scaled_linear", "squaredcos_cap_v2", "sigmoid", "laplace", "exp", "cosine"],
    "prediction_type": ["epsilon", "sample", "v_prediction", "flow_prediction", "original_sample"],
    "variance_type": ["fixed_small", "fixed_small_log", "fixed_large", "fixed_large_log", "learned", "learned_range", None],
    "interpolation_type": ["linear", "log_linear", "cubic"],
    "timestep_type": ["discrete", "continuous"],
    "time_shift_type": ["exponential", "linear"],
    "solver_order": [1, 2, 3, 4],
    "predict_x0": [True, False],
    "shift_terminal": [0.1],
    "use_karras_sigmas": [True],
    "use_exponential_sigmas": [True],
    "use_beta_sigmas": [True],
    "use_lu_lambdas": [True],
    "lower_order_final": [True, False],
    "euler_at_final": [True],
    "rescale_betas_zero_snr": [True],
    "clip_sample": [True, False],
    "thresholding": [True],
    "set_alpha_to_one": [True, False],
    "skip_prk_steps": [True, False],
    "steps_offset": [0, 1],
    "sigma_min": [0.1],
    "sigma_max": [5.0],
    "lambda_min_clipped": [-3.0],
    "timestep_scaling": [1.0],
    "original_inference_steps": [10, 4],
    "use_flow_sigmas": [True],
}
PAIRS = [{"use_karras_sigmas": True, "use_beta_sigmas": True}, {"predict_x0": False, "final_sigmas_type": "sigma_min"}, {"interpolation_type": "log_linear", "use_karras_sigmas": True},
         {"predict_x0": False, "final_sigmas_type": "sigma_min", "thresholding": True}, {"timestep_type": "continuous", "prediction_type": "v_prediction"},
         {"timestep_type": "continuous", "prediction_type": "v_prediction", "use_karras_sigmas": True},
         {"lower_order_final": False, "solver_order": 3}, {"use_flow_sigmas": True, "prediction_type": "flow_prediction"},
         {"use_flow_sigmas": True, "prediction_type": "flow_prediction", "shift_terminal": 0.1}]


def make(sampler, named, file):
    """The chosen scheduler; None where the class that the file names does not take the file."""
    class_name, chosen = SAMPLERS[sampler]
    config = {"_class_name": named, **file}
    if named != class_name:
        try:
            config = getattr(diffusers, named).from_config(config).config
        except (ValueError, NotImplementedError):
            return None
    if not chosen.get("algorithm_type", "++").endswith("++") and "final_sigmas_type" not in file:
        chosen = {**chosen, "final_sigmas_type": "sigma_min"}
    return getattr(diffusers, class_name).from_config(config, **chosen)


def outcome(sampler, named, file):
    try:
        scheduler = make(sampler, named, file)
        if scheduler is None:
            return None
        samples, _ = golden.run(sampler, type(scheduler).__name__, {}, STEPS, scheduler=scheduler)
    except (ValueError, NotImplementedError, AssertionError, TypeError, IndexError, AttributeError, UnboundLocalError, RuntimeError) as error:
        return f"refused: {type(error).__name__} {str(error)[:80]}"
    final = samples[-1].flatten()[:SHOWN].tolist()
    return [float(f"{value:.6g}") for value in final] if all(map(math.isfinite, final)) else None  # a fault of diffusers, not a refusal


def main():
    torch.set_num_threads(1)
    golden.exact_roots()
    results, places, cases = [], {}, []

    def add(sampler, named, file):
        flow = file.get("prediction_type") == "flow_prediction", file.get("use_flow_sigmas", False)
        if flow[0] != flow[1] and (flow[0] or not SAMPLERS[sampler][1].get("algorithm_type", "++").endswith("++")):
            return  # noise levels and predictions of two kinds: diffusers runs them, and nothing was trained so
        if (SAMPLERS[sampler][1].get("algorithm_type"), "thresholding" in file, SAMPLERS[sampler][0]) == ("dpmsolver", True, "DPMSolverSinglestepScheduler"):
            return  # diffusers multiplies by the levels of all timesteps there, and fails on their number
        result = outcome(sampler, named, {**golden.SD, **file})
        if result is None:
            return
        kept = "refused" if isinstance(result, str) else result
        key = json.dumps(kept)
        if key not in places:
            places[key] = len(results)
            results.append(kept)
        cases.append([sampler, named, file, places[key]])
        if isinstance(result, str):
            print(sampler, named, file, result)

    classes = sorted({class_name for class_name, _ in SAMPLERS.values()})
    for sampler, (class_name, _) in SAMPLERS.items():
        read = fields_of(class_name)
        files = [{}, *({field: value} for field, values in VALUES.items() if field in read for value in values), *(pair for pair in PAIRS if set(pair) <= read)]
        for file in files:
            add(sampler, class_name, file)
        for named in classes:
            if named != class_name:
                for field in sorted(set(SHARED) & read & fields_of(named)):
                    for value in SHARED[field]:
                        add(sampler, named, {field: value})
    (golden.OUT / "configs.json").write_text(json.dumps({
        "command": "python -m training.reference.golden_configs", "diffusers": diffusers.__version__, "steps": STEPS, "file": golden.SD, "results": results, "cases": cases,
    }, separators=(",", ":")) + "\n")
    print(len(cases), "cases,", len(results), "results")


@cache
def fields_of(class_name):
    return set(getattr(diffusers, class_name)().config)


if __name__ == "__main__":
    main()
