"""Finished runs of every task, trained in seconds."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.calibration.toys import toy_config, toy_spec
from core.ensembles.toys import gaussian_sets_spec, two_gaussians_spec
from core.event_variables.config import SampleConfig
from core.event_variables.toys import sample_spec, suitable_background
from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.exports.results import RunResults, read_results
from core.jobs.runner import check_request
from core.jobs.work import work_through
from core.store.request import RunRequest
from core.store.store import RunStore

SHORT = {"epochs": 2, "hidden": [8], "batch_size": 256}


def written(events: EventTable, folder: Path) -> DatasetSpec:
    """Write events as a user's upload and return what names them."""
    folder.mkdir(parents=True)
    described = {name: {"title": column.title, "unit": column.unit} for name, column in events.described.items()}
    table = pa.table(dict(events.columns))
    fields = [
        field.with_metadata({key: text for key, text in described.get(field.name, {}).items() if text})
        for field in table.schema
    ]
    pq.write_table(table.cast(pa.schema(fields)), folder / "toy.parquet")
    return DatasetSpec(path=str(folder / "toy.parquet"), roles=events.roles)


def finished(data: Path, request: RunRequest) -> RunResults:
    """Train a request to its end, as a worker does, and read what it left."""
    store = RunStore(f"sqlite:///{data}/runs.sqlite")
    run = store.add(request, check_request(request))
    store.claim(run.id)
    work_through(store, store.get(run.id), data / "runs" / run.id)
    results = read_results(store, run.id, data / "runs")
    store.close()
    return results


def slider(data: Path, toys: Callable[..., EventTable]) -> RunResults:
    """Train a λ slider."""
    config = SHORT | {"lam_min": 0.1, "lam_max": 100.0}
    return finished(data, RunRequest(task="slide", dataset=written(toys(1500), data / "slide"), config=config))


def disentangled(data: Path, toys: Callable[..., EventTable]) -> RunResults:
    """Train an autoencoder and the classifier on its latent."""
    config = SHORT | {"latent": 3, "downstream_epochs": 2}
    dataset = written(toys(1500), data / "disentangle")
    return finished(data, RunRequest(task="disentangle", method="beta_tcvae", dataset=dataset, config=config))


def classified_sets(data: Path, _toys: Callable[..., EventTable]) -> RunResults:
    """Train classifiers of sets of two Gaussians."""
    dataset = two_gaussians_spec(1500, 0.5, 0, data / "toys")
    config = {"epochs": 1, "hidden": [8], "truth": "log_ratio", "constructions": ["set"]}
    return finished(data, RunRequest(task="ensembles", method="classification", dataset=dataset, config=config))


def regressed_sets(data: Path, _toys: Callable[..., EventTable]) -> RunResults:
    """Train the four regressions of a parameter from sets."""
    dataset = gaussian_sets_spec(200, 10, 0, data / "toys")
    config = {"epochs": 1, "hidden": [8], "set_size": 10, "truth": "x"}
    return finished(data, RunRequest(task="ensembles", method="regression", dataset=dataset, config=config))


def learnt_variable(data: Path, _toys: Callable[..., EventTable]) -> RunResults:
    """Learn an event variable."""
    sample = SampleConfig(topology="two_visible", events=2000, background=suitable_background("blueprint_2"))
    config = SHORT | {"auxiliary": [4]}
    dataset = sample_spec(sample, 0, data / "toys")
    return finished(data, RunRequest(task="event_variables", method="blueprint_2", dataset=dataset, config=config))


def calibrated(data: Path, _toys: Callable[..., EventTable]) -> RunResults:
    """Calibrate under two spectra."""
    dataset = toy_spec("gaussian", ("uniform", "falling"), 2000, 0, data / "toys")
    config = toy_config("gaussian") | SHORT
    return finished(data, RunRequest(task="calibrate", method="side_by_side", dataset=dataset, config=config))


OTHER_TASKS = (slider, disentangled, classified_sets, regressed_sets, learnt_variable, calibrated)
