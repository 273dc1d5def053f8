"""The measures of a pair in words: what menus and hovers show."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """Describe one measure of a pair in words.

    Args:
        title: what a menu shows.
        unit: "nats", or empty for a ratio.
        lowest: the smallest possible value.
        highest: the largest possible value; None when it depends on the variables.
        definition: one sentence for hovers.
    """

    title: str
    unit: str
    lowest: float
    highest: float | None
    definition: str


MEASURES: dict[str, Measure] = {
    "mi": Measure(
        "Mutual information I", "nats", 0.0, None, "I = H(X) + H(Y) - H(X,Y): what each tells about the other."
    ),
    "r_i": Measure(
        "Informational correlation r_I", "", 0.0, 1.0,
        "r_I = √(1 - exp(-2I)): the correlation of the bivariate normal that shares as much.",
    ),
    "pearson": Measure("Pearson correlation r", "", -1.0, 1.0, "r = cov(X,Y) / (σ_X σ_Y): the linear part only."),
    "spearman": Measure(
        "Spearman correlation ρ_S", "", -1.0, 1.0, "Pearson's r of the ranks, from the codes: the monotone part only."
    ),
    "iqr": Measure(
        "Information quality ratio IQR", "", 0.0, 1.0, "IQR = I / H(X,Y): the shared part of all there is to know."
    ),
    "distance": Measure(
        "Distance D", "", 0.0, 1.0, "D = 1 - I / H(X,Y): a metric, 0 for variables that determine each other."
    ),
    "symmetric_uncertainty": Measure("Symmetric uncertainty U", "", 0.0, 1.0, "U = 2I / (H(X) + H(Y))."),
    "nmi": Measure("Normalised mutual information NMI", "", 0.0, 1.0, "NMI = I / √(H(X) H(Y))."),
    "redundancy": Measure("Redundancy R", "", 0.0, 0.5, "R = I / (H(X) + H(Y))."),
    "variation": Measure(
        "Variation of information d", "nats", 0.0, None, "d = H(X,Y) - I = H(X|Y) + H(Y|X): what they do not share."
    ),
    "joint_entropy": Measure(
        "Joint entropy H(X,Y)", "nats", 0.0, None, "H(X,Y) = -Σ p(x,y) log p(x,y) over the cells of the plane."
    ),
    "conditional_entropy": Measure(
        "Conditional entropy H(row|column)", "nats", 0.0, None,
        "H(X|Y) = H(X,Y) - H(Y): what remains unknown of the row's variable once the column's is known.",
    ),
}  # fmt: skip

GIVEN_MEASURES: dict[str, Measure] = {
    "given_mi": Measure(
        "Conditional information I(X;Y|Z)", "nats", 0.0, None,
        "I(X;Y|Z) = H(X,Z) + H(Y,Z) - H(X,Y,Z) - H(Z): what they share once Z is known.",
    ),
    "interaction": Measure(
        "Interaction information I(X;Y;Z)", "nats", float("-inf"), None,
        "I(X;Y;Z) = I(X;Y|Z) - I(X;Y): above zero where Z makes them share more (synergy), below where all three say "
        "the same (redundancy).",
    ),
    "total_correlation": Measure(
        "Total correlation C(X,Y,Z)", "nats", 0.0, None,
        "C = H(X) + H(Y) + H(Z) - H(X,Y,Z): all that the three share, however they share it.",
    ),
}  # fmt: skip
"""Measures of a pair beside a third variable Z."""

ALL_MEASURES = MEASURES | GIVEN_MEASURES
