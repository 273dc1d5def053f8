"""The judgement of calibrations side by side, on events that none of them learnt from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import torch
from numpy.typing import NDArray

from core.calibration import exact
from core.calibration.binned import Floats, bin_of, binned, medians, quantiles
from core.calibration.bound import EVENTS_AT_ONCE, information
from core.calibration.config import CalibrationConfig
from core.calibration.method import METHODS, Calibration, Events
from core.calibration.results import CalibrationView, Closure, Information, Profile, Shift, Truths
from core.calibration.sample import Sample
from core.events.table import effective_number
from core.results import Estimate

BINS, POINTS = 20, 81
COVERED, OUTERMOST = (0.05, 0.95), (0.001, 0.999)
"""Quantiles of a training spectrum between which the training covers it well, and where it ends."""
MARGIN = 2.0
"""In resolutions: ẑ of an event so far from an end is itself one resolution away from it, give or take another."""
Key = tuple[str, str]
"""Training spectrum and method."""


@dataclass(frozen=True)
class Answer:
    """Hold what one calibration says of events.

    Args:
        z: ẑ, shape (n, n_variables).
        sigma: predicted σ, shape (n, n_variables); NaN where there is none.
        exact: the exact ẑ, shape (n, n_variables); NaN where it is not known.
    """

    z: Floats
    sigma: Floats
    exact: Floats


class Judge:
    """Compare calibrations on one set of events.

    Args:
        sample: all events.
        chosen: indices of those to judge with.
        config: of the training.
        seed: of the shuffles.
    """

    def __init__(self, sample: Sample, chosen: NDArray[np.int64], config: CalibrationConfig, seed: int) -> None:
        self._sample, self._chosen, self._config, self._seed = sample, chosen, config, seed
        self._x, self._z = sample.x[chosen], sample.z[chosen]
        self._weights = {name: weights[chosen] for name, weights in sample.weights.items()}
        self._edges = [self._edges_of(k) for k in range(len(sample.variables))]

    def view(self, networks: Mapping[Key, Calibration], shuffles: int) -> CalibrationView:
        """Judge trained networks.

        Args:
            networks: (training spectrum, method) → network.
            shuffles: marginal pairs of each event for I(x; z).
        """
        answers = {key: self.answer(key, network) for key, network in networks.items()}
        config, variables = self._config, range(len(self._sample.variables))
        bulks = [self._bulks(answers, k, MARGIN) for k in variables]
        of_profiles = self._bulks(answers, 0, MARGIN - 1)
        return CalibrationView(
            self._sample.variables,
            config.train,
            config.test,
            len(self._chosen),
            tuple(self._truths(name, k) for name, k in product(self._weights, variables)),
            tuple(
                self._closure(key, answers[key], test, k, bulks[k][key[0]])
                for key, test, k in product(answers, config.test, variables)
            ),
            tuple(
                self._shift(method, answers, second, test, k, bulks[k])
                for method, second, test, k in product(config.methods, config.train[1:], config.test, variables)
            ),
            tuple(self._profile(key, network, of_profiles[key[0]]) for key, network in networks.items())
            if (self._x.shape[1], self._z.shape[1]) == (1, 1)
            else (),
            tuple(
                self._information(key, network, shuffles)
                for key, network in networks.items()
                if METHODS[key[1]].item.has_density
            ),
        )

    def answer(self, key: Key, network: Calibration) -> Answer:
        """Return what one calibration, and the exact one, say of the events."""
        z, sigma = answer_of(network, self._x)
        known = self._exact(key, self._x[:, 0].astype(np.float64))
        return Answer(z, sigma, np.broadcast_to(known[:, None], z.shape))

    def _exact(self, key: Key, x: Floats) -> Floats:
        """Return the exact ẑ(x) of a method under its training spectrum; NaN where it is not known."""
        train, method = key
        if self._config.known == "gaussian" and METHODS[method].item.is_prior_independent:
            return x
        if self._config.known == "gaussian" and method == "mse" and train in self._sample.shapes:
            return exact.conditional_mean(x, self._sample.shapes[train], self._config.noise)
        return np.full(len(x), np.nan)

    def _edges_of(self, k: int) -> Floats:
        used = np.any([weights > 0 for weights in self._weights.values()], axis=0)
        low, high = np.quantile(self._z[used, k], [0.002, 0.998])
        return np.linspace(float(low), float(high), BINS + 1)

    def _bulks(self, answers: Mapping[Key, Answer], k: int, margin: float) -> dict[str, tuple[float, float]]:
        """Return the ends of the truths that each training spectrum covers well, some resolutions off its own ends."""
        found = {}
        for train in self._config.train:
            w, z = self._weights[train], self._z[:, k]
            low, high, first, last = quantiles(z, w, (*COVERED, *OUTERMOST))
            own = [answers[train, method].z[:, k] - z for method in self._config.methods]
            resolution = min(float(np.sqrt(np.average(rest**2, weights=w))) for rest in own)
            ends = max(low, first + margin * resolution), min(high, last - margin * resolution)
            found[train] = ends if ends[0] < ends[1] else (low, high)
        return found

    def _truths(self, name: str, k: int) -> Truths:
        w = self._weights[name]
        index = bin_of(self._z[:, k], self._edges[k])
        share = np.bincount(index[index >= 0], w[index >= 0], BINS) / w.sum()
        return Truths(name, self._sample.variables[k], int((w > 0).sum()), effective_number(w), self._edges[k], share)

    def _closure(self, key: Key, answer: Answer, test: str, k: int, bulk: tuple[float, float]) -> Closure:
        w, z, edges = self._weights[test], self._z[:, k], self._edges[k]
        rest, pull = answer.z[:, k] - z, (answer.z[:, k] - z) / answer.sigma[:, k]
        ratio = answer.z[:, k] / z if (z > 0).all() else np.full(len(z), np.nan)
        index = np.where(w > 0, bin_of(z, edges), -1)
        by_z, by_ratio, by_pull = (binned(y, w, index, BINS) for y in (rest, ratio, pull))
        by_estimate = binned(rest, w, np.where(w > 0, bin_of(answer.z[:, k], edges), -1), BINS)
        inside = np.where((w > 0) & (z >= bulk[0]) & (z <= bulk[1]), 0, -1)
        of_rest, of_ratio, of_pull = (binned(y, w, inside, 1) for y in (rest, ratio, pull))
        return Closure(
            key[1], METHODS[key[1]].title, key[0], test, self._sample.variables[k], edges,
            by_z.n_effective, by_z.mean, by_z.mean_error, medians(rest, w, index, BINS),
            by_ratio.mean, by_ratio.mean_error, by_z.width, by_z.width_error,
            by_pull.mean, by_pull.width, by_pull.width_error,
            np.sqrt(binned(answer.sigma[:, k] ** 2, w, index, BINS).mean),
            by_estimate.mean, by_estimate.mean_error,
            binned(answer.exact[:, k] - z, w, index, BINS).mean, bulk,
            Estimate(float(of_rest.mean[0]), float(of_rest.mean_error[0])),
            Estimate(float(of_rest.width[0]), float(of_rest.width_error[0])),
            Estimate(float(of_pull.width[0]), float(of_pull.width_error[0])),
            Estimate(float(of_ratio.mean[0]), float(of_ratio.mean_error[0])),
        )  # fmt: skip

    def _shift(
        self,
        method: str,
        answers: Mapping[Key, Answer],
        second: str,
        test: str,
        k: int,
        bulks: Mapping[str, tuple[float, float]],
    ) -> Shift:
        first = self._config.train[0]
        one, other = answers[first, method], answers[second, method]
        w, z, edges = self._weights[test], self._z[:, k], self._edges[k]
        index = np.where(w > 0, bin_of(z, edges), -1)
        moved = binned(other.z[:, k] - one.z[:, k], w, index, BINS)
        known = binned(other.exact[:, k] - one.exact[:, k], w, index, BINS)
        bulk = max(bulks[first][0], bulks[second][0]), min(bulks[first][1], bulks[second][1])
        inside = np.where((w > 0) & (z >= bulk[0]) & (z <= bulk[1]), 0, -1)
        mean = binned(other.z[:, k] - one.z[:, k], w, inside, 1)
        return Shift(
            method, METHODS[method].title, first, second, test, self._sample.variables[k], edges,
            moved.mean, moved.mean_error, known.mean, bulk,
            Estimate(float(mean.mean[0]), float(mean.mean_error[0])),
        )  # fmt: skip

    def _profile(self, key: Key, network: Calibration, bulk: tuple[float, float]) -> Profile:
        used = np.any([weights > 0 for weights in self._weights.values()], axis=0)
        low, high = np.quantile(self._x[used, 0].astype(np.float64), [0.005, 0.995])
        x = np.linspace(float(low), float(high), POINTS)
        z, sigma = answer_of(network, x[:, None].astype(np.float32))
        noise = self._config.noise if self._config.known == "gaussian" else float("nan")
        title = METHODS[key[1]].title
        return Profile(key[1], title, key[0], x, z[:, 0], sigma[:, 0], self._exact(key, x), noise, bulk)

    def _information(self, key: Key, network: Calibration, shuffles: int) -> Information:
        w = self._weights[key[0]]
        own = w > 0
        arrays = self._x[own], self._z[own].astype(np.float32), (w[own] / w[own].mean()).astype(np.float32)
        events = Events(*(torch.from_numpy(values).to(network.x_mean.device) for values in arrays))
        is_known = self._config.known == "gaussian" and key[0] in self._sample.shapes
        known = exact.information(self._sample.shapes[key[0]], self._config.noise) if is_known else float("nan")
        found = information(network, events, self._seed, shuffles)
        return Information(key[1], METHODS[key[1]].title, key[0], found, known)


@torch.no_grad()
def answer_of(network: Calibration, x: NDArray[np.float32]) -> tuple[Floats, Floats]:
    """Return ẑ and the predicted σ of each component, shape (n, n_variables) each, σ NaN where there is none."""
    parts = [network.estimate(part) for part in torch.from_numpy(x).to(network.x_mean.device).split(EVENTS_AT_ONCE)]
    z = torch.cat([part for part, _ in parts]).double().cpu().numpy()
    covariance = torch.cat([part for _, part in parts]).double().cpu()
    return z, np.sqrt(covariance.diagonal(dim1=1, dim2=2).numpy())
