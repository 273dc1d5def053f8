"""The runs of a scan on a cluster, for the command line, which waits for them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from core.cluster.client import connect
from core.cluster.runner import TICK, ClusterRunner
from core.store.request import RunRequest
from core.store.store import Run, RunStore


def run_on_cluster(
    store: RunStore,
    requests: Sequence[RunRequest],
    folder: Path,
    address: str,
    *,
    report: Callable[[Run], None] = lambda run: None,
) -> list[Run]:
    """Train runs on the workers of a cluster, and return them as they ended; Ctrl-C stops all of them.

    Args:
        store: where to record.
        requests: what to train.
        folder: parent of the runs' own folders.
        address: of the scheduler.
        report: called with each run that ended.

    Raises:
        DataError: a request is not allowed, or no scheduler answers.
    """
    connect(address).close()
    runner = ClusterRunner(store, folder, address)
    runs = runner.submit_all(requests)
    open_runs = {run.id for run in runs}
    try:
        while open_runs:
            for run_id in sorted(open_runs):
                run = store.get(run_id)
                if not run.is_live:
                    open_runs.remove(run_id)
                    report(run)
            time.sleep(TICK)
    except KeyboardInterrupt:
        for run_id in open_runs:
            store.stop(run_id)
        raise
    finally:
        runner.close()
    return [store.get(run.id) for run in runs]
