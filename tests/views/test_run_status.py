"""The line of a run: where it stands, in sentences, red for failures alone; whose it is; Stop, Continue, Train anew."""

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.jobs.runner import check_request
from core.jobs.work import KEYBOARD, UNJUDGED
from core.store.claims import ENDED
from core.store.request import RunRequest
from core.store.run import Run
from tests.views.driving import finished_run, opened_at, press, stored, texts
from tests.views.test_others_runs import ANN, BEN, opened, sample
from views.parts.data.roles import guessed_dataset
from views.parts.frame.users import key_of
from views.parts.training import monitor

__all__ = ["sample"]


def added(file: Path, method: str = "disco", *, claimed: bool = True, **options: object) -> Run:
    config = {"epochs": 2, "hidden": [8], **options}
    request = RunRequest(method=method, dataset=guessed_dataset(str(file)), config=config)
    run = stored().add(request, check_request(request))
    if claimed:
        stored().claim(run.id)
    return run


@pytest.mark.parametrize(
    ("status", "error", "said"),
    [
        ("interrupted", UNJUDGED, "Its judging was stopped, so that there is no verdict yet."),
        ("interrupted", KEYBOARD, "It was interrupted from the keyboard."),
        ("interrupted", ENDED, "The program that trained it ended before it was done."),
        ("failed", "the loss is not finite", "This run failed: the loss is not finite"),
    ],
)
def test_how_a_run_ended_is_a_sentence_and_red_where_it_failed_alone(
    status: str, error: str, said: str, toy_file: Path
) -> None:
    run = added(toy_file)
    stored().finish(run.id, status, error=error)  # type: ignore[arg-type]
    app = opened_at("views/unlearn.py", run.request.dataset, run=run.id)
    assert not app.exception
    assert said in texts(app.error if status == "failed" else app.warning)
    assert bool(app.error) == (status == "failed")
    assert ("Continue" in {each.label for each in app.button}) == (status == "interrupted")


def test_a_click_on_the_stop_of_a_training_does_not_end_the_judging_that_began_meanwhile(toy_file: Path) -> None:
    run, store = added(toy_file), stored()
    store.record(run.id, 1, {"loss": 1.0})
    app = opened_at("views/unlearn.py", run.request.dataset, run=run.id)
    store.record(run.id, 2, {"loss": 0.5})
    store.reach(run.id, 0, 0, phase="judging")
    app.button(key=f"stop-{run.id}").click().run()
    assert not app.exception
    found = store.get(run.id)
    assert (found.stopping, found.phase) == (True, "judging")
    assert monitor._going_on(found) == "judging it on held-out events"
    app.button(key=f"stop-{run.id}").click().run()  # that of the judging, by now
    assert store.get(run.id).phase == "leaving"


def test_a_click_stops_the_baseline_of_the_same_click_unless_it_trained_to_its_end(toy_file: Path) -> None:
    run, baseline, store = added(toy_file), added(toy_file, "baseline"), stored()
    app = opened_at("views/unlearn.py", run.request.dataset, run=run.id)
    assert app.button(key=f"stop-{run.id}").help == monitor.BOTH
    for epoch in (1, 2):
        store.record(baseline.id, epoch, {"loss": 1.0})
    app.run()
    app.button(key=f"stop-{run.id}").click().run()
    assert [store.get(each.id).stopping for each in (run, baseline)] == [True, False]


def places(app: AppTest) -> dict[str, tuple[int, ...]]:
    """Return where each figure of a training stands: the indices from the page down to it."""
    found: dict[str, tuple[int, ...]] = {}

    def walk(node: Any, path: tuple[int, ...]) -> None:
        for k, child in getattr(node, "children", {}).items():
            walk(child, (*path, k))
        data = getattr(getattr(node, "proto", None), "json", "")
        if data and "clickable" in (said := json.loads(data)):
            found[said["key"]] = path

    walk(app.main, ())
    return {key: path for key, path in found.items() if not key.startswith("audit")}


