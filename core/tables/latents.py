"""What the latent dimensions of a disentangling training hold, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

import numpy as np
import pandas as pd

from core.disentanglement.results import Latents, TightCut, Traversal
from core.tables.described import described


def latents_table(latents: Latents) -> pd.DataFrame:
    """Return the information of each latent dimension and variable, one row a pair.

    Args:
        latents: what the dimensions hold.

    Returns:
        Dimensions count from 1, as figures write them.
    """
    k, v = latents.mi.shape
    protected = [i < latents.n_protected for i in range(v)]
    columns = {
        "dimension": np.repeat(np.arange(1, k + 1), v),
        "variable": np.tile(np.asarray(latents.variables, dtype=object), k),
        "protected": np.tile(protected, k),
        "mi [nats]": latents.mi.ravel(),
        "mi_error [nats]": latents.mi_error.ravel(),
        "entropy [nats]": np.tile(latents.entropy, k),
        "kl [nats]": np.repeat(latents.kl, v),
        "sensitive": np.repeat([j in latents.sensitive for j in range(k)], v),
        "collapsed": np.repeat([j in latents.collapsed for j in range(k)], v),
    }
    words = {
        "dimension": "of the latent, from 1",
        "mi [nats]": "mutual information of a draw from the posterior and the variable, on background",
        "mi_error [nats]": "its standard error",
        "entropy [nats]": "of the binned variable",
        "kl [nats]": "mean divergence of the dimension's posterior from its prior",
        "sensitive": "whether the dimension is taken out because it holds a protected variable",
        "collapsed": "whether it is taken out because it carries nothing",
    }
    return described(columns, f"What {k} latent dimensions hold; MIG {latents.mig.value:.4g}.", words)


def traversal_table(traversal: Traversal) -> pd.DataFrame:
    """Return what the decoder makes of each latent dimension at each value, one row a feature.

    Args:
        traversal: what the decoder made.
    """
    k, s, f = traversal.decoded.shape
    columns = {
        "dimension": np.repeat(np.arange(1, k + 1), s * f),
        "value": np.tile(np.repeat(traversal.values, f), k),
        "feature": np.tile(np.asarray(traversal.features, dtype=object), k * s),
        "decoded": traversal.decoded.ravel(),
        "spread": np.tile(traversal.spread, k * s),
    }
    words = {
        "dimension": "of the latent, from 1; the others stay at their mean",
        "value": "of the dimension, in standard deviations of its prior",
        "decoded": "in the unit of the feature",
        "spread": "standard deviation of the feature",
    }
    return described(columns, "Features that the decoder makes of one latent dimension.", words)


def cuts_table(cuts: Sequence[TightCut]) -> pd.DataFrame:
    """Return the sculpting at each background rejection, one row a cut and protected variable.

    Args:
        cuts: in the order of the rows.
    """
    columns = {
        "variable": [cut.variable for cut in cuts],
        "rejected": [cut.rejected for cut in cuts],
        "signal_efficiency": [cut.signal_efficiency for cut in cuts],
        "n_pass": [cut.n_pass for cut in cuts],
        "jsd [nats]": [cut.jsd_nats.value for cut in cuts],
        "jsd_error [nats]": [cut.jsd_nats.error for cut in cuts],
        "jsd [bits]": [cut.jsd_nats.value / log(2) for cut in cuts],
        "limit [nats]": [cut.limit_nats for cut in cuts],
    }
    words = {
        "rejected": "share of the background that fails",
        "signal_efficiency": "share of the signal that passes",
        "n_pass": "background events that pass",
        "jsd [nats]": "Jensen-Shannon divergence of the background that passes and that fails",
        "jsd_error [nats]": "its standard error",
        "limit [nats]": "the divergence that statistics alone give an independent score",
    }
    return described(columns, "Sculpting by cuts at a given background rejection.", words)


def cut_table(cut: TightCut, unit: str = "") -> pd.DataFrame:
    """Return the background's spectra of passing and failing events at one cut, one row a bin.

    Args:
        cut: the cut.
        unit: of the variable.
    """
    suffix, spectrum = f" [{unit}]" if unit else "", cut.spectrum
    columns = {
        f"low{suffix}": spectrum.edges[:-1],
        f"high{suffix}": spectrum.edges[1:],
        "passed": spectrum.passed,
        "passed_error": np.sqrt(spectrum.passed_variance),
        "failed": spectrum.failed,
        "failed_error": np.sqrt(spectrum.failed_variance),
    }
    words = {
        "passed": "Σw of the background events that pass the cut",
        "passed_error": "its standard error √Σw²",
        "failed": "Σw of the background events that fail the cut",
        "failed_error": "its standard error √Σw²",
    }
    return described(columns, f"Spectra of {cut.variable}, {100 * cut.rejected:g} % of background rejected.", words)
