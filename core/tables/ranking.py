"""A ranking and a map of variables as tables, one row a variable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from core.information.geometry import Geometry, geometry_columns
from core.information.ranking import JointInformation, Scoreboard, Step
from core.information.ranking_summary import ranking_columns
from core.information.relevance import Relevance
from core.tables.described import described

WORDS = {
    "I(X; label) [nats]": "what the variable tells about the label at even odds",
    "± I(X; label) [nats]": "its standard error",
    "mean I(X; other) [nats]": "mean of what it shares with each other variable",
    "chosen as": "its place in the greedy selection",
    "joint information then [nats]": "what the variables chosen so far tell about the label together; a lower bound",
    "± joint information [nats]": "its standard error on held-out events",
}
_COUNTS = ("variable", "symbol", "chosen as")


def ranking_table(
    board: Scoreboard,
    leakage: Sequence[Relevance] = (),
    steps: Sequence[Step] = (),
    reached: Mapping[int, JointInformation] | None = None,
) -> pd.DataFrame:
    """Return what each variable tells about the label, leaks, and adds to those chosen before, in nats.

    Args:
        board: what each variable tells about the label.
        leakage: what they tell about each protected variable, on background.
        steps: the greedy selection.
        reached: number of chosen variables → their joint information.

    Returns:
        One row a variable, the most telling first; empty where there is no value.
    """
    found = ranking_columns(board, leakage, steps, reached or {})
    columns = {name if name in _COUNTS else f"{name} [nats]": values for name, values in found.items()}
    table = described(columns, f"What variables tell about the label; {board.estimator}.", WORDS)
    return table.astype({"chosen as": "Int64"})


def path_table(
    steps: Sequence[Step], reached: Mapping[int, JointInformation], every: JointInformation | None = None
) -> pd.DataFrame:
    """Return a greedy selection step by step, in nats; the last row holds all variables if ``every`` is given.

    Args:
        steps: the greedy selection.
        reached: number of chosen variables → their joint information.
        every: what all variables tell together.
    """
    joint = [reached.get(n) for n in range(1, len(steps) + 1)]
    rows = [
        {
            "n_variables": n,
            "added": step.name,
            "symbol": step.title,
            "score [nats]": step.score,
            "relevance [nats]": step.relevance,
            "redundancy [nats]": step.redundancy,
            "conditional_redundancy [nats]": step.conditional_redundancy,
            "joint_information [nats]": found and found.value,
            "joint_information_error [nats]": found and found.error,
        }
        for n, (step, found) in enumerate(zip(steps, joint, strict=True), start=1)
    ]
    if every is not None:
        last = {"joint_information [nats]": every.value, "joint_information_error [nats]": every.error}
        rows.append({"n_variables": len(every.names), "added": "all variables", **last})
    words = {
        "score [nats]": "the criterion's value, largest among the variables that were left",
        "relevance [nats]": "I(X;label)",
        "redundancy [nats]": "mean of I(X;chosen) over the variables chosen before",
        "conditional_redundancy [nats]": "mean of I(X;chosen|label) over them",
        "joint_information [nats]": "what the variables chosen so far tell about the label together; a lower bound",
        "joint_information_error [nats]": "its standard error on held-out events",
    }
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: [row.get(name) for row in rows] for name in names}
    return described(columns, "The variables in the order chosen.", words)


def geometry_table(found: Geometry) -> pd.DataFrame:
    """Return the place of each variable on the map, its entropy and its distances D.

    Args:
        found: map and tree.
    """
    columns = geometry_columns(found)
    titled = {"variable": columns.pop("variable"), "symbol": list(found.titles)}
    description = f"Variables on the map of stress {found.stress:.6g}, {found.event_class} events; {found.estimator}."
    return described(titled | columns, description, {"H [nats]": "entropy of the variable"})


def distance_table(found: Geometry) -> pd.DataFrame:
    """Return the forks of the tree, closest first.

    Args:
        found: map and tree.
    """
    leaves = [found.names[i] for i in found.order]
    columns = {
        "distance": [merge.distance for merge in found.merges],
        "first_place": [merge.places[0] for merge in found.merges],
        "second_place": [merge.places[1] for merge in found.merges],
        "first_height": [merge.heights[0] for merge in found.merges],
        "second_height": [merge.heights[1] for merge in found.merges],
    }
    words = {
        "distance": "mean distance D between the variables of one branch and of the other",
        "first_place": f"where the branch stands along the leaves 0, 1, …: {', '.join(leaves)}",
        "second_place": "where the other branch stands",
        "first_height": "distance at which the branch begins; 0 for a leaf",
        "second_height": "distance at which the other branch begins",
    }
    return described(columns, "The forks of the tree of variables.", words)
