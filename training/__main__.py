"""Makes the model from nothing, stage by stage; a stage that is done is not done again.

    python -m training                                  the full run: a night on four cores
    python -m training --quick --runs training/runs/quick --model /tmp/quick    every stage at a reduced size, in minutes

On a CPU with N cores the U-Net is trained by N processes. Drawing and training at once slow each other down: keep other work away.
"""
from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path


def stages(runs: Path, model: Path, quick: bool, cores: int) -> list[tuple[str, list[str]]]:
    """Module and arguments of each stage, in order."""
    def minutes(full: float, short: float = 0.7) -> str:
        return str(short if quick else full)
    return [
        ("tokenizer", ["--output", f"{runs}/tokenizer", "--captions", "4000" if quick else "120000"]),
        ("train_vae", ["--output", f"{runs}/vae", "--minutes", minutes(90)]),
        ("train_text", ["--vae", f"{runs}/vae/vae", "--tokenizer", f"{runs}/tokenizer", "--output", f"{runs}/text", "--minutes", minutes(60)]),
        ("encode", ["--vae", f"{runs}/vae/vae", "--tokenizer", f"{runs}/tokenizer", "--text", f"{runs}/text", "--output", f"{runs}/latents",
                    "--pictures", "768" if quick else "98304", *(["--shard", "64"] if quick else [])]),
        ("train_unet", ["--latents", f"{runs}/latents", "--text", f"{runs}/text", "--tokenizer", f"{runs}/tokenizer", "--output", f"{runs}/unet",
                        "--processes", str(cores), "--batch", str(max(96 // cores, 1) * cores), "--decay", "0.5", "--minutes", minutes(600, 2)]),
        ("assemble", ["--runs", str(runs), "--output", f"{runs}/pipeline"]),
        ("export", ["--pipeline", f"{runs}/pipeline", "--card", "training/card.json", "--latents", f"{runs}/preview.npy", "--output", str(model),
                    *([] if quick else ["--index", "public/models/index.json"])]),
        ("distil", ["--pipeline", f"{runs}/pipeline", "--latents", f"{runs}/latents", "--output", f"{runs}/twin", "--processes", str(cores),
                    "--minutes", minutes(90, 2), *(["--batch", "4"] if quick else [])]),
        ("export_twin", ["--base", str(model), "--difference", f"{runs}/twin/difference.safetensors", "--output", f"{model}-4-steps",
                         *([] if quick else ["--index", "public/models/index.json"])]),
        ("detector", ["--vae", f"{runs}/pipeline/vae", "--output", f"{runs}/detector.safetensors" if quick else "training/detector.safetensors", "--minutes", minutes(60)]),
        ("grade", ["--model", str(model), "--detector", f"{runs}/detector.safetensors" if quick else "training/detector.safetensors", *(["--per-kind", "1"] if quick else [])]),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--runs", type=Path, default=Path("training/runs"))
    parser.add_argument("--model", type=Path, default=Path("public/models/safelight"))
    options = parser.parse_args()
    if options.quick and options.model == Path("public/models/safelight"):
        raise SystemExit("A quick run makes a model that cannot draw; name another folder with --model.")
    if not Path("node_modules/.bin/tsx").exists():
        raise SystemExit("The last stage grades pictures that the page's engine draws, with Node.js; run npm ci first.")
    cores = len(os.sched_getaffinity(0))
    options.runs.mkdir(parents=True, exist_ok=True)
    for name, arguments in stages(options.runs, options.model, options.quick, cores):
        done = options.runs / f"{name}.done"
        if done.exists():
            continue
        print(f"--- {name}", flush=True)
        threads = 1 if name in ("train_unet", "distil") else cores  # a process a core, or a thread a core
        subprocess.run([sys.executable, "-m", f"training.{name}", *arguments], check=True, env={**os.environ, "OMP_NUM_THREADS": str(threads)})
        done.touch()


if __name__ == "__main__":
    main()
