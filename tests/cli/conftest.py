"""The command line in this process, on a toy sample in a folder of its own."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.cli.main import main
from core.events.table import EventTable


@pytest.fixture
def toy(data_folder: Path, toy_table: Callable[..., EventTable]) -> EventTable:
    events = toy_table(1500)
    pq.write_table(pa.table(dict(events.columns)), data_folder.parent / "toy.parquet")
    return events


@pytest.fixture
def run(
    toy: EventTable, data_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run ``python -m core`` in this process and return its exit code, stdout and stderr."""

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.chdir(data_folder.parent)
        monkeypatch.setattr("sys.argv", ["core", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        written = capsys.readouterr()
        return int(end.value.code or 0), written.out, written.err

    return call
