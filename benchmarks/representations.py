"""Representations: AUC, sculpting by tight cuts and MIG of every model of disentanglement, beside the baseline.

python -m benchmarks.representations radiative_b --seeds 5
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context

import numpy as np
import torch

from benchmarks.report import parser, publish, section
from core.cli.dataset import dataset_spec
from core.disentanglement.conclude import conclude as conclude_disentangling
from core.disentanglement.cuts import tight_cuts
from core.disentanglement.disentangle import fit as fit_disentangling
from core.disentanglement.model import MODELS
from core.disentanglement.results import TightCut
from core.events.spec import load_events
from core.events.table import EventTable
from core.learning.split import HELD_OUT
from core.unlearning.conclude import conclude
from core.unlearning.method import METHODS
from core.unlearning.train import fit

CPU = torch.device("cpu")
BASELINE = "baseline"


@dataclass(frozen=True)
class Asked:
    """Ask for one training."""

    file: str
    model: str
    seed: int
    options: dict[str, float]


@lru_cache(maxsize=1)
def events_of(file: str) -> EventTable:
    """Return the events of a file, read once a process."""
    return load_events(dataset_spec(file))


def one_run(asked: Asked) -> dict[str, float]:
    """Train one model, or the baseline, and return AUC, MIG and, by rejection, JSD, limit and events that pass."""
    events, shares = events_of(asked.file), {k: v for k, v in asked.options.items() if k.endswith("fraction")}
    if asked.model == BASELINE:
        plain = METHODS[BASELINE].item.config(**shares)
        *_, last = fit(events, BASELINE, plain, device=CPU, seed=asked.seed)
        judged = conclude(events, BASELINE, plain, last.save(), device=CPU, seed=asked.seed)
        held_out = judged.split == HELD_OUT
        rng = np.random.default_rng(asked.seed)
        cuts, _ = tight_cuts(judged.score[held_out], events.take(held_out), rng=rng, replicas=0)
        return {"auc": judged.view.auc.value, "mig": float("nan"), **_figures(cuts)}
    config = MODELS[asked.model].item.config(**asked.options)
    *_, snapshot = fit_disentangling(events, asked.model, config, device=CPU, seed=asked.seed)
    view = conclude_disentangling(events, config, snapshot.save(), device=CPU, seed=asked.seed).view
    return {"auc": view.evaluation.auc.value, "mig": view.latents.mig.value, **_figures(view.cuts)}


def _figures(cuts: Sequence[TightCut]) -> dict[str, float]:
    found: dict[str, float] = {}
    for cut in cuts:
        found |= {f"jsd {cut.rejected:g}": cut.jsd_nats.value, f"limit {cut.rejected:g}": cut.limit_nats}
        found |= {f"pass {cut.rejected:g}": cut.n_pass}
    return found


def row(model: str, runs: Sequence[dict[str, float]], rejected: Sequence[str]) -> list[str]:
    """Return the line of a model: mean and standard deviation over seeds."""
    cells = [f"`{model}`", spread([run["auc"] for run in runs], 4)]
    for share in rejected:
        jsd, limit = [run[f"jsd {share}"] for run in runs], [run[f"limit {share}"] for run in runs]
        above = [a - b for a, b in zip(jsd, limit, strict=True)]
        cells += [spread(jsd, 5), f"{statistics.mean(limit):.5f}", spread(above, 5)]
    return [*cells, "" if model == BASELINE else spread([run["mig"] for run in runs], 3)]


def spread(values: Sequence[float], digits: int) -> str:
    """Write the mean and the standard deviation over seeds."""
    mean = f"{statistics.mean(values):.{digits}f}"
    return f"{mean} ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else mean


def main() -> None:
    """Train all and print the table."""
    options = parser(__doc__)
    options.add_argument("file", nargs="?", default="radiative_b")
    options.add_argument("--models", default=",".join([BASELINE, *sorted(MODELS.names())]))
    options.add_argument("--seeds", type=int, default=5)
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="options of every model")
    asked = options.parse_args()
    chosen = {name: json.loads(value) for name, value in (text.split("=") for text in asked.set)}
    models = asked.models.split(",")
    wanted = [Asked(asked.file, model, seed, chosen) for seed in range(asked.seeds) for model in models]
    runs: dict[str, list[dict[str, float]]] = {model: [] for model in models}
    with ProcessPoolExecutor(asked.workers, mp_context=get_context("spawn")) as pool:
        for each, found in zip(wanted, pool.map(one_run, wanted), strict=True):
            print(each.model, each.seed, json.dumps(found), file=sys.stderr, flush=True)
            runs[each.model].append(found)
    events = events_of(asked.file)
    text = section(
        f"Representations of {events.name}",
        [
            f"{events.n_events:,} events, {int((~events.is_signal).sum()):,} of them background; {asked.seeds} seeds, "
            f"mean ± standard deviation; options {chosen or 'as by default'}",
            f"background that passes: {', '.join(_passing(runs, share) for share in ('0.995', '0.95'))}",
            "JSD in nats, 50 bins; *limit*: what statistics alone give; *above*: JSD - limit",
        ],
        ("model", "AUC", *(f"{a} {b}" for b in ("99.5 %", "95 %") for a in ("JSD", "limit", "above")), "MIG"),
        [row(model, found, ("0.995", "0.95")) for model, found in runs.items()],
        "torch",
    )
    publish(text, write=asked.write)


def _passing(runs: dict[str, list[dict[str, float]]], share: str) -> str:
    counts = [run[f"pass {share}"] for found in runs.values() for run in found]
    return f"{statistics.mean(counts):,.0f} at {share}"


if __name__ == "__main__":
    main()
