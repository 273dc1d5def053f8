"""Who trains: this process, or a cluster."""

from __future__ import annotations

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
