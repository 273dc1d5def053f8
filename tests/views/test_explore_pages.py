"""The pages Ranking and Geometry as scripts: what they show, what they refuse, and that nothing on them fails."""

from collections.abc import Callable

import pytest

from core.events.samples import sample_path
from core.events.spec import DatasetSpec
from tests.views.driving import figures_of, opened_at, tables_opened, texts
from views.parts.data.roles import guessed_dataset

PAGES = ("views/ranking.py", "views/geometry.py")

pytestmark = pytest.mark.usefixtures("quick_classifiers")


@pytest.fixture
def toy(toys_of: Callable[[int], DatasetSpec]) -> DatasetSpec:
    return toys_of(9000)


def with_roles(spec: DatasetSpec, **roles: object) -> DatasetSpec:
    return spec.model_copy(update={"roles": spec.roles.model_copy(update=roles)})


@pytest.mark.parametrize("page", PAGES)
def test_without_data_the_page_says_what_to_do(page: str) -> None:
    app = opened_at(page)
    assert not app.exception
    assert "Choose a sample or upload a file first" in texts(app.info)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("sample", ["boosted_w", "dimuon", "radiative_b"])
def test_the_page_shows_every_sample(page: str, sample: str) -> None:
    app = opened_at(page, guessed_dataset(str(sample_path(sample))))
    assert not app.exception
    assert not app.error
    assert len(figures_of(app)) == 2
    assert len(app.get("download_button")) == len(app.dataframe) == 0  # tables are made when they are opened
    app = tables_opened(app)
    assert not app.exception
    assert len(app.get("download_button")) == (6 if page == "views/ranking.py" else 3)


def test_the_ranking_says_who_tells_and_who_leaks(toy: DatasetSpec) -> None:
    app = opened_at("views/ranking.py", toy)
    assert not app.exception
    assert "leaking tells most about the label" in texts(app.markdown)
    assert "leaking leaks most of mass" in texts(app.markdown)
    table = tables_opened(app).dataframe[0].value
    assert table["variable"].tolist()[-1] == "noise"
    assert sorted(table["chosen as"].tolist()) == [1, 2, 3]


def test_criterion_and_number_of_inputs_change_the_path(toy: DatasetSpec) -> None:
    app = opened_at("views/ranking.py", toy)
    app.selectbox(key="criterion").set_value("mrmr").run()
    app.slider(key="inputs").set_value(2).run()
    assert not app.exception
    assert "Takes the variable with most relevance" in texts(app.caption)
    assert "2 variables together hold" in texts(app.markdown)
    assert tables_opened(app).dataframe[0].value["chosen as"].count() == 2


def test_divergences_of_the_classes_are_a_table(toy: DatasetSpec) -> None:
    table = tables_opened(opened_at("views/ranking.py", toy)).dataframe[1].value
    assert table["variable"].tolist()[0] in ("leaking", "clean", "mass")
    assert table["JSD [nats]"].is_monotonic_decreasing
    assert {"KL(s‖b) [nats]", "H(s;b) [nats]", "h(s) [nats]", "Σ(s-b)²"} <= set(table)


def test_bins_suit_the_events_on_both_pages(toy: DatasetSpec) -> None:
    """3000 weighted events do not bear 32 bins."""
    for page in PAGES:
        (slider,) = (each for each in opened_at(page, toy).slider if each.label == "Bins B")
        assert 4 <= slider.value < 20


def test_unlabelled_data_have_a_map_and_no_ranking(toy: DatasetSpec) -> None:
    unlabelled = with_roles(toy, label=None)
    ranking, geometry = (opened_at(page, unlabelled) for page in PAGES)
    assert not ranking.exception and not geometry.exception
    assert "A ranking needs signal and background" in texts(ranking.info)
    assert len(figures_of(ranking)) == 0
    assert len(figures_of(geometry)) == 2


def test_without_a_protected_variable_nothing_leaks(toy: DatasetSpec) -> None:
    app = opened_at("views/ranking.py", with_roles(toy, protected=()))
    assert not app.exception
    assert "leaks most" not in texts(app.markdown)


@pytest.mark.parametrize("page", PAGES)
def test_one_variable_is_too_few(page: str, toy: DatasetSpec) -> None:
    app = opened_at(page, toy)
    app.multiselect[0].set_value(["noise"]).run()
    assert not app.exception
    assert "Choose at least two variables" in texts(app.info)


@pytest.mark.parametrize("page", PAGES)
def test_what_the_core_refuses_is_said_in_words(page: str, toys_of: Callable[[int], DatasetSpec]) -> None:
    """Negative weights of few events leave too much weight in negative cells."""
    app = opened_at(page, toys_of(400))
    (slider,) = (each for each in app.slider if each.label == "Bins B")
    slider.set_value(32).run()
    assert not app.exception
    assert "less than nothing" in texts(app.error)
