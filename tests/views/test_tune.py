"""Tune: a trained slider is moved and asked for a target; nothing breaks on the way."""

import math
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.jobs import sliders
from core.jobs.datasets import remember
from core.jobs.runner import check_request
from core.jobs.work import work_through
from core.numbers import format_number
from core.settings import settings
from core.store.request import RunRequest
from core.store.store import Run, RunStore
from tests.views.driving import figures_of, texts, worked_through
from views.parts.data.roles import guessed_dataset
from views.parts.runs.choosing import slide_view
from views.parts.training.sliding import CAME_FROM, FROM, THIS_RUN

APP = str(Path(__file__).parents[2] / "app.py")


def trained_slider(toy_file: Path) -> Run:
    config = {"lam_min": 0.1, "lam_max": 100.0, "epochs": 4, "batch_size": 256, "hidden": ["16"]}
    request = RunRequest(task="slide", method="disco", dataset=guessed_dataset(str(toy_file)), config=config)
    store = RunStore(settings().database_url)
    run = store.add(request, check_request(request))
    store.claim(run.id)
    work_through(store, store.get(run.id), settings().runs / run.id)
    return store.get(run.id)


def opened(toy_file: Path, **link: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60).switch_page("views/tune.py")
    app.query_params["data"] = remember(guessed_dataset(str(toy_file)), settings().datasets)
    for name, value in link.items():
        app.query_params[name] = value
    return app.run()


def metric(app: AppTest, label: str) -> str:
    return str(next(each.value for each in app.metric if each.label.startswith(label)))


def test_without_a_slider_the_page_says_what_to_do(toy_file: Path) -> None:
    app = opened(toy_file)
    assert not app.exception
    assert "Train one network for all λ at once" in app.info[0].value
    assert any(button.label == "Train the slider" for button in app.button)


def test_moving_lambda_and_the_cut_changes_the_numbers(toy_file: Path) -> None:
    run = trained_slider(toy_file)
    assert run.status == "done", run.error
    app = opened(toy_file)
    assert not app.exception
    slider = app.select_slider[0]
    assert (slider.options[0], slider.options[-1]) == ("0.1", "100")
    left = app.select_slider[0].set_value(0.1).run()
    first = metric(left, "AUC")
    right = left.select_slider[0].set_value(100.0).run()
    assert not right.exception
    assert metric(right, "AUC") != first
    tighter = right.slider[0].set_value(20).run()
    assert not tighter.exception
    assert any(each.label.startswith("Rejection at ε = 20 %") for each in tighter.metric)
    assert f"apply {run.id} FILE --lam 100" in tighter.code[-1].value
    again = opened(toy_file, lam="100", efficiency="20")  # as the link says by now
    assert [metric(again, "AUC"), metric(again, "Rejection")] == [metric(tighter, "AUC"), metric(tighter, "Rejection")]
    assert texts(opened(toy_file, lam="5000", efficiency="999").warning).count("the default is shown") == 2


def test_a_rounded_lambda_of_the_link_is_the_nearest_stop(toy_file: Path) -> None:
    trained_slider(toy_file)
    stops = [float(each) for each in opened(toy_file).select_slider[0].options]
    for asked in (f"{stops[20] * 1.02:.3g}", f"{stops[20]:.2g}"):
        app = opened(toy_file, lam=asked)
        assert not [each.value for each in app.warning if "The link asks for" in each.value]
        assert app.select_slider[0].value == pytest.approx(stops[20], rel=5e-3)
    assert "The link asks for lam" in texts(opened(toy_file, lam="102").warning)
    assert "The link asks for lam" in texts(opened(toy_file, lam="much").warning)


def test_the_target_is_forgotten_once_the_slider_is_moved(toy_file: Path) -> None:
    trained_slider(toy_file)

    def target(app: AppTest) -> object:
        return next(each for each in app.number_input if each.label.startswith("Reach 1/JSD"))

    app = opened(toy_file)
    reached = target(app).set_value(0.001).run()  # type: ignore[attr-defined]
    assert (target(reached).value, target(reached).proto.format) == (0.001, "%g")  # type: ignore[attr-defined]
    moved = reached.select_slider[0].set_value(100.0).run()
    assert not moved.exception
    assert target(moved).value is None  # type: ignore[attr-defined]


def test_events_that_cannot_be_trained_on_are_refused_beside_the_button(toy_file: Path) -> None:
    spec = guessed_dataset(str(toy_file))
    bare = spec.model_copy(update={"roles": spec.roles.model_copy(update={"protected": ()})})
    app = AppTest.from_file(APP, default_timeout=60).switch_page("views/tune.py")
    app.query_params["data"] = remember(bare, settings().datasets)
    app.run()
    assert "No protected variable" in texts(app.error)
    assert next(button for button in app.button if button.label == "Train the slider").disabled


