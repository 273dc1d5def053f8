"""The page Pair as a script: links that lead to a pair and links that do not, odd columns, and its controls."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from core.events.samples import sample_path
from core.events.spec import DatasetSpec
from core.events.table import EventTable, Roles
from core.information import suitable_bins
from core.jobs.datasets import remember
from core.settings import settings
from tests.views.driving import figures_of
from views.parts.cached import events_of
from views.parts.data.roles import guessed_dataset
from views.parts.information.cached_information import n_effective_of
from views.parts.information.cached_pair import suited_bins_of

APP = str(Path(__file__).parents[2] / "app.py")


@pytest.fixture
def toy(tmp_path: Path, toy_table: Callable[..., EventTable]) -> DatasetSpec:
    path = tmp_path / "toy.parquet"
    pq.write_table(pa.table(dict(toy_table(9000).columns)), path)
    return guessed_dataset(str(path))


@pytest.fixture
def odd(tmp_path: Path) -> DatasetSpec:
    rng, n = np.random.default_rng(1), 6000
    label = np.arange(n) % 2
    columns = {
        "mass": np.where(label == 1, rng.normal(80, 8, n), 50 + rng.exponential(60, n)),
        "tau": np.where(rng.uniform(size=n) < 0.1, -999.0, rng.normal(size=n)),
        "gap": np.where(rng.uniform(size=n) < 0.2, np.nan, rng.normal(size=n)),
        "n_jets": rng.integers(0, 4, n),
        "flat": np.where(label == 1, 5.0, rng.normal(size=n)),
        "void": np.where(label == 1, np.nan, rng.normal(size=n)),
        "label": label,
    }
    path = tmp_path / "odd.parquet"
    pq.write_table(pa.table(columns), path)
    return guessed_dataset(str(path))


def opened(spec: DatasetSpec | None = None, **link: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60).switch_page("views/pair.py")
    if spec is not None:
        app.query_params["data"] = remember(spec, settings().datasets)
    for name, value in link.items():
        app.query_params[name] = value
    return app.run()


def texts(elements: object) -> str:
    return " ".join(element.value for element in elements)  # type: ignore[attr-defined]


def shown(app: AppTest) -> tuple[str, str]:
    return app.selectbox(key="pair-x").value, app.selectbox(key="pair-y").value


def named(app: AppTest) -> tuple[str, str]:
    return app.query_params["x"], app.query_params["y"]


def test_without_data_the_page_says_what_to_do() -> None:
    app = opened()
    assert not app.exception
    assert "Choose a sample or upload a file first" in texts(app.info)


@pytest.mark.parametrize("sample", ["boosted_w", "dimuon", "radiative_b"])
def test_the_page_shows_every_sample(sample: str) -> None:
    spec = guessed_dataset(str(sample_path(sample)))
    app = opened(spec)
    assert not app.exception and not app.error and not app.warning
    assert len(figures_of(app)) == 10
    assert len(app.metric) == 8
    assert shown(app)[0] == spec.roles.protected[0]
    assert "share" in texts(app.markdown)


def test_a_link_opens_its_pair(toy: DatasetSpec) -> None:
    app = opened(toy, x="leaking", y="mass")
    assert not app.exception and not app.warning
    assert shown(app) == named(app) == ("leaking", "mass")
    assert "leaking and mass share" in texts(app.markdown)


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ({"x": "nonsense", "y": "mass"}, "The link names nonsense, which these events do not have"),
        ({"x": "weight", "y": "$x$ *y*"}, r"weight and \$x\$ \*y\*, which these events do not have"),
        ({"x": "mass"}, "names no variable"),
        ({"x": "mass", "y": "mass"}, "names one variable twice"),
    ],
)
def test_a_bad_link_is_told_and_another_pair_shown(toy: DatasetSpec, link: dict[str, str], words: str) -> None:
    """The protected variable and the one that shares most with it; from then on the link names them."""
    app = opened(toy, **link)
    assert not app.exception and not app.error
    assert words in texts(app.warning)
    assert shown(app) == named(app) == ("mass", "leaking")
    assert not app.run().warning


def test_menus_and_the_swap_change_the_link(toy: DatasetSpec) -> None:
    app = opened(toy)
    app.selectbox(key="pair-y").set_value("clean").run()
    assert shown(app) == named(app) == ("mass", "clean")
    next(button for button in app.button if button.label == "Swap x and y").click().run()
    assert shown(app) == named(app) == ("clean", "mass")
    app.selectbox(key="pair-x").set_value("mass").run()
    assert shown(app) == named(app) == ("mass", "clean")
    assert not app.exception and not app.warning


def test_the_pair_is_remembered_when_the_page_is_left(toy: DatasetSpec) -> None:
    app = opened(toy, x="noise", y="clean")
    app.switch_page("views/data.py").run()
    app.switch_page("views/pair.py").run()
    assert shown(app) == ("noise", "clean")


@pytest.mark.parametrize("measure", ["npmi", "pmi", "ppmi", "pmi2"])
def test_every_map_is_drawn(toy: DatasetSpec, measure: str) -> None:
    app = opened(toy)
    app.segmented_control(key="map").set_value(measure).run()
    assert not app.exception and not app.error
    assert {"npmi": "NPMI =", "pmi": "PMI =", "ppmi": "PPMI =", "pmi2": "PMI² ="}[measure] in texts(app.caption)


def test_too_many_bins_are_warned_of(toy: DatasetSpec) -> None:
    app = opened(toy, x="clean", y="noise")
    app.slider[0].set_value(app.slider[0].value + 1).run()
    assert not app.exception
    assert "Too many bins for these events" in texts(app.warning)


@pytest.mark.parametrize("y", ["tau", "gap", "n_jets", "flat"])
@pytest.mark.parametrize("x", ["mass", "flat"])
def test_odd_columns_can_be_drawn(odd: DatasetSpec, x: str, y: str) -> None:
    if x == y:
        return
    app = opened(odd, x=x, y=y)
    assert not app.exception and not app.error
    assert len(figures_of(app)) == 10
    assert ("for flat has a single value" in texts(app.markdown)) == ("flat" in (x, y))


def test_a_class_without_a_value_is_told(odd: DatasetSpec) -> None:
    app = opened(odd, x="mass", y="void")
    assert not app.exception
    assert "None of 3000 signal events has a finite value of both mass and void" in texts(app.error)


def test_the_label_is_counted_at_even_odds(odd: DatasetSpec) -> None:
    app = opened(odd, x="mass", y="label")
    assert not app.exception and not app.error
    assert len(figures_of(app)) == 5
    assert "even odds" in texts(app.caption)


def test_unlabelled_data_have_one_column(toy: DatasetSpec) -> None:
    app = opened(toy.model_copy(update={"roles": toy.roles.model_copy(update={"label": None})}))
    assert not app.exception and not app.error
    assert len(figures_of(app)) == 5
    assert "in background" not in texts(app.markdown)


def test_one_variable_is_no_pair(toy: DatasetSpec) -> None:
    roles = toy.roles.model_copy(update={"features": ("noise",), "protected": (), "label": None})
    app = opened(toy.model_copy(update={"roles": roles}))
    assert not app.exception
    assert "A pair needs two columns" in texts(app.info)


def test_bins_are_suggested_from_weights_without_a_copy_of_the_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Copies of nine million events held the page up for seconds, before its bar."""
    rng, label = np.random.default_rng(2), np.repeat([0, 1], [3000, 9000])
    columns = {"x": rng.normal(size=12_000), "label": label, "weight": rng.exponential(size=12_000)}
    pq.write_table(pa.table(columns), tmp_path / "weighted.parquet")
    roles = Roles(features=("x",), label="label", weight="weight")
    spec = DatasetSpec(path=str(tmp_path / "weighted.parquet"), roles=roles)
    events = events_of(spec)
    copied = {each: events.of_class(each).n_effective for each in ("all", "signal", "background")}
    even = events.balanced().n_effective

    def refuse(*_: object) -> EventTable:
        raise AssertionError("events were copied")

    monkeypatch.setattr(EventTable, "take", refuse)
    assert {each: n_effective_of(spec, each) for each in copied} == pytest.approx(copied)
    assert n_effective_of(spec, "all", at_even_odds=True) == pytest.approx(even)
    assert suited_bins_of(spec, "x", "label", ("all",)) == suitable_bins(even)
    assert suited_bins_of(spec, "x", "x", ("signal", "background")) == suitable_bins(copied["background"])
