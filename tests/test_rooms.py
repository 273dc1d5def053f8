"""Tests that share a server stay in one worker, and the longest begin."""

from pathlib import Path

from tests.rooms import WHOLE, room, turn


def test_a_folder_that_shares_a_server_is_one_room_and_elsewhere_a_file_is() -> None:
    assert room("tests/browser/test_charts.py::test_a[x::y]") == room("tests/browser/test_report.py::test_b")
    assert room("tests/views/test_pair.py::test_a[x::y]") == room("tests/views/test_pair.py::test_b")
    assert room("tests/views/test_pair.py::test_a") != room("tests/views/test_links.py::test_a")
    assert room("core/numbers.py::core.numbers.shares") == "core/numbers.py"


def test_the_rooms_that_take_longest_are_there_and_come_first() -> None:
    assert [folder for folder in WHOLE if not Path(__file__).parents[1].joinpath(folder).is_dir()] == []
    files = [
        "core/numbers.py::a",
        "tests/docs/test_site.py::b",
        "tests/browser/test_report.py::c",
        "tests/test_logs.py::d",
    ]
    assert [file[-1] for file in sorted(files, key=turn)] == ["c", "b", "a", "d"]
