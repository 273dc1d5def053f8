"""From shards to one parquet file: weights, shuffling, checks, and metadata a dashboard can read."""

from __future__ import annotations

import json
import platform
import zlib
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from . import shards
from .sample import Rows, Sample
from .weights import normalisation

ROW_GROUP = 32768
PACKAGES = ("pythia8mc", "fastjet", "awkward", "vector", "numba", "numpy", "scipy", "pyarrow")


def weighted(
    sample: Sample, label: int, rows: Rows, book: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, list[dict]]:
    """Weights of one class, and per process what went into its normalisation."""
    weight = sample.weight_factor(rows, rng)
    summary = []
    for i, process in enumerate(sample.processes[label]):
        lines, here = book[book[:, 0] == i], rows["process"] == i
        if not here.any():
            continue
        sigma = float(np.average(lines[:, 1], weights=lines[:, 2]))
        efficiency = float(lines[:, 3].sum() / lines[:, 2].sum())
        weight[here] *= normalisation(sample.luminosity_fb, sigma, efficiency, int(here.sum()))
        summary.append(
            {
                "process": process.name,
                "label": label,
                "rows": int(here.sum()),
                "generated": int(lines[:, 2].sum()),
                "sigma_pb": sigma,
                "sigma_source": process.sigma_source,
                "rows_per_event": efficiency,
                "expected_rows": sample.luminosity_fb * 1e3 * sigma * efficiency,
                "settings": list(process.settings),
            }
        )
    return weight, summary


def assemble(sample: Sample, tasks: list[shards.Task], seed: int) -> tuple[Rows, list[dict]]:
    """All rows of both classes with weight and label, shuffled; and the processes' summary."""
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(zlib.crc32(sample.name.encode()), 2)))
    parts, summary = [], []
    for label in (1, 0):
        rows, book = shards.collect(tasks, label)
        rows["weight"], lines = weighted(sample, label, rows, book, rng)
        rows["label"] = np.full(len(rows["weight"]), label)
        parts.append(rows)
        summary += lines
    order = rng.permutation(sum(len(p["label"]) for p in parts))
    table = {c.name: np.concatenate([p[c.name] for p in parts])[order] for c in sample.columns}
    table = {k: v.astype(np.int8 if k == "label" else np.float32) for k, v in table.items()}
    bad = [k for k, v in table.items() if not np.isfinite(v).all()]
    if bad:
        raise ValueError(f"not finite: {bad}")
    return table, summary


def metadata(sample: Sample, table: Rows, summary: list[dict], seed: int) -> dict:
    """What the schema carries under the key `infoscope`."""
    return {
        "name": sample.name,
        "title": sample.title,
        "story": sample.story,
        "signal": sample.signal,
        "background": sample.background,
        "protected": [sample.protected],
        "features": sample.features,
        "weight": "weight",
        "label": "label",
        "cuts": list(sample.cuts),
        "notes": list(sample.notes),
        "processes": summary,
        "luminosity_fb": sample.luminosity_fb,
        "weights": sample.weight_model,
        "n_signal": int((table["label"] == 1).sum()),
        "n_background": int((table["label"] == 0).sum()),
        "seed": seed,
        "shard_rows": shards.SHARD_ROWS,
        "versions": {p: version(p) for p in PACKAGES} | {"python": platform.python_version()},
    }


def write(sample: Sample, table: Rows, about: dict, path: Path) -> None:
    """Write the parquet file: zstd, row groups of 32,768, metadata on every field and on the schema."""
    fields = [
        pa.field(
            c.name,
            pa.int8() if c.role == "label" else pa.float32(),
            nullable=False,
            metadata={"unit": c.unit, "title": c.title, "description": c.description, "role": c.role},
        )
        for c in sample.columns
    ]
    schema = pa.schema(fields, metadata={"infoscope": json.dumps(about, ensure_ascii=False)})
    arrays = [pa.array(table[c.name]) for c in sample.columns]
    pq.write_table(
        pa.Table.from_arrays(arrays, schema=schema),
        path,
        compression="zstd",
        compression_level=12,
        row_group_size=ROW_GROUP,
    )
