"""Event variables: what the page asks for, refuses, queues and shows; and other pages cope with its runs."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.event_variables.config import SampleConfig
from core.event_variables.toys import sample_in, sample_spec, suitable_background
from core.events.spec import DatasetSpec
from core.events.table import EventTable, Roles
from core.settings import settings
from core.store.request import RunRequest
from core.store.store import Run
from tests.views.driving import opened_at, press, stored, texts, worked_through

PAGE = "views/event_variables.py"


@pytest.fixture
def no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("views.parts.frame.state.WORKERS", 0)


@pytest.fixture
def spec(tmp_path: Path, toy_table: Callable[..., EventTable]) -> DatasetSpec:
    path = tmp_path / "toy.parquet"
    pq.write_table(pa.table(dict(toy_table(3000).columns)), path)
    roles = Roles(features=("leaking", "clean"), label="label", protected=("mass",))
    return DatasetSpec(path=str(path), roles=roles)


def trained(method: str = "blueprint_2", topology: str = "two_visible", **config: object) -> Run:
    sample = SampleConfig(topology=topology, events=2000, background=suitable_background(method))
    dataset = sample_spec(sample, 0, settings().toys)
    small = {"epochs": 2, "hidden": [8], "auxiliary": [4], "batch_size": 256}
    request = RunRequest(task="event_variables", method=method, dataset=dataset, config=small | config)
    return worked_through(request)


@pytest.mark.usefixtures("data_folder", "no_workers")
def test_without_data_a_topology_is_offered_and_its_run_is_queued() -> None:
    app = opened_at(PAGE, None)
    assert not app.exception
    assert "press **Train**" in texts(app.info)
    app.selectbox(key="variables-events").set_value("visible_invisible").run()
    app.number_input(key="sample-visible_invisible-events").set_value(3000)
    app.number_input(key="variables-blueprint_2-epochs").set_value(7)
    press(app, "Train")
    assert not app.exception and not app.error
    (run,) = stored().runs()
    assert (run.request.task, run.request.method, run.request.config) == (
        "event_variables",
        "blueprint_2",
        {"epochs": 7},
    )
    found = sample_in(Path(run.request.dataset.path), 0)
    assert found is not None and (found.topology, found.events) == ("visible_invisible", 3000)


@pytest.mark.usefixtures("data_folder", "no_workers")
def test_a_blueprint_that_tells_signal_gets_background_from_the_topology() -> None:
    app = opened_at(PAGE, None)
    app.selectbox(key="variables-blueprint").set_value("blueprint_1").run()
    app.number_input(key="sample-two_visible-events").set_value(3000)
    app.selectbox(key="variables-two_visible-decorrelate").set_value("h_t").run()
    press(app, "Train")
    assert not app.exception and not app.error
    (run,) = stored().runs()
    assert run.request.dataset.roles.label == "label" and run.request.config == {"decorrelate": "h_t"}


@pytest.mark.usefixtures("no_workers")
def test_the_columns_of_a_file_are_chosen_and_theta_of_one_value_is_refused(spec: DatasetSpec) -> None:
    app = opened_at(PAGE, spec)
    app.selectbox(key="variables-events").set_value("current").run()
    assert app.selectbox(key="variables-theta").value == "mass"
    app.multiselect(key="variables-known").set_value(["noise"])
    press(app, "Train")
    assert not app.exception and not app.error
    (run,) = stored().runs()
    assert run.request.config == {"theta": "mass", "known": ["noise"]}
    frame = pq.read_table(spec.path).to_pandas().assign(mass=3.0)
    path = str(Path(spec.path).with_name("constant.parquet"))
    pq.write_table(pa.Table.from_pandas(frame), path)
    app = opened_at(PAGE, spec.model_copy(update={"path": path}))
    app.selectbox(key="variables-events").set_value("current").run()
    press(app, "Train")
    assert "mass" in texts(app.error) and len(stored().runs()) == 1


@pytest.mark.usefixtures("data_folder")
@pytest.mark.parametrize(
    ("method", "config", "figures"),
    [("blueprint_2", {"size": 2}, 4), ("blueprint_0", {}, 4), ("blueprint_1", {"kind": "categoriser"}, 5)],
)
def test_a_run_that_ended_is_drawn(method: str, config: dict[str, object], figures: int) -> None:
    run = trained(method, **config)
    app = opened_at(PAGE, None, run=run.id)
    assert not app.exception and not app.error
    assert "Kendall" in texts(app.info) or "AUC" in texts(app.info)
    assert len(app.get("bidi_component")) >= figures


@pytest.mark.usefixtures("data_folder", "no_workers")
def test_a_topology_is_offered_once_and_an_opened_run_begins_with_its_own() -> None:
    run = trained(topology="visible_invisible")
    app = opened_at(PAGE, run.request.dataset, run=run.id)
    events = app.selectbox(key="variables-events")
    assert len(set(events.options)) == len(events.options) == 3
    assert events.value == "visible_invisible"


@pytest.mark.usefixtures("data_folder")
def test_other_pages_cope_with_its_runs() -> None:
    trained()
    for page in ("views/runs.py", "views/compare.py", "views/unlearn.py"):
        app = opened_at(page, None)
        assert not app.exception


@pytest.mark.usefixtures("data_folder", "no_workers")
def test_train_pressed_twice_queues_one_run() -> None:
    app = opened_at(PAGE, None)
    app.number_input(key="sample-two_visible-events").set_value(3000)
    press(press(app, "Train"), "Train")
    assert len(stored().runs()) == 1
