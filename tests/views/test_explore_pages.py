"""The pages Ranking and Geometry as scripts: what they show, what they refuse, and that nothing on them fails."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from core.events.samples import sample_path
from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.jobs.datasets import remember
from core.settings import settings
from tests.views.driving import figures_of
from views.parts.data.roles import guessed_dataset

PAGES = ("views/ranking.py", "views/geometry.py")
APP = str(Path(__file__).parents[2] / "app.py")

pytestmark = pytest.mark.usefixtures("quick_classifiers")


@pytest.fixture
def toy(tmp_path: Path, toy_table: Callable[..., EventTable]) -> DatasetSpec:
    path = tmp_path / "toy.parquet"
    pq.write_table(pa.table(dict(toy_table(9000).columns)), path)
    return guessed_dataset(str(path))


def opened(page: str, spec: DatasetSpec | None = None) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=120).switch_page(page)
    if spec is not None:
        app.query_params["data"] = remember(spec, settings().datasets)
    return app.run()


def texts(elements: object) -> str:
    return " ".join(element.value for element in elements)  # type: ignore[attr-defined]


def with_roles(spec: DatasetSpec, **roles: object) -> DatasetSpec:
    return spec.model_copy(update={"roles": spec.roles.model_copy(update=roles)})


@pytest.mark.parametrize("page", PAGES)
def test_without_data_the_page_says_what_to_do(page: str) -> None:
    app = opened(page)
    assert not app.exception
    assert "Choose a sample or upload a file first" in texts(app.info)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("sample", ["boosted_w", "dimuon", "radiative_b"])
def test_the_page_shows_every_sample(page: str, sample: str) -> None:
    app = opened(page, guessed_dataset(str(sample_path(sample))))
    assert not app.exception
    assert not app.error
    assert len(figures_of(app)) == 2
    assert len(app.get("download_button")) == (6 if page == "views/ranking.py" else 3)


def test_the_ranking_says_who_tells_and_who_leaks(toy: DatasetSpec) -> None:
    app = opened("views/ranking.py", toy)
    assert not app.exception
    assert "leaking tells most about the label" in texts(app.markdown)
    assert "leaking leaks most of mass" in texts(app.markdown)
    table = app.dataframe[0].value
    assert table["variable"].tolist()[-1] == "noise"
    assert sorted(table["chosen as"].tolist()) == [1, 2, 3]


def test_criterion_and_number_of_inputs_change_the_path(toy: DatasetSpec) -> None:
    app = opened("views/ranking.py", toy)
    app.selectbox(key="criterion").set_value("mrmr").run()
    app.slider(key="inputs").set_value(2).run()
    assert not app.exception
    assert "Takes the variable with most relevance" in texts(app.caption)
    assert "2 variables together hold" in texts(app.markdown)
    assert app.dataframe[0].value["chosen as"].count() == 2


def test_divergences_of_the_classes_are_a_table(toy: DatasetSpec) -> None:
    table = opened("views/ranking.py", toy).dataframe[1].value
    assert table["variable"].tolist()[0] in ("leaking", "clean", "mass")
    assert table["JSD [nats]"].is_monotonic_decreasing
    assert {"KL(s‖b) [nats]", "H(s;b) [nats]", "h(s) [nats]", "Σ(s-b)²"} <= set(table)


def test_bins_suit_the_events_on_both_pages(toy: DatasetSpec) -> None:
    """3000 weighted events do not bear 32 bins."""
    for page in PAGES:
        (slider,) = (each for each in opened(page, toy).slider if each.label == "Bins B")
        assert 4 <= slider.value < 20


def test_unlabelled_data_have_a_map_and_no_ranking(toy: DatasetSpec) -> None:
    unlabelled = with_roles(toy, label=None)
    ranking, geometry = (opened(page, unlabelled) for page in PAGES)
    assert not ranking.exception and not geometry.exception
    assert "A ranking needs signal and background" in texts(ranking.info)
    assert len(figures_of(ranking)) == 0
    assert len(figures_of(geometry)) == 2


def test_without_a_protected_variable_nothing_leaks(toy: DatasetSpec) -> None:
    app = opened("views/ranking.py", with_roles(toy, protected=()))
    assert not app.exception
    assert "leaks most" not in texts(app.markdown)


@pytest.mark.parametrize("page", PAGES)
def test_one_variable_is_too_few(page: str, toy: DatasetSpec) -> None:
    app = opened(page, toy)
    app.multiselect[0].set_value(["noise"]).run()
    assert not app.exception
    assert "Choose at least two variables" in texts(app.info)


@pytest.mark.parametrize("page", PAGES)
def test_what_the_core_refuses_is_said_in_words(
    page: str, toy_table: Callable[..., EventTable], tmp_path: Path
) -> None:
    """Negative weights of few events leave too much weight in negative cells."""
    path = tmp_path / "few.parquet"
    pq.write_table(pa.table(dict(toy_table(400).columns)), path)
    app = opened(page, guessed_dataset(str(path)))
    (slider,) = (each for each in app.slider if each.label == "Bins B")
    slider.set_value(32).run()
    assert not app.exception
    assert "less than nothing" in texts(app.error)
