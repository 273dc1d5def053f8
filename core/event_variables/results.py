"""What a learnt event variable is compared with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.results import Array, Estimate, Number


@dataclass(frozen=True)
class Words:
    """Name a column in words.

    Args:
        name: of the column, or of the learnt variable: v, or v1, v2, ….
        title: the symbol as in print.
        unit: such as GeV; empty for a dimensionless quantity.
    """

    name: str
    title: str
    unit: str = ""

    @property
    def axis(self) -> str:
        """Return the axis title: symbol and unit.

        Example:
            >>> Words("m_t", "m_T", "GeV").axis
            'm_T [GeV]'
        """
        return f"{self.title} [{self.unit}]" if self.unit else self.title


@dataclass(frozen=True)
class Comparison:
    """Compare one learnt variable with one known one, on signal events.

    Args:
        learnt: v, or one of several.
        known: the known variable.
        tau: Kendall's τ_b, 1 where both order events alike.
        information: I(v; known) in nats, from equally filled bins.
        share: that divided by the entropy of the binned known variable, in [0, 1].
        n_bins: of the known variable in that estimate.
        known_edges: of the 2-D histogram, in units of the known variable, shape (n_x + 1,).
        learnt_edges: of the 2-D histogram, shape (n_v + 1,).
        density: share of the weight in each cell, shape (n_x, n_v); events outside the edges are left out.
    """

    learnt: Words
    known: Words
    tau: Estimate
    information: Estimate
    share: Estimate
    n_bins: int
    known_edges: Array
    learnt_edges: Array
    density: Array


@dataclass(frozen=True)
class Slice:
    """Hold how one learnt variable is distributed for signal events of nearly one θ, or for the background.

    Args:
        low: lower end of θ; NaN for the background or where there is no θ.
        high: its upper end, equal to ``low`` for events of a single value.
        n_events: in the slice.
        share: share of the slice's weight in each bin, shape (n_bins,).
        is_background: whether it is the background.
    """

    low: Number
    high: Number
    n_events: int
    share: Array
    is_background: bool = False


@dataclass(frozen=True)
class Spectrum:
    """Hold the histograms of one learnt variable.

    Args:
        learnt: v, or one of several.
        edges: of all histograms, shape (n_bins + 1,).
        slices: signal at several θ in rising order, then the background where there is one.
    """

    learnt: Words
    edges: Array
    slices: tuple[Slice, ...]


@dataclass(frozen=True)
class Figure:
    """Hold one figure of merit of one variable.

    Args:
        variable: which; named "v" for all learnt variables together.
        is_learnt: whether it was learnt.
        value: with its standard error.
    """

    variable: Words
    is_learnt: bool
    value: Estimate


@dataclass(frozen=True)
class EventVariableView:
    """Hold all that a page draws of a learnt event variable, on events that it did not learn from.

    Args:
        blueprint: name of the blueprint.
        kind: variable, selector or categoriser.
        theta: the parameter; None where there is none.
        learnt: the learnt variables: v, or v1, v2, ….
        n_events: events judged.
        n_signal: of these, those that count as signal: all where there is no label.
        objective: what the training maximises, ln 2 less the cross entropy of the auxiliary network [nats]: 0 where v
            tells nothing, at most ln 2.
        comparisons: of each learnt variable with each known one.
        spectra: of each learnt variable.
        information: I(variable; θ) in nats, of the learnt variables together, then of each known one, on signal events;
            empty where there is no θ.
        separation: area under the ROC curve, of each learnt and each known variable as it is or reversed, whichever is
            larger; empty without background.
    """

    blueprint: str
    kind: str
    theta: Words | None
    learnt: tuple[Words, ...]
    n_events: int
    n_signal: int
    objective: Estimate
    comparisons: tuple[Comparison, ...]
    spectra: tuple[Spectrum, ...]
    information: tuple[Figure, ...]
    separation: tuple[Figure, ...]

    def comparison(self, known: str, learnt: str | None = None) -> Comparison | None:
        """Return the comparison with a known variable, of the first learnt one if none is named; None without."""
        wanted = learnt or self.learnt[0].name
        return next((each for each in self.comparisons if (each.known.name, each.learnt.name) == (known, wanted)), None)

    def best(self, known: str) -> Comparison | None:
        """Return the comparison with a known variable that has the largest abs(τ); None without."""
        found = [each for each in self.comparisons if each.known.name == known and np.isfinite(each.tau.value)]
        return max(found, key=lambda each: abs(each.tau.value), default=None)

    def headline(self) -> dict[str, float]:
        """Return the figures that tables and the command line show."""
        figures = {"objective": self.objective.value}
        for each in self.comparisons:
            suffix = f"{each.learnt.name}_{each.known.name}"
            figures |= {f"tau_{suffix}": each.tau.value, f"information_share_{suffix}": each.share.value}
        figures |= {f"information_{each.variable.name}_theta": each.value.value for each in self.information}
        return figures | {f"auc_{each.variable.name}": each.value.value for each in self.separation}
