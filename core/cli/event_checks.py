"""The check that the events of a request can be trained on, by its task: what it refuses makes no run."""

from __future__ import annotations

from core.events.table import EventTable
from core.store.request import RunRequest
from core.unlearning.check import check_events


def check_for_task(request: RunRequest, events: EventTable) -> None:
    """Refuse events that the task of a request cannot train on.

    Some tasks train on features, label and protected variables as they stand, the others on samples that they make of
    the events: these are made here as the run will make them.

    Args:
        request: one whose config is allowed.
        events: those that it names.

    Raises:
        DataError: they cannot be trained on.
    """
    making = {"ensembles": _make_sets, "calibrate": _make_spectra, "event_variables": _make_sample}
    if request.task in making:
        making[request.task](request, events)
    else:
        check_events(events)


# What a task makes is imported where it is made: no command loads the other tasks.
def _make_sets(request: RunRequest, events: EventTable) -> None:
    import torch

    from core.ensembles.config import EnsembleConfig, RegressionConfig
    from core.ensembles.sets import split_of, two_classes
    from core.ensembles.theta_sets import ThetaSets, split_sets
    from core.learning.split import HELD_OUT, TRAINING, VALIDATION

    device = torch.device("cpu")
    if request.method == "regression":
        theta = RegressionConfig(**request.config)
        split_sets(len(ThetaSets.of(events, theta, device)), theta, request.seed)
        return
    classes = EnsembleConfig(**request.config)
    part = split_of(events, classes, request.seed)
    for kind in (TRAINING, VALIDATION, HELD_OUT):
        two_classes(events, part == kind, classes, device)


def _make_spectra(request: RunRequest, events: EventTable) -> None:
    import torch

    from core.calibration.config import CalibrationConfig
    from core.calibration.sample import sample_of

    config = CalibrationConfig(**request.config)
    sample = sample_of(events, config, request.seed)
    for spectrum in config.train:
        sample.training(spectrum, torch.device("cpu"))


def _make_sample(request: RunRequest, events: EventTable) -> None:
    from core.event_variables.blueprint import BLUEPRINTS
    from core.event_variables.sample import sample_of

    blueprint = BLUEPRINTS[request.method].item
    sample_of(events, blueprint, blueprint.config(**request.config), request.seed)
