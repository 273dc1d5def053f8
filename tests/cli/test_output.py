"""What the command line prints stands as it was written."""

import pytest

from core.cli.output import print_table


def test_units_in_brackets_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    print_table("Spectra [m_J]", ("run", "JSD [nats]", "1/JSD [1/nats]"), [["a", "0.1", "10"]])
    printed = capsys.readouterr().out
    assert all(each in printed for each in ("[m_J]", "JSD [nats]", "1/JSD [1/nats]"))
