"""Models that runs saved: those that give no score of single events are refused."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from core.errors import DataError
from core.jobs.artifacts import MODEL
from core.jobs.saved import load_autoencoder, load_model


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
