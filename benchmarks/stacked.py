"""Networks of one scan trained together, their parameters stacked, beside one after the other and two at a time.

python -m benchmarks.stacked --help
"""

from __future__ import annotations

import copy
import math
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import cache

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.memory import MEGABYTE, current_bytes, peak_bytes
from benchmarks.report import parser, publish, section
from core.cli.dataset import dataset_spec
from core.events.spec import load_events
from core.events.table import EventTable
from core.learning.batch import Batch
from core.learning.device import few_threads
from core.learning.epochs import Epochs
from core.learning.networks import Classifier
from core.learning.split import TRAINING
from core.unlearning.conclude import split_of
from core.unlearning.method import METHODS, Penalty, TrainingConfig
from core.unlearning.objective import Objective, new_networks

CPU = torch.device("cpu")
COUNTS, SIZES, PENALTIES = (1, 2, 4, 8), (8192, 1024), ("baseline", "disco", "flat0")
REPEATS = 3


@cache
def boosted_w() -> EventTable:
    """Return the events that all networks learn from."""
    return load_events(dataset_spec("boosted_w"))


class Stack(nn.Module):
    """Be K classifiers of one shape: every layer is one batched matrix product over parameters (K, in, out)."""

    def __init__(self, networks: Sequence[Classifier]) -> None:
        super().__init__()
        self.mean, self.scale = networks[0].mean, networks[0].scale
        layers = [[network.layers[k] for network in networks] for k in range(len(networks[0].layers))]
        weights = [torch.stack([layer.weight.detach().T for layer in same]) for same in layers]
        biases = [torch.stack([layer.bias.detach()[None] for layer in same]) for same in layers]
        self.weights, self.biases = (nn.ParameterList(map(nn.Parameter, kind)) for kind in (weights, biases))

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits of each network, shape (K, n)."""
        h = ((x - self.mean) / self.scale).expand(len(self.weights[0]), *x.shape)
        for k, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            h = torch.baddbmm(bias, torch.relu(h) if k else h, weight)
        return h.squeeze(-1)

    def clip(self, largest: float) -> None:
        """Scale the gradient of each network down to its largest norm, as ``clip_grad_norm_`` does for one."""
        gradients = [parameter.grad for parameter in self.parameters() if parameter.grad is not None]
        norms = torch.stack([g.square().sum((1, 2)) for g in gradients]).sum(0).sqrt()
        share = (largest / (norms + 1e-6)).clamp(max=1)[:, None, None]
        torch._foreach_mul_(gradients, [share] * len(gradients))


class Case:
    """Hold the events, the penalty and the untrained networks that all ways of training begin with."""

    def __init__(self, method: str, size: int, count: int) -> None:
        events = boosted_w()
        entry = METHODS[method].item
        self.config: TrainingConfig = entry.config(batch_size=size, epochs=40)
        self.train = Batch.of(events, split_of(events, self.config, 0) == TRAINING, CPU)
        self.penalty: Penalty = entry.build(self.config, self.train, torch.Generator().manual_seed(0))
        self.networks = new_networks(self.train, self.config, count, torch.Generator().manual_seed(0))
        self.lams = np.geomspace(0.1, 1, count) * self.config.strength

    def one(self, k: int) -> Classifier:
        """Train one network for an epoch by the product's own steps, and return it."""
        network = copy.deepcopy(self.networks[k])
        objective, generator = Objective([network], self.penalty), torch.Generator().manual_seed(0)
        epochs = Epochs(network.parameters(), len(self.train.y), self.config, generator, clip=self.config.clip)

        def step(chosen: Tensor, _progress: float) -> Tensor:
            batch = self.train.take(chosen[0])
            return objective.step(batch, batch.w, float(self.lams[k]), epochs)

        with few_threads(CPU):
            epochs.run(1, step)
        return network

    def one_by_one(self) -> list[Classifier]:
        """Train all, one after the other."""
        return [self.one(k) for k in range(len(self.networks))]

    def two_at_a_time(self) -> list[Classifier]:
        """Train all in two threads, as the runner does."""
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(self.one, range(len(self.networks))))

    def stacked(self) -> Stack:
        """Train all together."""
        with few_threads(CPU):
            return self.together(range(len(self.networks)))

    def two_stacks(self) -> list[Stack]:
        """Train two halves of the networks in two threads, each stacked."""
        count = len(self.networks)
        with few_threads(CPU), ThreadPoolExecutor(2, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            return list(pool.map(self.together, [range(k, count, 2) for k in range(min(2, count))]))

    def together(self, members: Sequence[int]) -> Stack:
        """Train some networks on the same batches; each keeps its own penalty, λ and gradient clipping."""
        stack, lams = Stack([self.networks[k] for k in members]), torch.from_numpy(self.lams[list(members)])
        optimiser = torch.optim.Adam(stack.parameters(), lr=self.config.learning_rate, foreach=True)
        size = min(self.config.batch_size, len(self.train.y) // 8)
        steps = self.config.epochs * math.ceil(len(self.train.y) / size)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, self.config.learning_rate, total_steps=steps)
        order = torch.randperm(len(self.train.y), generator=torch.Generator().manual_seed(0))
        for chosen in order.split(size):
            batch = self.train.take(chosen)
            optimiser.zero_grad(set_to_none=True)
            logits = stack(batch.x)
            wanted = batch.y.float().expand_as(logits)
            losses = nn.functional.binary_cross_entropy_with_logits(logits, wanted, batch.w, reduction="none").mean(1)
            terms = [self.penalty(scores, batch) for scores in torch.sigmoid(logits)]
            (losses.sum() + (lams * torch.stack(terms)).sum()).backward()
            stack.clip(self.config.clip)
            optimiser.step()
            schedule.step()
        return stack

    def ways(self) -> dict[str, Callable[[], object]]:
        """Return the ways to train the networks of this case."""
        return {
            "one by one": self.one_by_one,
            "two at a time": self.two_at_a_time,
            "stacked": self.stacked,
            "two stacks": self.two_stacks,
        }


def agreement() -> float:
    """Return the largest difference of a parameter between stacked and single networks after an epoch."""
    case = Case("disco", 8192, 2)
    stack, alone = case.stacked(), case.one_by_one()
    singles = Stack(alone)
    return max(
        float((a - b).detach().abs().max()) for a, b in zip(stack.parameters(), singles.parameters(), strict=True)
    )


def times(case: Case) -> dict[str, tuple[float, float]]:
    """Return the median seconds of CPU and of the clock per network and epoch, ways taken in turn."""
    spent: dict[str, list[tuple[float, float]]] = {way: [] for way in case.ways()}
    for _ in range(REPEATS):
        for way, call in case.ways().items():
            cpu, wall = time.process_time(), time.perf_counter()
            call()
            spent[way].append((time.process_time() - cpu, time.perf_counter() - wall))
    count = len(case.networks)
    return {
        way: (statistics.median(c for c, _ in each) / count, statistics.median(w for _, w in each) / count)
        for way, each in spent.items()
    }


def memory(method: str, size: int, count: int, way: str) -> float:
    """Return by how many bytes the memory of a fresh process grows at most when it trains in one of the ways."""
    case = Case(method, size, count)
    Case(method, size, 1).one_by_one()
    before = current_bytes()
    case.ways()[way]()
    return peak_bytes() - before


def compare(methods: Sequence[str], sizes: Sequence[int], counts: Sequence[int]) -> list[list[str]]:
    """Return a row for each penalty, batch size and number of networks."""
    rows = []
    for method in methods:
        Case(method, max(sizes), 1).one_by_one()  # compiles, or loads, what the penalty needs
        for size in sizes:
            for count in counts:
                found = times(Case(method, size, count))
                (single, _), (pair, pair_wall) = found["one by one"], found["two at a time"]
                (stack, _), (two, two_wall) = found["stacked"], found["two stacks"]
                spent = [f"{1e3 * value:.0f} ms" for value in (single, pair, stack, two)]
                ratios = (single / stack, pair / two, pair_wall / two_wall)
                rows.append([method, f"{size:,}", str(count), *spent, *(f"{ratio:.2f} ×" for ratio in ratios)])
                print(" | ".join(rows[-1]), f"| load {os.getloadavg()[0]:.1f}", flush=True)
    return rows


def main() -> None:
    """Compare the ways, and the memory of the largest scan."""
    options = parser(__doc__)
    options.add_argument("--methods", default=",".join(PENALTIES))
    options.add_argument("--sizes", default=",".join(map(str, SIZES)))
    options.add_argument("--counts", default=",".join(map(str, COUNTS)))
    chosen = options.parse_args()
    sizes, counts = ([int(value) for value in text.split(",")] for text in (chosen.sizes, chosen.counts))
    rows = compare(chosen.methods.split(","), sizes, counts)
    ways = ("one by one", "two at a time", "stacked")
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), max_tasks_per_child=1) as pool:
        grown = [pool.submit(memory, "disco", max(sizes), max(counts), way).result() / MEGABYTE for way in ways]
    notes = [
        "boosted_w, 60,000 training events (so that 8,192 means 7,500), MLP of 3 × 64; CPU time of one epoch of one "
        f"network, medians of {REPEATS}, the ways taken in turn. Stacked: parameters (K, in, out), one batched product "
        "a layer, the penalties of the networks one after the other, clipping for each.",
        "Two stacks: half of the networks in each of two threads. CPU time tells what a scan costs on a busy machine; "
        "the last column has two at a time over two stacks by the clock.",
        f"After an epoch, parameters of stacked and single networks differ by {agreement():.1e} at most.",
        f"Memory for {max(counts)} networks, disco, {max(sizes):,}: "
        + ", ".join(f"{way} {value:,.0f} MB" for way, value in zip(ways, grown, strict=True)) + ".",
    ]  # fmt: skip
    header = ["penalty", "batch", "networks", *ways, "two stacks",
              "one by one / stacked", "two at a time / two stacks", "by the clock"]  # fmt: skip
    text = section("Networks of a scan, trained together", notes, header, rows, "torch")
    publish(text, write=chosen.write)


if __name__ == "__main__":
    main()
