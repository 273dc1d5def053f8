"""What a form held is there again when its page is, as long as it belongs to the same data."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.events.spec import DatasetSpec
from core.jobs.datasets import remember
from core.settings import settings
from tests.views.driving import finished_run, opened_at, press, protected, stored


def returned(app: AppTest, page: str) -> AppTest:
    """Look at another page and come back."""
    app.switch_page("views/runs.py").run()
    return app.switch_page(page).run()


def test_train_keeps_its_form(toys_of: Callable[[int], DatasetSpec]) -> None:
    """Method, λ and epochs that were chosen are there after a look at another page, and of each method its own."""
    app = opened_at("views/unlearn.py", toys_of(1500))
    app.number_input("disco-epochs").set_value(7).run()
    app.selectbox("method").set_value("flat0").run()
    app.select_slider("flat0-lam").set_value(5.0).run()
    returned(app, "views/unlearn.py")
    assert app.selectbox("method").value == "flat0"
    assert app.select_slider("flat0-lam").value == 5.0
    app.selectbox("method").set_value("disco").run()
    assert app.number_input("disco-epochs").value == 7
    assert not app.exception


def test_what_belongs_to_other_data_is_not_kept(toys_of: Callable[[int], DatasetSpec]) -> None:
    """Protected variables that were chosen come back with their data only."""
    spec = toys_of(1500)
    feature = spec.roles.features[0]
    app = opened_at("views/unlearn.py", spec)
    begun = protected(app).value
    protected(app).set_value([feature]).run()
    returned(app, "views/unlearn.py")
    assert protected(app).value == [feature]
    roles = spec.roles.model_copy(update={"features": spec.roles.features[1:]})
    app.query_params["data"] = remember(spec.model_copy(update={"roles": roles}), settings().datasets)
    returned(app, "views/unlearn.py")
    assert protected(app).value == begun
    assert not app.exception


@pytest.mark.parametrize(
    ("page", "key", "value"),
    [
        ("scan", "scan-epochs", 3),
        ("tune", "slide-seed", 4),
        ("disentangle", "disentangle-seed", 5),
        ("abcd", "abcd-seed", 6),
        ("calibration", "calibration-n", 150_000),
        ("ensembles", "sets-n", 20_000),
    ],
)
def test_other_forms_stay_too(toys_of: Callable[[int], DatasetSpec], page: str, key: str, value: int) -> None:
    """Numbers of the other pages that train are there again."""
    link = {} if page in ("calibration", "ensembles") else {"spec": toys_of(1500)}
    app = opened_at(f"views/{page}.py", **link)
    app.number_input(key).set_value(value).run()
    returned(app, f"views/{page}.py")
    assert app.number_input(key).value == value
    assert not app.exception


def test_protected_variables_stay_when_a_feature_is_ignored(toys_of: Callable[[int], DatasetSpec]) -> None:
    """What helps events that lack values makes another data set of them; it must not change what is unlearned."""
    spec = toys_of(1500)
    first, second, *_ = spec.roles.features
    app = opened_at("views/unlearn.py", spec)
    protected(app).set_value([*spec.roles.protected, first]).run()
    left = tuple(name for name in spec.roles.features if name != second)
    for other in ({"missing": {"noise": (-999.0,)}}, {"roles": spec.roles.model_copy(update={"features": left})}):
        app.query_params["data"] = remember(spec.model_copy(update=other), settings().datasets)
        returned(app, "views/unlearn.py")
        assert protected(app).value == [*spec.roles.protected, first]
        assert not app.exception


def test_a_click_that_was_overtaken_is_answered_by_the_next_run_and_once(
    toys_of: Callable[[int], DatasetSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("views.parts.frame.state.WORKERS", 0)
    app = opened_at("views/unlearn.py", toys_of(1500))
    app.session_state["begin-asked"] = app.session_state["link-visit"]  # as the callback leaves it
    app.number_input("disco-epochs").set_value(7).run()
    assert sorted(run.request.method for run in stored().runs()) == ["baseline", "disco"]
    assert {run.request.config["epochs"] for run in stored().runs()} == {7}
    opened = app.query_params["run"]
    assert stored().get(opened[0] if isinstance(opened, list) else opened).request.method == "disco"
    app.number_input("disco-epochs").set_value(8).run()
    assert len(stored().runs()) == 2


def test_a_click_is_forgotten_with_its_page(
    toys_of: Callable[[int], DatasetSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A training that begins once its page is opened again would surprise."""
    monkeypatch.setattr("views.parts.frame.state.WORKERS", 0)
    app = opened_at("views/runs.py", toys_of(1500))
    app.session_state["begin-asked"] = app.session_state["link-visit"]
    app.switch_page("views/unlearn.py").run()
    assert not stored().runs()


def test_a_click_that_brings_an_older_link_does_not_change_the_pair(toys_of: Callable[[int], DatasetSpec]) -> None:
    """Between a choice and the link that follows it, the browser's next click still tells the link from before."""
    spec = toys_of(1500)
    app = opened_at("views/pair.py", spec, x="clean", y="noise")
    app.selectbox("pair-x").set_value("mass").run()
    app.query_params["x"] = "clean"
    app.slider("bins").set_value(6).run()
    assert (app.selectbox("pair-x").value, app.selectbox("pair-y").value) == ("mass", "noise")


def test_a_click_that_brings_an_older_link_does_not_open_the_run_from_before(
    toys_of: Callable[[int], DatasetSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = toys_of(1500)
    before = finished_run(spec)
    monkeypatch.setattr("views.parts.frame.state.WORKERS", 0)
    app = opened_at("views/unlearn.py", spec, run=before)
    press(app, "Train")
    newest = stored().runs()[0].id
    app.query_params["run"] = before
    app.number_input("disco-epochs").set_value(8).run()
    opened = app.query_params["run"]
    assert (opened[0] if isinstance(opened, list) else opened) != before
    assert newest != before


def test_a_click_that_brings_the_menus_from_before_a_swap_does_not_swap_them_back(
    toys_of: Callable[[int], DatasetSpec],
) -> None:
    app = opened_at("views/pair.py", toys_of(1500), x="clean", y="noise")
    next(each for each in app.button if each.label == "Swap x and y").click().run()
    assert (app.selectbox("pair-x").value, app.selectbox("pair-y").value) == ("noise", "clean")
    app.selectbox("pair-x").set_value("clean")
    app.selectbox("pair-y").set_value("noise")
    app.slider("bins").set_value(6).run()
    assert (app.selectbox("pair-x").value, app.selectbox("pair-y").value) == ("noise", "clean")
