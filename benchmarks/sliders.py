"""The λ slider beside separately trained runs: area that each front covers, and cost of the training.

python -m benchmarks.sliders --help
"""

from __future__ import annotations

import time

import numpy as np
import torch

from benchmarks.report import median_seconds, parser, publish, seconds, section
from core.cli.dataset import dataset_spec
from core.evaluation.evaluate import Evaluation, evaluate
from core.evaluation.front import hypervolume
from core.events.spec import load_events
from core.events.table import EventTable
from core.figures.efficiency import efficiency_figure
from core.figures.roc import roc_figure
from core.figures.spectrum import spectrum_figure
from core.jobs.sliders import HeldOutSlider
from core.learning.split import HELD_OUT
from core.unlearning.conclude import split_of
from core.unlearning.method import METHODS
from core.unlearning.model import Model
from core.unlearning.slide import Slider, fit_slide
from core.unlearning.slide_steps import SlideConfig
from core.unlearning.train import fit

CPU = torch.device("cpu")
STOPS, RUNS = 25, 7
MOVED_EVENTS = 100_000


def judged(scores: np.ndarray, events: EventTable) -> Evaluation:
    """Evaluate without errors, which the front does not need."""
    return evaluate(scores, events, rng=np.random.default_rng(0), replicas=0, dependence=False)


def area(found: list[Evaluation]) -> float:
    """Return the hypervolume of a front over AUC > 0.7 and log10 1/JSD > 0.3."""
    jsd = [max(p.jsd_nats.value for p in each.protected) for each in found]
    return hypervolume([each.auc.value for each in found], [1 / value for value in jsd])


def by_slider(events: EventTable, held_out: EventTable, method: str, seed: int) -> tuple[float, float]:
    """Train one slider; return the area of its stops and the seconds of CPU of its training."""
    config = SlideConfig(**SlideConfig.around(method))
    start = time.process_time()
    for snapshot in fit_slide(events, method, config, device=CPU, seed=seed):
        last = snapshot
    spent = time.process_time() - start
    slider = Slider.of(last.save(), config.model_dump(), held_out)
    lams = [config.lam(float(u)) for u in np.linspace(0, 1, STOPS)]
    return area([judged(slider.score(lam), held_out) for lam in lams]), spent


def by_runs(events: EventTable, held_out: EventTable, method: str, lams: np.ndarray, seed: int) -> tuple[float, float]:
    """Train a run at each λ; return their area and the mean seconds of CPU of one."""
    x = torch.from_numpy(held_out.matrix(held_out.roles.features, np.float32))
    m = torch.from_numpy(held_out.matrix(held_out.roles.protected, np.float64))
    found, start = [], time.process_time()
    for lam in lams:
        config = METHODS[method].item.config(lam=float(lam))
        for snapshot in fit(events, method, config, device=CPU, seed=seed):
            last = snapshot
        found.append(last.save())
    spent = (time.process_time() - start) / len(lams)
    return area([judged(Model.from_arrays(arrays).score(x, m), held_out) for arrays in found]), spent


def moving(events: EventTable) -> list[list[str]]:
    """Return the times of what a page does when λ moves, for 100,000 events: score, judge, draw."""
    judged_events = events.take(np.arange(MOVED_EVENTS) % events.n_events)
    config = SlideConfig(epochs=1)
    snapshot = next(iter(fit_slide(events, "flat0", config, device=CPU, seed=0)))
    slider = HeldOutSlider(Slider.of(snapshot.save(), config.model_dump(), judged_events), judged_events)
    lams = iter(np.geomspace(config.lam_min, config.lam_max, 100))
    found = slider.at(config.lam_min)
    column = events.describe(events.roles.protected[0])

    def draw() -> None:
        for figure in (
            spectrum_figure(found, column), efficiency_figure(found, column), roc_figure({"λ": found}, None),
        ):  # fmt: skip
            figure.to_json()

    times = {
        "scores at a new λ": median_seconds(lambda: slider.slider.score(float(next(lams))), 9),
        "scores, ROC, spectrum and efficiencies": median_seconds(lambda: slider.at(float(next(lams))), 9),
        "figures": median_seconds(draw, 9),
    }
    return [[name, seconds(value)] for name, value in times.items()]


def main() -> None:
    """Compare, method after method."""
    options = parser(__doc__)
    options.add_argument("--methods", default="flat0,disco,mode0")
    options.add_argument("--seeds", type=int, default=5)
    options.add_argument("--moving", action="store_true", help="only time what happens when λ moves")
    options.add_argument("--sample", default="boosted_w")
    chosen = options.parse_args()
    events, rows = load_events(dataset_spec(chosen.sample)), []
    notes = [f"{MOVED_EVENTS:,} events of {chosen.sample}; medians of 9. A page redraws from these, without training."]
    publish(section("Moving λ", notes, ["what", "time"], moving(events), "torch"), write=chosen.write)
    if chosen.moving:
        return
    for method in chosen.methods.split(","):
        ends = SlideConfig.around(method)
        lams = np.geomspace(ends["lam_min"], ends["lam_max"], RUNS)
        ratios, costs, areas = [], [], []
        for seed in range(chosen.seeds):
            part = split_of(events, SlideConfig(), seed)
            held_out = events.take(part == HELD_OUT)
            one, cost = by_slider(events, held_out, method, seed)
            many, single = by_runs(events, held_out, method, lams, seed)
            print(
                f"{method} seed {seed}: slider {one:.4f} in {cost:.1f} s, runs {many:.4f} in {single:.1f} s each",
                flush=True,
            )
            areas.append((one, many))
            ratios.append(one / many)
            costs.append(cost / single)
        ours, theirs = np.mean(areas, axis=0)
        spread = np.std(ratios, ddof=1) / np.sqrt(len(ratios)) if len(ratios) > 1 else float("nan")
        rows.append(
            [METHODS[method].title, f"{lams[0]:.3g} to {lams[-1]:.3g}", f"{ours:.3f}", f"{theirs:.3f}",
             f"{100 * np.mean(ratios):.1f} ± {100 * spread:.1f} %", f"{np.mean(costs):.2f}"]
        )  # fmt: skip
    notes = [
        f"{chosen.sample}, {chosen.seeds} seeds; area over AUC > 0.7 and log10 1/JSD > 0.3 (nats, 50 % signal "
        f"efficiency) of held-out events, of {STOPS} stops of a slider and of {RUNS} runs, even in ln λ.",
        "Defaults of each method and of the slider; cost in seconds of CPU of one slider over one run.",
    ]
    header = ["penalty", "λ", "area, slider", f"area, {RUNS} runs", "slider / runs", "cost in runs"]
    publish(section("λ as a slider", notes, header, rows, "torch"), write=chosen.write)


if __name__ == "__main__":
    main()
