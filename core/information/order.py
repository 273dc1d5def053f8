"""An order of the variables in which those that share information stand together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
from scipy.spatial.distance import squareform


def dendrogram_order(distance: NDArray[np.float64]) -> tuple[int, ...]:
    """Order variables by average linkage on their distances, neighbours as close as the tree allows.

    Args:
        distance: symmetric, shape (k, k), such as ``InformationMatrix.distance``; NaN (two constants) counts as 1.

    Returns:
        Indices of the variables, for ``InformationMatrix.take``.

    References:
        Z. Bar-Joseph, D. Gifford and T. Jaakkola, Fast optimal leaf ordering for hierarchical clustering, 2001.

    Example:
        >>> dendrogram_order(np.array([[0.0, 0.9, 0.1], [0.9, 0.0, 0.8], [0.1, 0.8, 0.0]]))
        (1, 2, 0)
    """
    if len(distance) < 3:
        return tuple(range(len(distance)))
    known = np.nan_to_num(distance, nan=1.0)
    condensed = squareform((known + known.T) / 2, checks=False)
    tree = optimal_leaf_ordering(linkage(condensed, method="average"), condensed)
    return tuple(int(leaf) for leaf in leaves_list(tree))
