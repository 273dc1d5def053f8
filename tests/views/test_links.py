"""What is seen on a page is in its link: a link shows that view again, and what it asks for in vain is said."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import streamlit as st
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest

from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.jobs.datasets import remember
from core.jobs.runner import check_request
from core.settings import settings
from core.store.request import RunRequest
from tests.views.driving import APP, opened_at, press, stored, texts
from views.parts.data.roles import guessed_dataset

VIEWS = {
    "geometry": {"class": "signal", "variables": "noise,clean", "bins": "5"},
    "pair": {"x": "clean", "y": "mass", "map": "pmi", "bins": "5", "unit": "bits"},
    "ranking": {"criterion": "mrmr", "inputs": "1", "variables": "noise,clean", "bins": "5"},
}
SHOWN = {"variables": ["noise", "clean"], "bins": 5, "inputs": 1}
pytestmark = pytest.mark.usefixtures("quick_classifiers")


@pytest.fixture
def toy(tmp_path: Path, toy_table: Callable[..., EventTable]) -> DatasetSpec:
    path = tmp_path / "toy.parquet"
    pq.write_table(pa.table(dict(toy_table(5000).columns)), path)
    return guessed_dataset(str(path))


def link_of(app: AppTest) -> dict[str, str]:
    """Return what the link says, without the data."""
    said = {name: value if isinstance(value, str) else value[-1] for name, value in app.query_params.items()}
    return {name: value for name, value in said.items() if name not in ("data", "run")}


def seen(app: AppTest, view: dict[str, str]) -> dict[str, object]:
    return {name: app.session_state[f"pair-{name}" if name in ("x", "y") else name] for name in view}


@pytest.mark.parametrize("page", VIEWS)
def test_a_link_shows_the_view_that_it_was_taken_from(page: str, toy: DatasetSpec) -> None:
    view = VIEWS[page]
    app = opened_at(f"views/{page}.py", toy, **view)
    assert not app.exception
    assert seen(app, view) == view | {name: SHOWN[name] for name in view if name in SHOWN}
    assert link_of(app) == view
    app.run()  # the widgets keep what the link gave them
    assert link_of(app) == view


def test_a_browser_that_makes_its_widgets_anew_begins_with_what_the_link_says(toy: DatasetSpec) -> None:
    """Else it would send the widgets' own defaults back as if they were chosen: no order, no variables, fewest bins."""
    link = {"class": "signal", "measure": "nmi", "significant": "yes", "variables": "noise,clean", "bins": "5"}
    app = opened_at("views/information.py", toy, **link)
    app._run(WidgetStates())  # the run before ended, and nothing of it reached the browser
    assert app.toggle("ordered").proto.default and app.toggle("significant").proto.default
    shown = app.multiselect("variables")
    assert [shown.options[k] for k in shown.proto.default] == ["noise", "clean"]
    assert list(app.slider("bins").proto.default) == [5]
    assert app.selectbox("measure").proto.default == app.selectbox("measure").index > 0
    assert list(app.segmented_control("class").proto.default) == [1]
    assert link_of(app) == link


@pytest.mark.parametrize("page", VIEWS)
def test_what_a_link_asks_for_in_vain_is_said_and_the_default_is_shown(page: str, toy: DatasetSpec) -> None:
    plain = opened_at(f"views/{page}.py", toy)
    app = opened_at(f"views/{page}.py", toy, **dict.fromkeys(VIEWS[page], "no:thing"))
    assert not app.exception
    assert texts(app.warning).count("no:thing") == len(VIEWS[page])
    kept = [name for name in VIEWS[page] if name not in ("x", "y")]
    assert texts(app.run().warning).count("no:thing") == len(kept)  # also when the page was drawn again
    assert link_of(app) == link_of(plain)
    assert seen(app, VIEWS[page]) == seen(plain, VIEWS[page])


@pytest.mark.parametrize("bins", ["3", "65", "nan", ""])
def test_numbers_out_of_range_are_refused(bins: str, toy: DatasetSpec) -> None:
    app = opened_at("views/geometry.py", toy, bins=bins)
    assert not app.exception
    assert "The link asks for bins" in texts(app.warning)
    assert link_of(app) == {}


def test_a_change_is_written_into_the_link_and_a_return_to_the_default_taken_out(toy: DatasetSpec) -> None:
    app = opened_at("views/geometry.py", toy)
    assert link_of(app) == {}
    app.segmented_control(key="class").set_value("all").run()
    assert link_of(app) == {"class": "all"}
    app.segmented_control(key="class").set_value("background").run()
    assert link_of(app) == {}


def test_a_page_is_found_as_it_was_left(toy: DatasetSpec) -> None:
    app = opened_at("views/geometry.py", toy, **{"class": "signal"})
    app.slider(key="bins").set_value(7).run()
    app.switch_page("views/data.py").run()
    app.query_params.clear()
    app.switch_page("views/geometry.py").run()
    assert link_of(app) == {"class": "signal", "bins": "7"}
    assert (app.segmented_control(key="class").value, app.slider(key="bins").value) == ("signal", 7)


def test_untouched_bins_follow_the_data_and_chosen_ones_stay(toy: DatasetSpec) -> None:
    app = opened_at("views/geometry.py", toy)
    suited = {}
    for each in ("background", "all"):
        app.segmented_control(key="class").set_value(each).run()
        suited[each] = app.slider(key="bins").value
    assert suited["background"] < suited["all"]
    app.slider(key="bins").set_value(6).run()
    app.segmented_control(key="class").set_value("background").run()
    assert app.slider(key="bins").value == 6


