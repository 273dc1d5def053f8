"""The guide as a script: every idea on events with and without a label, and where "Show me" leads."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.store.request import RunRequest
from tests.views.driving import figures_of, opened_at, press, texts, worked_through
from views.parts.data.roles import guessed_dataset
from views.parts.guide.ideas import IDEAS

PAGE = "views/guide.py"


@pytest.fixture
def toy(tmp_path: Path, toy_table: Callable[..., EventTable]) -> DatasetSpec:
    path = tmp_path / "toy.parquet"
    pq.write_table(pa.table(dict(toy_table(3000).columns)), path)
    return guessed_dataset(str(path))


def with_roles(spec: DatasetSpec, **roles: object) -> DatasetSpec:
    return spec.model_copy(update={"roles": spec.roles.model_copy(update=roles)})


def shown(spec: DatasetSpec, idea: str) -> AppTest:
    """Open the guide at an idea, without anything that fails."""
    return sound(opened_at(PAGE, spec, idea=idea))


def sound(app: AppTest) -> AppTest:
    assert not app.exception
    assert not app.error
    assert not app.warning
    return app


def through(spec: DatasetSpec) -> Iterator[tuple[str, AppTest]]:
    """Go through all ideas by the button that leads to the next."""
    app = shown(spec, "information")
    for idea in IDEAS:
        assert app.query_params.get("idea", "information") == idea
        yield idea, app
        if idea != list(IDEAS)[-1]:
            app = sound(press(app, "Next idea"))


def has(app: AppTest, label: str) -> bool:
    return any(button.label == label for button in app.button)


def test_each_idea_is_told_with_numbers_and_figures_of_these_events(toy: DatasetSpec) -> None:
    for idea, app in through(toy):
        assert len(figures_of(app)) == (1 if idea == "disentangling" else 2)
        assert texts(app.markdown).count("±") >= 2
        assert not app.info
        assert has(app, "Show me")


def test_without_a_label_what_can_be_shown_is_and_the_rest_says_what_it_needs(toy: DatasetSpec) -> None:
    figures = dict(zip(IDEAS, (2, 2, 2, 2, 0), strict=True))
    for idea, app in through(with_roles(toy, label=None)):
        assert len(figures_of(app)) == figures[idea]
        assert ("needs a label" in texts(app.info)) == (idea != "information")
        assert has(app, "Show me")


def test_without_a_protected_variable_the_guide_says_so(toy: DatasetSpec) -> None:
    for idea, app in through(with_roles(toy, protected=())):
        needs_one = idea in ("sculpting", "unlearning", "disentangling")
        assert ("needs a protected variable" in texts(app.info)) == needs_one
        assert bool(figures_of(app)) != needs_one


def test_one_of_several_protected_variables_is_chosen_by_the_link(toy: DatasetSpec) -> None:
    two = with_roles(toy, protected=("mass", "noise"), features=("leaking", "clean"))
    app = opened_at(PAGE, two, idea="sculpting", about="noise")
    assert not app.exception
    assert "What does a cut do to noise?" in texts(app.subheader)


def test_without_data_one_click_shows_the_guide_on_a_sample() -> None:
    app = opened_at(PAGE, None)
    assert "take a sample, or a file of your own" in texts(app.info)
    app = press(app, "Show it on Boosted W against QCD")
    assert not app.exception
    assert "share I =" in texts(app.markdown)


def test_show_me_opens_the_pair_that_the_sentence_names(toy: DatasetSpec) -> None:
    app = press(shown(toy, "information"), "Show me")
    assert not app.exception
    pair = {app.selectbox(key="pair-x").value, app.selectbox(key="pair-y").value}
    assert pair == {"mass", "leaking"}


def test_show_me_leads_to_the_pair_where_there_is_no_label(toy: DatasetSpec) -> None:
    app = sound(press(shown(with_roles(toy, label=None), "unlearning"), "Show me"))
    assert (app.selectbox(key="pair-x").value, app.selectbox(key="pair-y").value) == ("leaking", "mass")


def test_show_me_chooses_the_method_of_the_training(toy: DatasetSpec) -> None:
    app = press(shown(toy, "sculpting"), "Show me")
    assert not app.exception
    assert app.selectbox(key="method").value == "baseline"


def test_show_me_sets_the_number_of_events(toy: DatasetSpec) -> None:
    app = press(shown(toy, "many_events"), "Show me")
    assert not app.exception
    assert app.number_input(key="sets-set_size").value == 10


def test_a_finished_run_on_these_events_takes_the_place_of_the_illustration(toy: DatasetSpec) -> None:
    run = worked_through(RunRequest(method="baseline", dataset=toy, config={"epochs": 1, "hidden": (4,)}))
    app = shown(toy, "sculpting")
    assert "Baseline learnt from 3 features of these events" in texts(app.markdown)
    assert "rank among the background" in texts(press(app, "Next idea").markdown)  # nothing has unlearned yet
    app = press(shown(toy, "sculpting"), "Show me")
    assert not app.exception
    assert run.id in app.query_params["run"]
