"""Training: events per second of our loop beside the same network fed by a DataLoader, and whole runs on boosted_w."""

from __future__ import annotations

import time

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.report import parser, publish, seconds, section
from core.cli.dataset import dataset_spec
from core.events.spec import load_events
from core.events.table import EventTable
from core.learning.batch import Batch
from core.learning.networks import Classifier
from core.learning.split import TRAINING
from core.unlearning.method import METHODS
from core.unlearning.train import fit, split_of

BATCH, EPOCHS, HIDDEN = 4096, 5, (64, 64, 64)
CPU = torch.device("cpu")


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
    """Return the seconds of one training with the method's defaults."""
    start = time.perf_counter()
    for _ in fit(events, method, METHODS[method].item.config(), device=CPU, seed=0):
        pass
    return time.perf_counter() - start


def main() -> None:
    """Measure both feeds and whole runs."""
    options = parser(__doc__).parse_args()
    events = load_events(dataset_spec("boosted_w"))
    n = int((split_of(events, METHODS["baseline"].item.config(), 0) == TRAINING).sum())
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
    publish(text, write=options.write)
    runs = [[method, seconds(whole_run(events, method))] for method in ("baseline", "disco", "mode0")]
    notes = [f"Defaults of each method (40 epochs, batches of 8,192), {n:,} training events, one thread."]
    text = section("Training: whole runs on boosted_w", notes, ["method", "time"], runs, "torch")
    publish(text, write=options.write)


if __name__ == "__main__":
    main()
