"""The samples whose truth is known, as data sets that a run can load."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.calibration.samples import GAUSSIAN_RANGE, JET_RANGE, gaussian_toy, jet_toy
from core.calibration.spectra import Spectrum
from core.errors import DataError
from core.events.spec import DatasetSpec
from core.events.table import EventTable

TOYS = {"gaussian": GAUSSIAN_RANGE, "jets": JET_RANGE}
"""Name → ends and decay length of its spectra."""
TOY_EVENTS = 250_000
"""Events of each spectrum: enough for a few percent in σ where a falling spectrum has little left."""


def toy_events(name: str, spectra: Sequence[str], n: int, seed: int) -> EventTable:
    """Draw the events of a toy.

    Args:
        name: gaussian or jets.
        spectra: names of spectra.
        n: events of each spectrum.
        seed: of the events.

    Raises:
        DataError: the toy or a spectrum is unknown, or n is not positive.
    """
    if name not in TOYS:
        raise DataError(f"unknown toy {name!r}; allowed: {', '.join(TOYS)}")
    shapes = {each: Spectrum(each, *TOYS[name]) for each in spectra}
    make = gaussian_toy if name == "gaussian" else jet_toy
    return make(n, shapes, np.random.default_rng(seed))


def toy_config(name: str) -> dict[str, Any]:
    """Return the fields of a ``CalibrationConfig`` that go with a toy: ends of its spectra, and what is known of it.

    Example:
        >>> toy_config("jets")
        {'low': 50.0, 'high': 250.0, 'scale': 50.0}
    """
    low, high, scale = TOYS[name]
    config: dict[str, Any] = {"low": low, "high": high, "scale": scale}
    return config | ({"known": "gaussian"} if name == "gaussian" else {})


def toy_spec(name: str, spectra: Sequence[str], n: int, seed: int, folder: Path) -> DatasetSpec:
    """Write the events of a toy to a file, if it is not there, and name it as a data set that a run can load.

    Args:
        name: gaussian or jets.
        spectra: names of spectra.
        n: events of each spectrum.
        seed: of the events.
        folder: where toys are kept.

    Raises:
        DataError: as ``toy_events``.
    """
    chosen = tuple(dict.fromkeys(spectra))
    path = folder / _file_name(name, chosen, n, seed)
    events = toy_events(name, chosen, n, seed)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        pq.write_table(_table(events), draft, compression="zstd")
        draft.rename(path)
    return DatasetSpec(path=str(path), name=events.name, roles=events.roles)


def toy_in(path: Path, spectra: Sequence[str], seed: int) -> tuple[str, int] | None:
    """Return which toy a file of ``toy_spec`` holds and its events of each spectrum; None for any other file.

    Args:
        path: the file.
        spectra: names of spectra that it must have been drawn from.
        seed: that it must have been drawn with.

    Example:
        >>> toy_in(Path("toys/calibration_jets_50-250-50_uniform_900_seed3.parquet"), ["uniform"], 3)
        ('jets', 900)
    """
    found = re.fullmatch(r"calibration_([a-z]+)_.+_(\d+)_seed\d+\.parquet", path.name)
    if found is None:
        return None
    name, n = found[1], int(found[2])
    return (name, n) if path.name == _file_name(name, tuple(dict.fromkeys(spectra)), n, seed) else None


def _file_name(name: str, spectra: tuple[str, ...], n: int, seed: int) -> str:
    ends = "-".join(f"{value:g}" for value in TOYS.get(name, ()))
    return f"calibration_{name}_{ends}_{'-'.join(spectra)}_{n}_seed{seed}.parquet"


def _table(events: EventTable) -> pa.Table:
    """Return the events with the words about each column."""
    words = [events.describe(name) for name in events.columns]
    fields = [
        pa.field(
            each.name,
            pa.from_numpy_dtype(events[each.name].dtype),
            metadata={"title": each.title, "unit": each.unit, "description": each.description},
        )
        for each in words
    ]
    schema = pa.schema(fields, metadata={"infoscope": json.dumps({"title": events.name})})
    return pa.table([pa.array(events[each.name]) for each in words], schema=schema)
