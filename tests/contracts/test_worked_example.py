"""The method of docs/adding-a-method.md works as it stands there."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

import core.unlearning.penalties
from core.events.toys import sculpting_toy
from core.learning.batch import Batch
from core.unlearning.method import METHODS
from core.unlearning.train import fit
from tests.contracts import test_methods as contract

PAGE = Path(__file__).parents[2] / "docs" / "adding-a-method.md"
CPU = torch.device("cpu")


@pytest.fixture
def dropped_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """Add the documented file to the folder of methods, by a folder beside it, and let the registry look again."""
    METHODS.names()
    code = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert code is not None
    (tmp_path / "linear.py").write_text(code[1], encoding="utf-8")
    monkeypatch.setattr(core.unlearning.penalties, "__path__", [*core.unlearning.penalties.__path__, str(tmp_path)])
    monkeypatch.setattr(METHODS, "_entries", dict(METHODS._entries))
    monkeypatch.setattr(METHODS, "_discovered", False)
    yield "linear"
    sys.modules.pop("core.unlearning.penalties.linear", None)


def test_the_documented_file_is_found_and_computes_what_it_says(dropped_in: str, rng: np.random.Generator) -> None:
    method = METHODS[dropped_in].item
    f, m = rng.random(500), rng.normal(size=500)
    events = Batch(
        torch.zeros(500, 1), torch.zeros(500, dtype=torch.bool), torch.from_numpy(m)[:, None], torch.ones(500)
    )
    value = method.build(method.config(), events, torch.Generator())(torch.from_numpy(f), events)
    assert value.item() == pytest.approx(np.corrcoef(f, m)[0, 1] ** 2, rel=1e-9)


def test_the_documented_method_keeps_the_contract(dropped_in: str) -> None:
    contract.test_config_fields_carry_title_help_and_bounds(dropped_in)
    contract.test_defaults_are_valid_and_unknown_options_are_not(dropped_in)
    contract.test_penalty_is_larger_for_a_dependent_than_for_an_independent_score(dropped_in)
    contract.test_negative_lambda_is_refused(dropped_in)
    for protected in (1, 2):
        contract.test_penalty_is_a_finite_scalar_with_a_gradient(dropped_in, protected)
    assert METHODS[dropped_in].formula


def test_training_with_the_documented_method_takes_the_dependence_away(
    dropped_in: str, rng: np.random.Generator
) -> None:
    events = sculpting_toy(8000, rng)
    found = {}
    for name in ("baseline", dropped_in):
        config = METHODS[name].item.config(epochs=12, batch_size=512, hidden=(16,))
        *_, last = fit(events, name, config, device=CPU, seed=3)
        found[name] = last.look().protected[0].dcorr
    assert found[dropped_in] < found["baseline"] / 5
