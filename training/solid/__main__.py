"""Makes the solid model from nothing, stage by stage; a stage that is done is not done again, one that was cut goes on from its checkpoint.

    python -m training.solid
    OMP_NUM_THREADS=1 taskset -c 0 nice -n 19 python -m training.solid --runs training/runs/solid      on one core, beside other work

A longer --unet-samples goes on with the denoiser; its learning rate depends on how many are to come (train_unet.py).
"""
from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path


def stages(runs: Path, options: argparse.Namespace) -> list[tuple[str, list[str]]]:
    """Module and arguments of each stage, in order."""
    solids, latents = f"{runs}/solids", f"{runs}/latents"
    autoencoder = f"{runs}/autoencoder"
    return [
        ("tokenizer", ["--output", f"{runs}/tokenizer"]),
        ("dataset", ["--solids", str(options.solids), "--output", solids]),
        ("train_autoencoder", ["--samples", str(options.autoencoder_samples), "--solids", solids, "--output", autoencoder]),
        ("looks", ["--autoencoder", f"{autoencoder}/autoencoder.pt", "--output", f"{runs}/looks.pt"]),
        ("train_text", ["--samples", str(options.captions), "--tokenizer", f"{runs}/tokenizer", "--looks", f"{runs}/looks.pt", "--output", f"{runs}/text"]),
        ("encode", ["--solids", solids, "--autoencoder", f"{autoencoder}/autoencoder.pt", "--output", latents]),
        ("train_unet", ["--samples", str(options.unet_samples), "--processes", str(options.processes), "--runs", str(runs), *(["--compile"] if options.compile else [])]),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.solid", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, default=Path("training/runs/solid"))
    parser.add_argument("--solids", type=int, default=30_720)
    parser.add_argument("--autoencoder-samples", type=int, default=72_000)
    parser.add_argument("--captions", type=int, default=150_000)
    parser.add_argument("--unet-samples", type=int, default=600_000)
    parser.add_argument("--processes", type=int, default=1, help="that share the denoiser's training, each on a core of its own")
    parser.add_argument("--compile", action="store_true", help="the denoiser, by torch.compile: some minutes of compiling, then faster with AMX")
    options = parser.parse_args()
    options.runs.mkdir(parents=True, exist_ok=True)
    for name, arguments in stages(options.runs, options):
        done = options.runs / f"{name}.done"
        if done.exists() and done.read_text() == " ".join(arguments):
            continue
        print(f"--- {name}", flush=True)
        subprocess.run([sys.executable, "-m", f"training.solid.{name}", *arguments], check=True)
        done.write_text(" ".join(arguments))


if __name__ == "__main__":
    main()
