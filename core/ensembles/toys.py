"""Samples of sets whose best answers are known."""

from __future__ import annotations

import re
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from core.errors import DataError
from core.evaluation.roc import CURVE_POINTS, RocCurve
from core.events.spec import DatasetSpec
from core.events.table import Column, EventTable, Roles

NORMAL = NormalDist()


def two_gaussians(n: int, shift: float, rng: np.random.Generator) -> EventTable:
    """Draw n signal events x ~ N(ε, 1) and n background events x ~ N(-ε, 1).

    Truth: ln p(x|signal)/p(x|background) = 2εx, in the column ``log_ratio``; ``exact_auc`` gives the AUC of N events.

    Args:
        n: events of each class.
        shift: ε, half the distance of the means in standard deviations.
        rng: source of randomness.

    Returns:
        Columns x (feature), log_ratio and label.

    Raises:
        DataError: n or the shift is out of range.

    Example:
        >>> two_gaussians(5, 0.1, np.random.default_rng(1)).n_events
        10
    """
    if n < 1:
        raise DataError(f"number of events is {n}; allowed: 1 or more")
    _require_shift(shift)
    label = (np.arange(2 * n) % 2).astype(np.int8)
    x = rng.standard_normal(2 * n) + np.where(label == 1, shift, -shift)
    words = {"log_ratio": Column("log_ratio", "ln r", "", "exact logarithm of the likelihood ratio, 2εx")}
    columns: dict[str, NDArray[np.generic]] = {"x": x, "log_ratio": 2 * shift * x, "label": label}
    return EventTable(f"Gaussians at ±{shift:g}", columns, Roles(features=("x",), label="label"), words)


def exact_auc(shift: float, size: int = 1) -> float:
    """Compute the AUC of N events of N(±ε, 1): Φ(ε √(2N)).

    Args:
        shift: ε.
        size: N.

    Example:
        >>> f"{exact_auc(0.1):.4f} {exact_auc(0.1, 10):.4f}"
        '0.5562 0.6726'
    """
    _require_shift(shift)
    return NORMAL.cdf(shift * (2 * size) ** 0.5)


def exact_roc(shift: float, size: int = 1) -> RocCurve:
    """Return the ROC curve of N events of N(±ε, 1): ε_b = Φ(Φ⁻¹(ε_s) - 2ε√N).

    Args:
        shift: ε.
        size: N.
    """
    _require_shift(shift)
    signal = np.arange(1, CURVE_POINTS + 1) / CURVE_POINTS
    background = [NORMAL.cdf(NORMAL.inv_cdf(s) - 2 * shift * size**0.5) for s in signal[:-1]]
    return RocCurve(signal, np.array([*background, 1.0]))


def gaussian_sets(n_sets: int, size: int, rng: np.random.Generator, low: float = -1.0, high: float = 1.0) -> EventTable:
    """Draw sets of N events x ~ N(θ, 1), each set with its own θ, uniform between two values.

    Truth: the mean of x over a set is the maximum-likelihood θ (where it lies between the two values), of standard
    deviation 1/√N.

    Args:
        n_sets: number of sets.
        size: N.
        rng: source of randomness.
        low: smallest θ.
        high: largest θ.

    Returns:
        Columns x (feature) and theta, the events of a set one after another.

    Raises:
        DataError: a number is out of range.

    Example:
        >>> gaussian_sets(3, 4, np.random.default_rng(1)).n_events
        12
    """
    if n_sets < 1 or size < 1:
        raise DataError(f"{n_sets} sets of {size} events; allowed: 1 or more of either")
    if not low < high:
        raise DataError(f"θ between {low:g} and {high:g}; the first must be smaller")
    theta: NDArray[np.float64] = np.repeat(rng.uniform(low, high, n_sets), size)
    columns = {"x": theta + rng.standard_normal(n_sets * size), "theta": theta}
    words = {"theta": Column("theta", "θ", "", "mean of the Gaussian, the same for all events of a set")}
    return EventTable(f"sets of {size} Gaussian events", columns, Roles(features=("x",)), words)


def two_gaussians_spec(n: int, shift: float, seed: int, folder: Path) -> DatasetSpec:
    """Write ``two_gaussians`` to a file, if it is not there, and name it as a data set that a run can load.

    Args:
        n: events of each class.
        shift: ε.
        seed: of the events.
        folder: where toys are kept.
    """
    events = two_gaussians(n, shift, np.random.default_rng(seed))
    path = folder / f"gaussians_{float(shift)!r}_{n}_seed{seed}.parquet"
    _write(events, ("x", "label"), path)
    roles = Roles(features=("x",), label="label")
    return DatasetSpec(path=str(path), name=events.name, roles=roles, derived={"log_ratio": f"{2 * shift!r} * x"})


def two_gaussians_in(path: Path, seed: int) -> tuple[int, float] | None:
    """Return events of each class and ε of a file of ``two_gaussians_spec``; None for a file of another seed or origin.

    Example:
        >>> two_gaussians_in(Path("toys/gaussians_0.1_500_seed3.parquet"), 3)
        (500, 0.1)
    """
    found = re.fullmatch(rf"gaussians_([0-9.e+-]+)_(\d+)_seed{seed}\.parquet", path.name)
    return None if found is None else (int(found[2]), float(found[1]))


def gaussian_sets_spec(n_sets: int, size: int, seed: int, folder: Path) -> DatasetSpec:
    """Write ``gaussian_sets`` to a file, if it is not there, and name it as a data set that a run can load.

    Args:
        n_sets: number of sets.
        size: N.
        seed: of the events.
        folder: where toys are kept.
    """
    events = gaussian_sets(n_sets, size, np.random.default_rng(seed))
    path = folder / f"gaussian_sets_{n_sets}_{size}_seed{seed}.parquet"
    _write(events, ("x", "theta"), path)
    return DatasetSpec(path=str(path), name=events.name, roles=Roles(features=("x",), protected=("theta",)))


def gaussian_sets_in(path: Path, size: int, seed: int) -> int | None:
    """Return the number of sets in a file of ``gaussian_sets_spec``; None for another size, seed or origin.

    Example:
        >>> gaussian_sets_in(Path("toys/gaussian_sets_200_10_seed3.parquet"), 10, 3)
        200
    """
    found = re.fullmatch(rf"gaussian_sets_(\d+)_{size}_seed{seed}\.parquet", path.name)
    return None if found is None else int(found[1])


def _write(events: EventTable, names: tuple[str, ...], path: Path) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    pq.write_table(pa.table({name: events[name] for name in names}), draft, compression="zstd")
    draft.rename(path)


def _require_shift(shift: float) -> None:
    if not shift >= 0:
        raise DataError(f"shift is {shift}; allowed: 0 or more")
