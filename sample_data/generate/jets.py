"""Anti-kT jets of a batch of events, with constituents, through fastjet."""

from __future__ import annotations

from dataclasses import dataclass

import awkward as ak
import fastjet
import numpy as np


@dataclass
class Jets:
    """Jets of all events, flat: four-momenta (n, 4), event index, and constituents one jet after another."""

    p4: np.ndarray
    event: np.ndarray
    constituents: np.ndarray
    offsets: np.ndarray

    @property
    def pt(self) -> np.ndarray:
        """Transverse momentum, GeV."""
        return np.hypot(self.p4[:, 0], self.p4[:, 1])

    @property
    def eta(self) -> np.ndarray:
        """Pseudorapidity."""
        return np.arcsinh(self.p4[:, 2] / self.pt)

    @property
    def rapidity(self) -> np.ndarray:
        """Rapidity."""
        return np.arctanh(self.p4[:, 2] / self.p4[:, 3])

    @property
    def phi(self) -> np.ndarray:
        """Azimuth, rad."""
        return np.arctan2(self.p4[:, 1], self.p4[:, 0])

    @property
    def mass(self) -> np.ndarray:
        """Invariant mass, GeV."""
        return np.sqrt(np.maximum(self.p4[:, 3] ** 2 - (self.p4[:, :3] ** 2).sum(axis=1), 0.0))

    def take(self, keep: np.ndarray) -> Jets:
        """The jets in the boolean mask `keep`."""
        counts = np.diff(self.offsets)
        of_kept = np.repeat(keep, counts)
        offsets = np.concatenate([[0], np.cumsum(counts[keep])])
        return Jets(self.p4[keep], self.event[keep], self.constituents[of_kept], offsets)


def _four_vectors(array: ak.Array) -> np.ndarray:
    return np.stack([ak.to_numpy(array[k]) for k in ("px", "py", "pz", "E")], axis=1)


def anti_kt(particles: ak.Array, radius: float, min_pt: float) -> Jets:
    """Anti-kT jets (0802.1189) above `min_pt` GeV, in falling pT inside every event."""
    cluster = fastjet.ClusterSequence(particles, fastjet.JetDefinition(fastjet.antikt_algorithm, radius))
    jets = cluster.inclusive_jets(min_pt)
    inside = cluster.constituents(min_pt)
    order = ak.argsort(jets.px**2 + jets.py**2, axis=1, ascending=False)
    jets, inside = jets[order], inside[order]
    event = np.repeat(np.arange(len(jets)), ak.to_numpy(ak.num(jets.px)))
    counts = ak.to_numpy(ak.flatten(ak.num(inside.px, axis=2)))
    flat = ak.flatten(ak.flatten(inside))
    return Jets(_four_vectors(ak.flatten(jets)), event, _four_vectors(flat), np.concatenate([[0], np.cumsum(counts)]))


def rank_in_event(event: np.ndarray) -> np.ndarray:
    """0 for an event's first (hardest) jet, 1 for its second, ..."""
    first = np.searchsorted(event, event, side="left")
    return np.arange(len(event)) - first
