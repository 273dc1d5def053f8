"""Models that runs saved: those that give no score of single events are refused."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from core.errors import DataError
from core.jobs.artifacts import MODEL
from core.jobs.saved import load_autoencoder, load_model
from core.learning.networks import Classifier
from core.unlearning.model import Model


def saved(folder: Path, task: str, method: str) -> Path:
    folder.mkdir()
    card = {"inputs": json.dumps(["x"]), "protected": "[]", "task": task, "method": method, "config": "{}"}
    save_file({"product.mean": np.zeros(1, np.float32)}, folder / MODEL, metadata=card)
    return folder


@pytest.mark.parametrize("method", ["classification", "regression"])
def test_networks_of_sets_are_no_classifier_of_single_events(tmp_path: Path, method: str) -> None:
    folder = saved(tmp_path / "run", "ensembles", method)
    with pytest.raises(DataError, match=r"run run is of the task 'ensembles'.*allowed: runs of unlearn, slide"):
        load_model(folder)
    with pytest.raises(DataError, match="has no autoencoder"):
        load_autoencoder(folder)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """The folder of a run that left a classifier of two features."""
    network = Classifier(torch.zeros(2), torch.ones(2), [4], torch.Generator().manual_seed(1))
    folder = tmp_path / "run"
    folder.mkdir()
    write(folder, Model([network]).arrays())
    assert load_model(folder).inputs == ("a", "b")
    return folder


def write(folder: Path, arrays: dict[str, np.ndarray], **card: str) -> None:
    words = {"inputs": '["a", "b"]', "protected": "[]", "task": "unlearn", "method": "baseline", "config": "{}"}
    save_file(arrays, folder / MODEL, metadata=words | card)


def header(size: int, text: bytes = b"{}") -> bytes:
    return struct.pack("<Q", size) + text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 7,
        header(2**63 - 1),
        header(10**8 + 1),
        header(2**40),
        header(0),
        header(2),
        header(200_000, b"[" * 200_000),
        header(14, b'{"a": "\xff\xfe"}  '),
        header(70, b'{"a":{"dtype":"F32","shape":[999999,999999],"data_offsets":[0,4]}}    1234'),
        header(70, b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,99999999999999999]}}1234'),
        b"\x80\x04\x95" + b"pickle" * 20,
        b"PK\x03\x04" + bytes(100),
    ],
)
def test_files_that_are_no_safetensors_are_a_sentence(good: Path, content: bytes) -> None:
    (good / MODEL).write_bytes(content)
    for load in (load_model, load_autoencoder):
        with pytest.raises(DataError, match=r"the model of run run (cannot be read|does not say)"):
            load(good)


def test_mutants_of_a_good_model_give_a_model_or_a_sentence(good: Path, rng: np.random.Generator) -> None:
    content = (good / MODEL).read_bytes()
    outcomes = set()
    for _ in range(200):
        changed = bytearray(content)
        for place in rng.integers(0, len(changed) if rng.random() < 0.3 else 600, rng.integers(1, 4)):
            changed[place] ^= 1 << int(rng.integers(8))
        (good / MODEL).write_bytes(bytes(changed[: int(rng.integers(len(changed)))] if rng.random() < 0.2 else changed))
        try:
            outcomes.add(type(load_model(good)).__name__)
        except DataError as problem:
            outcomes.add("refused")
            assert str(problem)
    assert outcomes == {"SavedModel", "refused"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"networks.0.layers.0.weight": np.zeros((4, 3), np.float32)}, "size mismatch"),
        ({"networks.0.layers.0.bias": np.zeros((), np.float32)}, "size mismatch"),
        ({"networks.0.layers.0.weight": np.zeros((), np.float32)}, "cannot be read"),
        ({"networks.0.mean": np.zeros((2, 2), np.float32)}, "one number for each feature"),
        ({"networks.0.extra": np.zeros(1, np.float32)}, "nexpected key"),
        ({"networks.0.layers.0.weight": np.zeros((300_000, 1), np.float32),
          "networks.0.mean": np.zeros(300_000, np.float32)}, "layers of 300000 and 300000 need more"),
    ],
)  # fmt: skip
def test_arrays_of_wrong_shape_are_a_sentence(good: Path, changes: dict[str, np.ndarray], said: str) -> None:
    write(good, {**dict(load_file(good / MODEL)), **changes})
    with pytest.raises(DataError, match=said):
        load_model(good)


@pytest.mark.parametrize(
    "card",
    [
        {"inputs": "{"},
        {"inputs": "3"},
        {"protected": "null"},
        {"derived": "[1]"},
        {"derived": "[" * 100_000},
        {"method": "no_such"},
        {"task": "slide", "config": '{"lam_max": "x"}'},
        {"task": "slide"},
        {"task": "disentangle"},
    ],
)
def test_words_that_say_nonsense_are_a_sentence(good: Path, card: dict[str, str]) -> None:
    write(good, dict(load_file(good / MODEL)), **card)
    with pytest.raises(DataError):
        load_model(good)
