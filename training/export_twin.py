"""Exports what distil.py made: a model that shares the base's files and adds its difference to the U-Net as it is loaded.

    python -m training.export_twin --base public/models/safelight --difference training/runs/twin/difference.safetensors \\
        --output public/models/safelight-4-steps
"""
from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

from .export import add_to_index, list_files, write_json

DEFAULTS = {"sampler": "ddim", "steps": 4, "guidanceScale": 1}
OWN = ("README.md", "concepts.json", "report.json", "sheet.jpg")


def export_twin(base: Path, difference: Path, output: Path) -> str:
    """The title of what was written to `output`, a folder beside `base`."""
    card = json.loads((base / "darkroom.json").read_text(encoding="utf-8"))
    output.mkdir(exist_ok=True)
    for name in ("README.md", "concepts.json"):
        shutil.copy(base / name, output / name)
    shutil.copyfile(difference, output / difference.name)
    shared = {path: {**record, "folder": f"../{base.name}/"} for path, record in card["files"].items() if path not in OWN}
    own = {path: record for path, record in list_files(output).items() if path not in ("darkroom.json", "report.json", "sheet.jpg")}
    card["title"] += ", 4 steps"
    card["defaults"] |= DEFAULTS
    write_json(output / "darkroom.json", {**card, "files": {**shared, **own}, "difference": difference.name})
    return card["title"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, default=Path("public/models/safelight"))
    parser.add_argument("--difference", type=Path, default=Path("training/runs/twin/difference.safetensors"))
    parser.add_argument("--output", type=Path, default=Path("public/models/safelight-4-steps"))
    parser.add_argument("--index", type=Path, help="the list of built-in models to add it to, public/models/index.json")
    options = parser.parse_args()
    if options.output.parent.resolve() != options.base.parent.resolve():
        raise SystemExit(f"{options.output} shares the files of {options.base}; it must lie beside it.")
    title = export_twin(options.base, options.difference, options.output)
    if options.index:
        add_to_index(options.index, options.output.name, title)


if __name__ == "__main__":
    main()
