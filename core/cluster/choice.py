"""Who trains: this process, or a cluster."""

from __future__ import annotations

import re

from core.jobs.loading import Loader
from core.jobs.runner import ThreadRunner
from core.settings import Settings
from core.store.store import RunStore


def runner_for(settings: Settings, store: RunStore, *, workers: int = 1, load: Loader | None = None) -> ThreadRunner:
    """Return the runner that the settings ask for: threads of this process, or the workers of a cluster.

    Args:
        settings: ``dask_address`` names a scheduler, or is empty.
        store: the run store.
        workers: threads, where there is no cluster.
        load: reads a run's events, where there is no cluster; None lets runs share them.
    """
    if settings.dask_address:
        from core.cluster.runner import ClusterRunner

        return ClusterRunner(store, settings.runs, settings.dask_address)
    return ThreadRunner(store, settings.runs, workers=workers, load=load)


def without_address(problem: str) -> str:
    """Return why a cluster takes no run, for users who need not know where it is.

    Example:
        >>> without_address("no scheduler answers at 'tcp://10.0.0.7:8786': connection refused; allowed: tcp://host:8786")
        'no scheduler answers'
        >>> without_address("no worker of tcp://10.0.0.7:8786 trains; start some with --resources CPU=1")
        'no worker trains; start some with --resources CPU=1'
    """
    return re.sub(r" (?:at|of) '?\w+://[^\s';]*[^\s';:]'?", "", problem).partition(": ")[0]
