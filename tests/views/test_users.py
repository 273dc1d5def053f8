"""Several users of one server: nobody gets in unasked, and uploads and runs are each user's own until published."""

import ast
import pickle
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.events.spec import DatasetSpec
from core.events.uploads import keep_upload
from core.jobs.runner import check_request
from core.jobs.uploads import claim_upload, delete_upload, publish, uploads
from core.jobs.work import work_through
from core.settings import settings
from core.store.request import RunRequest
from core.store.run import Run
from tests.views.driving import APP, press, stored, texts
from views.parts import cached
from views.parts.charts import charts
from views.parts.data import uploads as uploads_part
from views.parts.data.roles import guessed_dataset
from views.parts.frame import users
from views.parts.frame.owners import name_of
from views.parts.frame.users import User

ANN = {"is_logged_in": True, "iss": "https://id.example.org", "sub": "ann", "name": "Ann [Smith]"}
BEN = {"is_logged_in": True, "iss": "https://id.example.org", "sub": "ben", "name": "Ben"}


def unexamined(*_: object) -> None:
    """Stand for the look at an upload, in a process of its own, that other tests are about."""


@pytest.fixture(autouse=True)
def quick_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw no sample cards, start no process for an upload."""
    monkeypatch.setattr(cached, "samples", tuple)
    monkeypatch.setattr(uploads_part, "keep_upload", partial(keep_upload, examine=unexamined))


def key_of(claims: dict[str, Any]) -> str:
    return users.key_of(f"{claims['iss']} {claims['sub']}")


def opened(claims: dict[str, Any], page: str = "views/data.py", **link: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.user = claims
    for name, value in link.items():
        app.query_params[name] = value
    app.run()
    if page == "views/data.py":
        return app
    app.switch_page(page)
    for name, value in link.items():
        app.query_params[name] = value
    return app.run()


def upload_of(file: Path, claims: dict[str, Any]) -> DatasetSpec:
    """Keep a file as a user's upload."""
    path = keep_upload(file.read_bytes(), file.name, settings().uploads, examine=unexamined)
    claim_upload(path, file.name, key_of(claims))
    return guessed_dataset(str(path), file.name)


def run_of(spec: DatasetSpec, claims: dict[str, Any]) -> Run:
    request = RunRequest(method="baseline", dataset=spec, config={"epochs": 2, "hidden": [8]})
    return stored().add(request, check_request(request), owner=key_of(claims))


@pytest.mark.parametrize("page", ["views/data.py", "views/information.py", "views/runs.py"])
def test_nobody_sees_a_page_before_signing_in(page: str) -> None:
    app = opened({"is_logged_in": False}, page)
    assert [title.value for title in app.title] == ["Infoscope"]
    assert not app.file_uploader
    assert not app.sidebar.caption


@pytest.mark.parametrize("page", sorted(path.name for path in (Path(APP).parent / "views").glob("*.py")))
def test_a_page_that_is_opened_past_the_front_door_starts_over_there(page: str) -> None:
    """Right after a start of the server Streamlit answers a link by the file of the page alone."""
    body = ast.parse((Path(APP).parent / "views" / page).read_text()).body
    done = [
        ast.unparse(node.value.func)
        for node in body
        if isinstance(node, ast.Expr | ast.Assign)
        if isinstance(node.value, ast.Call)
    ]
    assert set(done[: done.index("page_title")]) <= {"st.html"}


def test_secrets_that_cannot_be_read_let_nobody_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "secrets.toml"
    broken.write_text("[auth\n")
    monkeypatch.setattr(users.st, "get_option", lambda name: [str(broken)] if name == "secrets.files" else None)
    monkeypatch.setattr(users.st.secrets, "load_if_toml_exists", lambda: False)
    assert not users.signed_in()
    broken.unlink()
    assert users.signed_in()


def test_the_name_is_shown_and_the_key_is_not(toy_file: Path) -> None:
    upload_of(toy_file, ANN)
    app = opened(ANN)
    assert not app.exception
    assert "Ann \\[Smith\\]" in texts(app.sidebar.markdown)
    assert name_of(key_of(ANN)) == ANN["name"]
    assert key_of(ANN) not in str(app.main) + str(app.sidebar)
    assert key_of(ANN) != key_of({**ANN, "iss": "https://other.example.org"})


