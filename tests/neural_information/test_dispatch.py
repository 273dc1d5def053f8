"""The one entry for all estimators knows the neural ones, and loads torch only for them."""

import subprocess
import sys

import numpy as np
import pytest

from core.errors import DataError
from core.information.estimate import NEURAL, estimate_mi
from core.neural_information import NEURAL_ESTIMATORS


def test_the_names_are_those_of_the_registry() -> None:
    assert sorted(NEURAL) == sorted(NEURAL_ESTIMATORS.names())


def test_estimate_mi_takes_a_neural_name_and_its_options(rng: np.random.Generator) -> None:
    x = rng.normal(size=1500)
    found = estimate_mi(x, x + rng.normal(size=1500), "classifier", seed=1, epochs=8)
    assert found.value == pytest.approx(np.log(2) / 2, abs=0.12)
    with pytest.raises(DataError, match=r"mine has no option 'bins'; allowed: hidden"):
        estimate_mi(x, x, "mine", bins=3)


def test_an_unknown_name_lists_all(rng: np.random.Generator) -> None:
    with pytest.raises(DataError, match=r"unknown estimator 'ksg'; allowed: auto, .*ksg1.*smile"):
        estimate_mi(rng.normal(size=50), rng.normal(size=50), "ksg")


def test_a_classic_estimate_loads_no_torch() -> None:
    code = "import sys, numpy as np; from core.information import estimate_mi; "
    code += "estimate_mi(np.arange(99.0), np.arange(99.0) * 37 % 99, 'ksg1'); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
