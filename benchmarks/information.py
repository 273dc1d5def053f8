"""Time the mutual information of all pairs against its peers: python -m benchmarks.information --help."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec

import boost_histogram as bh
import numpy as np
from numpy.typing import NDArray
from sklearn.feature_selection import mutual_info_regression

from benchmarks.memory import MEGABYTE, current_bytes, peak_bytes
from benchmarks.report import REPEATS, median_seconds, parser, publish, seconds, section
from core.events.table import EventTable
from core.information import Bins, Codes, count_pairs, information_matrix, pair_information, quantise, warm
from core.information.measures import entropies, mutual_information

Columns = dict[str, NDArray[np.float32]]

BINS = 32
PEER_PAIRS = [("v0", "v1"), ("v2", "v3"), ("v4", "v5")]
NEIGHBOUR_EVENTS = 20_000


def make_columns(n_events: int, n_variables: int) -> Columns:
    """Make float32 columns that share a common part, so that every pair shares information."""
    rng = np.random.default_rng(1)
    common = rng.normal(size=n_events).astype(np.float32)
    return {f"v{i}": common + rng.normal(size=n_events).astype(np.float32) for i in range(n_variables)}


def mi_of_columns(columns: Columns, weights: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """Go from raw columns to the corrected mutual information of all pairs."""
    counts = count_pairs(quantise(columns, bins=BINS, weights=weights), weights)
    return mutual_information(pair_information(counts).entropies)


def quantile_edges(columns: Columns) -> dict[str, NDArray[np.float64]]:
    """Find the outer and inner edges of equally filled bins; peers get them for free."""
    return {
        name: np.quantile(values, np.linspace(0, 1, BINS + 1)).astype(np.float64) for name, values in columns.items()
    }


def by_boost_histogram(columns: Columns, edges: dict[str, NDArray[np.float64]], x: str, y: str) -> float:
    """Compute one pair with boost-histogram."""
    histogram = bh.Histogram(bh.axis.Variable(edges[x]), bh.axis.Variable(edges[y]))
    histogram.fill(columns[x], columns[y])
    return float(mutual_information(entropies(histogram.values())))


def by_numpy(columns: Columns, edges: dict[str, NDArray[np.float64]], x: str, y: str) -> float:
    """Compute one pair with numpy.histogram2d."""
    table, _, _ = np.histogram2d(columns[x], columns[y], (edges[x], edges[y]))
    return float(mutual_information(entropies(table)))


def by_bincount(codes: dict[str, NDArray[np.uint8]], x: str, y: str) -> float:
    """Compute one pair with numpy.bincount from our codes."""
    cells = codes[x].astype(np.intp) * BINS + codes[y]
    return float(mutual_information(entropies(np.bincount(cells, minlength=BINS**2).reshape(BINS, BINS))))


def by_neighbours(columns: Columns, x: str, y: str) -> float:
    """Compute one pair of a few events with scikit-learn's nearest neighbours."""
    few = slice(0, NEIGHBOUR_EVENTS)
    return float(mutual_info_regression(columns[x][few, None], columns[y][few], random_state=0)[0])


def by_phik(columns: Columns, x: str, y: str) -> float:
    """Compute φ_K of one pair, which phik takes from a χ² table of ten bins a variable: it needs no information."""
    import pandas as pd
    import phik

    frame = pd.DataFrame({x: columns[x], y: columns[y]})
    return float(phik.phik_matrix(frame, interval_cols=[x, y], njobs=1).loc[x, y])


def extra_megabytes(task: str, n_events: int, n_variables: int) -> float:
    """Return the peak memory that a task adds to its input, measured in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.information", "--measure", task]
    command += ["--events", str(n_events), "--variables", str(n_variables)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def measure_memory(task: str, n_events: int, n_variables: int) -> float:
    """Run a task and return by how many megabytes this process's peak memory grows."""
    warm()
    rng = np.random.default_rng(1)
    names = [f"v{i}" for i in range(n_variables)]
    if task == "count":
        codes = np.empty((n_variables, n_events), np.uint8)
        for row in codes:
            row[:] = rng.integers(0, BINS, n_events, np.uint8)
        bins = Bins(np.arange(1.0, BINS))
        coded = Codes(tuple(names), codes, (bins,) * n_variables, np.full(n_variables, BINS))
        before = current_bytes()
        pair_information(count_pairs(coded))
    else:
        table = EventTable("toy", {name: rng.standard_normal(n_events, dtype=np.float32) for name in names})
        before = current_bytes()
        information_matrix(table, names, bins=BINS)
    return (peak_bytes() - before) / MEGABYTE