def test_the_figures_stay_at_their_places_when_the_baseline_and_then_the_training_end(toy_file: Path) -> None:
    """Elsewhere in the page a figure is another one to the browser, and empty until it is drawn again."""
    ended = finished_run(guessed_dataset(str(toy_file)))
    view, _ = stored().view(ended) or ("", True)
    run, baseline, store = added(toy_file, lam=3.0), added(toy_file, "baseline"), stored()
    for each in (run, baseline):
        store.record(each.id, 1, {"loss": 1.0}, view)
    app = opened_at("views/unlearn.py", run.request.dataset, run=run.id)
    live = places(app)
    assert len(live) == 4
    store.finish(baseline.id, "done", remarks=["of note"], headline={"auc": 0.8}, result=view)
    assert places(app.run()) == live
    store.finish(run.id, "done", remarks=["of note"], headline={"auc": 0.8}, result=view)
    assert not app.run().exception
    assert "of note" in texts(app.warning).lower()
    assert places(app) == live


def test_a_run_that_was_stopped_says_that_it_cannot_go_on_and_trains_anew_by_one_click(toy_file: Path) -> None:
    run = added(toy_file, claimed=False, lam=3.0)
    stored().stop(run.id)
    app = opened_at("views/unlearn.py", run.request.dataset, run=run.id)
    assert "A stopped run cannot be continued" in texts(app.caption)
    press(app, "Train anew")
    assert not app.exception and not app.error
    anew = next(each for each in stored().runs() if each.id != run.id)
    assert anew.request == run.request and app.query_params["run"] == anew.id
    stored().stop(anew.id)


def test_a_stopped_baseline_is_called_so_and_trained_anew_beside_its_run(toy_file: Path) -> None:
    baseline, run = added(toy_file, "baseline"), added(toy_file, lam=3.0)
    for each in (baseline, run):
        stored().record(each.id, 1, {"loss": 1.0})
        stored().stop(each.id)
        stored().finish(each.id, "stopped", headline={"auc": 0.8})
    app = opened_at("views/unlearn.py", run.request.dataset, run=run.id)
    assert f"run {baseline.id}, was stopped at epoch 1 of 2" in texts(app.caption)
    press(app, "Train anew")
    assert not app.exception and not app.error
    asked = [each for each in stored().runs() if each.id not in (run.id, baseline.id)]
    assert {each.request.method for each in asked} == {"disco", "baseline"}
    for each in asked:
        stored().stop(each.id)


def test_a_baseline_of_another_user_is_called_so_and_left_to_train(sample: object) -> None:
    def ask(method: str, owner: str) -> Run:
        request = RunRequest(method=method, dataset=sample, config={"epochs": 2, "hidden": [8]})  # type: ignore[arg-type]
        run = stored().add(request, check_request(request), owner=key_of(owner))
        stored().claim(run.id)
        return run

    baseline, own = ask("baseline", "here ann"), ask("disco", "here ben")
    app = opened(BEN, "views/unlearn.py", sample, run=own.id)  # type: ignore[arg-type]
    assert f"run {baseline.id} · another user's" in " ".join(each.proto.text for each in app.main.get("progress"))
    app.button(key=f"stop-{own.id}").click().run()
    assert not app.exception
    assert [stored().get(each.id).stopping for each in (own, baseline)] == [True, False]
    stored().finish(baseline.id, "done", headline={"auc": 0.8})
    assert f"run {baseline.id}, is another user's, trained alike" in texts(app.run().caption)
    app.number_input(key="disco-epochs").set_value(2)
    app.text_input(key="disco-hidden").set_value("8").run()
    (offer,) = [box for box in app.checkbox if box.label == "Train the baseline beside it"]
    assert not offer.value and "There is one of another user" in offer.help
    app = opened(ANN, "views/unlearn.py", sample, run=baseline.id)  # type: ignore[arg-type]
    assert "another user's" not in texts(app.main.markdown)


def test_the_list_of_runs_says_how_far_a_run_is_within_its_epoch_and_that_it_is_judged(toy_file: Path) -> None:
    run, store = added(toy_file), stored()
    store.reach(run.id, 5, 10)
    app = opened_at("views/runs.py")
    assert app.dataframe[0].value["status"].tolist() == ["running · 25%"]
    store.record(run.id, 2, {"loss": 0.5})
    assert app.run().dataframe[0].value["status"].tolist() == ["judging"]
