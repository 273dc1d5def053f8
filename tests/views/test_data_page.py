"""The Data page with files of one's own: two files, windows of the mass, trees, large files, and wrong clicks."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from core.errors import DataError
from core.events.source import inspect_file
from core.events.spec import DatasetSpec, load_events
from core.events.table import EventTable, Roles
from core.events.uploads import keep_upload
from core.jobs.datasets import remember
from core.settings import settings
from tests.views.driving import APP, opened_at, press, texts
from views.parts.cached import events_of, samples
from views.parts.data import drafts, reading
from views.parts.data import uploads as uploads_part
from views.parts.data.roles import _rows, guessed_dataset
from views.parts.data.sidebands import complete
from views.parts.data.uploads import TWO


@pytest.fixture(autouse=True)
def no_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw no sample cards, which other tests are about."""
    monkeypatch.setattr("core.events.samples.list_samples", lambda folder=None: ())
    monkeypatch.setattr("views.parts.cached.list_samples", lambda: ())
    samples.clear()


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write columns to a Parquet file beside the data folder, where pages may read."""

    def written(name: str, **columns: object) -> Path:
        path = tmp_path / name
        pq.write_table(pa.table(columns), path)
        return path

    return written


@pytest.fixture
def halves(toy_table: Callable[..., EventTable], write: Callable[..., Path]) -> tuple[Path, Path]:
    """The toy events as a file of signal and one of background, without their label; one has a column more."""
    toy = toy_table(600)
    kept = {name: values for name, values in toy.columns.items() if name != "label"}
    signal = {name: values[toy.is_signal] for name, values in kept.items()}
    background = {name: values[~toy.is_signal] for name, values in kept.items()}
    return write("signal.parquet", **signal, truth_pt=np.arange(300.0)), write("background.parquet", **background)


@pytest.fixture
def unnamed(write: Callable[..., Path], rng: np.random.Generator) -> Path:
    """Events whose label and mass no guess knows, with lists, and a column of three values."""
    truth = rng.integers(0, 2, 800)
    return write(
        "mine.parquet",
        v1=rng.normal(size=800) + truth,
        v2=rng.normal(size=800),
        truth_cat=truth.astype(np.int32),
        channel=np.arange(800) % 3,
        one=np.ones(800),
        mcand=rng.normal(90, 8, 800),
        jet_pt=pa.array([[1.0, 2.0][: k % 3] for k in range(800)]),
    )


def opened(spec: DatasetSpec | None = None) -> AppTest:
    """Open the Data page, which is the first."""
    app = AppTest.from_file(APP, default_timeout=60)
    if spec is not None:
        app.query_params["data"] = remember(spec, settings().datasets)
    return app.run()


def current(app: AppTest) -> DatasetSpec:
    assert not app.exception
    spec: DatasetSpec = app.session_state["data"]
    return spec


def path_field(app: AppTest, side: str) -> AppTest:
    return next(field for field in app.text_input if side in field.label)


def with_two(app: AppTest, signal: object, background: object) -> AppTest:
    """Choose two files by their paths and open both."""
    how = next(each for each in app.segmented_control if each.label == "How many files")
    how.set_value(TWO).run()
    for side, path in (("signal", signal), ("background", background)):
        path_field(app, f"path of {side}").set_value(str(path))
        press(app, "Take")
    return press(app, "Open both")


def test_two_paths_become_one_data_set_with_a_label(halves: tuple[Path, Path]) -> None:
    app = with_two(opened(), *halves)
    spec = current(app)
    assert not app.error
    assert spec.files == tuple(map(str, halves))
    assert (spec.roles.label, spec.roles.weight, spec.roles.protected) == ("is_signal", "weight", ("mass",))
    assert "**signal.parquet and background.parquet**" in texts(app.markdown)
    assert "truth\\_pt (only in signal.parquet)" in texts(app.caption)
    assert load_events(spec).is_signal.sum() == 300
    assert not any(field.label.startswith("or a path of") for field in app.text_input)


def test_what_is_still_to_take_is_said_and_a_pattern_has_its_folder(halves: tuple[Path, Path]) -> None:
    app = opened()
    next(each for each in app.segmented_control if each.label == "How many files").set_value(TWO).run()
    assert "Still to take: the signal and the background file" in texts(app.caption)
    path_field(app, "path of signal").set_value(str(halves[0].with_name("sig*.parquet")))
    press(app, "Take")
    assert "Still to take: the background file" in texts(app.caption)
    assert f"{halves[0].parent.name}/sig" in texts(app.markdown).replace("\\", "")
    path_field(app, "path of background").set_value(str(halves[1]))
    press(app, "Take")
    assert "Still to take" not in texts(app.caption)
    assert not app.exception and not app.error


def test_two_uploads_become_one_data_set_under_their_own_names(
    halves: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads_part, "keep_upload", partial(keep_upload, examine=lambda *_: None))
    app = opened()
    next(each for each in app.segmented_control if each.label == "How many files").set_value(TWO).run()
    for path in halves:
        field = next(each for each in app.file_uploader if each.label == f"{path.stem.capitalize()} file")
        field.upload(path.name, path.read_bytes()).run()
    press(app, "Open both")
    spec = current(app)
    assert not app.error
    assert spec.name == "signal.parquet and background.parquet"
    assert load_events(spec).n_events == 600


def test_wrong_pairs_are_refused_in_words_and_the_choices_stay(halves: tuple[Path, Path], write) -> None:
    other = write("other.parquet", z=[1.0, 2.0])
    for pair, said in (((halves[0], halves[0]), "given twice"), ((halves[0], other), "no column of numbers in common")):
        app = with_two(opened(guessed_dataset(str(halves[1]))), *pair)
        assert said in texts(app.error)
        assert "signal.parquet" in texts(app.markdown)
        assert current(app).path == str(halves[1])


def test_a_path_of_a_side_that_does_not_exist_is_said(halves: tuple[Path, Path]) -> None:
    app = opened()
    how = next(each for each in app.segmented_control if each.label == "How many files")
    how.set_value(TWO).run()
    path_field(app, "path of signal").set_value(f"{halves[0]}.none")
    press(app, "Take")
    assert "no file or folder" in texts(app.error)


def test_a_background_is_added_to_a_file_that_is_open(halves: tuple[Path, Path]) -> None:
    app = opened(guessed_dataset(str(halves[0])))
    app.segmented_control(key="label-from").set_value("a second file").run()
    app.button(key="add-background").click().run()
    path_field(app, "path of background").set_value(str(halves[1]))
    press(app, "Take")
    press(app, "Open both")
    assert current(app).files == tuple(map(str, halves))


def test_the_questions_name_the_label_and_the_mass_first(unnamed: Path) -> None:
    app = opened(guessed_dataset(str(unnamed)))
    assert app.selectbox(key="ask-label").value == "truth_cat"
    assert app.selectbox(key="ask-mass").value == "mcand"
    assert app.selectbox(key="ask-label").options[0] == "truth_cat: 0 and 1"
    app.multiselect(key="ask-lists").set_value(["count", "first"]).run()
    app.button(key="use-answers").click().run()
    roles = current(app).roles
    assert not app.error
    assert (roles.label, roles.protected) == ("truth_cat", ("mcand",))
    assert set(roles.features) == {"v1", "v2", "channel", "one", "jet_pt.count", "jet_pt[0]"}
    assert not [box for box in app.selectbox if box.key == "ask-label"]


@pytest.mark.parametrize(
    ("column", "said"),
    [("one", "one is 1 in all 800 events looked at; a label needs two values"), ("v1", "v1 holds many different")],
)
def test_a_column_that_is_no_label_is_refused_in_a_sentence(unnamed: Path, column: str, said: str) -> None:
    app = opened(guessed_dataset(str(unnamed)))
    app.selectbox(key="ask-label").set_value(column).run()
    assert said in texts(app.warning)
    assert app.button(key="use-answers").disabled


def test_of_a_label_with_three_values_one_is_named(unnamed: Path) -> None:
    app = opened(guessed_dataset(str(unnamed)))
    app.selectbox(key="ask-label").set_value("channel").run()
    waits = "Choose first which value of channel is signal."
    assert app.button(key="use-answers").disabled and waits in texts(app.caption)
    app.selectbox(key="ask-value-channel").set_value(2.0).run()
    assert waits not in texts(app.caption)
    app.button(key="use-answers").click().run()
    assert current(app).signal_value == 2
    assert load_events(current(app)).is_signal.sum() == 800 // 3


def test_why_a_role_was_guessed_is_said_of_guesses_only(unnamed: Path) -> None:
    spec = guessed_dataset(str(unnamed))
    chosen = Roles(features=("v1",), label="truth_cat", protected=("v2", "mcand"))
    rows = _rows(spec.model_copy(update={"roles": chosen}), inspect_file(str(unnamed)))
    said = {row["column"]: row["guessed because"] for row in rows}
    assert (said["truth_cat"], said["v2"]) == ("you chose it", "you chose it")
    assert (said["v1"], said["mcand"]) == ("a number for each event", "named like a mass")


@pytest.fixture
def weighted(write: Callable[..., Path], rng: np.random.Generator) -> Path:
    """Events whose label no name tells, with a variable named like a mass, the mass, and a weight of each kind."""
    return write(
        "weighted.parquet",
        v1=rng.normal(size=400),
        m_d2=rng.normal(2, 0.1, 400),
        mcand=rng.normal(90, 8, 400),
        kind=np.arange(400) % 2 * 22,
        wgt_final=np.where(np.arange(400) % 20 == 0, -1.0, 1.0),
        other_sum=np.where(np.arange(400) % 20 == 1, -3.0, 3.0) + rng.normal(0, 0.1, 400),
    )


def test_another_mass_takes_the_place_of_the_preselected_one(weighted: Path) -> None:
    app = opened(guessed_dataset(str(weighted)))
    assert app.selectbox(key="ask-mass").value == "m_d2"
    app.selectbox(key="ask-mass").set_value("mcand")
    app.selectbox(key="ask-value-kind").set_value(22.0).run()
    app.button(key="use-answers").click().run()
    assert not app.error
    roles = current(app).roles
    assert roles.protected == ("mcand",)
    assert set(roles.features) == {"v1", "m_d2", "other_sum"}


def test_the_weight_is_asked_for_and_the_old_one_is_no_feature(weighted: Path) -> None:
    app = opened(guessed_dataset(str(weighted)))
    field = app.selectbox(key="ask-weight")
    assert field.value == "wgt_final"
    assert [option.partition(":")[0] for option in field.options[:3]] == ["none", "wgt_final", "other_sum"]
    assert "5 % negative" in field.options[1]
    field.set_value("other_sum")
    app.selectbox(key="ask-value-kind").set_value(22.0).run()
    app.button(key="use-answers").click().run()
    assert not app.error
    roles = current(app).roles
    assert roles.weight == "other_sum"
    assert not {"other_sum", "wgt_final"} & set(roles.features)


@pytest.mark.parametrize("how", ["typed", "chosen"])
def test_a_name_below_the_root_opens_by_typing_or_from_the_list(
    unnamed: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setenv("INFOSCOPE_DATA_ROOT", str(unnamed.parent))
    app = opened()
    if how == "typed":
        path_field(app, "folder on the server").set_value(unnamed.name)
    else:
        assert any(option.startswith("mine.parquet (") for option in app.selectbox(key="listed-one").options)
        app.selectbox(key="listed-one").set_value(unnamed.name)
    press(app, "Open")
    assert not app.error
    assert current(app).path == str(unnamed)


def windows_asked(app: AppTest) -> AppTest:
    app.segmented_control(key="label-from").set_value("windows of the mass").run()
    return app


@pytest.fixture(params=[reading.QUICK, 0], ids=["small", "large"])
def size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read at once, or under a bar, whose button no form allows."""
    monkeypatch.setattr(reading, "QUICK", request.param)