def test_the_list_of_runs_is_filtered_and_selected_by_its_link(toy: DatasetSpec) -> None:
    asked = [RunRequest(method=method, dataset=toy, seed=3) for method in ("disco", "baseline")]
    disco, baseline = (stored().add(each, check_request(each)).id for each in asked)
    for run in (disco, baseline):
        stored().finish(run, "stopped", headline={"auc": 0.8123456, "auc_error": 0.0021, "r50": 4.2})
    stored().tag(disco, ["paper", "best"])
    app = opened_at("views/runs.py", toy, find="DISCO seed paper", tags="best")
    assert app.dataframe[0].value["run"].tolist() == [disco]
    assert app.dataframe[0].value["tags"].tolist() == ["paper, best"]
    assert list(app.dataframe[0].value.columns)[:2] == ["method", "status"]  # what is in sight on a phone
    assert link_of(app) == {"find": "DISCO seed paper", "tags": "best"}
    app = opened_at("views/runs.py", toy, selected=baseline)
    assert link_of(app) == {"selected": baseline}
    assert "Select one run" not in texts(app.warning)
    press(app, "Pin as baseline")
    assert [run.id for run in stored().runs() if run.pinned] == [baseline]
    app = opened_at("views/runs.py", toy, selected=f"{baseline},gone", find="nothing such")
    assert "None of 2 runs fits the filter" in texts(app.info)


def test_the_selected_run_is_kept_while_another_page_is_seen(toy: DatasetSpec) -> None:
    asked = (RunRequest(method="baseline", dataset=toy, seed=seed) for seed in (1, 2))
    chosen, other = (stored().add(each, check_request(each)).id for each in asked)
    for run in (chosen, other):
        stored().finish(run, "stopped")
    app = opened_at("views/runs.py", toy, selected=chosen)
    for _ in range(2):  # by the sidebar, whose links hold no view
        app.query_params.clear()
        app.switch_page("views/data.py").run()
        assert "selected" not in link_of(app)
        app.query_params.clear()
        app.switch_page("views/runs.py").run()
        assert link_of(app) == {"selected": chosen} and not app.warning
    stored().delete(chosen)
    app.switch_page("views/data.py").run()
    app.query_params.clear()
    app.switch_page("views/runs.py").run()
    assert "may have been deleted" in texts(app.warning) and link_of(app) == {}


def test_the_comparison_of_selected_runs_is_opened_by_its_whole_link(
    toy: DatasetSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link that is written bit by bit replaces the one with the selection, to which Back is to lead."""
    asked = [RunRequest(method=method, dataset=toy) for method in ("disco", "baseline")]
    disco, baseline = (stored().add(each, check_request(each)).id for each in asked)
    for run in (disco, baseline):
        stored().finish(run, "stopped", headline={"auc": 0.8})
    app = opened_at("views/runs.py", toy, selected=f"{disco},{baseline}")
    opened: list[tuple[str, object]] = []
    monkeypatch.setattr(st, "switch_page", lambda page, query_params=None: opened.append((page, query_params)))
    press(app, "Compare")
    link = {"data": remember(toy, settings().datasets), "runs": f"{baseline},{disco}"}
    assert opened == [("views/compare.py", link)]


def test_a_run_whose_file_is_gone_names_the_file_without_its_folder(toy: DatasetSpec) -> None:
    request = RunRequest(method="baseline", dataset=toy)
    run = stored().add(request, check_request(request))
    stored().finish(run.id, "stopped")
    Path(toy.path).unlink()
    app = opened_at("views/runs.py", selected=run.id)
    assert "toy.parquet" in texts(app.error) and str(Path(toy.path).parent) not in texts(app.error)


def test_a_selected_run_is_deleted_and_brought_back_without_a_word_against_the_link(toy: DatasetSpec) -> None:
    asked = (RunRequest(method="baseline", dataset=toy, seed=seed) for seed in (1, 2))
    kept, gone = (stored().add(each, check_request(each)).id for each in asked)
    for run in (kept, gone):
        stored().finish(run, "stopped")
    app = press(opened_at("views/runs.py", toy, selected=gone), "Delete")
    assert not app.exception and not app.warning
    assert app.dataframe[0].value["run"].tolist() == [kept]
    assert app.dataframe[0].value["seed"].tolist() == [1]
    assert "data" not in app.dataframe[0].value and "All on toy" in texts(app.caption)  # said once, not in each row
    assert f"Deleted Baseline, seed 2 ({gone})." in texts(app.info)
    app = press(app, "Undo")
    assert not app.warning and set(app.dataframe[0].value["run"]) == {kept, gone}


def test_deleted_runs_can_be_brought_back_after_a_reload(toy: DatasetSpec) -> None:
    request = RunRequest(method="disco", dataset=toy)
    run = stored().add(request, check_request(request))
    stored().delete(run.id)
    app = AppTest.from_file(APP, default_timeout=60).run().switch_page("views/runs.py").run()
    app.multiselect(key="deleted-runs").set_value([run.id]).run()
    press(app, "Bring back")
    assert [each.id for each in stored().runs()] == [run.id]


@pytest.mark.parametrize("page", ["data", "information", "unlearn", "tune", "ensembles"])
def test_data_that_are_not_there_are_said_on_the_page(page: str) -> None:
    app = opened_at(f"views/{page}.py", None, data="zzz")
    assert not app.exception
    assert texts(app.main.warning).count("no data set 'zzz' is known here") == 1
    assert "'zzz'" in texts(app.run().main.warning)  # the link is clean by now
