"""A page that trains shows the newest run of the very events that are loaded, and no other's of the same file."""

import shutil
from pathlib import Path

import pytest

from core.events.sidebands import Sidebands, with_sidebands
from core.events.spec import DatasetSpec
from core.jobs.datasets import remember
from core.settings import settings
from core.store.request import RunRequest
from tests.views.driving import opened_at, press, stored, texts
from views.parts.data.roles import guessed_dataset
from views.parts.frame.state import RUN
from views.parts.training.page import newest_run

PAGES = {"views/tune.py": ("slide", "flat0"), "views/event_variables.py": ("event_variables", "blueprint_2")}


def stopped_run(task: str, method: str, dataset: DatasetSpec) -> str:
    run = stored().add(RunRequest(task=task, method=method, dataset=dataset), {"epochs": 3})
    stored().finish(run.id, "stopped")
    return run.id


def others(spec: DatasetSpec) -> list[DatasetSpec]:
    """Return data sets of the same signal file that hold other events, or another label."""
    return [
        spec.model_copy(update={"background": spec.path}),
        with_sidebands(spec, Sidebands("mass", (70.0, 90.0), ((55.0, 70.0), (90.0, 110.0)))),
        spec.model_copy(update={"selection": "noise > 0"}),
        spec.model_copy(update={"derived": {"ratio": "leaking / clean"}}),
    ]


def test_only_a_run_of_the_same_events_is_the_newest(toy_file: Path, data_folder: Path) -> None:
    spec = guessed_dataset(str(toy_file))
    specs = [spec, *others(spec)]
    runs = [stopped_run("slide", "flat0", each) for each in specs]
    for each, run in zip(specs, runs, strict=True):
        found = newest_run(None, "slide", each)
        assert found is not None and found.id == run
    assert newest_run(None, "disentangle", spec) is None
    assert newest_run(None, "slide", None) is None
    assert newest_run(None, "slide", spec, method="disco") is None


def test_columns_that_a_page_moves_between_roles_leave_the_events_the_same(toy_file: Path, data_folder: Path) -> None:
    spec = guessed_dataset(str(toy_file))
    moved = {"features": spec.roles.features[1:], "protected": spec.roles.features[:1], "label": None}
    run = stopped_run(
        "calibrate", "side_by_side", spec.model_copy(update={"roles": spec.roles.model_copy(update=moved)})
    )
    found = newest_run(None, "calibrate", spec)
    assert found is not None and found.id == run


@pytest.mark.parametrize("page", PAGES)
def test_a_composed_data_set_shows_no_run_of_its_signal_file_alone(toy_file: Path, page: str) -> None:
    spec = guessed_dataset(str(toy_file))
    run = stopped_run(*PAGES[page], spec)
    composed = others(spec)[1]
    shown, promised = opened_at(page, spec), opened_at(page, composed)
    assert not shown.exception and run in texts(shown.markdown)
    assert not promised.exception and run not in texts(promised.markdown)
    assert "Train" in texts(promised.info)


def test_train_leaves_a_run_on_other_events_alone_and_names_them_where_a_link_opens_it(
    toy_file: Path,
) -> None:
    spec = guessed_dataset(str(toy_file))
    other = spec.model_copy(update={"selection": "noise > 0"})
    run = stopped_run("unlearn", "disco", other)
    assert "other events" not in texts(opened_at("views/unlearn.py", other, run=run).warning)
    app = opened_at("views/unlearn.py", spec)
    app.session_state[RUN] = run
    app.run()
    assert "other events" not in texts(app.warning)
    assert "run" not in app.query_params
    app.query_params["run"] = run
    app.run()
    assert "This run is on other events" in texts(app.warning)
    press(app, "Show its events beside it")
    assert "other events" not in texts(app.warning)
    assert app.query_params["data"] == remember(other, settings().datasets)


@pytest.mark.parametrize("shown_first", [True, False])
def test_open_on_the_page_runs_leads_to_the_run_and_its_data(toy_file: Path, shown_first: bool) -> None:
    spec = guessed_dataset(str(toy_file))
    other = spec.model_copy(update={"selection": "noise > 0"})
    run = stopped_run("unlearn", "disco", other)
    app = opened_at("views/runs.py", spec if shown_first else None, selected=run)
    press(app, "Open")
    assert not app.exception
    assert app.session_state["method"]  # the form of the page Train
    assert app.session_state["data"] == other
    assert (app.query_params["run"], app.query_params["data"]) == (run, remember(other, settings().datasets))
    assert run in texts(app.markdown) and "other events" not in texts(app.warning)


def test_open_keeps_the_roles_on_show_and_says_where_the_data_of_a_run_are_gone(toy_file: Path, tmp_path: Path) -> None:
    spec = guessed_dataset(str(toy_file))
    moved = spec.roles.model_copy(update={"features": spec.roles.features[1:], "protected": spec.roles.features[:1]})
    run = stopped_run("unlearn", "disco", spec.model_copy(update={"roles": moved}))
    app = press(opened_at("views/runs.py", spec, selected=run), "Open")
    assert app.session_state["data"] == spec and app.query_params["run"] == run
    gone = Path(shutil.copy(toy_file, tmp_path / "gone.parquet"))
    run = stopped_run("unlearn", "disco", guessed_dataset(str(gone)))
    gone.unlink()
    app = press(opened_at("views/runs.py", spec, selected=run), "Open")
    assert not app.exception
    assert f"Run {run} cannot be opened: gone.parquet is no longer there" in texts(app.error)
    assert app.session_state["data"] == spec and "run" not in app.query_params
