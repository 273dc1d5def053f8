"""The page Information as a script: classes, estimators, significance, stopping, and the way to a pair."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.runtime.scriptrunner import StopException
from streamlit.testing.v1 import AppTest

from core.errors import DataError
from core.events.samples import sample_path
from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.information import ALL_MEASURES, ESTIMATORS, MEASURES
from core.information.estimated import ESTIMATED_MEASURES
from core.jobs.artifacts import SCORES
from core.jobs.datasets import remember
from core.jobs.with_output import dataset_with_output
from core.learning.split import HELD_OUT
from core.settings import settings
from core.store.request import RunRequest
from tests.views.driving import figures_of, opened_at, stored
from views.parts.charts import charts
from views.parts.data.absent import suspects_of
from views.parts.data.roles import guessed_dataset
from views.parts.information import cached_information

APP = str(Path(__file__).parents[2] / "app.py")
PAGE = "views/information.py"


@pytest.fixture
def toy(tmp_path: Path, toy_table: Callable[..., EventTable]) -> DatasetSpec:
    path = tmp_path / "toy.parquet"
    pq.write_table(pa.table(dict(toy_table(3000).columns)), path)
    return guessed_dataset(str(path))


@pytest.fixture
def unweighted(toy: DatasetSpec) -> DatasetSpec:
    return with_roles(toy, weight=None)


def with_roles(spec: DatasetSpec, **roles: object) -> DatasetSpec:
    return spec.model_copy(update={"roles": spec.roles.model_copy(update=roles)})


def opened(spec: DatasetSpec) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=120).switch_page(PAGE)
    app.query_params["data"] = remember(spec, settings().datasets)
    return app.run()


def texts(elements: object) -> str:
    return " ".join(element.value for element in elements)  # type: ignore[attr-defined]


def figure(app: AppTest) -> dict[str, Any]:
    (drawn,) = figures_of(app)
    return drawn


def notes(app: AppTest) -> str:
    return str(figure(app)["layout"]["title"]["subtitle"]["text"])


def show(app: AppTest, event_class: str) -> AppTest:
    return app.segmented_control(key="class").set_value(event_class).run()  # type: ignore[no-any-return]


@pytest.mark.parametrize("sample", ["boosted_w", "dimuon"])
@pytest.mark.parametrize("event_class", ["signal", "difference", "all"])
def test_every_class_of_every_sample_is_shown(sample: str, event_class: str) -> None:
    app = show(opened(guessed_dataset(str(sample_path(sample)))), event_class)
    assert not app.exception and not app.error
    assert figure(app)["layout"]["meta"]["file"] == f"mi-matrix-{event_class}"


def test_the_difference_says_in_which_class_a_pair_shares_more(toy: DatasetSpec) -> None:
    """In the toy, mass is known to "leaking" in both classes, but it is narrow in signal."""
    app = show(opened(toy), "difference")
    assert "more in background than in signal" in texts(app.markdown)
    assert "signal: 1,500 events" in notes(app) and "background: 1,500 events" in notes(app)
    assert "tells most about the label" not in texts(app.markdown)


def test_all_says_whose_weights_count(toy: DatasetSpec) -> None:
    app = opened(toy)
    assert "of the weight" not in texts(app.caption)
    app = show(app, "all")
    assert "All events under their own weights: signal is" in texts(app.caption)
    assert "at even odds" in texts(app.caption)
    assert "label" in figure(app)["layout"]["xaxis"]["categoryarray"]


def test_unlabelled_events_have_one_class(toy: DatasetSpec) -> None:
    app = opened(with_roles(toy, label=None))
    assert not app.exception
    assert app.segmented_control(key="class").options == ["all"]
    assert "of the weight" not in texts(app.caption)


def test_the_choice_of_variables_survives_another_class(toy: DatasetSpec) -> None:
    app = opened(toy)
    app.multiselect(key="variables").set_value(["noise", "clean"]).run()
    for event_class, expected in (("difference", {"noise", "clean"}), ("all", {"noise", "clean", "label"})):
        assert set(figure(show(app, event_class))["layout"]["xaxis"]["categoryarray"]) == expected


def test_every_estimator_is_offered() -> None:
    app = opened(guessed_dataset(str(sample_path("boosted_w"))))
    titles = app.selectbox(key="estimator").options
    assert titles[:2] == ["Counts (all measures)", "Automatic"]
    assert set(titles) >= {entry.title for entry in ESTIMATORS}
    assert "Neural networks…" in titles


def test_another_estimator_offers_what_it_can_and_bins_where_it_has_them(unweighted: DatasetSpec) -> None:
    app = opened(unweighted)
    assert app.selectbox(key="measure").options == [words.title for words in ALL_MEASURES.values()]
    app.selectbox(key="measure").set_value("iqr").run()
    app.selectbox(key="estimator").set_value("ksg1").run()
    assert not app.exception and not app.error
    assert app.selectbox(key="measure").options == [MEASURES[name].title for name in ESTIMATED_MEASURES]
    assert "Kraskov" in notes(app) and "Takes no weights" in texts(app.caption)
    assert len(app.slider) == 0
    app.selectbox(key="estimator").set_value("equal_width").run()
    app.slider[0].set_value(7).run()
    assert "B = 7" in str(figures_of(app)[0])


def test_the_automatic_choice_is_explained_in_a_sentence(toy: DatasetSpec) -> None:
    app = opened(toy)
    app.selectbox(key="estimator").set_value("auto").run()
    assert "Chosen for each pair: adaptive partition of 255 ranks for all pairs, because events are weighted." in (
        texts(app.caption)
    )


def test_an_estimator_that_refuses_says_so_in_titles_and_leaves_the_controls(toy: DatasetSpec) -> None:
    app = opened(toy)
    app.selectbox(key="estimator").set_value("ksg1").run()
    assert not app.exception
    assert "Another estimator is needed: leaking and clean: Kraskov 1 takes no event weights" in texts(app.error)
    assert "Adaptive partition" in texts(app.error)
    app.selectbox(key="estimator").set_value("counts").run()
    assert not app.error and figure(app)


def test_a_third_variable_is_chosen_where_a_measure_needs_one(toy: DatasetSpec) -> None:
    """The protected one to begin with; it leaves the matrix, and pairs are counted value by value of it."""
    app = opened(toy)
    assert all(box.key != "given" for box in app.selectbox)
    app.selectbox(key="measure").set_value("given_mi").run()
    assert not app.exception and not app.error
    assert app.selectbox(key="given").value == "mass"
    assert "given Z = " in notes(app)
    assert "mass" not in [row for row, _ in figure(app)["data"][-1]["customdata"]]
    app.selectbox(key="given").set_value("noise").run()
    app.selectbox(key="measure").set_value("interaction").run()
    assert not app.exception and "synergy" in notes(app)
    assert not show(app, "difference").exception
    assert figure(app)["layout"]["meta"]["file"] == "interaction-matrix-difference"


def test_bits_are_shown_where_they_are_chosen_and_kept_in_the_link_that_pages_share(toy: DatasetSpec) -> None:
    app = opened(toy)
    assert " nats" in texts(app.markdown)
    app.segmented_control(key="unit").set_value("bits").run()
    assert " bits" in texts(app.markdown) and " nats" not in texts(app.markdown)
    assert all(" nats" not in text for text in figure(app)["data"][-1]["text"])
    assert app.query_params["unit"] == "bits"
    pair = opened_at("views/pair.py", toy, unit="bits")
    assert not pair.exception
    assert "I [bits]" in [each.label for each in pair.metric]


def test_networks_are_a_menu_of_their_own(unweighted: DatasetSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def refuse(table: EventTable, names: tuple[str, ...], estimator: str, **_: object) -> None:
        asked.append(estimator)
        raise StopException

    monkeypatch.setattr(cached_information, "estimated_matrix", refuse)
    app = opened(unweighted)
    app.selectbox(key="estimator").set_value("networks").run()
    app.selectbox(key="network").set_value("smile").run()
    assert "SMILE" in app.selectbox(key="network").options
    assert asked[-1] == "smile"


def test_only_what_is_significant_is_drawn_on_demand(toy: DatasetSpec) -> None:
    app = opened(toy)
    assert len(figure(app)["data"]) == 3
    app.toggle(key="significant").set_value(True).run()
    assert not app.exception and not app.error
    assert len(figure(app)["data"]) == 4
    assert any("p &lt;" in text or "p <" in text or "p =" in text for text in figure(app)["data"][-1]["text"])
    assert len(figure(show(app, "difference"))["data"]) == 4


def test_what_is_stopped_leaves_nothing_behind_and_starts_again(
    unweighted: DatasetSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, computed = cached_information.estimated_matrix, []

    def interrupted(*arguments: object, on_pair: Callable[[int, int], None], **_: object) -> None:
        on_pair(1, 6)
        raise StopException

    def counted(*arguments: Any, **options: Any) -> object:
        computed.append(1)
        return whole(*arguments, **options)

    app = opened(unweighted)
    monkeypatch.setattr(cached_information, "estimated_matrix", interrupted)
    app.selectbox(key="estimator").set_value("adaptive").run()
    monkeypatch.setattr(cached_information, "estimated_matrix", counted)
    (stop,) = (button for button in app.button if button.label == "Stop")
    stop.click().run()
    assert not app.exception
    assert "Estimating pairs of background events: stopped." in texts(app.markdown)
    assert len(figures_of(app)) == 0 and not computed
    (again,) = (button for button in app.button if button.label == "Start again")
    again.click().run()
    assert figure(app) and len(computed) == 1
    app.run()
    assert len(computed) == 1
    assert not [button for button in app.button if button.label == "Stop"]


def test_the_output_of_a_model_is_shown_where_pages_read_no_folder_but_their_own(
    toy_table: Callable[..., EventTable], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program itself wrote that file into the folder of the run; also as the data of the session, after a click."""
    monkeypatch.delenv("INFOSCOPE_DATA_ROOT")
    path = settings().toys / "toy.parquet"
    path.parent.mkdir()
    pq.write_table(pa.table(dict(toy_table(1500).columns)), path)
    spec = guessed_dataset(str(path))
    run = stored().add(RunRequest(method="baseline", dataset=spec), {"epochs": 1})
    stored().finish(run.id, "done", headline={"auc": 0.9})
    folder = settings().runs / run.id
    folder.mkdir(parents=True)
    held_out = np.full(1500, HELD_OUT, np.int8)
    pq.write_table(pa.table({"score": np.linspace(0, 1, 1500), "split": held_out}), folder / SCORES)
    app = opened(spec)
    app.selectbox(key="model").set_value(run.id).run()
    assert not app.exception and not app.error
    assert "f" in figure(app)["layout"]["xaxis"]["categoryarray"]
    assert suspects_of(dataset_with_output(run, folder)).n_events == 1500
    with pytest.raises(DataError, match="may not be read by pages"):
        suspects_of(spec.model_copy(update={"path": "/etc/passwd"}))


