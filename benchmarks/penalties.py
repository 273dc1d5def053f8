"""Penalties: the exact O(n log n) forms beside a plain O(n²) one, time and memory of one forward and backward pass."""

from __future__ import annotations

import subprocess
import sys

import torch
from torch import Tensor

from benchmarks.memory import MEGABYTE, current_bytes, peak_bytes
from benchmarks.report import median_seconds, parser, publish, seconds, section
from core.unlearning.penalties._distance import squared_distance_correlation
from core.unlearning.penalties._moments import LegendreFit, equal_occupancy_edges, moment_penalty

BATCHES = (1024, 4096, 16_384, 131_072)
LARGEST_QUADRATIC = 16_384
MASS_BINS = 16


def sample(n: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return scores that know something of m, m, and weights."""
    generator = torch.Generator().manual_seed(1)
    m = torch.randn(n, generator=generator)
    f = torch.sigmoid(m + torch.randn(n, generator=generator)).requires_grad_()
    return f, m, torch.rand(n, generator=generator) + 0.5


def quadratic(f: Tensor, m: Tensor, w: Tensor) -> Tensor:
    """Compute dCorr² from the n × n distance matrices, as the definition reads."""
    w = w / w.sum()

    def centred(x: Tensor) -> Tensor:
        distances = (x[:, None] - x[None, :]).abs()
        row = distances @ w
        return distances - row[:, None] - row[None, :] + row @ w

    a, b = centred(f), centred(m)

    def mean(product: Tensor) -> Tensor:
        return w @ (product @ w)

    return mean(a * b) / (mean(a * a) * mean(b * b)).sqrt()


def mode0(f: Tensor, m: Tensor, w: Tensor) -> Tensor:
    """Compute the MoDe[0] term in equal-occupancy bins."""
    bin_of = torch.bucketize(m.double(), equal_occupancy_edges(m, w, MASS_BINS))
    return moment_penalty(f, bin_of, w, LegendreFit(MASS_BINS, 0))


FORMS = {
    "DisCo, exact fast": squared_distance_correlation,
    "DisCo, plain O(n²)": quadratic,
    "MoDe[0], exact fast": mode0,
}


def time_of(form: str, n: int) -> float:
    """Return the seconds of one forward and backward pass on one thread."""
    f, m, w = sample(n)
    return median_seconds(lambda: FORMS[form](f, m, w).backward())


def memory_of(form: str, n: int) -> float:
    """Return the MiB that one pass adds to the peak of a fresh process that did a small pass before."""
    answer = subprocess.run(
        [sys.executable, "-m", "benchmarks.penalties", "--memory", form, str(n)],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(answer.stdout)


def measure_memory(form: str, n: int) -> None:
    """Print the growth of this process's peak memory [MiB] over one pass."""
    torch.set_num_threads(1)
    f, m, w = sample(256)
    FORMS[form](f, m, w).backward()
    f, m, w = sample(n)
    before = current_bytes()
    FORMS[form](f, m, w).backward()
    print((peak_bytes() - before) / MEGABYTE)


def main() -> None:
    """Measure all forms at all batch sizes."""
    options = parser(__doc__).parse_args()
    torch.set_num_threads(1)
    rows = []
    for n in BATCHES:
        quadratic_time = time_of("DisCo, plain O(n²)", n) if n <= LARGEST_QUADRATIC else None
        for form in FORMS:
            if form == "DisCo, plain O(n²)" and n > LARGEST_QUADRATIC:
                rows.append([f"{n:,}", form, "-", "would need 4 n² bytes a matrix", "-"])
                continue
            spent = quadratic_time if form == "DisCo, plain O(n²)" and quadratic_time else time_of(form, n)
            ratio = f"{quadratic_time / spent:,.0f} ×" if quadratic_time and form == "DisCo, exact fast" else "-"
            rows.append([f"{n:,}", form, seconds(spent), f"{memory_of(form, n):,.0f} MiB", ratio])
    notes = [
        "One forward and backward pass of one batch on one thread, median of three after one to warm up; memory is the "
        "growth of a fresh process's peak. The fast form equals the plain one in value and gradient: "
        "tests/unlearning/test_distance.py.",
    ]
    header = ["events", "form", "time", "memory", "faster than O(n²)"]
    publish(
        section("Penalties: one batch forward and backward", notes, header, rows, "torch", "numba"), write=options.write
    )


if __name__ == "__main__":
    if "--memory" in sys.argv:
        measure_memory(sys.argv[-2], int(sys.argv[-1]))
    else:
        main()
