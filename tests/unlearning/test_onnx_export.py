"""A model as ONNX gives the same scores in another program; as safetensors, a few lines of numpy do."""

import json
from collections.abc import Callable

import numpy as np
import onnxruntime
import pytest
import torch

from core.errors import DataError
from core.events.table import EventTable
from core.unlearning.conclude import conclude
from core.unlearning.method import METHODS
from core.unlearning.model import Model
from core.unlearning.onnx_export import onnx_bytes
from core.unlearning.train import fit

CPU = torch.device("cpu")


def trained(events: EventTable, method: str) -> Model:
    entry = METHODS[method].item
    config = entry.config(epochs=2, batch_size=256, hidden=(16, 8))
    last = list(fit(events, method, config, device=CPU, seed=0))[-1]
    conclusion = conclude(events, method, config, last.save(), device=CPU, seed=0)
    return Model.from_arrays(conclusion.model, entry.transform.restore if entry.transform else None).eval()


@pytest.mark.parametrize("method", METHODS.names())
def test_onnxruntime_gives_the_scores_of_the_model(method: str, toy_table: Callable[..., EventTable]) -> None:
    events = toy_table(2000)
    x, m = events.matrix(events.roles.features, np.float32), events.matrix(events.roles.protected, np.float64)
    model = trained(events, method)
    content = onnx_bytes(model, events.roles.features, events.roles.protected, x, m)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    given = {"features": x[:7]} | ({"protected": m[:7].astype(np.float32)} if model.transform is not None else {})
    (scores,) = session.run(["score"], given)
    ours = model.score(torch.from_numpy(x[:7]), torch.from_numpy(m[:7]))
    np.testing.assert_allclose(scores, ours, atol=1e-5)
    card = session.get_modelmeta().custom_metadata_map
    assert json.loads(card["inputs"]) == list(events.roles.features)


def test_a_file_that_gives_other_scores_is_refused(
    toy_table: Callable[..., EventTable], monkeypatch: pytest.MonkeyPatch
) -> None:
    events = toy_table(500)
    x, m = events.matrix(events.roles.features, np.float32), events.matrix(events.roles.protected, np.float64)
    model = trained(events, "baseline")
    right = model.score
    monkeypatch.setattr(model, "score", lambda *inputs: right(*inputs) + 0.1)
    with pytest.raises(DataError, match=r"scores differ from the model's by 0\.1; allowed: 1e-05"):
        onnx_bytes(model, events.roles.features, events.roles.protected, x, m)


def test_the_arrays_of_a_model_need_nothing_but_numpy(toy_table: Callable[..., EventTable]) -> None:
    events = toy_table(500)
    model = trained(events, "baseline")
    arrays, x = model.arrays(), events.matrix(events.roles.features, np.float32)
    layer = (x - arrays["networks.0.mean"]) / arrays["networks.0.scale"]
    for k in range(3):
        layer = layer @ arrays[f"networks.0.layers.{k}.weight"].T + arrays[f"networks.0.layers.{k}.bias"]
        layer = np.maximum(layer, 0) if k < 2 else layer
    m = torch.from_numpy(events.matrix(events.roles.protected, np.float64))
    np.testing.assert_allclose(1 / (1 + np.exp(-layer[:, 0])), model.score(torch.from_numpy(x), m), atol=1e-5)
