"""What a disentangling training reaches."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

from core.evaluation.evaluate import Evaluation
from core.evaluation.sculpting import Spectrum
from core.results import Array, Estimate, Number


@dataclass(frozen=True)
class Elbo:
    """Hold the terms of the evidence lower bound, in nats an event: ELBO = -(reconstruction + the three others).

    Args:
        reconstruction: -E log p(x|z), of standardised features.
        index_code: I_q(x; z), what the latent knows of the event.
        total_correlation: KL(q(z) ‖ Π_j q(z_j)).
        dimension_wise: Σ_j KL(q(z_j) ‖ p(z_j)).
    """

    reconstruction: Number
    index_code: Number
    total_correlation: Number
    dimension_wise: Number

    @property
    def value(self) -> float:
        """Return the ELBO itself."""
        return -(self.reconstruction + self.index_code + self.total_correlation + self.dimension_wise)


@dataclass(frozen=True)
class Latents:
    """Say which of K latent dimensions holds which of V variables (the protected ones first, then features).

    Args:
        variables: names of the V variables.
        n_protected: how many of them are protected.
        n_events: events behind the estimates; background only.
        n_effective: their N_eff.
        mi: I(z_j; v) in nats of a draw z ~ q(z|x), shape (K, V); NaN where negative weights leave no estimate.
        mi_error: standard errors, shape (K, V).
        entropy: H(v) of the same binning, in nats, shape (V,).
        kl: E KL(q(z_j|x) ‖ p(z_j)) in nats, shape (K,): a dimension below ``COLLAPSED`` carries nothing.
        sensitive: indices of z', which are taken out, one or more.
        collapsed: indices of dimensions that carry nothing, taken out as well.
        mig: mutual information gap of the protected variables, (1/V') Σ (I_first - I_second)/H.
        means_mi: I(r_j; v) of the posterior means, which a classifier sees, and the protected variables, in nats, shape
            (K, n_protected): the mean of a dimension that is almost collapsed tells more than its draw. None where it
            was not estimated.
    """

    variables: tuple[str, ...]
    n_protected: int
    n_events: int
    n_effective: Number
    mi: Array
    mi_error: Array
    entropy: Array
    kl: Array
    sensitive: tuple[int, ...]
    collapsed: tuple[int, ...]
    mig: Estimate
    means_mi: Array | None = None

    @property
    def kept(self) -> tuple[int, ...]:
        """Return the indices of the dimensions that the classifier sees."""
        out = {*self.sensitive, *self.collapsed}
        return tuple(j for j in range(len(self.kl)) if j not in out)


@dataclass(frozen=True)
class Traversal:
    """Hold what the decoder makes of z_j = value with all other dimensions at their mean.

    Args:
        features: names of the F features.
        values: the values, in units of the prior's standard deviation, shape (S,).
        decoded: features in physical units, shape (K, S, F).
        spread: standard deviation of each feature, to compare with, shape (F,).
    """

    features: tuple[str, ...]
    values: Array
    decoded: Array
    spread: Array


@dataclass(frozen=True)
class TightCut:
    """Hold the sculpting of one protected variable by a cut at a given background rejection.

    Args:
        variable: the protected variable.
        rejected: 1 - ε_b, such as 0.995.
        signal_efficiency: ε_s there.
        n_pass: background events that pass.
        spectrum: background passing and failing.
        jsd_nats: their Jensen-Shannon divergence.
        limit_nats: what statistics alone give an independent score.
    """

    variable: str
    rejected: Number
    signal_efficiency: Number
    n_pass: int
    spectrum: Spectrum
    jsd_nats: Estimate
    limit_nats: Number


@dataclass(frozen=True)
class DisentangleView:
    """Hold all that a page draws of one training.

    Args:
        elbo: its terms on the events that were judged.
        latents: what the latent dimensions hold.
        traversal: what they mean.
        evaluation: of the classifier; None before its first epoch.
        cuts: sculpting at each background rejection and of each protected variable; empty while the training runs,
            since its few validation events cannot tell.
    """

    elbo: Elbo
    latents: Latents
    traversal: Traversal
    evaluation: Evaluation | None
    cuts: tuple[TightCut, ...]

    def headline(self) -> dict[str, float]:
        """Return the figures that tables and the command line show; ``tight_…`` are those of the tightest cut."""
        tight = max(self.cuts, key=lambda cut: (cut.rejected, cut.jsd_nats.value), default=None)
        figures = dict(self.evaluation.headline()) if self.evaluation else {}
        if tight is not None:
            figures |= {
                "rejected": tight.rejected,
                "tight_jsd_nats": tight.jsd_nats.value,
                "tight_jsd_nats_error": tight.jsd_nats.error,
                "tight_jsd_bits": tight.jsd_nats.value / log(2),
                "tight_jsd_limit_nats": tight.limit_nats,
                "tight_n_pass": float(tight.n_pass),
            }
        return figures | {
            "mig": self.latents.mig.value,
            "mig_error": self.latents.mig.error,
            "elbo": self.elbo.value,
        }
