"""A ranking in one sentence and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.information.ranking import JointInformation, Scoreboard, Step
from core.information.relevance import Relevance
from core.numbers import format_number

_SIGNIFICANT = 3.0  # standard errors


def ranking_sentence(
    board: Scoreboard, leakage: Relevance | None, few: JointInformation | None, every: JointInformation | None
) -> str:
    """Say which variable tells most, which leaks most, and how far the chosen ones get.

    Args:
        board: what each variable tells about the label.
        leakage: what they tell about a protected variable; None leaves that part out.
        few: what the chosen variables tell together; None when it is not measured.
        every: what all variables tell together; None when it is not measured.

    Returns:
        A sentence such as "τ₂₁ tells most about the label (0.149 of 0.693 nats at even odds); √d₁₂ leaks most of m_J
        (0.51 nats); 6 variables together hold 0.266 of the 0.275 nats of all 11."
    """
    best = int(board.relevance.argmax())
    told, error = float(board.relevance[best]), float(board.relevance_error[best])
    parts = [
        f"{board.titles[best]} tells most about the label "
        f"({format_number(told)} of {format_number(board.ceiling)} nats at even odds)"
        if told > _SIGNIFICANT * error
        else "no variable alone tells anything about the label beyond the statistical error"
    ]
    if leakage is not None and leakage.names:
        leaked, error = float(leakage.mi[0]), float(leakage.error[0])
        parts.append(
            f"{leakage.titles[0]} leaks most of {leakage.target_title} ({format_number(leaked)} nats on background)"
            if leaked > _SIGNIFICANT * error
            else f"none leaks {leakage.target_title} beyond the statistical error"
        )
    if few is not None and every is not None and len(few.names) < len(every.names):
        subject = "1 variable holds" if len(few.names) == 1 else f"{len(few.names)} variables together hold"
        parts.append(
            f"{subject} {format_number(max(few.value, 0.0))} of the "
            f"{format_number(max(every.value, 0.0))} nats of all {len(every.names)}"
        )
    return "; ".join(parts) + "."


def ranking_columns(
    board: Scoreboard,
    leakage: Sequence[Relevance],
    steps: Sequence[Step],
    reached: Mapping[int, JointInformation],
) -> dict[str, list[str | float | int | None]]:
    """Return the ranking as columns of a table, the most telling variable first; information in nats.

    Args:
        board: what each variable tells about the label.
        leakage: what they tell about each protected variable, on background.
        steps: the greedy selection.
        reached: number of chosen variables → their joint information.

    Returns:
        Column → one value a variable; None where there is none.
    """
    order = (-board.relevance).argsort(kind="stable").tolist()
    names = [board.names[i] for i in order]
    taken = {step.name: n for n, step in enumerate(steps, start=1)}
    joint = {name: reached[n] for name, n in taken.items() if n in reached}
    columns: dict[str, list[str | float | int | None]] = {
        "variable": list(names),
        "symbol": [board.titles[i] for i in order],
        "I(X; label)": [float(board.relevance[i]) for i in order],
        "± I(X; label)": [float(board.relevance_error[i]) for i in order],
        "null level of I(X; label)": [float(board.null_level[i]) for i in order],
        "mean I(X; other)": [float(board.mean_redundancy[i]) for i in order],
    }
    for each in leakage:
        told = f"I(X; {each.target})"
        found = {told: each.mi, f"± {told}": each.error, f"null level of {told}": each.null_level}
        for title, values in found.items():
            leaked = dict(zip(each.names, values.tolist(), strict=True))
            columns[title] = [leaked.get(name) for name in names]
    columns["chosen as"] = [taken.get(name) for name in names]
    columns["joint information then"] = [joint[name].value if name in joint else None for name in names]
    columns["± joint information"] = [joint[name].error if name in joint else None for name in names]
    return columns
