"""Two circles whose areas, and that of their overlap, are given: the geometry of an entropy diagram."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

POINTS = 120


@dataclass(frozen=True)
class Circles:
    """Hold two circles side by side, the first around (0, 0), the second around (distance, 0).

    Args:
        first: radius of the first.
        second: radius of the second.
        distance: between their centres.
    """

    first: float
    second: float
    distance: float

    @property
    def left(self) -> float:
        """Return where the figure begins on the left."""
        return min(-self.first, self.distance - self.second)

    @property
    def right(self) -> float:
        """Return where it ends on the right."""
        return max(self.first, self.distance + self.second)

    def outlines(self) -> tuple[Floats, Floats, Floats]:
        """Return the first circle, the overlap (empty when there is none) and the second as (points, 2)."""
        whole = np.linspace(-math.pi, math.pi, POINTS)
        discs = _arc(0.0, self.first, whole), _arc(self.distance, self.second, whole)
        if self.distance >= self.first + self.second:
            return discs[0], np.empty((0, 2)), discs[1]
        if self.distance <= abs(self.first - self.second):
            return discs[0], discs[0] if self.first < self.second else discs[1], discs[1]
        meet = (self.distance**2 + self.first**2 - self.second**2) / (2 * self.distance)
        ahead = math.acos(np.clip(meet / self.first, -1, 1))
        back = math.acos(np.clip((meet - self.distance) / self.second, -1, 1))
        right = _arc(0.0, self.first, np.linspace(-ahead, ahead, POINTS // 2))
        left = _arc(self.distance, self.second, np.linspace(back, 2 * math.pi - back, POINTS // 2))
        return discs[0], np.concatenate([right, left]), discs[1]


@lru_cache(maxsize=256)
def circles(first: float, second: float, shared: float) -> Circles:
    """Place two circles so that their areas and that of their overlap are as given.

    Args:
        first: area of the first circle, 0 or more.
        second: area of the second circle, 0 or more.
        shared: area of the overlap; below 0 counts as 0, above the smaller circle as that circle.

    Example:
        >>> found = circles(3.0, 2.0, 0.5)
        >>> round(overlap(found.first, found.second, found.distance), 6)
        0.5
    """
    a, b = (math.sqrt(max(area, 0.0) / math.pi) for area in (first, second))
    near, far = abs(a - b), a + b
    if shared <= 0:
        return Circles(a, b, far)
    if shared >= min(first, second):
        return Circles(a, b, near)
    for _ in range(60):
        middle = (near + far) / 2
        near, far = (middle, far) if overlap(a, b, middle) > shared else (near, middle)
    return Circles(a, b, (near + far) / 2)


def overlap(first: float, second: float, distance: float) -> float:
    """Compute the area that two circles of given radii share.

    Example:
        >>> overlap(1.0, 1.0, 2.0), round(overlap(1.0, 2.0, 0.5), 4)
        (0.0, 3.1416)
    """
    if distance >= first + second:
        return 0.0
    if distance <= abs(first - second):
        return math.pi * min(first, second) ** 2
    area = 0.0
    for radius, other in ((first, second), (second, first)):
        reach = np.clip((distance**2 + radius**2 - other**2) / (2 * distance * radius), -1, 1)
        half = math.acos(reach)
        area += radius**2 * (half - math.sin(half) * math.cos(half))
    return area


def _arc(centre: float, radius: float, angles: Floats) -> Floats:
    return np.stack([centre + radius * np.cos(angles), radius * np.sin(angles)], axis=1)
