"""Writes the tests' tiny model as the web exports are laid out: flat, without most configs, and with other inputs.

    python -m training.reference.web_layouts

workers/testing/layouts/flat/ has the graphs of workers/testing/families/stable-diffusion/ with the same weights. Its files are called as browser apps
call them; the text encoder takes int32 ids, two rows of a fixed length; the U-Net two rows of one size, an int64 timestep for each; the VAE's decoder
calls its edges "latent" and "image". workers/testing/layouts/operators/ has a text encoder with an operator that the runtime does not have.
"""
from __future__ import annotations

import shutil
from pathlib import Path

import onnx
from onnx import TensorProto, helper

from .golden_pipelines import WINDOW

TESTING = Path(__file__).parents[2] / "workers" / "testing"
SOURCE, TARGET = TESTING / "families" / "stable-diffusion", TESTING / "layouts"
ROWS, SIDE = 2, 16


def retype(model: onnx.ModelProto, name: str, kind: int, dims: list[int | str]) -> None:
    """Declares an input anew; what read it reads a Cast of it to the type it had."""
    graph = model.graph
    value = next(one for one in graph.input if one.name == name)
    was = value.type.tensor_type.elem_type
    value.CopyFrom(helper.make_tensor_value_info(name, kind, dims))
    if kind != was:
        for node in graph.node:
            for k, one in enumerate(node.input):
                if one == name:
                    node.input[k] = f"{name}.cast"
        graph.node.insert(0, helper.make_node("Cast", [name], [f"{name}.cast"], to=was))


def rename(model: onnx.ModelProto, names: dict[str, str]) -> None:
    graph = model.graph
    for value in [*graph.input, *graph.output]:
        value.name = names.get(value.name, value.name)
    for node in graph.node:
        node.input[:] = [names.get(one, one) for one in node.input]
        node.output[:] = [names.get(one, one) for one in node.output]


def load(part: str) -> onnx.ModelProto:
    return onnx.load(SOURCE / part / "model.onnx")


def main() -> None:
    flat = TARGET / "flat"
    shutil.rmtree(TARGET, ignore_errors=True)
    flat.mkdir(parents=True)
    text, unet, decoder = load("text_encoder"), load("unet"), load("vae_decoder")
    retype(text, "input_ids", TensorProto.INT32, [ROWS, WINDOW])
    width = unet.graph.input[2].type.tensor_type.shape.dim[2].dim_value
    retype(unet, "sample", TensorProto.FLOAT, [ROWS, 4, SIDE, SIDE])
    retype(unet, "timestep", TensorProto.INT64, [ROWS])
    retype(unet, "encoder_hidden_states", TensorProto.FLOAT, [ROWS, WINDOW, width])
    rename(decoder, {"latent_sample": "latent", "sample": "image"})
    for name, model in (("text-encoder.onnx", text), (f"sd-unet-b{ROWS}c4h{SIDE}w{SIDE}s{WINDOW}-layernorm.onnx", unet), ("vae-decoder-float32.onnx", decoder)):
        onnx.save(model, flat / name)
    shutil.copy(SOURCE / "scheduler" / "scheduler_config.json", flat / "scheduler_config.json")
    (flat / "vae").mkdir()
    shutil.copy(SOURCE / "vae_decoder" / "config.json", flat / "vae" / "config.json")
    for name in ("vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json"):
        shutil.copy(SOURCE / "tokenizer" / name, flat / name)

    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch_size", "sequence_length"])
    states = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, None)
    cast = helper.make_node("Cast", ["input_ids"], ["ids"], to=TensorProto.FLOAT)
    node = helper.make_node("SkipGroupNorm", ["ids"] * 4, ["last_hidden_state"], name="norm", domain="com.microsoft", activation=0, groups=1)
    graph = helper.make_graph([cast, node], "graph", [ids], [states])
    (TARGET / "operators").mkdir()
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)], ir_version=9), TARGET / "operators" / "model.onnx")


if __name__ == "__main__":
    main()