def test_an_upload_is_its_users_until_it_is_published(toy_file: Path) -> None:
    ann, ben = opened(ANN), opened(BEN)
    ann.file_uploader[0].upload("toy.parquet", toy_file.read_bytes()).run()
    assert not ann.exception
    assert "toy.parquet" in texts(ann.main.markdown)
    assert "toy.parquet" not in texts(ben.run().main.markdown)
    next(toggle for toggle in ann.toggle if toggle.label == "Published").set_value(True).run()
    assert not ann.exception
    assert "published by another user" in texts(ben.run().main.markdown)
    assert [button.label for button in ben.button if button.label in ("Open", "Delete for good")] == ["Open", "Open"]
    next(toggle for toggle in ann.toggle if toggle.label == "Published").set_value(False).run()
    assert "toy.parquet" not in texts(ben.run().main.markdown)


def test_a_field_is_empty_again_once_its_file_is_taken_or_refused(toy_file: Path) -> None:
    """A file that stayed in the field would stay in the server's memory for as long as the page is open."""
    app = opened(ANN)
    app.file_uploader[0].upload("bad.parquet", b"these are no events").run()
    assert "not Parquet" in texts(app.error)
    assert app.run().file_uploader[0].value is None
    app.file_uploader[0].upload("toy.parquet", toy_file.read_bytes()).run()
    assert app.file_uploader[0].value is None
    assert app.session_state["data"].name == "toy.parquet"


def test_ones_upload_is_deleted_and_let_go_of(toy_file: Path) -> None:
    spec = upload_of(toy_file, ANN)
    app = opened(ANN)
    next(b for b in app.button if str(b.key).startswith("open-")).click().run()
    assert app.session_state["data"].path == spec.path
    press(app, "Delete for good")
    assert not app.exception
    assert "data" not in app.session_state
    assert not Path(spec.path).exists()


def test_a_link_opens_an_upload_for_whom_it_is_given(toy_file: Path) -> None:
    upload_of(toy_file, ANN)
    ann = opened(ANN)
    next(b for b in ann.button if str(b.key).startswith("open-")).click().run()
    (link,) = [ann.query_params["data"]]
    ben = opened(BEN, data=link[0] if isinstance(link, list) else link)
    assert "toy.parquet" in texts(ben.sidebar.markdown)


def test_the_path_of_anothers_upload_opens_nothing(toy_file: Path) -> None:
    spec = upload_of(toy_file, ANN)
    app = opened(BEN)
    app.text_input[0].set_value(spec.path)
    next(button for button in app.button if button.label == "Open").click().run()
    assert "ask them to publish it" in texts(app.error)
    assert "data" not in app.session_state


def test_runs_are_ones_own_unless_all_are_asked_for(toy_file: Path, shared_file: DatasetSpec) -> None:
    private, common = run_of(upload_of(toy_file, ANN), ANN), run_of(shared_file, ANN)
    own = run_of(shared_file, BEN)
    app = opened(BEN, "views/runs.py")
    assert app.dataframe[0].value["run"].tolist() == [own.id]
    app.toggle(key="all-runs").set_value(True).run()
    assert not app.exception
    table = app.dataframe[0].value
    assert dict(zip(table["run"], table["owner"], strict=True)) == {own.id: "you", common.id: "another user"}
    assert private.id not in table["run"].tolist()
    publish(uploads(settings().uploads, key_of(ANN))[0], published=True)
    assert private.id in app.run().dataframe[0].value["run"].tolist()


def test_a_run_on_two_files_is_seen_by_those_who_may_open_both(toy_file: Path, shared_file: DatasetSpec) -> None:
    private = upload_of(toy_file, ANN)
    pair = shared_file.model_copy(update={"background": private.path})
    kept = run_of(pair, ANN)
    app = opened(BEN, "views/runs.py")
    app.toggle(key="all-runs").set_value(True).run()
    assert kept.id not in str([each.value for each in app.dataframe])
    publish(uploads(settings().uploads, key_of(ANN))[0], published=True)
    assert kept.id in app.run().dataframe[0].value["run"].tolist()


def test_anothers_run_on_private_events_cannot_be_opened(toy_file: Path) -> None:
    run = run_of(upload_of(toy_file, ANN), ANN)
    app = opened(BEN, "views/unlearn.py", run=run.id)
    assert not app.exception
    assert "another user's" in texts(app.warning)
    assert "toy.parquet" not in texts(app.sidebar.markdown)


