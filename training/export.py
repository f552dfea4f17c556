"""Exports a diffusers pipeline (safetensors) to the folder that the page loads: ONNX graphs, configs, tokenizer, darkroom.json.

    pip install -r training/requirements.txt
    python -m training.export --pipeline training/runs/pipeline --card training/card.json --output public/models/safelight

The pipeline's folder has text_encoder/ (CLIPTextModel), unet/ (UNet2DConditionModel), vae/ (AutoencoderKL), scheduler/, tokenizer/ and,
where there are example prompts, concepts.json.
Large weights are stored as float16, each followed by a Cast: the files are small, and every graph computes in float32 on any adapter.
Each graph is run with onnxruntime at two shapes and compared with the PyTorch module whose weights were rounded the same way.
"""
from __future__ import annotations

import argparse
import hashlib
import json
import logging
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, UNet2DConditionModel
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from transformers import CLIPTextModel
from transformers.utils.logging import disable_progress_bar

OPSET = 20  # the first with Gelu
HALF_FROM = 1024  # tensors with fewer elements stay float32
BOUND = 1e-3  # of the largest difference from PyTorch, relative to PyTorch's largest value
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")


class PlainAttention:
    """Attention as two products and a softmax on [batch, heads, tokens, channels], the query scaled rather than the larger scores."""

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None, temb=None):
        x = hidden_states
        if hidden_states.ndim == 4:  # the VAE's: NCHW -> [batch, pixels, channels]
            x = x.flatten(2).transpose(1, 2)
        if attn.group_norm is not None:
            x = attn.group_norm(x.transpose(1, 2)).transpose(1, 2)
        context = x if encoder_hidden_states is None else encoder_hidden_states
        q, k, v = (part.unflatten(-1, (attn.heads, -1)).transpose(1, 2) for part in (attn.to_q(x), attn.to_k(context), attn.to_v(context)))
        weights = torch.softmax((q * attn.scale) @ k.transpose(2, 3), -1)
        x = attn.to_out[0]((weights @ v).transpose(1, 2).flatten(2))
        if hidden_states.ndim == 4:
            x = x.transpose(1, 2).unflatten(2, hidden_states.shape[2:])
        if attn.residual_connection:
            x = x + hidden_states
        return x / attn.rescale_output_factor


# ---- what is exported: a module for each graph, its inputs' and outputs' names and axes --------------------------------


class TextEncoder(nn.Module):
    def __init__(self, text: CLIPTextModel):
        super().__init__()
        self.text = text

    def forward(self, input_ids):
        output = self.text(input_ids=input_ids)
        return output.last_hidden_state, output.pooler_output


class UNet(nn.Module):
    def __init__(self, unet: UNet2DConditionModel):
        super().__init__()
        self.unet = unet

    def forward(self, sample, timestep, encoder_hidden_states):
        return self.unet(sample, timestep, encoder_hidden_states, return_dict=False)[0]


class VaeDecoder(nn.Module):
    def __init__(self, vae: AutoencoderKL):
        super().__init__()
        self.decoder, self.post_quant_conv = vae.decoder, vae.post_quant_conv or nn.Identity()

    def forward(self, latent_sample):
        return self.decoder(self.post_quant_conv(latent_sample))


class VaeEncoder(nn.Module):
    def __init__(self, vae: AutoencoderKL):
        super().__init__()
        self.encoder, self.quant_conv = vae.encoder, vae.quant_conv or nn.Identity()

    def forward(self, sample):
        return self.quant_conv(self.encoder(sample))


@dataclass
class Graph:
    """`make(batch, k)` draws inputs; k = 0 and 1 give two different shapes. `axes` names the dynamic ones of inputs and outputs."""

    folder: str
    module: nn.Module
    make: Callable[[int, int], dict[str, torch.Tensor]]
    axes: dict[str, dict[int, str]]
    outputs: dict[str, dict[int, str]]


