"""Runs and their losses as tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pandas as pd

from core.store.store import Recorded, Run
from core.tables.described import described

HEADLINE = (
    "auc", "auc_error", "r50", "r50_error", "jsd_nats", "jsd_nats_error", "jsd_bits", "jsd_limit_nats",
    "mi_score_protected", "dcorr",
)  # fmt: skip
WORDS = {
    "created": "when the run was asked for, UTC",
    "auc": "area under the ROC curve",
    "r50": "background rejection at a signal efficiency of one half",
    "jsd_nats": "Jensen-Shannon divergence of the background that passes and that fails the cut",
    "jsd_bits": "the same in bits",
    "jsd_limit_nats": "the divergence that statistics alone give an independent score",
    "mi_score_protected": "I(score; protected variable) on background, in nats",
    "dcorr": "squared distance correlation of score and protected variable on background",
}


def runs_table(runs: Sequence[Run]) -> pd.DataFrame:
    """Return runs with their configs and figures of merit, one row a run.

    Args:
        runs: in the order of the rows.

    Returns:
        A column of each config field is called "config." and its name; empty where a run has none.
    """
    options = dict.fromkeys(name for run in runs for name in run.config)
    columns = {
        "run": [run.id for run in runs],
        "created": pd.to_datetime([datetime.fromtimestamp(run.created, UTC) for run in runs], utc=True),
        "data": [" and ".join(run.request.dataset.files) for run in runs],
        "method": [run.request.method for run in runs],
        "protected": [", ".join(run.request.dataset.roles.protected) for run in runs],
        "features": [", ".join(run.request.dataset.roles.features) for run in runs],
        "seed": [run.request.seed for run in runs],
        "status": [run.status for run in runs],
        "epoch": [run.epoch for run in runs],
        "n_epochs": [run.n_epochs for run in runs],
        "duration [s]": [run.seconds for run in runs],
    }
    columns |= {name: [run.headline.get(name) for run in runs] for name in HEADLINE}
    columns |= {f"config.{name}": [_plain(run.config.get(name)) for run in runs] for name in options}
    return described(columns, "Trained runs and their figures of merit on held-out events.", WORDS)


def history_table(history: Sequence[Recorded]) -> pd.DataFrame:
    """Return what each epoch of a training reported, one row an epoch.

    Args:
        history: the recorded snapshots.
    """
    names = dict.fromkeys(name for each in history for name in each.scalars)
    columns = {"epoch": [each.epoch for each in history], "time [s]": [each.seconds for each in history]}
    columns |= {name: [each.scalars.get(name) for each in history] for name in names}
    return described(columns, "Losses of each epoch.", {"time [s]": "since the training began"})


def _plain(value: object) -> object:
    """Return a config value as one that a cell holds: lists in words."""
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
