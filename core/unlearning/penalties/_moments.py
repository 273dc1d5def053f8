"""Exact, differentiable flatness of the score's distribution over bins of a protected variable."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from pydantic import Field
from torch import Tensor

from core.errors import DataError
from core.learning.batch import Batch
from core.unlearning.method import Penalty, PenaltyConfig, on_background

RESOLUTION = 1e-12


def equal_occupancy_edges(m: Tensor, weights: Tensor, bins: int) -> Tensor:
    """Return the inner edges of bins of m with equal sums of |w|, shape (n_bins - 1,); a value on an edge is below it.

    A variable with at most ``bins`` distinct values gets one bin a value. Where one value alone fills several bins,
    they are one.

    Args:
        m: shape (n,).
        weights: shape (n,).
        bins: number of bins.

    Raises:
        DataError: fewer events than bins, or one value only.
    """
    if len(m) < bins:
        raise DataError(f"{len(m)} background events cannot fill {bins} bins of the protected variable; use fewer bins")
    values: Tensor = torch.unique(m.double())
    if len(values) < 2:
        raise DataError(f"the protected variable takes the value {float(values[0]):g} only; one that varies is needed")
    if len(values) <= bins:
        return values[:-1]
    ordered, order = torch.sort(m.double())
    share = torch.cumsum(weights.double().abs()[order], 0)
    share = share / share[-1]
    targets = torch.arange(1, bins, device=m.device, dtype=torch.float64) / bins
    edges = torch.unique(ordered[torch.searchsorted(share, targets).clamp(max=len(m) - 1)])
    below: Tensor = edges[edges < values[-1]]
    return below


@dataclass(frozen=True)
class LegendreFit:
    """Fit a polynomial of m̃ to one value a bin by least squares.

    The centres of equal-occupancy bins are equidistant in the rank of m: m̃_b = (2b + 1)/bins - 1 in [-1, 1]. With φ_k
    the Legendre polynomials made orthogonal on those centres (φ_0 = 1, φ_1 = m̃, φ_2 = P_2(m̃) - const.), the fit is
    Σ_k c_k φ_k(m̃),  c_k = Σ_b v_b φ_kb / Σ_b φ_kb².

    Args:
        bins: number of bins.
        order: degree of the polynomial; 0 is the mean of the values.
        max_slope: κ, which limits the slope to |c_1| ≤ κ min(c_0, 1 - c_0); None leaves it free.
        monotonic: whether the parabola must not turn inside [-1, 1]: |c_2| ≤ |c_1|/3.
    """

    bins: int
    order: int
    max_slope: float | None = None
    monotonic: bool = False

    def residuals(self, values: Tensor, filled: Tensor) -> Tensor:
        """Return values minus fit, 0 in bins that are not filled.

        Args:
            values: one a bin, shape (n, bins).
            filled: the bins that take part, shape (bins,), boolean.
        """
        basis = self._basis(filled)
        coefficients = list((values @ (basis / (basis**2).sum(0).clamp(min=RESOLUTION))).unbind(1))
        if self.max_slope is not None:
            bound = self.max_slope * torch.minimum(coefficients[0], 1 - coefficients[0]).clamp(min=0)
            coefficients[1] = torch.minimum(torch.maximum(coefficients[1], -bound), bound)
        if self.monotonic:
            bound = coefficients[1].abs() / 3
            coefficients[2] = torch.minimum(torch.maximum(coefficients[2], -bound), bound)
        return (values - torch.stack(coefficients, 1) @ basis.T) * filled

    def _basis(self, filled: Tensor) -> Tensor:
        """Return the polynomials on the filled bins, shape (bins, order + 1); 0 elsewhere and beyond their number."""
        centres = (2 * torch.arange(self.bins, dtype=torch.float64, device=filled.device) + 1) / self.bins - 1
        legendre = [torch.ones_like(centres), centres]
        for k in range(1, self.order):
            legendre.append(((2 * k + 1) * centres * legendre[k] - k * legendre[k - 1]) / (k + 1))
        basis: list[Tensor] = []
        for polynomial in legendre[: self.order + 1]:
            column = polynomial * filled
            for other in basis:
                column = column - other * (column @ other) / (other @ other).clamp(min=RESOLUTION)
            basis.append(torch.where(column @ column > RESOLUTION, column, 0.0))
        return torch.stack(basis, 1)


@dataclass(frozen=True)
class ProtectedBins:
    """Hold the bins of one protected variable and the fit over them.

    Args:
        edges: from ``equal_occupancy_edges``.
        fit: what a score may depend on.
    """

    edges: Tensor
    fit: LegendreFit

    def of(self, m: Tensor) -> Tensor:
        """Return the bin of each value of m, shape (n,)."""
        return torch.bucketize(m.double().contiguous(), self.edges)


def bins_of(
    train: Batch, bins: int, order: int, *, max_slope: float | None = None, monotonic: bool = False
) -> list[ProtectedBins]:
    """Return the bins of each protected variable, taken from the training background.

    Raises:
        DataError: too few events for the bins, or too few values for a fit of that order.
    """
    _, protected, weights = on_background(train.w, train)
    found = []
    for m in protected.unbind(1):
        edges = equal_occupancy_edges(m, weights, bins)
        filled = len(edges) + 1
        if filled < order + 2:
            raise DataError(
                f"a polynomial of order {order} describes any dependence on a protected variable in {filled} bins; "
                f"at least {order + 2} are needed: use a lower order, or more bins of a variable with more values"
            )
        found.append(ProtectedBins(edges, LegendreFit(filled, order, max_slope, monotonic)))
    return found


def moment_penalty(scores: Tensor, bin_of: Tensor, weights: Tensor, fit: LegendreFit, power: float = 2.0) -> Tensor:
    """Compute Σ_b ∫ds |F_b(s) - fit_b(s)|^p with its exact gradient in the scores.

    F_b is the weighted cumulative distribution of the score in bin b. Between neighbouring scores s_(k) < s_(k+1) every
    F_b is constant, so the integral is Σ_k (s_(k+1) - s_(k)) q_k with q_k = Σ_b |F_b - fit_b|^p. q depends on the order
    of the scores alone: detached, it leaves the exact derivative q_(k-1) - q_k, whatever the power and the limits of
    the fit. O(n log n) time, O(n · bins) memory; no event is dropped, and bins whose weight in the batch is not
    positive take no part.

    Args:
        scores: f of background events, shape (n,).
        bin_of: bin of the protected variable, shape (n,), integers.
        weights: event weights, shape (n,); negative ones enter the distributions with their sign.
        fit: what the distributions may depend on.
        power: p.

    Returns:
        A scalar ≥ 0, float64.

    References:
        Kitouni, Nachman, Weisser, Williams 2020 (2010.09745).
    """
    s, order = torch.sort(scores.double(), stable=True)
    with torch.no_grad():
        mass = torch.zeros(len(s), fit.bins, dtype=torch.float64, device=s.device)
        mass[torch.arange(len(s), device=s.device), bin_of[order]] = weights.double()[order]
        cumulative = torch.cumsum(mass, 0)
        totals = cumulative[-1]
        filled = totals > 0
        distribution = torch.where(filled, cumulative / torch.where(filled, totals, 1.0), 0.0)
        integrand = fit.residuals(distribution, filled).abs().pow(power).sum(1)
    return ((s[1:] - s[:-1]) * integrand[:-1]).sum()


class MomentConfig(PenaltyConfig):
    """Set up a MoDe training; a strong λ wants a slower learning rate than others."""

    learning_rate: float = Field(
        5e-3, gt=0, le=1, title="learning rate", description="peak of the one-cycle schedule of the Adam optimiser"
    )
    lam: float = Field(
        100.0,
        ge=0,
        le=1e5,
        title="λ",
        description="weight of the moment term beside the cross entropy; 0 is the baseline, some 10 flatten the bulk "
        "of the spectrum, some 100 the tail that a tight cut selects; beyond some 300, separation is lost",
    )
    mass_bins: int = Field(
        8,
        ge=2,
        le=256,
        title="bins of m",
        description="equal-occupancy bins of each protected variable, or one a value; a batch should put some hundred "
        "events in each",
    )
    power: float = Field(
        2.0,
        ge=1,
        le=8,
        title="power",
        description="p of |F - fit|^p: above 2, the largest deviations count most; below, all alike",
    )


def moment_term(config: MomentConfig, protected: list[ProtectedBins]) -> Penalty:
    """Return the mean over the protected variables of the moment penalty."""

    def penalty(scores: Tensor, batch: Batch) -> Tensor:
        f, m, w = on_background(scores, batch)
        pairs = zip(protected, m.unbind(1), strict=True)
        return torch.stack(
            [moment_penalty(f, one.of(values), w, one.fit, config.power) for one, values in pairs]
        ).mean()

    return penalty
