"""Training: events per second of our loop beside the same network fed by a DataLoader, and whole runs on boosted_w."""

from __future__ import annotations

import statistics
import time
from tempfile import TemporaryDirectory

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.report import REPEATS, parser, publish, seconds, section
from core.cli.dataset import dataset_spec
from core.events.spec import load_events
from core.events.table import EventTable
from core.jobs.task import TASKS
from core.jobs.work import Looks
from core.learning.batch import Batch
from core.learning.networks import Classifier
from core.learning.split import TRAINING
from core.store.request import RunRequest
from core.store.store import RunStore
from core.unlearning.conclude import split_of
from core.unlearning.method import METHODS
from core.unlearning.train import fit

BATCH, EPOCHS, HIDDEN = 4096, 5, (64, 64, 64)
CPU = torch.device("cpu")
TIMED = ("baseline", "disco", "mode0", "flat0", "transport")


def ours(events: EventTable, method: str, threads: int | None = None) -> float:
    """Return the seconds of EPOCHS epochs of our training, validation included."""
    config = METHODS[method].item.config(epochs=EPOCHS, batch_size=BATCH, hidden=HIDDEN)
    start = time.perf_counter()
    for _ in fit(events, method, config, device=CPU, seed=0):
        if threads:
            torch.set_num_threads(threads)
    return time.perf_counter() - start


def with_loader(events: EventTable, threads: int) -> float:
    """Return the seconds of EPOCHS epochs of the same network and optimiser fed by a shuffling DataLoader."""
    config = METHODS["baseline"].item.config()
    batch = Batch.of(events, split_of(events, config, 0) == TRAINING, CPU)
    network = Classifier(batch.x.mean(0), batch.x.std(0), HIDDEN, torch.Generator().manual_seed(0))
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(batch.x, batch.y.float(), batch.w), batch_size=BATCH, shuffle=True)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    start = time.perf_counter()
    for _ in range(EPOCHS):
        for x, y, w in loader:
            optimiser.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(network(x), y, weight=w).backward()
            optimiser.step()
    spent = time.perf_counter() - start
    torch.set_num_threads(before)
    return spent


def whole_run(events: EventTable, method: str) -> float:
    """Return the seconds of CPU of one training with the method's defaults."""
    start = time.thread_time()
    for _ in fit(events, method, METHODS[method].item.config(), device=CPU, seed=0):
        pass
    return time.thread_time() - start


def watched_run(events: EventTable, method: str) -> float:
    """Return the seconds of CPU of the same training as a run: recorded, with the views that a page draws."""
    with TemporaryDirectory() as folder:
        store = RunStore(f"sqlite:///{folder}/runs.sqlite")
        run = store.add(RunRequest(method=method, dataset=dataset_spec("boosted_w")), {"epochs": 40})
        request = run.request
        start, looks = time.thread_time(), Looks()
        for snapshot in TASKS["unlearn"].item.fit(events, request):
            store.record(run.id, snapshot.epoch, snapshot.scalars, looks.at(snapshot))
            snapshot.save()
            store.is_stopping(run.id)
        return time.thread_time() - start


def compare_feeds(events: EventTable, n: int, *, write: bool) -> None:
    """Measure our loop beside a DataLoader."""
    feeds = {
        "ours, one thread": lambda: ours(events, "baseline"),
        "ours, two threads": lambda: ours(events, "baseline", 2),
        "DataLoader, one thread": lambda: with_loader(events, 1),
        "DataLoader, two threads": lambda: with_loader(events, 2),
    }
    for call in feeds.values():
        call()
    times = {name: min(call() for _ in range(3)) for name, call in feeds.items()}
    slowest = times["DataLoader, one thread"]
    rows = [[name, f"{n * EPOCHS / t:,.0f}", f"{slowest / t:.2g} ×"] for name, t in times.items()]
    notes = [
        f"Baseline classifier, {HIDDEN} hidden units, {n:,} training events of boosted_w, batches of {BATCH:,}; ours "
        "includes the validation after each epoch, the DataLoader's loop has none. Best of three.",
    ]
    text = section("Training: our loop beside a DataLoader", notes, ["feed", "events/s", "against"], rows, "torch")
    publish(text, write=write)


def main() -> None:
    """Measure both feeds and whole runs."""
    parsed = parser(__doc__)
    parsed.add_argument("--runs", action="store_true", help="only the whole runs")
    options = parsed.parse_args()
    events = load_events(dataset_spec("boosted_w"))
    n = int((split_of(events, METHODS["baseline"].item.config(), 0) == TRAINING).sum())
    if not options.runs:
        compare_feeds(events, n, write=options.write)
    runs = []
    for method in TIMED:
        whole_run(events, method)
        pairs = [(whole_run(events, method), watched_run(events, method)) for _ in range(REPEATS)]
        plain, watched = (statistics.median(times) for times in zip(*pairs, strict=True))
        runs.append([method, seconds(plain), seconds(watched), f"{100 * (watched / plain - 1):.1f} %"])
    notes = [
        f"Defaults of each method (40 epochs, batches of 8,192), {n:,} training events; seconds of CPU of one thread, "
        f"medians of {REPEATS}, both taken in turn.",
        "Watched: every epoch recorded in SQLite, and the figures' data computed and stored as a page reads them.",
    ]
    header = ["method", "time", "watched", "overhead"]
    text = section("Training: whole runs on boosted_w", notes, header, runs, "torch")
    publish(text, write=options.write)


if __name__ == "__main__":
    main()
