"""Results to draw, and every figure drawn from them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import pytest

from core.evaluation.evaluate import Evaluation, evaluate
from core.events.histograms import class_histogram
from core.events.table import Column, EventTable
from core.figures import style
from core.figures.efficiency import efficiency_figure
from core.figures.front import FrontCurve, front_figure
from core.figures.geometry import dendrogram_figure, map_figure
from core.figures.histograms import histogram_figure
from core.figures.losses import losses_figure
from core.figures.matrix import difference_figure, matrix_figure
from core.figures.pair import density_figure, entropy_figure, pointwise_figure
from core.figures.pair_profile import profile_figure, scatter_figure
from core.figures.ranking import path_figure, scoreboard_figure
from core.figures.roc import roc_figure
from core.figures.runs import RunPoint, runs_figure
from core.figures.spectrum import spectrum_figure
from core.information.difference import information_difference
from core.information.geometry import geometry
from core.information.matrix import InformationMatrix, information_matrix
from core.information.pointwise import PairMap, pair_map
from core.information.profile import profile, sample_pair
from core.information.ranking import JointInformation, greedy, scoreboard
from core.information.relevance import relevance
from core.results import Estimate

MASS = Column("mass", "m_J", "GeV")
PAIR, NAMES, CLASSES = ("mass", "leaking"), ("leaking", "clean", "noise", "mass"), ("signal", "background")
TOGETHER = JointInformation(("leaking",), 0.2, 0.01, 0.693, 3000)
FRONT = FrontCurve(
    "DisCo", (1.0, 9.0), (Estimate(0.85, 0.01),) * 2, (Estimate(5.0, 1.0), Estimate(30.0, 4.0)), (70.0, 90.0)
)
Draw = Callable[..., go.Figure]


@pytest.fixture(autouse=True, scope="package")
def validated() -> Iterator[None]:
    """Let plotly check each property of the figures of these tests, as pages do not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(style, "VALIDATED", True)
        yield


def new_rng() -> np.random.Generator:
    return np.random.default_rng(1)


@dataclass(frozen=True)
class Results:
    """Hold one of each result that figures draw."""

    table: EventTable
    evaluation: Evaluation
    sculpting: Evaluation
    matrix: InformationMatrix
    pair: PairMap
    history: list[dict[str, float]]
    points: list[RunPoint]


@pytest.fixture(scope="package")
def results(toy_table: Callable[..., EventTable]) -> Results:
    table, rng = toy_table(3000), np.random.default_rng(7)
    independent = table["clean"] + rng.normal(size=table.n_events)
    evaluations = [
        evaluate(np.asarray(score, float), table, rng=np.random.default_rng(1), replicas=5)
        for score in (independent, table["leaking"])
    ]
    history = [
        {
            "classification": 0.5 - 0.01 * epoch,
            "validation_classification": 0.51 - 0.01 * epoch,
            "dependence": 0.01 / epoch,
            "validation_dependence": 0.02 / epoch,
            "lam": 10.0 * max(epoch - 2, 0),
            "validation_auc": 0.8,
        }
        for epoch in range(1, 7)
    ]
    points = [RunPoint(f"run{i}", f"DisCo {i}", "DisCo", e.headline()) for i, e in enumerate(evaluations)]
    names = ["leaking", "clean", "noise", "mass", "label"]
    return Results(
        table=table,
        evaluation=evaluations[0],
        sculpting=evaluations[1],
        matrix=information_matrix(table, names, bins=8),
        pair=pair_map(table, "mass", "leaking", bins=8),
        history=history,
        points=points,
    )


@pytest.fixture(scope="package")
def every_figure(results: Results) -> dict[str, Draw]:
    """Name every figure function with its result filled in; each takes ``mode``."""
    r = results
    return {
        "histogram": lambda mode: histogram_figure(class_histogram(r.table, "mass"), mode),
        "matrix": lambda mode: matrix_figure(r.matrix, "mi", mode),
        "density": lambda mode: density_figure(r.pair, mode),
        "pointwise": lambda mode: pointwise_figure(r.pair, mode),
        "scatter": lambda mode: scatter_figure(sample_pair(r.table, *PAIR, rng=new_rng()), r.pair, mode),
        "profile": lambda mode: profile_figure(profile(r.table, *PAIR), mode),
        "difference": lambda mode: difference_figure(
            information_difference(*(information_matrix(r.table, NAMES, event_class=c, bins=8) for c in CLASSES)),
            "mi",
            mode,
        ),
        "scoreboard": lambda mode: scoreboard_figure(
            scoreboard(r.table, NAMES, bins=8), relevance(r.table, NAMES[:3], "mass", bins=8), mode
        ),
        "path": lambda mode: path_figure(
            greedy(scoreboard(r.table, NAMES, bins=8), "jmi", 1), {1: TOGETHER}, TOGETHER, "jmi", mode
        ),
        "map": lambda mode: map_figure(geometry(r.table, NAMES, bins=8), None, mode),
        "dendrogram": lambda mode: dendrogram_figure(geometry(r.table, NAMES, bins=8), mode),
        "front": lambda mode: front_figure([FRONT], (0.8, 20.0), mode, "3,000 events"),
        "entropy": lambda mode: entropy_figure(r.pair, mode),
        "spectrum": lambda mode: spectrum_figure(r.evaluation, MASS, r.sculpting, mode),
        "efficiency": lambda mode: efficiency_figure(r.evaluation, MASS, mode),
        "roc": lambda mode: roc_figure({"DisCo": r.evaluation, "baseline": r.sculpting}, "baseline", mode),
        "losses": lambda mode: losses_figure(range(1, 7), r.history, 10, mode=mode),
        "runs": lambda mode: runs_figure(r.points, mode),
    }
