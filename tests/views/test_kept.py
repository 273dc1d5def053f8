"""What a form held is there again when its page is, as long as it belongs to the same data."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Multiselect

from core.events.spec import DatasetSpec
from core.jobs.datasets import remember
from core.settings import settings
from tests.views.driving import opened_at


def returned(app: AppTest, page: str) -> AppTest:
    """Look at another page and come back."""
    app.switch_page("views/runs.py").run()
    return app.switch_page(page).run()


def protected(app: AppTest) -> Multiselect:
    """Return the menu of the protected variables."""
    return next(each for each in app.multiselect if each.label == "Protected variables")


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
