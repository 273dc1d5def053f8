"""How the tests of pages open a page, read it and press its buttons."""

import json
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Multiselect

from core.events.spec import DatasetSpec
from core.jobs.datasets import remember
from core.jobs.runner import check_request
from core.jobs.work import work_through
from core.settings import settings
from core.store.request import RunRequest
from core.store.store import Run, RunStore

APP = str(Path(__file__).parents[2] / "app.py")


def stored() -> RunStore:
    """Return the run store of the test."""
    return RunStore(settings().database_url)


def opened_at(page: str, spec: DatasetSpec | None = None, **link: str) -> AppTest:
    """Open a page with a data set and further parts of a link."""
    app = AppTest.from_file(APP, default_timeout=120).switch_page(page)
    if spec is not None:
        link["data"] = remember(spec, settings().datasets)
    for name, value in link.items():
        app.query_params[name] = value
    return app.run()


def figures_of(app: AppTest) -> list[dict[str, Any]]:
    """Return data and layout of every figure of a page."""
    sent = [json.loads(each.proto.json) for each in app.get("bidi_component") if each.proto.json]
    return [json.loads(each["json"]) for each in sent if "clickable" in each]


def tables_opened(app: AppTest) -> AppTest:
    """Open the tables that a page makes when they are opened."""
    for key in ("ranking-table", "divergence-table", "geometry-table"):
        app.session_state[f"open-{key}"] = True
    return app.run()


def texts(elements: object) -> str:
    """Return what elements of a page say, with plain spaces where no line may break."""
    return " ".join(element.value for element in elements).replace("\u00a0", " ")  # type: ignore[attr-defined]


def protected(app: AppTest) -> Multiselect:
    """Return the menu of the protected variables."""
    return next(each for each in app.multiselect if each.label == "Protected variables")


def press(app: AppTest, label: str) -> AppTest:
    """Press the button of that label."""
    return next(button for button in app.button if button.label == label).click().run()


def worked_through(request: RunRequest) -> Run:
    """Queue a request and train it to its end, as a worker does."""
    store = stored()
    run = store.add(request, check_request(request))
    store.claim(run.id)
    work_through(store, store.get(run.id), settings().runs / run.id)
    return store.get(run.id)


def finished_run(spec: DatasetSpec, method: str = "baseline", **config: object) -> str:
    """Train a small classifier to its end and return the name of its run."""
    options = {"epochs": 2, "hidden": [8], **config}
    return worked_through(RunRequest(method=method, dataset=spec, config=options)).id


def require_pages_cope(pages: tuple[str, ...], runs: tuple[Run, Run], spec: DatasetSpec, title: str) -> None:
    """Open pages with the link of a run that is not theirs, or to compare two; the page Runs names it by its title."""
    for page in pages:
        link = {"runs": ",".join(run.id for run in runs)} if page == "compare" else {"run": runs[0].id}
        app = opened_at(f"views/{page}.py", spec, **link)
        assert not app.exception, page
        assert not app.error, page
        if page == "runs":
            assert title in app.dataframe[0].value["method"].tolist()