def test_only_its_owner_stops_or_deletes_a_run(shared_file: DatasetSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_of(shared_file, ANN)
    selected = SimpleNamespace(selection=SimpleNamespace(rows=[0]))
    monkeypatch.setattr(charts, "table", lambda *_, **__: selected)
    for claims, disabled in ((BEN, True), (ANN, False)):
        app = opened(claims, "views/runs.py")
        if claims is BEN:
            app.toggle(key="all-runs").set_value(True).run()
        assert not app.exception
        found = {button.label: button.disabled for button in app.button if button.key in ("end-runs", "delete-runs")}
        assert found == {"Stop": disabled, "Delete": disabled}
    press(app, "Delete")
    assert stored().runs() == []
    press(app, "Undo")
    assert [each.id for each in stored().runs()] == [run.id]


def test_a_run_whose_upload_was_deleted_says_so(toy_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = upload_of(toy_file, ANN)
    run = run_of(spec, ANN)
    stored().claim(run.id)
    work_through(stored(), stored().get(run.id), settings().runs / run.id)
    delete_upload(uploads(settings().uploads, key_of(ANN))[0])
    monkeypatch.setattr(charts, "table", lambda *_, **__: SimpleNamespace(selection=SimpleNamespace(rows=[0])))
    app = opened(ANN, "views/runs.py")
    assert not app.exception
    assert "There is no file" in texts(app.error)
    assert run.id in texts(app.markdown)


def test_a_run_is_its_askers(shared_file: DatasetSpec, toy_file: Path) -> None:
    ann = opened(ANN, "views/unlearn.py")
    ann.session_state["data"] = shared_file
    ann.run()
    next(box for box in ann.number_input if box.label == "Epochs").set_value(1)
    press(ann.run(), "Train")
    assert not ann.exception
    runs = stored().runs()
    for run in runs:
        stored().stop(run.id)
    assert {run.owner for run in runs} == {key_of(ANN)}


def test_one_person_alone_owns_everything(shared_file: DatasetSpec) -> None:
    assert users.user() == User("")
    run_of(shared_file, ANN)
    app = AppTest.from_file(APP, default_timeout=60).run()
    app.switch_page("views/runs.py").run()
    assert len(app.dataframe[0].value) == 1
    assert not [toggle for toggle in app.toggle if toggle.key == "all-runs"]


@pytest.mark.parametrize(
    ("address", "headers", "alone"),
    [
        ("localhost", {"Host": "localhost:8501"}, True),
        ("127.0.0.1", {"Host": "127.0.0.1:8501"}, True),
        ("0.0.0.0", {"Host": "localhost:8501"}, False),
        ("", {"Host": "localhost:8501"}, False),
        ("localhost", {"Host": "infoscope.example.org"}, False),
        ("localhost", {"Host": "localhost.example.org"}, False),
        ("localhost", {"Host": "localhost:8501", "x-forwarded-for": "192.0.2.7"}, False),
    ],
)
def test_only_a_server_that_this_machine_alone_reaches_has_one_user(
    address: str, headers: dict[str, str], alone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(users.st, "get_option", lambda _: address)
    monkeypatch.setattr(type(st.context), "headers", headers)
    assert users._is_alone() is alone
    monkeypatch.setenv("INFOSCOPE_USERS", "one")
    assert users._is_alone()
    monkeypatch.setenv("INFOSCOPE_USERS", "browsers")
    assert not users._is_alone()


def test_a_server_for_others_tells_browsers_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFOSCOPE_USERS", "browsers")
    monkeypatch.setattr(type(st.context), "cookies", {})
    apps = [AppTest.from_file(APP, default_timeout=60).run() for _ in range(2)]
    tokens = {app.session_state[users.COOKIE] for app in apps}
    assert len(tokens) == 2
    for app in apps:
        (script,) = [each.proto.body for each in app.get("html") if users.COOKIE in each.proto.body]
        assert app.session_state[users.COOKIE] in script
        assert "SameSite=Strict" in script


def test_what_a_session_holds_is_small(shared_file: DatasetSpec) -> None:
    """Events and results lie in caches that all sessions share and that know their bounds."""
    app = opened(ANN)
    app.session_state["data"] = shared_file
    for page in ("information", "pair", "unlearn", "runs", "data"):
        assert not app.switch_page(f"views/{page}.py").run().exception
    held = {name: dict(each) if isinstance(each, dict) else each for name, each in app.session_state.items()}
    assert len(pickle.dumps(held)) < 50_000


@pytest.fixture
def shared_file(toy_file: Path, monkeypatch: pytest.MonkeyPatch) -> DatasetSpec:
    """Put the toy sample below the folder that all may read."""
    folder = toy_file.parent / "shared"
    folder.mkdir()
    path = folder / "common.parquet"
    path.write_bytes(toy_file.read_bytes())
    monkeypatch.setenv("INFOSCOPE_DATA_ROOT", str(folder))
    return guessed_dataset(str(path))


def test_the_dashboard_binds_to_this_machine_unless_told_otherwise() -> None:
    assert st.get_option("server.address") == "localhost"
