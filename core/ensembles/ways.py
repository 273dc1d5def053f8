"""Four ways to a parameter θ from a set of N events."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import torch
from torch import Tensor, nn

from core.ensembles.networks import Perceptron

WAYS: Mapping[str, str] = MappingProxyType(
    {
        "likelihood": "Parametrised classifier, maximum likelihood",
        "one_step": "One step: max over θ, min over f",
        "per_set": "Per-set mean squared error",
        "posterior": "Posterior mean of per-event ratios",
    }
)
"""Name → title."""
SETS_AT_ONCE = 2048
SMOOTH_DEGREE = 6


class RatioNetwork(nn.Module):
    """Map an event and a θ to ln f(x, θ) = ln p(x|θ)/p(x), p(x) being the mean over the prior of the training sets.

    ln f = φ(x)·ψ(θ)/√L - ln E_x[e^(φ(x)·ψ(θ)/√L)]: a ratio has E_x[f] = 1 for each θ, and what a network misses of it
    by a hair a product over N events misses N times, so the norm is computed. The sum over the events of a set needs
    φ once an event, however many θ are asked for. An exponential family has just this form; others are reached with L.

    Args:
        standards: mean and scale of each feature, shape (2, d), and of θ, shape (2,).
        latent: L.
        hidden: width of each hidden layer.
        generator: source of the initial weights.
    """

    features: Tensor
    parameter: Tensor

    def __init__(
        self, standards: tuple[Tensor, Tensor], latent: int, hidden: Sequence[int], generator: torch.Generator
    ) -> None:
        super().__init__()
        self.register_buffer("features", standards[0].float())
        self.register_buffer("parameter", standards[1].double())
        smooth = nn.functional.silu
        self.phi = Perceptron([standards[0].shape[1], *hidden, latent], generator, smooth)
        self.psi = Perceptron([1, *hidden, latent], generator, smooth)
        self.latent = latent

    def of_events(self, x: Tensor) -> Tensor:
        """Return φ(x)/√L, shape (…, L), of events of shape (…, d)."""
        latent: Tensor = self.phi((x - self.features[0]) / self.features[1]) / math.sqrt(self.latent)
        return latent

    def of_theta(self, theta: Tensor) -> Tensor:
        """Return ψ(θ), shape (k, L), of values of θ of shape (k,)."""
        psi: Tensor = self.psi(((theta - self.parameter[0]) / self.parameter[1]).float().unsqueeze(-1))
        return psi

    def loss(self, x: Tensor, theta: Tensor, others: Tensor) -> Tensor:
        """Return the loss of the maximum-likelihood classifier of joint against shuffled pairs (x, θ).

        Of -E_joint[ln f] + E_shuffled[f - 1] with f = e^(T + β(θ)), the minimum over β(θ) is
        -E_joint[T] + E_θ ln E_x[e^T].
        Both means over θ are over the same sets: a batch with more of one θ in one of them would teach it a β.

        Args:
            x: sets, shape (n_sets, N, d).
            theta: θ of each set, shape (n_sets,).
            others: events of any θ, which give the norm, shape (n, d).
        """
        psi = self.of_theta(theta)
        joint = (self.of_events(x).mean(1) * psi).sum(1)
        norms = torch.logsumexp(self.of_events(others) @ psi.T, 0) - math.log(len(others))
        return (norms - joint).mean()

    @torch.no_grad()
    def log_likelihood(self, x: Tensor, theta: Tensor, known: Tensor) -> Tensor:
        """Return Σ_i ln f(x_i, θ_k), shape (n_sets, k).

        Args:
            x: sets, shape (n_sets, N, d).
            theta: values of θ, shape (k,).
            known: events of the training, which give the norm, shape (n, d).
        """
        psi = self.of_theta(theta)
        norms = torch.logsumexp(self.of_events(known) @ psi.T, 0) - math.log(len(known))
        sums = torch.cat([self.of_events(part).double().sum(1) for part in x.split(SETS_AT_ONCE)])
        return sums @ psi.double().T - x.shape[1] * norms.double()


class SetRegressor(nn.Module):
    """Map a set to an estimate of θ: θ̂ = θ_0 + s_θ F((1/N) Σ_i Φ(x_i)), whose mean squared error is minimised.

    Args:
        standards: mean and scale of each feature, shape (2, d), and of θ, shape (2,).
        latent: how many numbers Φ makes of an event.
        hidden: width of each hidden layer.
        generator: source of the initial weights.
    """

    features: Tensor
    parameter: Tensor

    def __init__(
        self, standards: tuple[Tensor, Tensor], latent: int, hidden: Sequence[int], generator: torch.Generator
    ) -> None:
        super().__init__()
        self.register_buffer("features", standards[0].float())
        self.register_buffer("parameter", standards[1].double())
        self.phi = Perceptron([standards[0].shape[1], *hidden, latent], generator)
        self.network = Perceptron([latent, *hidden, 1], generator)

    def scaled(self, x: Tensor) -> Tensor:
        """Return (θ̂ - θ_0)/s_θ, shape (n_sets,), of sets (n_sets, N, d)."""
        pooled = self.phi((x - self.features[0]) / self.features[1]).mean(1)
        estimates: Tensor = self.network(pooled).squeeze(-1)
        return estimates

    @torch.no_grad()
    def estimate(self, x: Tensor) -> Tensor:
        """Return θ̂ of sets, shape (n_sets,), float64."""
        scaled = torch.cat([self.scaled(part) for part in x.split(SETS_AT_ONCE)])
        return self.parameter[0] + self.parameter[1] * scaled.double()


class OneStep(nn.Module):
    """Estimate θ̂ = argmax_θ min_f {-Σ_i ln f(x_i)/N + E_(x|θ)[f(x) - 1]}, data against what is expected of each θ.

    The minimum over all f is minus the Kullback-Leibler divergence of the data from p(x|θ), so that θ̂ is the
    maximum-likelihood value. A set of N events must not choose among all f: f = exp(a·s(x) + c) with s the powers of
    the features up to a degree. The minimum over c is then a·s̄ - ln E_θ[e^(a·s)] with its sign turned, and that over a,
    with the cumulants of s to second order (a is of order 1/√N at θ̂), closes:

    min_f L = -½ (s̄ - μ(θ))ᵀ Σ(θ)⁻¹ (s̄ - μ(θ)),  μ = E[s|θ],  Σ = Cov[s|θ],

    with μ and E[s sᵀ|θ] polynomials in θ that are fitted to the training events. No likelihood is learnt first.

    Args:
        standards: mean and scale of each feature, shape (2, d), and of θ, shape (2,).
        degree: highest power of the features.
    """

    features: Tensor
    parameter: Tensor
    moments: Tensor

    def __init__(self, standards: tuple[Tensor, Tensor], degree: int) -> None:
        super().__init__()
        self.degree = degree
        self.register_buffer("features", standards[0].double())
        self.register_buffer("parameter", standards[1].double())
        n = degree * standards[0].shape[1]
        self.register_buffer("moments", torch.zeros(SMOOTH_DEGREE + 1, n + n * n, dtype=torch.float64))

    def statistics(self, x: Tensor) -> Tensor:
        """Return s, shape (…, degree · d), of events (…, d)."""
        scaled = (x.double() - self.features[0]) / self.features[1]
        return torch.cat([scaled**k for k in range(1, self.degree + 1)], -1)

    def fit(self, x: Tensor, theta: Tensor) -> None:
        """Fit the moments of s to sets (n_sets, N, d) of known θ, shape (n_sets,)."""
        means = []
        for part in x.split(SETS_AT_ONCE):
            s = self.statistics(part)
            squares = torch.einsum("bni,bnj->bij", s, s) / s.shape[1]
            means.append(torch.cat([s.mean(1), squares.flatten(1)], 1))
        powers, wanted = self._powers(theta).cpu(), torch.cat(means).cpu()
        self.moments.copy_(torch.linalg.lstsq(powers, wanted, driver="gelsd").solution)

    def objective(self, x: Tensor, theta: Tensor) -> Tensor:
        """Return N min_f L of sets (n_sets, N, d) at values of θ of shape (k,), shape (n_sets, k)."""
        observed = torch.cat([self.statistics(part).mean(1) for part in x.split(SETS_AT_ONCE)])
        n = observed.shape[1]
        found = self._powers(theta) @ self.moments
        mean = found[:, :n]
        covariance = found[:, n:].reshape(-1, n, n) - mean.unsqueeze(2) * mean.unsqueeze(1)
        values, vectors = torch.linalg.eigh((covariance + covariance.mT) / 2)
        floor = 1e-6 * values.amax(1, keepdim=True).clamp(min=1e-12)
        away = torch.einsum("bki,kij->bkj", observed.unsqueeze(1) - mean, vectors)
        distance: Tensor = (away.square() / values.clamp(min=floor)).sum(2)
        return -0.5 * x.shape[1] * distance

    def _powers(self, theta: Tensor) -> Tensor:
        """Return 1, t, …, t^6 of standardised θ, shape (k, 7)."""
        scaled = (theta - self.parameter[0]) / self.parameter[1]
        return torch.stack([scaled**k for k in range(SMOOTH_DEGREE + 1)], 1)


def highest(values: Tensor, grid: Tensor) -> Tensor:
    """Return the θ at which each row is largest: the best point of an even grid, moved along a parabola.

    Args:
        values: shape (n_sets, k).
        grid: shape (k,), evenly spaced, k ≥ 3.

    Example:
        >>> grid = torch.linspace(-1, 1, 21, dtype=torch.float64)
        >>> highest(-((grid - 0.33) ** 2).unsqueeze(0), grid)
        tensor([0.3300], dtype=torch.float64)
    """
    best = values.argmax(1)
    middle = best.clamp(1, len(grid) - 2)
    below, at, above = (values.gather(1, (middle + k).unsqueeze(1)).squeeze(1) for k in (-1, 0, 1))
    curvature = (2 * at - below - above).clamp(min=1e-300)
    moved = grid[middle] + (grid[1] - grid[0]) * ((above - below) / (2 * curvature)).clamp(-1, 1)
    return torch.where(best == middle, moved, grid[best])


def posterior_mean(log_likelihood: Tensor, prior: Tensor) -> Tensor:
    """Compute ⟨θ|x⟩ = Σ_k θ_k Π_i f(x_i, θ_k) / Σ_k Π_i f(x_i, θ_k) over draws θ_k of the prior.

    Args:
        log_likelihood: Σ_i ln f(x_i, θ_k), shape (n_sets, k).
        prior: θ_k, shape (k,).

    Returns:
        Means, shape (n_sets,).
    """
    return torch.softmax(log_likelihood, 1) @ prior
