"""Numbers that tell whether a sample is what it claims to be. All are weighted."""

from __future__ import annotations

import numpy as np

from .sample import Rows, Sample


def auc(values: np.ndarray, label: np.ndarray, weight: np.ndarray) -> float:
    """P(signal > background) + P(equal)/2, weighted; above 1/2 when large values are signal-like."""
    unique, where = np.unique(values, return_inverse=True)
    signal = np.bincount(where, weight * (label == 1), minlength=len(unique))
    background = np.bincount(where, weight * (label == 0), minlength=len(unique))
    below = np.cumsum(background) - background
    return float((signal * (below + background / 2)).sum() / signal.sum() / background.sum())


def correlation(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> float:
    """Weighted Pearson correlation."""
    x, y = (v - np.average(v, weights=weight) for v in (x.astype(float), y.astype(float)))
    xy, xx, yy = ((weight * v).sum() for v in (x * y, x * x, y * y))
    return float(xy / np.sqrt(xx * yy))


def per_feature(sample: Sample, table: Rows) -> dict[str, tuple[float, float]]:
    """Single-feature AUC and the correlation with the protected variable in background."""
    label, weight = table["label"], table["weight"].astype(float)
    background = label == 0
    mass = table[sample.protected][background]
    return {
        name: (auc(table[name], label, weight), correlation(table[name][background], mass, weight[background]))
        for name in (sample.protected, *sample.features)
    }


def mode(values: np.ndarray, bins: int = 400) -> float:
    """Peak of the distribution: centre of the fullest bin, after smoothing over five."""
    counts, edges = np.histogram(values, bins)
    smooth = np.convolve(counts, np.ones(5) / 5, mode="same")
    peak = int(np.argmax(smooth))
    return float((edges[peak] + edges[peak + 1]) / 2)


def peak(sample: Sample, table: Rows) -> tuple[float, float, float]:
    """Mode of the protected variable in signal and in background, and half the central 68 % of the signal."""
    mass, label = table[sample.protected], table["label"]
    low, high = np.percentile(mass[label == 1], [16, 84])
    return mode(mass[label == 1]), mode(mass[label == 0]), float(high - low) / 2
