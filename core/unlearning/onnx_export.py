"""A trained model as an ONNX file, which runs without this program."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Sequence

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.errors import DataError
from core.unlearning.model import Model

TOLERANCE = 1e-5
CHECKED = 4096
OPSET = 18


def onnx_bytes(
    model: Model, inputs: Sequence[str], protected: Sequence[str], x: NDArray[np.floating], m: NDArray[np.floating]
) -> bytes:
    """Write a model as ONNX, and compare its answers with ours.

    The graph takes ``features`` (n, n_features) in physical units, float32, and, where the score has a transform,
    ``protected`` (n, n_protected), float32; it gives ``score``, (n,) or (n, 2). The metadata name the columns.

    Args:
        model: the trained model.
        inputs: names of the features.
        protected: names of the protected variables.
        x: features of some events to compare on, shape (n, n_features).
        m: their protected variables, shape (n, n_protected).

    Returns:
        The content of the file.

    Raises:
        DataError: the file's scores differ from ours by more than 1e-5.
    """
    takes_protected = model.transform is not None
    x, m = (np.asarray(values[:CHECKED], np.float32) for values in (x, m))
    arguments = (torch.from_numpy(x), torch.from_numpy(m))[: 2 if takes_protected else 1]
    names = ["features", "protected"][: len(arguments)]
    content = _named(_exported(_Exported(model).eval(), arguments, names), inputs, protected if takes_protected else ())
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {name: value.numpy() for name, value in zip(names, arguments, strict=True)})
    difference = float(np.abs(found - model.score(torch.from_numpy(x), torch.from_numpy(m).double())).max(initial=0.0))
    if not difference <= TOLERANCE:
        raise DataError(f"the ONNX file's scores differ from the model's by {difference:.2g}; allowed: {TOLERANCE:g}")
    return content


class _Exported(nn.Module):
    """Be the model with the inputs of the file."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model

    def forward(self, features: Tensor, protected: Tensor | None = None) -> Tensor:
        scores: Tensor = self.model(features, features if protected is None else protected)
        return scores.to(torch.float32)


def _exported(model: nn.Module, arguments: tuple[Tensor, ...], names: list[str]) -> onnx.ModelProto:
    """Return the graph for any number of events."""
    events = torch.export.Dim("events", min=2)
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir")]
    levels = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the exporter's own dependencies deprecate each other
            program = torch.onnx.export(
                model, arguments, dynamo=True, input_names=names, output_names=["score"], opset_version=OPSET,
                dynamic_shapes=tuple({0: events} for _ in names), verbose=False,
            )  # fmt: skip
    finally:
        for each, level in zip(loggers, levels, strict=True):
            each.setLevel(level)
    if program is None:
        raise DataError("the model cannot be written as ONNX")
    return program.model_proto


def _named(graph: onnx.ModelProto, inputs: Sequence[str], protected: Sequence[str]) -> bytes:
    """Return the file's content with the names of the columns in its metadata."""
    onnx.helper.set_model_props(graph, {"inputs": json.dumps(list(inputs)), "protected": json.dumps(list(protected))})
    onnx.checker.check_model(graph)
    return bytes(graph.SerializeToString())
