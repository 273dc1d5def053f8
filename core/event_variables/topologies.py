"""Samples of three topologies over a range of masses θ, with what physicists made for each by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from core.event_variables.config import SampleConfig
from core.event_variables.phase_space import Floats, decayed, invariant_mass, produced, resonance
from core.event_variables.transverse import stransverse_mass, transverse_mass
from core.events.table import Column, EventTable, Roles

THETA, LABEL = "theta", "label"
LIGHTEST = 1.05
"""Smallest mass of a parent, in units of the invisible mass."""

Columns = dict[str, Floats]


@dataclass(frozen=True)
class Topology:
    """Describe one topology.

    Args:
        title: what a menu shows.
        summary: one sentence for hovers and help.
        make: (masses of the parents (2, n), config, source of randomness) → features, and what is known by hand.
        features: names of the features.
        known: names of the known variables, the best one first.
    """

    title: str
    summary: str
    make: Callable[[Floats, SampleConfig, np.random.Generator], tuple[Columns, Columns]]
    features: tuple[str, ...]
    known: tuple[str, ...]


def _two_visible(masses: Floats, config: SampleConfig, rng: np.random.Generator) -> tuple[Columns, Columns]:
    mass = masses[0]
    nothing = np.zeros_like(mass)
    one, other = decayed(produced(mass, config.recoil, rng), mass, nothing, nothing, rng)
    known = {"mass": invariant_mass(one + other), "h_t": _across(one) + _across(other)}
    return {**_visible(one, "_1"), **_visible(other, "_2")}, known


def _visible_invisible(masses: Floats, config: SampleConfig, rng: np.random.Generator) -> tuple[Columns, Columns]:
    mass = masses[0]
    invisible = np.full_like(mass, config.invisible_mass)
    seen, unseen = decayed(produced(mass, config.recoil, rng), mass, np.zeros_like(mass), invisible, rng)
    known = {
        "m_t": transverse_mass(seen[:, :2], unseen[:, :2]),
        "pt": _across(seen),
        "mass": mass,
    }
    return {**_visible(seen, ""), **_missing(unseen)}, known


def _pair(masses: Floats, config: SampleConfig, rng: np.random.Generator) -> tuple[Columns, Columns]:
    """Make pairs of parents whose momentum in their common rest frame is exponential, and let both decay."""
    total = np.hypot(masses, config.momentum * rng.exponential(1.0, masses.shape[1])).sum(0)
    parents = decayed(produced(total, config.recoil, rng), total, masses[0], masses[1], rng)
    nothing, invisible = np.zeros_like(total), np.full_like(total, config.invisible_mass)
    (one, lost), (other, also_lost) = (
        decayed(parent, mass, nothing, invisible, rng) for parent, mass in zip(parents, masses, strict=True)
    )
    unseen = lost + also_lost
    known = {
        "m_t2": stransverse_mass(one[:, :2], other[:, :2], unseen[:, :2], config.invisible_mass),
        "h_t": _across(one) + _across(other),
        "missing_pt": _across(unseen),
        "visible_mass": invariant_mass(one + other),
        "mass": masses[0],
    }
    return {**_visible(one, "_1"), **_visible(other, "_2"), **_missing(unseen)}, known


TOPOLOGIES: Mapping[str, Topology] = {
    "two_visible": Topology(
        "Resonance → two visible",
        "A resonance of mass θ decays into two massless visible particles: what is to be found is the invariant mass.",
        _two_visible,
        ("px_1", "py_1", "pz_1", "e_1", "px_2", "py_2", "pz_2", "e_2"),
        ("mass", "h_t"),
    ),
    "visible_invisible": Topology(
        "Resonance → visible + invisible",
        "Like a W: a parent of mass θ decays into a visible and an invisible particle; by hand, the transverse mass.",
        _visible_invisible,
        ("px", "py", "pz", "e", "missing_px", "missing_py"),
        ("m_t", "pt", "mass"),
    ),
    "pair": Topology(
        "Pair → two visible + two invisible",
        "Two parents of mass θ decay into one visible and one invisible particle each; by hand, m_T2.",
        _pair,
        ("px_1", "py_1", "pz_1", "e_1", "px_2", "py_2", "pz_2", "e_2", "missing_px", "missing_py"),
        ("m_t2", "h_t", "missing_pt", "visible_mass", "mass"),
    ),
}
"""All topologies by name."""

WORDS = {
    THETA: Column(THETA, "θ", "GeV", "mass of the parent that the event was made with; of background, drawn alike"),
    LABEL: Column(LABEL, "label", "", "1 for an event of the resonance, 0 for one without"),
    "mass": Column("mass", "m", "GeV", "true mass of the parent"),
    "m_t": Column("m_t", "m_T", "GeV", "transverse mass of visible and missing momentum"),
    "m_t2": Column("m_t2", "m_T2", "GeV", "stransverse mass, with the true invisible mass"),
    "h_t": Column("h_t", "H_T", "GeV", "sum of the visible transverse momenta"),
    "pt": Column("pt", "p_T", "GeV", "visible transverse momentum"),
    "missing_pt": Column("missing_pt", "missing p_T", "GeV", "transverse momentum of all invisible particles"),
    "visible_mass": Column("visible_mass", "m_vis", "GeV", "mass of the two visible particles together"),
}
AXES = {"px": "p_x", "py": "p_y", "pz": "p_z", "e": "E"}


def sample_events(config: SampleConfig, seed: int) -> EventTable:
    """Draw the events of a topology: θ uniform over its range, masses around it, flat two-body phase space.

    Background comes from no resonance: its masses are spread like those of all signal together, uniformly over the
    range of θ, for both parents of a pair apart, and its column of θ is drawn like that of signal.

    Args:
        config: of the sample.
        seed: of the events.

    Returns:
        Visible and missing momenta as features; θ and known variables as protected columns; a label where there is
        background.

    Example:
        >>> events = sample_events(SampleConfig(events=100), seed=1)
        >>> events.n_events, events.roles.protected
        (100, ('theta', 'mass', 'h_t'))
    """
    rng = np.random.default_rng(seed)
    topology = TOPOLOGIES[config.topology]
    n = config.events
    theta = rng.uniform(config.theta_low, config.theta_high, n)
    is_signal = np.arange(n) >= round(config.background * n)
    rng.shuffle(is_signal)
    smallest = max(LIGHTEST * config.invisible_mass, 0.05 * config.theta_low)
    masses = np.stack([_masses(theta, is_signal, smallest, config, rng) for _ in range(2)])
    features, known = topology.make(masses, config, rng)
    columns = {name: values.astype(np.float32) for name, values in {**features, THETA: theta, **known}.items()}
    if config.background:
        columns[LABEL] = is_signal.astype(np.int8)
    return EventTable(topology.title, columns, roles_of(config), {name: _words(name) for name in columns})


def roles_of(config: SampleConfig) -> Roles:
    """Return what the columns of a sample are for."""
    topology = TOPOLOGIES[config.topology]
    label = LABEL if config.background else None
    return Roles(features=topology.features, protected=(THETA, *topology.known), label=label)


def _masses(
    theta: Floats, is_signal: np.ndarray, smallest: float, config: SampleConfig, rng: np.random.Generator
) -> Floats:
    signal = resonance(theta, config.width, config.shape, smallest, rng)
    return np.where(is_signal, signal, rng.uniform(config.theta_low, config.theta_high, len(theta)))


def _visible(momentum: Floats, suffix: str) -> Columns:
    return {f"{name}{suffix}": momentum[:, k] for k, name in enumerate(AXES)}


def _missing(momentum: Floats) -> Columns:
    return {"missing_px": momentum[:, 0], "missing_py": momentum[:, 1]}


def _across(momentum: Floats) -> Floats:
    return np.asarray(np.hypot(momentum[:, 0], momentum[:, 1]))


def _words(name: str) -> Column:
    if name in WORDS:
        return WORDS[name]
    axis = AXES[name.removeprefix("missing_").split("_")[0]]
    if name.startswith("missing_"):
        return Column(name, f"missing {axis}", "GeV", f"{axis} of all invisible particles")
    which = {"1": " of the first visible particle", "2": " of the second visible particle"}
    number = name[-1] if name[-1] in which else ""
    title = f"{axis}{'₁' if number == '1' else '₂' if number else ''}"
    return Column(name, title, "GeV", f"{axis}{which.get(number, ' of the visible particle')}")
