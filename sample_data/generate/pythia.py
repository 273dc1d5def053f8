"""Pythia 8 in batches: final-state particles as flat arrays with event offsets."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import awkward as ak
import numpy as np
import pythia8mc

from .sample import Process

MB_TO_PB = 1e9
NEUTRINOS = (12, 14, 16)
CHARGED = (11, 13, 211, 321, 2212, 3112, 3222, 3312, 3334)
NEGATIVE_IF_POSITIVE_ID = (11, 13, 3112, 3312, 3334)


@dataclass
class Events:
    """Visible final-state particles of a batch; event i owns rows offsets[i]:offsets[i+1].

    `p4` columns are px, py, pz, E in GeV. `record` is Pythia's full record (None for Y(4S)).
    """

    offsets: np.ndarray
    pid: np.ndarray
    p4: np.ndarray
    record: ak.Array | None = None

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def counts(self) -> np.ndarray:
        """Particles per event."""
        return np.diff(self.offsets)

    @property
    def index(self) -> np.ndarray:
        """Event number of every particle."""
        return np.repeat(np.arange(len(self)), self.counts)

    @property
    def charge(self) -> np.ndarray:
        """Electric charge of every particle, in units of e."""
        sign = np.sign(self.pid)
        sign = np.where(np.isin(np.abs(self.pid), NEGATIVE_IF_POSITIVE_ID), -sign, sign)
        return np.where(np.isin(np.abs(self.pid), CHARGED), sign, 0).astype(np.int8)

    def jagged(self, mask: np.ndarray | None = None) -> ak.Array:
        """The particles (those in `mask`) as a jagged array of px, py, pz, E, one list per event."""
        keep = np.ones(len(self.pid), bool) if mask is None else mask
        counts = np.bincount(self.index[keep], minlength=len(self))
        flat = ak.zip(dict(zip(("px", "py", "pz", "E"), self.p4[keep].T, strict=True)), with_name="Momentum4D")
        return ak.unflatten(flat, counts)


def _is_visible(pid: np.ndarray) -> np.ndarray:
    return ~np.isin(np.abs(pid), NEUTRINOS)


class Generator:
    """A seeded Pythia run; `batches` yields Events for ever and counts what it generated."""

    def __init__(self, process: Process, seed: int) -> None:
        self.process = process
        self.generated = 0
        self.pythia = pythia8mc.Pythia("", False)
        for line in ("Print:quiet = on", *process.settings, "Random:setSeed = on", f"Random:seed = {seed}"):
            if not self.pythia.readString(line):
                raise ValueError(f"Pythia does not know: {line}")
        if not self.pythia.init():
            raise RuntimeError(f"Pythia did not initialise: {process.name}")
        self._rng = np.random.default_rng(seed)

    @property
    def sigma_pb(self) -> float:
        """Cross section in pb: the process's own figure or Pythia's running estimate."""
        return self.process.sigma_pb or self.pythia.infoPython().sigmaGen() * MB_TO_PB

    def batches(self, size: int = 200) -> Iterator[Events]:
        """Endless batches of about `size` events each."""
        while True:
            events = self._upsilon_batch(size) if self.process.upsilon else self._batch(size)
            if events is not None:
                self.generated += len(events)
                yield events

    def _batch(self, size: int) -> Events | None:
        record = self.pythia.nextBatch(size)
        if "prt" not in ak.fields(record):  # every event failed
            return None
        record = record.prt
        keep = record.status > 0
        for neutrino in NEUTRINOS:
            keep = keep & (abs(record.id) != neutrino)
        final = record[keep]
        offsets = np.concatenate([[0], np.cumsum(ak.to_numpy(ak.num(final.id)))])
        flat = ak.flatten(final)
        p4 = np.stack([ak.to_numpy(flat.p[k]) for k in ("px", "py", "pz", "e")], axis=1)
        return Events(offsets, ak.to_numpy(flat.id), p4, record)

    def _upsilon_batch(self, size: int) -> Events:
        """Y(4S) -> B B̄ at rest: two-body with dN/dcosθ ∝ sin²θ, half neutral and half charged pairs."""
        pid: list[int] = []
        p4: list[tuple[float, float, float, float]] = []
        offsets = [0]
        while len(offsets) <= size:
            self._append_pair()
            if not self.pythia.next():
                continue
            for particle in self.pythia.event:
                if particle.isFinal():
                    pid.append(particle.id())
                    p4.append((particle.px(), particle.py(), particle.pz(), particle.e()))
            offsets.append(len(pid))
        events = Events(np.array(offsets), np.array(pid, np.int32), np.array(p4))
        keep = _is_visible(events.pid)
        counts = np.bincount(events.index[keep], minlength=len(events))
        return Events(np.concatenate([[0], np.cumsum(counts)]), events.pid[keep], events.p4[keep])

    def _append_pair(self) -> None:
        beam = 10.5794 / 2
        code = 511 if self._rng.random() < 0.5 else 521
        mass = self.pythia.particleData.m0(code)
        p = math.sqrt(beam**2 - mass**2)
        cos = self._rng.uniform(-1, 1)
        while self._rng.random() > 1 - cos**2:
            cos = self._rng.uniform(-1, 1)
        sin, phi = math.sqrt(1 - cos**2), self._rng.uniform(0, 2 * math.pi)
        px, py, pz = p * sin * math.cos(phi), p * sin * math.sin(phi), p * cos
        event = self.pythia.event
        event.reset()
        event.append(code, 1, 0, 0, px, py, pz, beam, mass)
        event.append(-code, 1, 0, 0, -px, -py, -pz, beam, mass)
