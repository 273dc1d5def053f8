"""Measure accuracy and speed of the estimators of mutual information beside their peers.

python -m benchmarks.estimators --help
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_selection import mutual_info_classif, mutual_info_regression

from benchmarks.estimation_cases import CASES, Case, normal, of_shifted, shifted_by
from benchmarks.report import median_seconds, parser, publish, seconds, section
from core.errors import DataError
from core.information.estimate import estimate_mi

NEIGHBOURS = 3
SEED = 2026  # other samples than those that the choice of estimators was made on
LABELLED = 20_000
SEPARATIONS = np.linspace(0.0, 2.0, 10)
OURS = ("auto", "adaptive", "ksg1", "gaussian_copula", "mixed", "binned")
PEERS = ("npeet_plus", "infomeasure")

Method = Callable[[Case, NDArray, NDArray], float]


def by_core(name: str, case: Case, x: NDArray, y: NDArray) -> float:
    """Estimate with one of ours; NaN where it refuses."""
    try:
        return estimate_mi(x, y, name).value
    except DataError:
        return float("nan")


def by_scikit_learn(case: Case, x: NDArray, y: NDArray) -> float:
    """Estimate with scikit-learn, which takes one dimension, and is told what is a label."""
    if x.ndim > 1 or y.ndim > 1:
        return float("nan")
    if case.label:
        return float(mutual_info_classif(y[:, None], x, n_neighbors=NEIGHBOURS, random_state=0)[0])
    return float(mutual_info_regression(x[:, None], y, n_neighbors=NEIGHBOURS, random_state=0)[0])


def by_npeet_plus(case: Case, x: NDArray, y: NDArray) -> float:
    """Estimate with npeet_plus, which is told what is a label."""
    import npeet_plus

    columns = [values.reshape(len(values), -1) for values in (x, y)]
    if case.label:
        return float(npeet_plus.micd(columns[1], columns[0], k=NEIGHBOURS, base=np.e))
    return float(npeet_plus.mi(columns[0], columns[1], k=NEIGHBOURS, base=np.e))


def by_infomeasure(case: Case, x: NDArray, y: NDArray) -> float:
    """Estimate with infomeasure's neighbours, which know no labels."""
    import infomeasure

    if case.label:
        return float("nan")
    return float(infomeasure.mutual_information(x, y, approach="metric", k=NEIGHBOURS, base="e"))


def methods() -> dict[str, Method]:
    """Return our estimators and the peers that are installed."""
    found: dict[str, Method] = {name: partial(by_core, name) for name in OURS}
    found["scikit-learn"] = by_scikit_learn
    for name, call in zip(PEERS, (by_npeet_plus, by_infomeasure), strict=True):
        if find_spec(name):
            found[name] = call
    return found


def mean_error(case: Case, method: Method, n_events: int, repeats: int) -> float:
    """Return the mean absolute error in nats; NaN where a method cannot take the case."""
    errors = []
    for repeat in range(repeats):
        x, y = case.draw(np.random.default_rng([SEED, n_events, repeat]), n_events)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            errors.append(abs(method(case, x, y) - case.truth))
    return float(np.mean(errors))


def accuracy(sizes: Sequence[int], repeats: Sequence[int]) -> tuple[list[str], list[list[str]]]:
    """Return the table of mean absolute errors: cases down, methods across, and their means over what all can take.

    "all" are our automatic choice and the peers; the best peer of a row is in bold, ours too where it is no worse.
    """
    found = methods()
    peers = np.array([name not in OURS for name in found])
    compared = peers | (np.array(list(found)) == "auto")
    rows = []
    for n_events, times in zip(sizes, repeats, strict=True):
        table = np.array([[mean_error(case, call, n_events, times) for call in found.values()] for case in CASES])
        shared = ~np.isnan(table[:, compared]).any(axis=1)
        means = {
            "mean of the five normals": table[:5].mean(axis=0),
            "mean of all cases that every method takes": table[shared].mean(axis=0),
        }
        for case, errors in zip(CASES, table, strict=True):
            rows.append([f"{n_events:,}", case.name, f"{case.truth:.3f}", *_marked(errors, peers)])
        for words, errors in means.items():
            rows.append([f"{n_events:,}", f"**{words}**", "", *_marked(errors, peers)])
    return ["events", "case", "I", *found], rows