def graphs(text: CLIPTextModel, unet: UNet2DConditionModel, vae: AutoencoderKL) -> list[Graph]:
    length, vocabulary = text.config.max_position_embeddings, text.config.vocab_size
    side, multiple = unet.config.sample_size, 2 ** (len(unet.config.block_out_channels) - 1)
    scale = 2 ** (len(vae.config.block_out_channels) - 1)
    generator = torch.Generator().manual_seed(0)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator)

    def ids(batch: int, k: int):
        return {"input_ids": torch.randint(0, vocabulary, (batch, length - 3 * k), generator=generator)}

    def noisy(batch: int, k: int):
        return {"sample": normal(batch, unet.config.in_channels, side, side + 2 * multiple * k), "timestep": torch.tensor([999.0 - 371.5 * k]),
                "encoder_hidden_states": normal(batch, length - 3 * k, unet.config.cross_attention_dim)}

    def latents(batch: int, k: int):
        return {"latent_sample": normal(batch, vae.config.latent_channels, side, side + 3 * k)}

    def pictures(batch: int, k: int):
        return {"sample": normal(batch, vae.config.in_channels, side * scale, (side + 3 * k) * scale).clamp(-1, 1)}

    words = {0: "batch_size", 1: "sequence_length"}
    cells = {0: "batch_size", 2: "latent_height", 3: "latent_width"}
    pixels = {0: "batch_size", 2: "height", 3: "width"}
    return [
        Graph("text_encoder", TextEncoder(text), ids, {"input_ids": words}, {"last_hidden_state": words, "pooler_output": {0: "batch_size"}}),
        Graph("unet", UNet(unet), noisy, {"sample": cells, "timestep": {}, "encoder_hidden_states": words}, {"out_sample": cells}),
        Graph("vae_decoder", VaeDecoder(vae), latents, {"latent_sample": cells}, {"sample": pixels}),
        Graph("vae_encoder", VaeEncoder(vae), pictures, {"sample": pixels}, {"latent_parameters": cells}),
    ]


def round_weights(module: nn.Module) -> None:
    """Rounds, in place, the weights that are stored as float16."""
    for name, weight in module.named_parameters():
        if weight.numel() >= HALF_FROM:
            if not weight.abs().max() <= torch.finfo(torch.float16).max:
                raise SystemExit(f"{name} does not fit float16; train it with weight decay, or clip it.")
            weight.data = weight.data.half().float()


# ---- from torch's graph to the stored one ------------------------------------------------------------------------------


def build(graph: Graph) -> onnx.ModelProto:
    program = torch.onnx.export(
        graph.module.eval(), (), kwargs=graph.make(2, 1), dynamo=True, opset_version=OPSET, verbose=False, optimize=True,
        input_names=list(graph.axes), output_names=list(graph.outputs), dynamic_shapes=graph.axes)
    model = program.model_proto
    if model.functions:
        raise SystemExit(f"{graph.folder}: the exporter left functions in the graph: {[f.name for f in model.functions]}.")
    for value in model.graph.output:
        for axis, name in graph.outputs[value.name].items():
            value.type.tensor_type.shape.dim[axis].dim_param = name
    constant_reshapes(model.graph)
    drop_unused(model.graph)
    share_initializers(model.graph)
    weights = name_weights(model.graph, graph.module)
    store_half(model.graph)
    strip_traces(model)
    note_weights(model, weights)
    onnx.checker.check_model(model, full_check=True)
    return model


