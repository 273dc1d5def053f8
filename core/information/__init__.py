"""Information between variables: events → codes → counts → measures.

``information_matrix`` compares all pairs, ``pair_map`` looks into one, ``relevance`` ranks variables by what they tell
about a target, ``estimate_mi`` takes two arrays. All of it is weighted, negative weights included.
"""

from __future__ import annotations

import numpy as np

from core.events.table import EventTable, Roles
from core.information.catalogue import ALL_MEASURES, GIVEN_MEASURES, MEASURES, Measure
from core.information.counts import PairCounts, count_pairs
from core.information.estimate import Estimate, PairInformation, estimate_mi, pair_information, suitable_bins
from core.information.estimated import EstimatedMatrix, estimated_matrix
from core.information.estimators.estimator import ESTIMATORS, Estimator
from core.information.given import GivenMatrix, given_matrix
from core.information.matrix import InformationMatrix, information_matrix
from core.information.measures import Entropies, jensen_shannon
from core.information.order import dendrogram_order
from core.information.pointwise import Axis, PairMap, pair_map
from core.information.quantise import Bins, Codes, Rule, find_bins, quantise
from core.information.relevance import Relevance, relevance
from core.information.selection import default_names
from core.information.summary import matrix_sentence

__all__ = [
    "ALL_MEASURES",
    "ESTIMATORS",
    "GIVEN_MEASURES",
    "MEASURES",
    "Axis",
    "Bins",
    "Codes",
    "Entropies",
    "Estimate",
    "EstimatedMatrix",
    "Estimator",
    "GivenMatrix",
    "InformationMatrix",
    "Measure",
    "PairCounts",
    "PairInformation",
    "PairMap",
    "Relevance",
    "Rule",
    "count_pairs",
    "default_names",
    "dendrogram_order",
    "estimate_mi",
    "estimated_matrix",
    "find_bins",
    "given_matrix",
    "information_matrix",
    "jensen_shannon",
    "matrix_sentence",
    "pair_information",
    "pair_map",
    "quantise",
    "relevance",
    "suitable_bins",
    "warm",
]


def warm() -> None:
    """Compile every kernel, or load it from the cache, so that the first page does not wait for it."""
    for dtype in (np.float32, np.float64):
        x = np.arange(8, dtype=dtype)
        for writeable in (True, False):
            x = x.copy()
            x.flags.writeable = writeable
            columns = {"x": x, "y": x, "weight": x}
            information_matrix(EventTable("warm", columns, Roles()), ["x", "y"])
            information_matrix(EventTable("warm", columns, Roles(weight="weight")), ["x", "y"])
    x = np.random.default_rng(0).normal(size=(2, 200))
    for name in ("adaptive", "ksg1"):
        estimate_mi(x[0], x[1], name)
