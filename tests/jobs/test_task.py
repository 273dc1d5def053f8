"""What pydantic complains about, in the words of the house: option, value, what is allowed."""

from typing import Any

import pytest
from pydantic import ValidationError

from core.calibration.config import CalibrationConfig
from core.jobs.task import plain_errors


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"hidden": ["abc"]}, "one of hidden layers (hidden) is 'abc'; allowed: a whole number"),
        ({"hidden": ["32", "1.5"]}, "one of hidden layers (hidden) is '1.5'; allowed: a whole number"),
        ({"hidden": []}, "number of hidden layers (hidden) is 0; allowed: at least 1"),
        ({"hidden": [8] * 13}, "number of hidden layers (hidden) is 13; allowed: at most 12"),
        ({"train": []}, "number of training spectra (train) is 0; allowed: at least 1"),
        ({"train": None}, "training spectra (train) is None; allowed: a list"),
        ({"epochs": "x"}, "epochs is 'x'; allowed: a whole number"),
        ({"noise": "loud"}, "noise is 'loud'; allowed: a number"),
        ({"known": "all"}, "known answers (known) is 'all'; allowed: 'nothing' or 'gaussian'"),
        ({"low": 3, "high": 2}, "spectra from 3 to 2: the first must be smaller"),
        (
            {"epochs": "x", "hidden": ["abc"]},
            "epochs is 'x'; allowed: a whole number; one of hidden layers (hidden) is 'abc'; allowed: a whole number",
        ),
    ],
)
def test_complaints_name_option_value_and_what_is_allowed(options: dict[str, Any], words: str) -> None:
    """A list with a bad entry is told of once: it is not too short as well."""
    with pytest.raises(ValidationError) as raised:
        CalibrationConfig(**options)
    assert str(plain_errors(raised.value, "side_by_side", CalibrationConfig.model_fields)) == words
