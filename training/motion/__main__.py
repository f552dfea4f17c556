"""Trains the motion model, stage by stage; every stage takes up where it left off, and one that is done ends at once.

    nohup taskset -c 1 nice -n 19 python -m training.motion > training/runs/motion/log.txt &

Clips are drawn in parts, so that training begins with the first of them. --steps is the length of the whole run, over whose last part the
learning rate falls; raise it to go on for longer.
"""
from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path


def stages(runs: Path, steps: int) -> list[tuple[str, list[str]]]:
    """Module and arguments of each stage, in order."""
    pipeline = runs / "pipeline"
    common = ["--pipeline", str(pipeline)]
    motion = runs / "motion"

    def encode(shards: int) -> tuple[str, list[str]]:
        return "training.motion.encode", [*common, "--shards", str(shards), "--output", str(motion / "latents")]

    def train(until: int) -> tuple[str, list[str]]:
        return "training.motion.train", [*common, "--steps", str(steps), "--until", str(until), "--minutes", "100000", "--latents", str(motion / "latents"),
                                         "--text", str(motion / "text/difference.safetensors"), "--output", str(motion / "unet")]
    load = [] if pipeline.exists() else [("training.load", ["--model", "public/models/safelight", "--output", str(pipeline)])]
    return [*load, ("training.motion.train_text", [*common, "--steps", "600", "--output", str(motion / "text")]),
            encode(18), train(steps // 10), encode(54), train(4 * steps // 10), encode(108), train(steps)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.motion", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, default=Path("training/runs"))
    parser.add_argument("--steps", type=int, default=20_000)
    options = parser.parse_args()
    (options.runs / "motion").mkdir(parents=True, exist_ok=True)
    for module, arguments in stages(options.runs, options.steps):
        print("---", module, *arguments, flush=True)
        subprocess.run([sys.executable, "-m", module, *arguments], check=True, env={**os.environ, "OMP_NUM_THREADS": "1"})


if __name__ == "__main__":
    main()