def constant_reshapes(graph: onnx.GraphProto) -> None:
    """Replaces target shapes that are computed at run time by constants, where "same as the input's" (0) and one "the rest" (-1) suffice."""
    shapes = {v.name: [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim] for v in [*graph.value_info, *graph.input, *graph.output]}
    fixed = {i.name for i in graph.initializer}
    for node in graph.node:
        if node.op_type != "Reshape" or node.input[1] in fixed or not (node.input[0] in shapes and node.output[0] in shapes):
            continue
        source, target = shapes[node.input[0]], shapes[node.output[0]]
        dims = [d if isinstance(d, int) else 0 if i < len(source) and d == source[i] else -1 for i, d in enumerate(target)]
        if dims.count(-1) > 1 or any(d == 0 for d in target):
            continue
        name = "shape_" + "_".join(map(str, dims)).replace("-1", "rest")
        if name not in fixed:
            fixed.add(name)
            graph.initializer.append(numpy_helper.from_array(np.array(dims, np.int64), name))
        node.input[1] = name
        del node.attribute[:]  # allowzero


def drop_unused(graph: onnx.GraphProto) -> None:
    wanted = {o.name for o in graph.output}
    kept = []
    for node in reversed(graph.node):
        if wanted.intersection(node.output):
            wanted.update(node.input)
            kept.append(node)
    initializers = [i for i in graph.initializer if i.name in wanted]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(reversed(kept))
    graph.initializer.extend(initializers)


def share_initializers(graph: onnx.GraphProto) -> None:
    first: dict[tuple, str] = {}
    rename = {}
    for tensor in graph.initializer:
        array = numpy_helper.to_array(tensor)
        rename[tensor.name] = first.setdefault((tensor.data_type, array.shape, array.tobytes()), tensor.name)
    for node in graph.node:
        for k, name in enumerate(node.input):
            node.input[k] = rename.get(name, name)
    drop_unused(graph)


def store_half(graph: onnx.GraphProto) -> None:
    casts = []
    for tensor in graph.initializer:
        array = numpy_helper.to_array(tensor)
        if tensor.data_type == TensorProto.FLOAT and array.size >= HALF_FROM:
            half = tensor.name + ".half"
            casts.append(helper.make_node("Cast", [half], [tensor.name], name=tensor.name + ".cast", to=TensorProto.FLOAT))
            tensor.CopyFrom(numpy_helper.from_array(array.astype(np.float16), half))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def strip_traces(model: onnx.ModelProto) -> None:
    """The exporter writes stack traces and module paths into every node; nothing of them is needed to run."""
    graph = model.graph
    del graph.value_info[:]
    graph.name = "graph"
    for part in [model, graph, *graph.node, *graph.initializer, *graph.input, *graph.output]:
        part.ClearField("doc_string")
        part.ClearField("metadata_props")


def name_weights(graph: onnx.GraphProto, module: nn.Module) -> dict[str, dict]:
    """Gives each initializer the name of the module's parameter that it holds, as LoRAs name them, and tells where each parameter is."""
    stored: dict[bytes, str] = {}
    for tensor in graph.initializer:
        if tensor.data_type == TensorProto.FLOAT:
            stored.setdefault(numpy_helper.to_array(tensor).tobytes(), tensor.name)
    weights, renamed = {}, {}
    for key, value in module.named_parameters():
        array = value.detach().numpy()
        name, turned = stored.get(array.tobytes()), False
        if name is None:
            name, turned = stored.get(np.ascontiguousarray(array.T).tobytes()), True
        if name is None:
            raise SystemExit(f"{key} is not in the exported graph.")
        key = re.sub("^(text|unet)\\.", "", key)
        half = ".half" if array.size >= HALF_FROM else ""
        weights[key] = {"initializer": renamed.setdefault(name, key) + half, "shape": list(array.shape), "transposed": turned}
    for tensor in graph.initializer:
        tensor.name = renamed.get(tensor.name, tensor.name)
    for node in graph.node:
        for k, name in enumerate(node.input):
            node.input[k] = renamed.get(name, name)
    return weights


def note_weights(model: onnx.ModelProto, weights: dict[str, dict]) -> None:
    """Writes into the model which initializer holds which parameter, and whether transposed: load.py reads it back."""
    entry = model.metadata_props.add()
    entry.key, entry.value = "weights", json.dumps(weights, separators=(",", ":"))


