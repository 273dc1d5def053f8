"""Runs of other users on the pages that are not about users: nobody stops them, and private ones are not seen."""

import pytest
from streamlit.testing.v1 import AppTest

from core.events.samples import sample_path
from core.events.spec import DatasetSpec
from core.events.uploads import keep_upload
from core.jobs.datasets import remember
from core.jobs.runner import check_request
from core.jobs.uploads import claim_upload
from core.settings import settings
from core.store.request import RunRequest
from core.store.run import Run
from core.store.store import RunStore, StoreError
from tests.views.driving import APP, stored, texts
from views.parts.data.roles import guessed_dataset
from views.parts.frame.users import key_of

ANN = {"is_logged_in": True, "iss": "here", "sub": "ann", "name": "Ann"}
BEN = {"is_logged_in": True, "iss": "here", "sub": "ben", "name": "Ben"}


@pytest.fixture
def sample() -> DatasetSpec:
    return guessed_dataset(str(sample_path("dimuon")))


def run_of(spec: DatasetSpec, scan: str = "") -> Run:
    request = RunRequest(method="baseline", dataset=spec, config={"epochs": 2, "hidden": [8]}, scan=scan)
    run = stored().add(request, check_request(request), owner=key_of("here ann"))
    stored().claim(run.id)
    return run


def opened(claims: dict[str, object], page: str, spec: DatasetSpec, **link: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60).switch_page(page)
    app.user = claims
    for name, value in {"data": remember(spec, settings().datasets), **link}.items():
        app.query_params[name] = value
    return app.run()


def test_nobody_stops_anothers_run_on_the_page_that_trains(sample: DatasetSpec) -> None:
    run = run_of(sample)
    for claims, off in ((BEN, True), (ANN, False)):
        app = opened(claims, "views/unlearn.py", sample, run=run.id)
        assert not app.exception
        assert app.button(key=f"stop-{run.id}").disabled is off


def test_nobody_stops_anothers_scan(sample: DatasetSpec) -> None:
    run_of(sample, scan="scan-1")
    for claims, off in ((BEN, True), (ANN, False)):
        app = opened(claims, "views/scan.py", sample)
        assert not app.exception
        assert app.button(key="stop-scan").disabled is off


def test_a_private_run_is_neither_offered_nor_compared(sample: DatasetSpec) -> None:
    path = keep_upload(b"x,y,label\n1,2,0\n3,4,1\n", "mine.csv", settings().uploads, examine=lambda *_: None)
    claim_upload(path, "mine.csv", key_of("here ann"))
    private, common = run_of(guessed_dataset(str(path))), run_of(sample)
    for run in (private, common):
        stored().finish(run.id, "stopped", headline={"auc": 0.8})
    app = opened(BEN, "views/compare.py", sample, runs=private.id)
    assert not app.exception
    assert "another user's" in texts(app.warning)
    (menu,) = app.multiselect
    assert len(menu.options) == 1
    assert common.id in menu.options[0]


def test_what_only_the_owner_may_do_is_said_beneath_the_buttons(sample: DatasetSpec) -> None:
    run = run_of(sample)
    for claims, is_others in ((BEN, True), (ANN, False)):
        app = opened(claims, "views/runs.py", sample, selected=run.id, **{"all-runs": "yes"})
        assert not app.exception
        assert app.button(key="delete-runs").disabled is app.button(key="end-runs").disabled is is_others
        assert (f"{run.id}: another user's. Only its owner" in texts(app.caption)) is is_others


def test_a_deletion_that_the_store_denies_is_said_and_leaves_the_run(
    sample: DatasetSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_of(sample)

    def deny(_store: RunStore, _run_id: str) -> None:
        raise StoreError("the run store cannot be written: the disk is full")

    monkeypatch.setattr(RunStore, "delete", deny)
    app = opened(ANN, "views/runs.py", sample, selected=run.id)
    app.button(key="delete-runs").click().run()
    assert not app.exception and "The run store cannot be written" in texts(app.error)
    assert "Deleted" not in texts(app.info)
    assert app.dataframe[0].value["run"].tolist() == [run.id]