def test_a_click_opens_the_pair_with_the_data_and_is_forgotten(
    toy: DatasetSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []

    def clicked(_figure: object, key: str, **_options: object) -> list[str] | None:
        drawn.append(key)
        return ["leaking", "mass"] if len(drawn) == 1 else None

    went = []

    def go(page: str, *, query_params: dict[str, str]) -> None:
        went.append((page, query_params))
        raise StopException

    monkeypatch.setattr(charts, "chart", clicked)
    monkeypatch.setattr("streamlit.switch_page", go)
    app = opened(toy)
    data = remember(toy, settings().datasets)
    assert went == [("views/pair.py", {"data": data, "x": "leaking", "y": "mass"})]
    app.run()
    assert len(went) == 1 and len(drawn) == 2


def test_the_sentence_speaks_of_the_measure_that_is_chosen(toy: DatasetSpec) -> None:
    """That of I follows, by its name; a conditional measure has no sentence of plain I alone."""
    app = opened(toy)
    assert "By mutual information I" not in texts(app.markdown)
    app.selectbox(key="measure").set_value("given_mi").run()
    said = texts(app.markdown)
    assert r"Conditional information I(X;Y\|Z) with Z = mass is largest for " in said
    assert said.index("Conditional information") < said.index("By mutual information I: ")
    app.selectbox(key="measure").set_value("pearson").run()
    said = texts(show(app, "difference").markdown)
    assert "Pearson correlation r, signal minus background, is farthest from 0 for " in said
    assert "By mutual information I: " in said and "more in background than in signal" in said


def test_the_bar_of_what_is_told_about_the_label_stands_above_the_matrix(
    toy: DatasetSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beneath a matrix that fills the window nobody sees it."""

    def interrupted(*_: Any, **__: Any) -> object:
        raise StopException

    monkeypatch.setattr(cached_information, "QUICK", 0)
    monkeypatch.setattr(cached_information, "relevance", interrupted)
    app = opened(toy)
    next(button for button in app.button if button.label == "Stop").click().run()
    drawn = [
        element.type
        for element in app.main
        if (element.type == "bidi_component" and "clickable" in element.proto.json)
        or (element.type == "markdown" and "stopped." in element.value)
    ]
    assert drawn == ["markdown", "bidi_component"]
