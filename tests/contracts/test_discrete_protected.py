"""Every method takes a nuisance of few values, text included, or says why it does not."""

from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import DataError
from core.evaluation.sculpting import statistical_limit
from core.events import DatasetSpec, EventTable, Roles, load_events
from core.unlearning.conclude import conclude
from core.unlearning.method import METHODS
from core.unlearning.train import fit

CPU = torch.device("cpu")
NAMES = ("herwig", "pythia", "sherpa")


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> EventTable:
    """1,500 events of a CSV file: a feature that separates, one that knows the generator, and its name."""
    rng, n = np.random.default_rng(3), 1500
    code, label = rng.integers(0, 3, n), np.arange(n) % 2
    clean, leaking = label + rng.normal(size=n), label + code + rng.normal(size=n)
    rows = (f"{a:.4f},{b:.4f},{NAMES[c]},{y}" for a, b, c, y in zip(clean, leaking, code, label, strict=True))
    path: Path = tmp_path_factory.mktemp("csv") / "events.csv"
    path.write_text("\n".join(["clean,leaking,generator,label", *rows]) + "\n")
    roles = Roles(features=("clean", "leaking"), protected=("generator",), label="label")
    return load_events(DatasetSpec(path=str(path), roles=roles))


@pytest.mark.parametrize("name", METHODS.names())
def test_a_method_unlearns_the_generator_or_refuses_in_words(name: str, events: EventTable) -> None:
    config = METHODS[name].item.config(epochs=2, batch_size=256, hidden=(8,))
    if name in ("mode2", "flat2"):
        with pytest.raises(DataError, match=r"polynomial of order 2 describes any dependence .* in 3 bins; at least 4"):
            next(fit(events, name, config, device=CPU, seed=1))
        return
    last = list(fit(events, name, config, device=CPU, seed=1))[-1]
    view = conclude(events, name, config, last.save(), device=CPU, seed=1).view
    judged = view.protected[0]
    assert judged.spectrum.values.tolist() == judged.efficiency.values.tolist() == [0, 1, 2]
    assert [events.describe("generator").labels[int(value)] for value in judged.spectrum.values] == list(NAMES)
    n_pass, n_fail = round(judged.spectrum.passed.sum()), round(judged.spectrum.failed.sum())
    assert judged.limit_nats == pytest.approx(statistical_limit(np.ones(n_pass), np.ones(n_fail), 3))
    assert np.isfinite(judged.jsd_nats.value)
