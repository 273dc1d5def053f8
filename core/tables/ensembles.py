"""Trainings on sets of events as tables: areas, ROC curves, estimates of θ and their closure."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.ensembles.results import EnsembleView, InformationCurve, RegressionView
from core.tables.described import described


def areas_table(view: EnsembleView) -> pd.DataFrame:
    """Return the area under each curve and how far it is behind the product's, one row a classifier.

    Args:
        view: curves of single events and of sets, and the exact ones.
    """
    curves = (*view.curves, *view.exact)
    columns = {
        "construction": [curve.name for curve in curves],
        "symbol": [curve.symbol for curve in curves],
        "events": [curve.size for curve in curves],
        "auc": [curve.auc.value for curve in curves],
        "auc_error": [curve.auc.error for curve in curves],
        "behind": [curve.behind.value for curve in curves],
        "behind_error": [curve.behind.error for curve in curves],
    }
    words = {
        "events": "that are judged together",
        "auc": "area under the ROC curve",
        "auc_error": "its standard error, by bootstrap replicas of the sets",
        "behind": "AUC of the product (of the classifier of single events for one event) minus this one",
        "behind_error": "standard error of the difference, by the same replicas",
    }
    return described(columns, f"Classifiers of single events and of sets of {view.size}.", words)


def sets_roc_table(view: EnsembleView) -> pd.DataFrame:
    """Return the points of the ROC curves of single events and of sets, one row each.

    Args:
        view: curves of single events and of sets, and the exact ones.
    """
    curves = (*view.curves, *view.exact)
    background = np.concatenate([curve.roc.background_efficiency for curve in curves])
    columns = {
        "construction": [curve.name for curve in curves for _ in curve.roc.signal_efficiency],
        "events": [curve.size for curve in curves for _ in curve.roc.signal_efficiency],
        "signal_efficiency": np.concatenate([curve.roc.signal_efficiency for curve in curves]),
        "background_efficiency": background,
        "rejection": np.divide(1.0, background, out=np.full(len(background), np.inf), where=background > 0),
    }
    words = {"events": "that are judged together", "rejection": "1 / background_efficiency"}
    return described(columns, f"Points of the ROC curves of single events and of sets of {view.size}.", words)


def ways_table(view: RegressionView) -> pd.DataFrame:
    """Return bias and resolution of each way to estimate θ, one row a way.

    Args:
        view: the estimates of all ways.
    """
    columns = {
        "way": [way.name for way in view.ways],
        "title": [way.title for way in view.ways],
        "resolution": [way.resolution.value for way in view.ways],
        "resolution_error": [way.resolution.error for way in view.ways],
        "bias": [way.bias.value for way in view.ways],
        "bias_error": [way.bias.error for way in view.ways],
    }
    words = {
        "resolution": "root mean square of the estimate minus the true value",
        "resolution_error": "its standard error",
        "bias": "mean of the estimate minus the true value",
        "bias_error": "its standard error",
    }
    return described(columns, f"Ways to estimate {view.parameter} from sets of {view.size} events.", words)


def closure_table(view: RegressionView) -> pd.DataFrame:
    """Return the mean of θ̂ - θ in bins of θ, one row a way and bin.

    Args:
        view: the estimates of all ways.
    """
    n = len(view.bins) - 1
    columns = {
        "way": [way.name for way in view.ways for _ in range(n)],
        "low": np.tile(view.bins[:-1], len(view.ways)),
        "high": np.tile(view.bins[1:], len(view.ways)),
        "closure": np.concatenate([way.closure for way in view.ways]),
        "closure_error": np.concatenate([way.closure_error for way in view.ways]),
    }
    words = {
        "closure": "mean of the estimate minus the true value; empty where there is no set",
        "closure_error": "its standard error",
    }
    return described(columns, f"Closure of the estimates of {view.parameter} in bins of it.", words)


def differences_table(view: RegressionView) -> pd.DataFrame:
    """Return the root mean square difference of each pair of ways, one row a pair.

    Args:
        view: the estimates of all ways.
    """
    pairs = [(a, b) for a in range(len(view.ways)) for b in range(a)]
    columns = {
        "way": [view.ways[a].name for a, _ in pairs],
        "other": [view.ways[b].name for _, b in pairs],
        "difference": [float(view.differences[a, b]) for a, b in pairs],
    }
    words = {"difference": f"root mean square of the difference of the estimates, in the unit of {view.parameter}"}
    return described(columns, "How far the ways differ on the same sets.", words)


def information_table(curve: InformationCurve) -> pd.DataFrame:
    """Return I(label; x) against ε, estimated and exact, one row a point.

    Args:
        curve: estimates and exact values.
    """
    columns = {
        "epsilon": curve.epsilon,
        "mi [nats]": curve.estimate,
        "mi_error [nats]": curve.error,
        "exact [nats]": curve.exact,
    }
    words = {
        "epsilon": "half the distance of the means, in standard deviations",
        "mi [nats]": "mutual information of label and x, by a classifier",
        "exact [nats]": "the same by numerical integration",
    }
    return described(columns, "What one event of two Gaussians tells of its class.", words)