@pytest.mark.usefixtures("size")
def test_cuts_and_new_columns_are_taken_or_explained(unnamed: Path) -> None:
    app = opened(guessed_dataset(str(unnamed)))

    def asked(columns: str, cut: str) -> DatasetSpec:
        app.text_area[0].set_value(columns)
        next(field for field in app.text_input if field.label == "Keep events with").set_value(cut)
        press(app, "Apply")
        return current(app)

    kept = asked("sum = v1 + v2", "v1 > 0")
    assert not app.error
    assert (kept.derived, kept.selection) == ({"sum": "v1 + v2"}, "v1 > 0")
    assert "sum" in kept.roles.features
    for columns, cut, said in (
        ("", "v1 > 99", "leaves none of the 800 events"),
        ("", "v1 + v2", "for true or false; compare it"),
        ("v3", "", "line 'v3' says nothing after"),
        ("v3 = nothing + 1", "", "nothing"),
    ):
        assert asked(columns, cut) == kept
        assert said in texts(app.error)
    only = asked("", "one")
    assert (only.derived, only.selection) == ({}, "one") and not app.error
    assert asked("", "").selection is None and not app.error


@pytest.mark.usefixtures("size")
def test_windows_of_the_mass_are_a_label_and_go_again(unnamed: Path) -> None:
    app = windows_asked(opened(guessed_dataset(str(unnamed))))
    press(app, "Label by these windows")
    spec = current(app)
    assert not app.error
    assert (spec.roles.label, spec.roles.protected) == ("in_signal_region", ("mcand",))
    events = load_events(spec)
    assert 0 < events.is_signal.sum() < events.n_events < 800
    assert "Signal is" in texts(app.info) and "events elsewhere are left out" in texts(app.info)
    app.button(key="no-windows").click().run()
    assert current(app).roles.label is None
    assert current(app).selection is None