def rate(value: float) -> str:
    """Write a number with three figures, large ones in full."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def compare(n_events: int, n_variables: int) -> tuple[list[str], list[list[str]]]:
    """Time everything; peers on a few pairs of the same columns, extrapolated to all pairs."""
    columns = make_columns(n_events, n_variables)
    weights = np.random.default_rng(2).normal(1.0, 0.5, n_events)
    edges, names = quantile_edges(columns), list(columns)
    codes = quantise(columns, bins=BINS)
    coded = dict(zip(names, codes.codes, strict=True))
    table = EventTable("toy", columns)
    warm()
    n_pairs = n_variables * (n_variables - 1) // 2

    def extrapolated(call: Callable[[str, str], float], events: int = n_events) -> float:
        pairs = PEER_PAIRS if events == n_events else PEER_PAIRS[:1]
        measured = median_seconds(lambda: [call(x, y) for x, y in pairs])
        return measured / len(pairs) * n_pairs * n_events / events

    ours = median_seconds(lambda: mi_of_columns(columns))
    times = {
        "**Infoscope**, from raw columns": ours,
        "of that, counting from codes": median_seconds(lambda: count_pairs(codes)),
        "with Σw and Σw² of signed weights, from raw columns": median_seconds(lambda: mi_of_columns(columns, weights)),
        "every measure, error and Pearson's r, from raw columns": median_seconds(
            lambda: information_matrix(table, names)
        ),
        "numpy.bincount, from our codes": extrapolated(lambda x, y: by_bincount(coded, x, y)),
        "boost-histogram, given quantile edges": extrapolated(lambda x, y: by_boost_histogram(columns, edges, x, y)),
        "numpy.histogram2d, given quantile edges": extrapolated(lambda x, y: by_numpy(columns, edges, x, y)),
        "scikit-learn, nearest neighbours": extrapolated(lambda x, y: by_neighbours(columns, x, y), NEIGHBOUR_EVENTS),
    }
    if find_spec("phik"):
        times["phik, φ_K from 10 × 10 bins"] = extrapolated(lambda x, y: by_phik(columns, x, y))
    rows = [
        [name, seconds(time), rate(n_pairs * n_events / time / 1e6) + " M", rate(time / ours)]
        for name, time in times.items()
    ]
    x, y = PEER_PAIRS[0]
    values = [mi_of_columns({x: columns[x], y: columns[y]})[0], by_boost_histogram(columns, edges, x, y)]
    values += [by_neighbours(columns, x, y), 0.5 * np.log(4 / 3)]
    memory = [extra_megabytes(task, n_events, n_variables) for task in ("count", "matrix")]
    notes = [
        f"N = {n_events:,} events × {n_variables} float32 variables, {n_pairs} pairs, B = {BINS}; "
        f"medians of {REPEATS} runs.",
        f"Peers: {len(PEER_PAIRS)} pairs, extrapolated to {n_pairs}; scikit-learn: one pair of {NEIGHBOUR_EVENTS:,} "
        "events, extrapolated linearly to all pairs and events, in its favour.",
        "I(v0; v1) in nats by Infoscope, boost-histogram (uncorrected), scikit-learn, and in truth: "
        f"{', '.join(f'{value:.4f}' for value in values)}.",
        f"Peak memory above the codes: {memory[0]:.0f} MB; above the raw columns, codes included, for every measure: "
        f"{memory[1]:.0f} MB.",
    ]
    return notes, rows


def main() -> None:
    """Print the section, and with --write keep it."""
    options = parser(__doc__)
    options.add_argument("--events", type=int, default=1_000_000)
    options.add_argument("--variables", type=int, default=20)
    options.add_argument("--measure", choices=["count", "matrix"], help="print the memory that one task needs, in MB")
    chosen = options.parse_args()
    if chosen.measure:
        print(measure_memory(chosen.measure, chosen.events, chosen.variables))
        return
    notes, rows = compare(chosen.events, chosen.variables)
    header = ["all pairs", "time", "events × pairs a second", "time / Infoscope's"]
    packages = ["numpy", "numba", "boost-histogram", "scikit-learn", *filter(find_spec, ["phik"])]
    publish(section("Mutual information of all pairs", notes, header, rows, *packages), write=chosen.write)


if __name__ == "__main__":
    main()