def _marked(errors: NDArray, peers: NDArray) -> list[str]:
    """Write errors; in bold the best peer's, and ours where the automatic choice, the first, is no worse."""
    best = np.nanmin(errors[peers])
    bold = (peers & (errors == best)) | (np.arange(len(errors)) == 0) & (errors <= best)
    return [f"**{_digits(value)}**" if marked else _digits(value) for value, marked in zip(errors, bold, strict=True)]


def speed(sizes: Sequence[int]) -> tuple[list[str], list[list[str]]]:
    """Return the table of times for a pair with ρ = 0.6."""
    found = methods()
    rows = []
    for n_events in sizes:
        x, y = normal(0.6)(np.random.default_rng(1), n_events)
        rows.append([f"{n_events:,}", *(seconds(median_seconds(partial(c, CASES[0], x, y))) for c in found.values())])
    return ["events", *found], rows


def separations() -> tuple[list[str], list[list[str]]]:
    """Return the estimates of I(label; x) for x ~ N(± ε, 1) at ten ε, and the largest error of each method."""
    names = ("auto", "adaptive", "binned", "mixed", "classifier")
    found: dict[str, Method] = {name: partial(by_core, name) for name in names}
    found["scikit-learn"] = by_scikit_learn
    cases = [Case(f"{epsilon:.3f}", of_shifted(epsilon), shifted_by(epsilon), label=True) for epsilon in SEPARATIONS]
    table = []
    for place, case in enumerate(cases):
        x, y = case.draw(np.random.default_rng([SEED, place]), LABELLED)
        table.append([call(case, x, y) for call in found.values()])
    rows = [[case.name, _digits(case.truth), *map(_digits, row)] for case, row in zip(cases, table, strict=True)]
    worst = np.abs(np.array(table) - np.array([[case.truth] for case in cases])).max(axis=0)
    return ["ε", "I", *found], [*rows, ["**largest error**", "", *map(_digits, worst)]]


def _digits(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.4f}"


def main() -> None:
    """Measure and print; --quick for a few seconds' worth."""
    options = parser(__doc__)
    options.add_argument("--quick", action="store_true", help="fewer events and repetitions")
    options.add_argument("--only", choices=["accuracy", "speed", "label"], help="one of the sections")
    chosen = options.parse_args()
    packages = ["scikit-learn", *(name for name in PEERS if find_spec(name))]
    missing = [name for name in PEERS if not find_spec(name)]
    notes = [f"k = {NEIGHBOURS} neighbours where auto does not choose; '-': the method refuses or cannot take the case"]
    if missing:
        notes.append(f"not installed, hence not measured: {', '.join(missing)} (benchmarks/requirements-bench.txt)")
    sizes, repeats = ([1000, 10_000], [5, 2]) if chosen.quick else ([1000, 10_000, 100_000], [40, 12, 4])
    what = "mean absolute error in nats over samples drawn afresh, the same for all methods: "
    what += ", ".join(f"{times} of {n:,} events" for n, times in zip(sizes, repeats, strict=True))
    what += "; in bold the best peer, and auto where it is no worse"
    if chosen.only in (None, "label"):
        words = f"one sample of {LABELLED:,} events for each ε: a label ±1 at even odds and x ~ N(± ε, 1); nats"
        publish(section("Label beside a shifted normal", [words], *separations(), "scikit-learn"), write=chosen.write)
    if chosen.only in (None, "accuracy"):
        text = section("Accuracy of estimators", [what, *notes], *accuracy(sizes, repeats), *packages)
        publish(text, write=chosen.write)
    if chosen.only in (None, "speed"):
        timed = [10_000] if chosen.quick else [10_000, 100_000]
        notes = ["time for one pair of float64 variables, ρ = 0.6", *notes]
        publish(section("Speed of estimators", notes, *speed(timed), *packages), write=chosen.write)


if __name__ == "__main__":
    main()