def verify(graph: Graph, file: Path) -> None:
    """@raises SystemExit where the stored graph and the PyTorch module differ by more than BOUND."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    for batch, k in ((2, 0), (1, 1)):
        inputs = graph.make(batch, k)
        with torch.no_grad():
            expected = graph.module(**inputs)
        actual = session.run(list(graph.outputs), {name: x.numpy() for name, x in inputs.items()})
        for name, x, y in zip(graph.outputs, actual, expected if isinstance(expected, tuple) else (expected,), strict=True):
            difference, largest = float(np.abs(x - y.numpy()).max()), float(y.abs().max())
            print(f"  {graph.folder} {name} {list(x.shape)}: differs by {difference:.2e} at most, values up to {largest:.2f}")
            if x.shape != tuple(y.shape) or not difference <= BOUND * largest:
                raise SystemExit(f"{graph.folder}: the exported graph does not compute what PyTorch does.")


# ---- the folder --------------------------------------------------------------------------------------------------------


@torch.no_grad()
def fit_preview(vae: AutoencoderKL, latents: torch.Tensor) -> dict[str, list]:
    """Least squares: latents [n, c, h, w], scaled as the U-Net sees them -> RGB in -1..1, the decoded picture averaged over each latent's pixels."""
    shift = vae.config.shift_factor or 0
    rows, colours = [], []
    for part in latents.split(8):
        picture = vae.decode(part / vae.config.scaling_factor + shift).sample.clamp(-1, 1)
        rows.append(part.movedim(1, -1).flatten(0, 2))
        colours.append(F.adaptive_avg_pool2d(picture, part.shape[2:]).movedim(1, -1).flatten(0, 2))
    x, y = torch.cat(rows).double(), torch.cat(colours).double()
    x = torch.cat([x, torch.ones(len(x), 1)], 1)
    solution = torch.linalg.lstsq(x, y).solution
    explained = 1 - ((x @ solution - y).square().sum() / (y - y.mean(0)).square().sum()).item()
    print(f"  preview: explains {explained:.1%} of the variance of the averaged pictures")
    values = [[round(v, 5) for v in row] for row in solution.tolist()]
    return {"factors": values[:-1], "bias": values[-1]}


def read_json(file: Path) -> dict:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SystemExit(f"{file} cannot be read: {error}") from None


def write_json(file: Path, value: object, indent: int | None = 2) -> None:
    """Without an indent: in as few bytes as possible; with one: innermost lists on one line."""
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(value, indent=indent, separators=(",", ":") if indent is None else None, ensure_ascii=False)
    if indent is not None:
        text = re.sub(r"\[\s+([^\[\]{}]*?)\s+\]", lambda m: "[" + re.sub(r"\n\s+", " ", m[1]) + "]", text)
    file.write_text(text + "\n", encoding="utf-8")


def config_of(folder: Path) -> dict:
    return {key: value for key, value in read_json(folder / "config.json").items() if key != "_name_or_path"}


def list_files(folder: Path) -> dict[str, dict]:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {f.relative_to(folder).as_posix(): {"bytes": f.stat().st_size, "sha256": hashlib.sha256(f.read_bytes()).hexdigest()} for f in files}


