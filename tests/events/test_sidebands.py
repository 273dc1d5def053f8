"""Sidebands against a signal region: the same events and labels as masks of numpy give."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DataError
from core.events.sidebands import (
    Sidebands,
    count_windows,
    parse_windows,
    windows_sentence,
    with_sidebands,
    without_sidebands,
)
from core.events.spec import DatasetSpec, load_events
from core.events.table import Roles

N = 4000


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(7)
    path = tmp_path_factory.mktemp("bands") / "data.parquet"
    mass = rng.normal(125, 15, N).astype(np.float32)
    mass[:8] = [100, 110, 120, 130, 150, np.nan, np.inf, 119.99999]
    pq.write_table(pa.table({"m H": mass, "pt": rng.exponential(30, N), "w": rng.uniform(0, 1, N)}), path)
    return path


def spec_of(file: Path, **more: object) -> DatasetSpec:
    roles = Roles(features=("pt", "m H"), weight="w")
    return DatasetSpec(path=str(file), roles=roles).model_copy(update=more)


edges = st.lists(st.integers(850, 1650), min_size=4, max_size=8, unique=True).map(lambda x: sorted(k / 10 for k in x))


@given(edges=edges, which=st.integers(0, 3))
def test_the_events_and_labels_are_those_of_numpy_masks(file: Path, edges: list[float], which: int) -> None:
    """Ends belong to a window where it begins; events without a mass are in none."""
    windows = list(zip(edges[:-1:2], edges[1::2], strict=True))
    signal = windows.pop(which % len(windows))
    all_events = load_events(DatasetSpec(path=str(file), roles=Roles(features=("m H", "pt"))))
    m = np.asarray(all_events["m H"], np.float64)
    inside = [(m >= low) & (m < high) for low, high in (signal, *windows)]
    chosen = Sidebands("m H", signal, tuple(windows))
    if not all(mask.any() for mask in inside):
        with pytest.raises(DataError, match="holds no event"):
            count_windows(spec_of(file), chosen)
        return
    events = load_events(with_sidebands(spec_of(file), chosen))
    keep = np.logical_or.reduce(inside)
    np.testing.assert_array_equal(events["pt"], all_events["pt"][keep])
    np.testing.assert_array_equal(events["m H"], all_events["m H"][keep])
    np.testing.assert_array_equal(events.is_signal, inside[0][keep])
    assert count_windows(spec_of(file), chosen) == tuple(int(mask.sum()) for mask in inside)


def test_the_mass_is_protected_and_what_is_made_of_it_too(file: Path) -> None:
    derived = {"ratio": "pt / `m H`", "twice": "2 * ratio", "half": "pt / 2"}
    roles = Roles(features=("pt", "m H", *derived), weight="w")
    spec = with_sidebands(
        spec_of(file, derived=derived, roles=roles), Sidebands("m H", (120, 130), ((100, 110), (140, 150)))
    )
    assert spec.roles.features == ("pt", "half")
    assert spec.roles.protected == ("m H", "ratio", "twice")
    assert spec.roles.label == "in_signal_region"
    assert load_events(spec).roles.weight == "w"


def test_windows_replace_earlier_ones_and_can_be_taken_away(file: Path) -> None:
    before = spec_of(file, selection="pt > 5 and pt < 90")
    first = with_sidebands(before, Sidebands("m H", (120, 130), ((100, 110),)))
    second = with_sidebands(first, Sidebands("m H", (115, 125), ((130, 140),)))
    assert second == with_sidebands(before, Sidebands("m H", (115, 125), ((130, 140),)))
    events = load_events(second)
    assert events["pt"].min() > 5
    assert set(np.floor(events["m H"][events.is_signal] / 10)) == {11, 12}
    back = without_sidebands(second)
    assert (back.selection, back.derived, back.roles.label) == (before.selection, {}, None)
    assert without_sidebands(with_sidebands(spec_of(file), Sidebands("m H", (1, 2), ((3, 4),)))).selection is None
    assert without_sidebands(before) == before
    chosen = Sidebands("m H", (115, 125), ((130, 140),))
    assert count_windows(first, chosen) == count_windows(before, chosen)


@pytest.mark.parametrize(
    ("signal", "sidebands", "said"),
    [
        ((130, 120), ((100, 110),), "window 130 to 120 of 'm H' is empty"),
        ((120, 120), ((100, 110),), "window 120 to 120 of 'm H' is empty"),
        ((float("nan"), 120), ((100, 110),), "window nan to 120 of 'm H' has an end that is not finite"),
        ((-math.inf, 120), ((120, 130),), "window -inf to 120 of 'm H' has an end that is not finite; allowed: finite"),
        ((110, 120), ((120, math.inf),), "window 120 to inf of 'm H' has an end that is not finite; allowed: finite"),
        ((120, 130), ((110, 121),), "windows 110 to 121 and 120 to 130 of 'm H' overlap"),
        ((120, 130), (), "there is no sideband"),
    ],
)
def test_wrong_windows_are_refused(signal, sidebands, said: str) -> None:
    with pytest.raises(DataError, match=said):
        Sidebands("m H", signal, sidebands)


def test_a_window_beyond_the_events_is_refused_with_their_range(file: Path) -> None:
    with pytest.raises(DataError, match=r"sideband 900 to 999 of 'm H' holds no event; its values lie between \d+"):
        count_windows(spec_of(file), Sidebands("m H", (120, 130), ((100, 110), (900, 999))))
    with pytest.raises(DataError, match=r"has no column 'mass'"):
        count_windows(spec_of(file), Sidebands("mass", (120, 130), ((100, 110),)))


def test_names_that_are_taken_are_said(parquet) -> None:
    path = parquet({"in_signal_region": [1.0], "m": [1.0]})
    spec = DatasetSpec(path=str(path), roles=Roles(features=("in_signal_region", "m")))
    with pytest.raises(DataError, match="'in_signal_region' exists already"):
        with_sidebands(spec, Sidebands("m", (0, 1), ((1, 2),)))


@pytest.mark.parametrize("text", ["110", "110:", "a:b", "1:2,,3:4"])
def test_what_is_no_window_is_said(text: str) -> None:
    with pytest.raises(DataError, match="is no window; write LOW:HIGH"):
        parse_windows(text)


def test_an_event_on_an_edge_is_counted_where_it_is_labelled_to_the_last_digit(tmp_path: Path) -> None:
    """The edge has more digits than ten, and the gap below the signal region holds no event."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    edge = 120.00000000004
    path = tmp_path / "edge.parquet"
    pq.write_table(pa.table({"m H": [105.0, 117.0, np.nextafter(edge, 0), edge, 125.0, 130.0], "pt": np.ones(6)}), path)
    chosen = Sidebands("m H", (edge, 130.0), ((100.0, 115.0), (130.0, 150.0)))
    spec = DatasetSpec(path=str(path), roles=Roles(features=("pt",)))
    events = load_events(with_sidebands(spec, chosen))
    assert count_windows(spec, chosen) == (2, 1, 1)
    np.testing.assert_array_equal(events["m H"], [105.0, edge, 125.0, 130.0])
    np.testing.assert_array_equal(events.is_signal, [False, True, True, False])


def test_the_sentence_names_every_window_and_what_is_left_out(file: Path) -> None:
    chosen = Sidebands("m H", (122.0, 128.0), ((112.0, 120.0), (130.0, 145.0)))
    assert windows_sentence(with_sidebands(spec_of(file), chosen)) == (
        "signal is 122 ≤ m H < 128, background 112 ≤ m H < 120 or 130 ≤ m H < 145; events elsewhere are left out"
    )
