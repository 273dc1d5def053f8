"""Fronts: AUC and R50 against 1/JSD of each method over its λ and several seeds, and the area each front encloses."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from math import log10

import torch

from benchmarks.report import parser, publish, section
from core.cli.dataset import dataset_spec
from core.events.spec import load_events
from core.events.table import EventTable
from core.unlearning.conclude import conclude
from core.unlearning.method import METHODS
from core.unlearning.train import fit

CPU = torch.device("cpu")
LAMBDAS: Mapping[str, tuple[float, ...]] = {
    "disco": (10, 30, 100, 300, 1000, 3000),
    "mode0": (3, 10, 30, 100, 300, 1000),
    "mode1": (3, 10, 30, 100, 300, 1000),
    "mode2": (3, 10, 30, 100, 300, 1000),
    "flat0": (3, 10, 30, 100, 300, 1000),
    "flat1": (3, 10, 30, 100, 300, 1000),
    "flat2": (3, 10, 30, 100, 300, 1000),
}
LOWEST = (0.7, 0.3)
"""AUC and log10 1/JSD beyond which a front encloses area."""
Runs = dict[tuple[str, float], list[dict[str, float]]]


def one_run(events: EventTable, method: str, lam: float, seed: int) -> dict[str, float]:
    """Train with the defaults of the method but λ, and return the headline figures on held-out events."""
    config = METHODS[method].item.config(lam=lam)
    *_, last = fit(events, method, config, device=CPU, seed=seed)
    found = conclude(events, method, config, last.save(), device=CPU, seed=seed).view.headline()
    figures = " ".join(f"{found[key]:.5g}" for key in ("auc", "r50", "jsd_nats", "jsd_limit_nats"))
    print(method, lam, seed, figures, file=sys.stderr, flush=True)
    return found


def enclosed(points: Sequence[Mapping[str, float]]) -> float:
    """Return the area of the union of the rectangles from ``LOWEST`` to each point (AUC, log10 1/JSD)."""
    area, highest = 0.0, LOWEST[1]
    for auc, flat in sorted(((point["auc"], -log10(point["jsd_nats"])) for point in points), reverse=True):
        if auc > LOWEST[0] and flat > highest:
            area, highest = area + (auc - LOWEST[0]) * (flat - highest), flat
    return area


def spread(values: Sequence[float], form: str) -> str:
    """Write the mean and the standard deviation over seeds."""
    mean = format(statistics.mean(values), form)
    return f"{mean} ± {format(statistics.stdev(values), form)}" if len(values) > 1 else mean


def row(method: str, lam: float, runs: Sequence[Mapping[str, float]]) -> list[str]:
    """Return the line of one method and λ."""
    return [
        method,
        f"{lam:g}",
        spread([r["auc"] for r in runs], ".3f"),
        spread([r["r50"] for r in runs], ".1f"),
        spread([1 / r["jsd_nats"] for r in runs], ".0f"),
        spread([1 / r["jsd_limit_nats"] for r in runs], ".0f"),
    ]


def areas(runs: Runs, method: str, seeds: Sequence[int]) -> list[str]:
    """Return the line of the area of one method's front."""
    own = [found for (name, _), found in runs.items() if name == method]
    values = [enclosed([found[k] for found in own]) for k in range(len(seeds))]
    return [f"**{method}**", "front", f"**{spread(values, '.3f')}**", "", "", ""]


def main() -> None:
    """Run all methods, λ and seeds, seed after seed."""
    options = parser(__doc__)
    options.add_argument("--sample", default="boosted_w")
    options.add_argument("--methods", nargs="+", default=["disco", "mode0", "flat0"], choices=sorted(LAMBDAS))
    options.add_argument("--lam", nargs="+", type=float, help="instead of each method's own")
    options.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    given = options.parse_args()
    events = load_events(dataset_spec(given.sample))
    wanted = [(method, lam) for method in given.methods for lam in given.lam or LAMBDAS[method]]
    runs: Runs = {each: [] for each in wanted}
    start = time.perf_counter()
    for seed in given.seeds:
        for method, lam in wanted:
            runs[method, lam].append(one_run(events, method, lam, seed))
    rows = []
    for method in given.methods:
        rows += [row(name, lam, found) for (name, lam), found in runs.items() if name == method]
        rows.append(areas(runs, method, given.seeds))
    each = (time.perf_counter() - start) / len(wanted) / len(given.seeds)
    notes = [
        f"Defaults of each method but λ; mean ± standard deviation of {len(given.seeds)} seeds (split, first weights, "
        f"batches); {events.n_events:,} events, half of them to train, 40 % judged; {each:.0f} s a run.",
        "R50: background rejection at 50 % signal efficiency; 1/JSD of the background's passing and failing spectra "
        "there, natural logarithm; limit: what statistics give an independent score of as many passing events.",
        f"Front: area between the best points (AUC, log10 1/JSD) and ({LOWEST[0]}, {LOWEST[1]}).",
    ]
    header = ["method", "λ", "AUC", "R50", "1/JSD", "limit of 1/JSD"]
    publish(section(f"Fronts: {given.sample}", notes, header, rows, "torch"), write=given.write)


if __name__ == "__main__":
    main()