def test_the_slider_begins_at_the_run_that_led_to_it_unless_the_link_says_where(toy_file: Path) -> None:
    trained_slider(toy_file)

    def came(**link: str) -> float:
        app = AppTest.from_file(APP, default_timeout=60)
        app.query_params["data"] = remember(guessed_dataset(str(toy_file)), settings().datasets)
        for name, value in link.items():
            app.query_params[name] = value
        app.session_state[CAME_FROM] = 31.0
        app.run()
        return float(app.switch_page("views/tune.py").run().select_slider[0].value)

    stops = opened(toy_file).select_slider[0].options
    assert f"{came():.3g}" == min(stops, key=lambda stop: abs(math.log(float(stop) / 31)))
    assert came(lam="100") == 100


def test_every_number_at_a_lambda_has_an_error_of_its_own(toy_file: Path) -> None:
    trained_slider(toy_file)
    for app in (opened(toy_file, lam="0.1"), opened(toy_file, lam="0.1", efficiency="20")):
        shown = [metric(app, label) for label in ("Rejection", "AUC", "1/JSD")]
        assert all("±" in each for each in shown), shown
    assert metric(opened(toy_file, lam="100"), "1/JSD") != shown[2]


def test_the_front_marks_the_run_one_came_from_and_no_run_of_other_events(toy_file: Path) -> None:
    slider = trained_slider(toy_file)
    config = {"lam": 5.0, "epochs": 2, "batch_size": 256, "hidden": ["16"]}
    here, selected = slider.request.dataset, slider.request.dataset.model_copy(update={"selection": "noise > 0"})
    run, other = (worked_through(RunRequest(method="disco", dataset=each, config=config)) for each in (here, selected))

    def marks(run_id: str) -> list[dict[str, object]]:
        front = next(
            each
            for each in figures_of(opened(toy_file, **{FROM: run_id}))
            if "Separation against sculpting" in each["layout"]["title"]["text"]
        )
        names = [trace["name"] for trace in front["data"]]
        assert "you are here" in names
        return [trace for trace in front["data"] if trace["name"] == THIS_RUN]

    (mark,) = marks(run.id)
    away = opened(toy_file, **{FROM: run.id}).switch_page("views/runs.py").run()
    del away.query_params[FROM]
    back = away.switch_page("views/tune.py").run()  # by the sidebar, whose links do not say where one came from
    assert THIS_RUN in [trace.get("name") for each in figures_of(back) for trace in each["data"]]
    assert mark["x"] == [run.headline["auc"]]
    assert f"AUC {format_number(run.headline['auc'], run.headline['auc_error'])}" in mark["text"][0]
    assert "λ = 5.00" in mark["text"][0]
    assert marks(other.id) == marks(slider.id) == []


def test_a_target_beyond_the_slider_is_said_and_one_within_moves_it(toy_file: Path) -> None:
    trained_slider(toy_file)
    app = opened(toy_file)
    reach = next(each for each in app.number_input if each.label.startswith("Reach 1/JSD"))
    refused = reach.set_value(1e9).run()
    assert not refused.exception
    assert any("beyond this slider" in each.value for each in refused.warning)
    reach = next(each for each in refused.number_input if each.label.startswith("Reach 1/JSD"))
    reached = reach.set_value(0.001).run()
    assert not reached.exception
    assert reached.select_slider[0].value == 0.1


def test_the_page_says_in_words_how_flat_the_lambda_shown_is(toy_file: Path) -> None:
    run = trained_slider(toy_file)
    view = slide_view((RunStore(settings().database_url).view(run.id) or ("", True))[0])
    app = opened(toy_file, lam="0.1")
    said = texts([*app.info, *app.success])
    assert f"1/JSD {metric(app, '1/JSD')} per nat (statistical limit of this sample" in said
    assert "for speed" not in texts(app.caption)
    flat = [lam for lam, s, bound in zip(view.lam, view.jsd_nats, view.limit_nats, strict=True) if s.value < bound]
    leads = [button for button in app.button if button.label.startswith("Flat at λ = ")]
    assert len(leads) == 1 or not flat
    if leads:
        assert "A larger λ need not be flat" in leads[0].help
        there = leads[0].click().run()
        assert "as flat as these events can tell" in texts(there.success)


def test_card_front_and_flat_lambda_are_judged_on_the_same_events_where_the_page_takes_fewer(
    toy_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trained_slider(toy_file)
    view = slide_view((RunStore(settings().database_url).view(run.id) or ("", True))[0])
    monkeypatch.setattr(sliders, "MOST_EVENTS", 200)
    app = opened(toy_file, lam="100")
    assert not app.exception
    front = next(each for each in figures_of(app) if "Separation against" in each["layout"]["title"]["text"])
    line, mark = (next(each for each in front["data"] if name in each["name"]) for name in ("slider", "you are here"))
    assert (line["x"][-1], line["y"][-1]) == (pytest.approx(mark["x"][0]), pytest.approx(mark["y"][0]))
    assert line["y"][-1] != 1 / view.jsd_nats[-1].value
    said = f"of the {view.evaluation.n_events} held out, for speed"
    assert said in texts(app.caption)
    assert said in " ".join(
        front["layout"]["title"]["subtitle"]["text"].replace("\u00a0", " ").replace("<br>", " ").split()
    )


def test_a_link_to_another_run_shows_the_newest_slider(toy_file: Path) -> None:
    run = trained_slider(toy_file)
    app = opened(toy_file, run="no-such-run")
    assert not app.exception
    assert any(run.id in each.value for each in app.markdown)