def export(pipeline: Path, card: dict, output: Path, latents: torch.Tensor | None = None) -> None:
    """Writes `output`, which replaces an earlier export there. `latents`: [n, c, h, w] for the preview map; without, 64 normal draws."""
    missing = {"title", "license", "defaults", "size"} - card.keys()
    if missing:
        raise SystemExit(f"The card lacks {', '.join(sorted(missing))}.")
    if output.exists() and any(output.iterdir()) and not (output / "darkroom.json").exists():
        raise SystemExit(f"{output} holds something that is not an export; name a new folder.")
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    disable_progress_bar()
    text = CLIPTextModel.from_pretrained(pipeline / "text_encoder", attn_implementation="eager").float().eval()
    unet = UNet2DConditionModel.from_pretrained(pipeline / "unet").float().eval()
    vae = AutoencoderKL.from_pretrained(pipeline / "vae").float().eval()
    if latents is not None and (latents.ndim != 4 or latents.shape[1] != unet.config.in_channels):
        raise SystemExit(f"The latents are {list(latents.shape)}; the preview map needs [n, {unet.config.in_channels}, h, w].")
    unet.set_attn_processor(PlainAttention())
    vae.set_attn_processor(PlainAttention())
    for module in (text, unet, vae):
        round_weights(module)

    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=f".{output.name}-") as name:
        folder = Path(name) / output.name
        for graph in graphs(text, unet, vae):
            config = config_of(pipeline / graph.folder.split("_")[0] if graph.folder.startswith("vae") else pipeline / graph.folder)
            write_json(folder / graph.folder / "config.json", config)
            file = folder / graph.folder / "model.onnx"
            onnx.save(build(graph), file)
            print(f"{graph.folder}/model.onnx: {file.stat().st_size:,} bytes, operators {', '.join(sorted({n.op_type for n in onnx.load(file).graph.node}))}")
            verify(graph, file)
        for file in TOKENIZER_FILES:
            write_json(folder / "tokenizer" / file, read_json(pipeline / "tokenizer" / file), None if file == "tokenizer.json" else 2)
        scheduler = read_json(pipeline / "scheduler" / "scheduler_config.json")
        write_json(folder / "scheduler" / "scheduler_config.json", scheduler)
        tokenizer_class = read_json(pipeline / "tokenizer" / "tokenizer_config.json").get("tokenizer_class", "CLIPTokenizer")
        write_json(folder / "model_index.json", {
            "_class_name": "StableDiffusionPipeline", "scheduler": ["diffusers", scheduler["_class_name"]], "text_encoder": ["transformers", "CLIPTextModel"],
            "tokenizer": ["transformers", tokenizer_class], "unet": ["diffusers", "UNet2DConditionModel"], "vae_decoder": ["diffusers", "AutoencoderKL"],
            "vae_encoder": ["diffusers", "AutoencoderKL"]})
        if (pipeline / "concepts.json").exists():  # what the model was taught: example prompts, suggestions
            write_json(folder / "concepts.json", read_json(pipeline / "concepts.json"), None)
        if (pipeline / "README.md").exists():  # the model card
            shutil.copy(pipeline / "README.md", folder / "README.md")
        if latents is None:
            shape = (64, unet.config.in_channels, unet.config.sample_size, unet.config.sample_size)
            latents = torch.randn(shape, generator=torch.Generator().manual_seed(0))
        write_json(folder / "darkroom.json", {
            **{key: card[key] for key in ("title", "license", "defaults", "size", "upscaleStrength") if key in card}, "preview": fit_preview(vae, latents), "files": list_files(folder)})
        if output.exists():
            shutil.rmtree(output)
        folder.rename(output)
    print(f"{output}: {sum(f.stat().st_size for f in output.rglob('*') if f.is_file()):,} bytes")


def add_to_index(index: Path, identifier: str, title: str) -> None:
    """Adds the model to the list of built-in ones, or renames it there."""
    models = json.loads(index.read_text(encoding="utf-8")) if index.exists() else []
    titles = {model["id"]: model["title"] for model in models} | {identifier: title}
    write_json(index, [{"id": key, "title": value} for key, value in titles.items()])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pipeline", type=Path, required=True)
    parser.add_argument("--card", type=Path, required=True, help="JSON with title, license, defaults, size")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--latents", type=Path, help=".npy, [n, c, h, w], latents of real pictures for the preview map")
    parser.add_argument("--index", type=Path, help="the list of built-in models to add this one to, public/models/index.json")
    options = parser.parse_args()
    card = read_json(options.card)
    latents = torch.from_numpy(np.load(options.latents)).float() if options.latents else None
    export(options.pipeline, card, options.output, latents)
    if options.index:
        add_to_index(options.index, options.output.name, card["title"])


if __name__ == "__main__":
    main()
