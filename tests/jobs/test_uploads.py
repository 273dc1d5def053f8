"""Whose an upload is: own and published ones are seen, links aside nobody opens another's, and a file leaves last."""

from functools import partial
from pathlib import Path

import pytest

from core.errors import DataError
from core.events import uploads as kept_uploads
from core.jobs.uploads import claim_upload, delete_upload, may_open, publish, uploads

ANN, BEN = "a" * 16, "b" * 16
CONTENT = b"x,y\n1,2\n3,4\n"
# The look at an upload, in a process of its own, has tests elsewhere.
keep_upload = partial(kept_uploads.keep_upload, examine=lambda *_: None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "uploads"


def brought(folder: Path, owner: str, name: str = "events.csv", content: bytes = CONTENT) -> Path:
    path = keep_upload(content, name, folder)
    claim_upload(path, name, owner)
    return path


def test_a_user_sees_own_uploads_and_published_ones_only(folder: Path) -> None:
    path = brought(folder, ANN, "mine [1].csv")
    assert [each.name for each in uploads(folder, ANN)] == ["mine [1].csv"]
    assert uploads(folder, BEN) == []
    assert (may_open(str(path), folder, ANN), may_open(str(path), folder, BEN)) == (True, False)
    publish(uploads(folder, ANN)[0], published=True)
    (seen,) = uploads(folder, BEN)
    assert (seen.owner, seen.published, may_open(str(path), folder, BEN)) == (ANN, True, True)
    publish(uploads(folder, ANN)[0], published=False)
    assert uploads(folder, BEN) == []
    assert not may_open(str(path), folder, BEN)


def test_ownership_survives_a_restart_and_is_shared_by_two_servers(folder: Path) -> None:
    """Nothing is kept in memory: whoever reads the folder next knows."""
    brought(folder, ANN)
    claim_upload(keep_upload(CONTENT, "again.csv", folder), "again.csv", ANN)
    assert [each.name for each in uploads(folder, ANN)] == ["events.csv"]
    assert not list(folder.glob("*/.draft-*"))


def test_two_users_of_one_content_share_the_file_and_nothing_else(folder: Path) -> None:
    path, same = brought(folder, ANN, "ann.csv"), brought(folder, BEN, "ben.csv")
    assert path == same
    assert [each.name for each in uploads(folder, BEN)] == ["ben.csv"]
    delete_upload(uploads(folder, ANN)[0])
    assert uploads(folder, ANN) == []
    assert path.exists()
    delete_upload(uploads(folder, BEN)[0])
    assert list(folder.iterdir()) == []


def test_an_upload_published_by_one_of_its_owners_is_listed_once(folder: Path) -> None:
    brought(folder, ANN)
    publish(uploads(folder, ANN)[0], published=True)
    brought(folder, BEN)
    assert [each.owner for each in uploads(folder, BEN)] == [BEN]


def test_whoever_runs_the_program_opens_all_and_files_elsewhere_are_open(folder: Path, tmp_path: Path) -> None:
    path = brought(folder, ANN)
    assert may_open(str(path), folder, "")
    assert may_open(str(tmp_path / "elsewhere.root:tree"), folder, BEN)


@pytest.mark.parametrize("path", ["", "{name}:tree", "../uploads/{name}", "..", "{name}.owners/" + ANN + ".json"])
def test_no_other_way_of_writing_a_path_opens_anothers_upload(folder: Path, path: str) -> None:
    name = brought(folder, ANN).name
    assert not may_open(str(folder / path.format(name=name)), folder, BEN)


def test_a_symbolic_link_opens_no_upload(folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.csv"
    link.symlink_to(brought(folder, ANN))
    assert not may_open(str(link), folder, BEN)


def test_a_file_that_was_deleted_meanwhile_is_said(folder: Path) -> None:
    path = brought(folder, ANN)
    path.unlink()
    with pytest.raises(DataError, match="deleted in the meantime"):
        claim_upload(path, "events.csv", BEN)
    assert uploads(folder, BEN) == []


def test_a_record_that_is_broken_is_nobodys(folder: Path) -> None:
    path = brought(folder, ANN)
    (record,) = folder.glob("*.owners/*.json")
    record.write_text("{")
    assert uploads(folder, ANN) == []
    assert not may_open(str(path), folder, ANN)


@pytest.mark.parametrize("owner", ["../ann", "operator", "A", "a" * 65])
def test_a_key_that_could_be_a_path_is_refused(folder: Path, owner: str) -> None:
    path = keep_upload(CONTENT, "events.csv", folder)
    with pytest.raises(DataError, match="hexadecimal"):
        claim_upload(path, "events.csv", owner)
