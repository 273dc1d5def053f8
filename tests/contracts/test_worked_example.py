"""The method of docs/adding-a-method.md works as it stands there."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from core.learning.batch import Batch
from core.unlearning.method import METHODS

PAGE = Path(__file__).parents[2] / "docs" / "adding-a-method.md"


def test_the_documented_method_computes_what_it_says(monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator) -> None:
    METHODS.names()
    monkeypatch.setattr(METHODS, "_entries", dict(METHODS._entries))
    code = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert code is not None
    exec(code[1], {"__name__": "linear"})  # our own documentation
    method = METHODS["linear"].item
    f, m = rng.random(500), rng.normal(size=500)
    events = Batch(
        torch.zeros(500, 1), torch.zeros(500, dtype=torch.bool), torch.from_numpy(m)[:, None], torch.ones(500)
    )
    value = method.build(method.config(), events, torch.Generator())(torch.from_numpy(f), events)
    assert value.item() == pytest.approx(np.corrcoef(f, m)[0, 1] ** 2, rel=1e-9)