def test_windows_without_events_or_on_top_of_each_other_are_refused(unnamed: Path) -> None:
    app = windows_asked(opened(guessed_dataset(str(unnamed))))
    before = current(app)
    for key, value, said in (
        ("upper-sideband-mcand-high", 0.0, "is empty"),
        ("upper-sideband-mcand-low", 80.0, "overlap"),
    ):
        old = app.number_input(key=key).value
        app.number_input(key=key).set_value(value)
        press(app, "Label by these windows")
        assert said in texts(app.error)
        assert current(app) == before
        app.number_input(key=key).set_value(old)
    for end, value in (("low", 9000.0), ("high", 9001.0)):
        app.number_input(key=f"upper-sideband-mcand-{end}").set_value(value)
    press(app, "Label by these windows")
    assert "holds no event; its values lie between" in texts(app.error)
    assert current(app) == before
    assert complete((None, None)) is None
    with pytest.raises(DataError, match="one end only"):
        complete((1.0, None))


def test_a_tree_of_several_is_chosen(tmp_path: Path) -> None:
    uproot = pytest.importorskip("uproot")
    with uproot.recreate(tmp_path / "two.root") as file:
        for k, tree in enumerate(("Runs", "Events")):
            file[tree] = {"x": np.arange(4.0), "label": np.array([k, 1, 0, 1])}
    app = opened()
    path_field(app, "folder on the server").set_value(str(tmp_path / "two.root"))
    press(app, "Open")
    assert not app.error
    app.selectbox(key="tree-one").set_value("Events").run()
    app.button(key="take-tree-one").click().run()
    assert current(app).path == f"{tmp_path}/two.root:Events"


