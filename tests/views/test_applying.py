"""A finished model scores the current data on its run's page, or says why it cannot."""

from io import BytesIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from core.errors import DataError
from core.store.request import RunRequest
from tests.views.driving import opened_at, press, worked_through
from views.parts.data.roles import guessed_dataset
from views.parts.runs.applying import scores_of


def test_a_model_scores_the_current_data_or_says_what_they_lack(toy_file: Path) -> None:
    spec = guessed_dataset(str(toy_file))
    run = worked_through(RunRequest(method="baseline", dataset=spec, config={"epochs": 1, "hidden": [8]}))
    app = opened_at("views/runs.py", spec, selected=run.id)
    press(app, f"Score the current data, {toy_file.name}")
    assert not app.exception
    assert any(button.key == f"download-applied-{run.id}" for button in app.get("download_button"))
    scores = pq.read_table(BytesIO(scores_of(run.id, str(toy_file))))
    assert len(scores) == pq.read_metadata(toy_file).num_rows
    bare = toy_file.with_name("bare.parquet")
    pq.write_table(pq.read_table(toy_file).drop_columns(["clean"]), bare)
    with pytest.raises(DataError, match="has no column 'clean'"):
        scores_of(run.id, str(bare))
