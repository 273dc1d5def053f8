"""All pages speak alike: symbols as in print, a dash where there is no number, true minus signs, three figures."""

import re
from io import BytesIO
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Dataframe

from core.events.samples import sample_path
from core.events.spec import DatasetSpec
from core.jobs.runner import check_request
from core.store.request import RunRequest
from core.tables.described import described
from tests.views.driving import opened_at, stored, tables_opened
from views.parts.charts.in_print import in_print
from views.parts.data.roles import guessed_dataset
from views.parts.definitions import DEFINITIONS

PAGES = ("information", "pair", "ranking", "geometry", "runs", "tune", "scan", "compare")
EMPTY = re.compile(r"(?<![\w-])(None|nan|NaN|inf|<NA>)(?!\w)")
MINUS = re.compile(r"(?:^|[\s(×=])-\d")
LONG = re.compile(r"(?<![\d:,-])\d+\.\d{6,}")
pytestmark = pytest.mark.usefixtures("quick_classifiers")


@pytest.fixture
def muons(tmp_path: Path) -> DatasetSpec:
    """Take a few events of the sample of muon pairs, whose columns have symbols."""
    events = pq.read_table(sample_path("dimuon"))
    path = tmp_path / "muons.parquet"
    pq.write_table(events.take(pa.array(range(0, len(events), len(events) // 3000))), path)
    spec = guessed_dataset(str(path))
    return spec.model_copy(update={"roles": spec.roles.model_copy(update={"features": spec.roles.features[:6]})})


def ended_runs(spec: DatasetSpec) -> None:
    """File a run with figures of merit, and one that failed and has none."""
    for method, headline in (("disco", {"auc": 0.81234567, "auc_error": 0.0021, "jsd_nats": 0.0123456}), ("mode0", {})):
        request = RunRequest(method=method, dataset=spec)
        run = stored().add(request, check_request(request))
        stored().claim(run.id)
        stored().finish(
            run.id, "done" if headline else "failed", headline=headline, error="" if headline else "it broke"
        )


def shown_cells(table: Dataframe) -> list[str]:
    """Return what a table shows: as it is written where that was said, else its values."""
    written = table.proto.arrow_data.styler.display_values
    frame = pa.ipc.open_stream(BytesIO(written)).read_pandas() if written else table.value
    empty = table.proto.placeholder or "None"
    numbers = frame.select_dtypes("float").columns if not written else []
    assert not len(numbers), f"columns of numbers that nobody wrote: {list(numbers)}"
    cells = frame.astype(object).where(frame.notna() & table.value.notna().to_numpy(), empty).to_numpy().ravel()
    return [*map(str, table.value.columns), *map(str, cells)]


def said(app: AppTest) -> list[str]:
    """Return all that a page says, in the sidebar as well, but for what it lets one copy."""
    blocks = (app.markdown, app.caption, app.info, app.success, app.warning, app.error, app.subheader, app.title)
    texts = [each.value for block in blocks for each in block]
    texts += [text for each in app.metric for text in (each.label, str(each.value))]
    texts += [option for menu in (*app.selectbox, *app.multiselect) for option in menu.options]
    texts += [each.label for each in (*app.segmented_control, *app.toggle, *app.slider, *app.button)]
    return texts + [cell for table in app.dataframe for cell in shown_cells(table)]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_symbols_dashes_and_true_minus_signs(page: str, muons: DatasetSpec) -> None:
    ended_runs(muons)
    app = tables_opened(opened_at(f"views/{page}.py", muons))
    assert not app.exception
    raw = re.compile(r"(?<![\w\\.])(m_?mumu|[a-z0-9]+\\?_(mumu|mu|jet|cs)\d?|metric_\w+|[a-z]+_error)(?!\w)")
    for text in said(app):
        for what, pattern in {"empty": EMPTY, "hyphen": MINUS, "digits": LONG, "raw name": raw}.items():
            assert not pattern.search(text), f"{what} in {text!r}"


def test_a_table_in_print_has_symbols_errors_and_dashes() -> None:
    nothing = float("nan")
    frame = described(
        {
            "variable": ["m_mumu", "d2"],
            "symbol": ["m_μμ", ""],
            "I(X; label) [nats]": [0.123456, -0.5],
            "± I(X; label) [nats]": [0.0021, nothing],
            "joint information then [nats]": [nothing, 1.0],
            "± joint information [nats]": [nothing, 0.1],
            "cells": [3, 4],
        },
        "Words.",
        {"I(X; label) [nats]": "what it tells"},
    )
    table, helps = in_print(frame)
    assert table.to_string(delimiter="|").splitlines()[1:3] == [
        "0|m_μμ|0.123 ± 0.002|–|3",
        "1|d2|−0.500|1.00 ± 0.10|4",
    ]
    assert isinstance(table.data, pd.DataFrame)  # type: ignore[attr-defined]
    assert table.data["I(X; label) [nats]"].tolist() == [0.123456, -0.5]  # type: ignore[attr-defined]
    assert helps["I(X; label) [nats]"]["help"] == "what it tells"


def test_every_definition_is_a_sentence_that_is_written_once() -> None:
    texts = list(DEFINITIONS.values())
    assert len(set(texts)) == len(texts)
    for term, text in DEFINITIONS.items():
        assert text.endswith("."), term
        assert not re.search(r"(?<!\w)-\d", text), term
    assert all(f'"{text[:40]}' not in file.read_text() for text in texts for file in _other_files())


def _other_files() -> list[Path]:
    folder = Path(__file__).parents[2] / "views"
    return [file for file in folder.rglob("*.py") if file.name != "definitions.py"]
