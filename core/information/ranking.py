"""Which few variables carry the label: each alone, and greedy sets that do not repeat themselves.

Everything follows from the joint tables of signal and of background, counted with the same codes:

    I(X;Y) from the margins,  I(X_i;X_j) from both tables together,  I(X_i;X_j|Y) = Σ_y p(y) I(X_i;X_j|Y=y),
    I(X_i;Y|X_j) = I(X_i;Y) - I(X_i;X_j) + I(X_i;X_j|Y)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.events.table import EventTable
from core.information.counts import PairCounts, count_pairs
from core.information.estimate import estimator_words, pair_information
from core.information.measures import entropies, mutual_information, mutual_information_error
from core.information.quantise import checked_weights, quantise
from core.information.selection import select
from core.information.stages import stages

Floats = NDArray[np.float64]
Criterion = Literal["jmi", "cmim", "mrmr"]


@dataclass(frozen=True)
class CriterionWords:
    """Describe a criterion in words.

    Args:
        title: what a menu shows.
        definition: one sentence for hovers.
    """

    title: str
    definition: str


CRITERIA: dict[Criterion, CriterionWords] = {
    "jmi": CriterionWords(
        "JMI, joint mutual information",
        "Takes the variable that tells most about the label together with each chosen one, on average: "
        "I(X;label) - mean [I(X;chosen) - I(X;chosen|label)].",
    ),
    "cmim": CriterionWords(
        "CMIM, conditional mutual information",
        "Takes the variable that adds most to the chosen one that replaces it best: min I(X;label|chosen).",
    ),
    "mrmr": CriterionWords(
        "mRMR, most relevant and least redundant",
        "Takes the variable with most relevance beyond its redundancy: I(X;label) - mean I(X;chosen). "
        "It does not see variables that tell something only together.",
    ),
}


@dataclass(frozen=True)
class Scoreboard:
    """Hold what k variables tell about the label at even odds, alone and in pairs; information in nats.

    Args:
        names: the variables.
        titles: their symbols as in print.
        relevance: I(X;label), shape (k,); may be slightly below zero for a variable that tells nothing.
        relevance_error: its standard errors, shape (k,).
        null_level: what the uncorrected estimate of the relevance gives for independent variables, shape (k,).
        redundancy: I(X_i;X_j), shape (k, k), with H(X) on the diagonal.
        conditional_redundancy: I(X_i;X_j|label), shape (k, k), with H(X|label) on the diagonal.
        ceiling: H(label) = log 2, all there is to know.
        n_events: number of events.
        n_effective: N_eff at even odds.
        estimator: how the estimates were made, in words.
    """

    names: tuple[str, ...]
    titles: tuple[str, ...]
    relevance: Floats
    relevance_error: Floats
    null_level: Floats
    redundancy: Floats
    conditional_redundancy: Floats
    ceiling: float
    n_events: int
    n_effective: float
    estimator: str

    @property
    def mean_redundancy(self) -> Floats:
        """Return the mean of I(X_i;X_j) over the other variables, shape (k,)."""
        return np.asarray((self.redundancy.sum(axis=1) - np.diagonal(self.redundancy)) / (len(self.names) - 1))


@dataclass(frozen=True)
class Step:
    """Hold one step of a greedy selection; information in nats.

    Args:
        name: the variable taken.
        title: its symbol as in print.
        score: the criterion's value, largest among the variables that were left.
        relevance: I(X;label).
        relevance_error: its standard error.
        null_level: what the uncorrected estimate of the relevance gives for an independent variable.
        redundancy: mean of I(X;X_j) over the variables chosen before; 0 for the first.
        conditional_redundancy: mean of I(X;X_j|label) over them; 0 for the first.
    """

    name: str
    title: str
    score: float
    relevance: float
    relevance_error: float
    null_level: float
    redundancy: float
    conditional_redundancy: float


@dataclass(frozen=True)
class JointInformation:
    """Hold what variables tell about the label together, at even odds, in nats.

    Args:
        names: the variables.
        value: a lower bound of I(X_1, …, X_k; label); slightly below zero when they tell nothing. See
            ``nested_bounds`` for sets that include one another.
        error: its standard error on the held-out events.
        ceiling: H(label) = log 2.
        n_events: held-out events.
    """

    names: tuple[str, ...]
    value: float
    error: float
    ceiling: float
    n_events: int


def scoreboard(
    table: EventTable, names: Sequence[str], *, bins: int = 32, progress: Callable[[float], None] | None = None
) -> Scoreboard:
    """Compute what variables tell about the label and share with each other, with the label at even odds.

    Args:
        table: the events, with a label.
        names: two variables or more; the label among them is left out.
        bins: B, the largest number of codes of a variable, 2 to 255.
        progress: called with the share that is done, from 0 to 1; what it raises ends the work.

    Returns:
        The scoreboard, in the order of the names.

    Raises:
        DataError: no label, columns, weights or bins that cannot be used, or too much weight in negative cells.

    Example:
        >>> from core.events.table import Roles
        >>> label = np.arange(1000) % 2
        >>> table = EventTable("toy", {"noise": np.arange(1000) // 2 % 5, "copy": label, "y": label}, Roles(label="y"))
        >>> scoreboard(table, ["noise", "copy"]).relevance.round(2) + 0.0
        array([0.  , 0.69])
    """
    names = tuple(name for name in names if name != table.roles.label)
    checked_weights(table.weights, table.n_events)
    chosen = select(table.balanced(), names)
    coding, *counting = stages((0.2, 0.4, 0.4), progress)
    codes = quantise(chosen.columns, bins=bins, weights=chosen.weights, report=coding)
    classes = []
    for members, report in zip((table.is_signal, ~table.is_signal), counting, strict=True):
        part = replace(codes, codes=np.ascontiguousarray(codes.codes[:, members]))
        classes.append(count_pairs(part, None if chosen.weights is None else chosen.weights[members], report))
    counts = classes[0] + classes[1]
    with_label, with_label2 = (_with_label(classes, kind) for kind in ("sum_w", "sum_w2"))
    found = entropies(with_label, counts.n_effective)
    occupied = np.count_nonzero(with_label2.any(axis=-1), axis=-1)
    return Scoreboard(
        names=names,
        titles=tuple(table.describe(name).title or name for name in names),
        relevance=mutual_information(found),
        relevance_error=mutual_information_error(with_label, with_label2),
        null_level=(occupied - 1) / (2 * counts.n_effective),
        redundancy=_information(counts),
        conditional_redundancy=np.mean([_information(each) for each in classes], axis=0),
        ceiling=float(np.log(2)),
        n_events=chosen.n_events,
        n_effective=counts.n_effective,
        estimator=estimator_words(bins, "equal_frequency", "miller_madow"),
    )


def greedy(board: Scoreboard, criterion: Criterion = "jmi", n_steps: int | None = None) -> tuple[Step, ...]:
    """Choose variables one by one, each the best addition to those chosen before.

    The first is the most relevant one. With S the chosen ones, the next has the largest
        mRMR:  I(X;Y) - mean_S I(X;X_j)
        JMI:   I(X;Y) - mean_S [I(X;X_j) - I(X;X_j|Y)]
        CMIM:  I(X;Y) - max_S [I(X;X_j) - I(X;X_j|Y)] = min_S I(X;Y|X_j)

    Args:
        board: what the variables tell alone and in pairs.
        criterion: "jmi", "cmim" or "mrmr".
        n_steps: number of variables to choose; None for all.

    Returns:
        The steps in order.

    Raises:
        DataError: an unknown criterion, or a number of steps outside 1…k.

    References:
        G. Brown, A. Pocock, M. Zhao and M. Luján, Conditional likelihood maximisation, JMLR 13, 2012;
        H. Peng, F. Long and C. Ding, 2005 (mRMR); H. Yang and J. Moody, 1999 (JMI); F. Fleuret, 2004 (CMIM).
    """
    if criterion not in get_args(Criterion):
        raise DataError(f"unknown criterion {criterion!r}; allowed: {', '.join(get_args(Criterion))}")
    k = len(board.names)
    n_steps = k if n_steps is None else n_steps
    if not 1 <= n_steps <= k:
        raise DataError(f"{n_steps} steps; allowed: 1 to {k}, the number of variables")
    chosen: list[int] = []
    steps = []
    while len(chosen) < n_steps:
        scores = _scores(board, criterion, chosen)
        scores[chosen] = -np.inf
        best = int(scores.argmax())
        shared, given_label = (
            float(pairs[best, chosen].mean()) if chosen else 0.0
            for pairs in (board.redundancy, board.conditional_redundancy)
        )
        steps.append(
            Step(
                name=board.names[best],
                title=board.titles[best],
                score=float(scores[best]),
                relevance=float(board.relevance[best]),
                relevance_error=float(board.relevance_error[best]),
                null_level=float(board.null_level[best]),
                redundancy=shared,
                conditional_redundancy=given_label,
            )
        )
        chosen.append(best)
    return tuple(steps)


def nested_bounds(found: Sequence[JointInformation]) -> tuple[JointInformation, ...]:
    """Give each set of variables at least what was found for a set within it.

    I(S ∪ T; Y) ≥ I(S; Y), and every held-out estimate is a lower bound, so the largest of those of a set and of its
    subsets is the best bound for it. The largest of several leans upwards by less than the standard error of their
    difference on the same events.

    Args:
        found: what several sets tell, in any order.

    Returns:
        The same sets, with value and error of the best bound, in the same order.

    Example:
        >>> small, large = JointInformation(("x",), 0.3, 0.01, 0.7, 9), JointInformation(("x", "y"), 0.2, 0.02, 0.7, 9)
        >>> [each.value for each in nested_bounds([small, large])]
        [0.3, 0.3]
    """
    bounds = []
    for each in found:
        best = max((other for other in found if set(other.names) <= set(each.names)), key=lambda other: other.value)
        bounds.append(replace(each, value=best.value, error=best.error))
    return tuple(bounds)


def _scores(board: Scoreboard, criterion: Criterion, chosen: list[int]) -> Floats:
    """Return the criterion of every variable as an addition to the chosen ones, shape (k,)."""
    if not chosen:
        return board.relevance.copy()
    redundancy, given_label = board.redundancy[:, chosen], board.conditional_redundancy[:, chosen]
    if criterion == "mrmr":
        return np.asarray(board.relevance - redundancy.mean(axis=1))
    lost = redundancy - given_label
    return np.asarray(board.relevance - (lost.mean(axis=1) if criterion == "jmi" else lost.max(axis=1)))


def _with_label(classes: list[PairCounts], kind: Literal["sum_w", "sum_w2"]) -> Floats:
    """Return the tables of each variable with the label, shape (k, B, 2)."""
    k = len(classes[0].names)
    selves = [getattr(each.with_selves(), kind)[-k:] for each in classes]
    return np.stack([np.diagonal(tables, axis1=1, axis2=2) for tables in selves], axis=-1).astype(np.float64)


def _information(counts: PairCounts) -> Floats:
    """Return I(X_i;X_j) as a matrix with H(X) on the diagonal."""
    k = len(counts.names)
    shared = mutual_information(pair_information(counts).entropies)
    matrix = np.diag(shared[-k:])
    i, j = counts.pairs.T
    matrix[i, j] = matrix[j, i] = shared[:-k]
    return matrix
