"""The sidebar: what it says of the data and the device, and how a run is stopped from any page."""

from pathlib import Path

import pyarrow.parquet as pq
from streamlit.testing.v1 import AppTest

from core.events.spec import DatasetSpec
from core.events.table import effective_number
from core.jobs.datasets import remember
from core.jobs.runner import check_request
from core.numbers import format_percent
from core.settings import settings
from core.store.request import RunRequest
from core.store.store import LIVE
from tests.views.driving import APP, stored, texts
from views.parts.cached import events_of
from views.parts.data.roles import guessed_dataset


def opened(spec: DatasetSpec) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params["data"] = remember(spec, settings().datasets)
    return app.run()


def test_the_data_are_told_with_their_share_of_signal_and_the_device(toy_file: Path) -> None:
    spec = guessed_dataset(str(toy_file))
    app = opened(spec)
    events = events_of(spec)
    share = events.weights[events.is_signal].sum() / events.weights.sum()
    assert f", {format_percent(share)} signal" in texts(app.sidebar.markdown).replace("\N{NO-BREAK SPACE}", " ")
    assert "CURRENT DATA" in texts(app.sidebar.caption)
    assert "Trains on" in texts(app.sidebar.caption)


def test_a_cut_is_told_with_the_events_that_it_leaves(toy_file: Path) -> None:
    """Not the N_eff of the events as they are, but the one at even odds, under its own name, with its meaning."""
    spec = guessed_dataset(str(toy_file)).model_copy(update={"selection": "mass > 90", "drop_invalid": True})
    app, events = opened(spec), events_of(spec)
    of_file = len(pq.read_table(toy_file))
    said = next(each for each in app.sidebar.markdown if "cut: mass > 90" in each.value)
    assert 0 < events.n_events < of_file
    assert f"{events.n_events:,} of {of_file:,} events" in said.value
    assert "finite only" in said.value
    even = f"{effective_number(events.balanced_weights):,.0f}"
    assert even != f"{events.n_effective:,.0f}" and f"{even} at even odds" in said.value
    assert "each class" in said.help
    whole = texts(opened(guessed_dataset(str(toy_file))).sidebar.markdown)
    assert "cut" not in whole and f"{of_file:,} events" in whole and f"of {of_file:,}" not in whole


def test_events_without_a_label_have_no_share_of_signal(toy_file: Path) -> None:
    spec = guessed_dataset(str(toy_file))
    app = opened(spec.model_copy(update={"roles": spec.roles.model_copy(update={"label": None})}))
    assert "label: none" in texts(app.sidebar.markdown)
    assert " signal" not in texts(app.sidebar.markdown)


def only_live_runs() -> None:
    from views.parts.frame.sidebar import _live_runs

    _live_runs()


def test_a_live_run_is_listed_and_stopped(toy_file: Path) -> None:
    """A run that a program other than a server added: no worker takes it."""
    request = RunRequest(method="disco", dataset=guessed_dataset(str(toy_file)))
    run = stored().add(request, check_request(request))
    app = AppTest.from_function(only_live_runs, default_timeout=60).run()
    assert "DisCo" in str(app.get("progress")[0].proto.text)
    app.button(key=f"end-{run.id}").click().run()
    assert not app.exception and not app.button
    assert stored().get(run.id).status == "stopped" and not stored().runs(LIVE)