def test_a_large_file_is_asked_about_before_it_is_read(unnamed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "LARGE", 1000)
    app = opened()
    path_field(app, "folder on the server").set_value(str(unnamed))
    press(app, "Open")
    assert not app.exception
    assert "data" not in app.session_state
    assert "800 events" in texts(app.markdown)
    app.button(key="use-answers").click().run()
    assert "data" not in app.session_state
    app.button(key="use-draft").click().run()
    spec = current(app)
    assert (spec.roles.label, spec.roles.protected) == ("truth_cat", ("mcand",))
    assert "share" in texts(app.markdown)
    assert "draft" not in app.session_state


def test_a_cut_on_a_file_that_is_not_read_yet_is_shown_as_taken_or_refused(
    unnamed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "LARGE", 1000)
    app = opened()
    path_field(app, "folder on the server").set_value(str(unnamed))
    press(app, "Open")
    assert "Taken" not in texts(app.info)
    for cut, said in (("v1 >", "cannot be read"), ("nothing > 1", "no column 'nothing'")):
        next(field for field in app.text_input if field.label == "Keep events with").set_value(cut)
        press(app, "Apply")
        assert said in texts(app.error).replace("\\", "") and app.session_state["draft"].selection is None
    next(field for field in app.text_input if field.label == "Keep events with").set_value("v1 > 0")
    app.text_area[0].set_value("sum = v1 + v2")
    press(app, "Apply")
    assert not app.error and app.session_state["draft"].selection == "v1 > 0"
    assert "Taken: events with v1 > 0 are kept; new column: sum." in texts(app.info)
    assert "known once they are read" in texts(app.info)


def test_a_file_over_the_limit_becomes_smaller_by_ignoring_what_a_search_finds(
    write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty columns: two clicks ignore all whose names share a part."""
    columns = {f"cell_{k}": np.arange(100.0) for k in range(40)} | {
        "mass": np.arange(100.0),
        "label": np.arange(100) % 2,
    }
    path = write("wide.parquet", **columns)
    monkeypatch.setenv("INFOSCOPE_MAX_UNCOMPRESSED_BYTES", str(100 * 8 * 10))
    app = opened()
    path_field(app, "folder on the server").set_value(str(path))
    press(app, "Open")
    assert not app.exception
    assert "INFOSCOPE_MAX_UNCOMPRESSED_BYTES" in texts(app.warning)
    assert app.button(key="use-draft").disabled
    app.text_input(key="find-column").set_value("cell_1").run()
    assert app.button(key="set-all").label == "Set 11 of 42"
    app.text_input(key="find-column").set_value("cell").run()
    app.button(key="set-all").click().run()
    assert not app.button(key="use-draft").disabled
    app.text_input(key="find-column").set_value("cell_17").run()
    app.selectbox(key="role-of-all").set_value("weight").run()
    app.button(key="set-all").click().run()
    assert "weight: cell\\_17" in texts(app.caption)
    app.selectbox(key="role-of-all").set_value("ignore").run()
    app.button(key="set-all").click().run()
    app.button(key="use-draft").click().run()
    assert current(app).roles.features == ()
    assert set(events_of(current(app)).columns) == {"mass", "label"}


@pytest.mark.parametrize("page", ["information", "pair", "geometry", "ranking"])
def test_unlabelled_events_are_shown_or_refused_in_words(unnamed: Path, page: str) -> None:
    app = opened_at(f"views/{page}.py", guessed_dataset(str(unnamed)))
    assert not app.exception
    if page == "ranking":
        assert "choose the column that is 1 for signal" in texts(app.info)
    else:
        assert not app.error
