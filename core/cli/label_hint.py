"""Which options name the label and its signal value: said by ``info``, and wherever a command misses them."""

from __future__ import annotations

from collections.abc import Mapping
from shlex import quote

from core.errors import DataError
from core.events.glance import Glance, glance, label_candidates, named_like_label
from core.events.spec import DatasetSpec

NO_LABEL, NO_SIGNAL_VALUE, UNLABELLED = "no label column", "choose which value is signal", "drop invalid events"
"""What errors say where no column is the label, its values do not tell which is signal, or some events have none."""


def label_hint(seen: Mapping[str, Glance], weight: str | None = None) -> str | None:
    """Say which column of few values may be the label, and the options that take it; None where no column may.

    Which of them is signal only the user knows.

    Example:
        >>> label_hint({"cat": Glance("cat", 9, 0, (1.0, 22.0), 1.0, 1.0, 22.0)})
        'cat holds 1 and 22 only and may be the label: --label cat --signal-value 1|22'
    """
    name = likely_label(seen, weight)
    if name is None:
        return None
    *others, last = values = [_written(each) for each in seen[name].values]
    value = "" if values == ["0", "1"] else f" --signal-value {'|'.join(map(quote, values))}"
    return f"{name} holds {', '.join(others)} and {last} only and may be the label: --label {quote(name)}{value}"


def likely_label(seen: Mapping[str, Glance], weight: str | None = None) -> str | None:
    """Return the column that is the likeliest label: of two values, of few texts, or of few numbers and named like one.

    Example:
        >>> codes = (345.0, 364100.0, 410470.0)
        >>> few = {name: Glance(name, 9, 0, codes, 345.0, 364100.0, 410470.0) for name in ("n_jets", "process")}
        >>> likely_label(few)
        'process'
    """

    def is_likely(name: str) -> bool:
        values = seen[name].values
        return len(values) == 2 or isinstance(values[0], str) or named_like_label(name)

    return next((name for name in label_candidates(seen, weight) if is_likely(name)), None)


def label_remedy(spec: DatasetSpec, problem: DataError) -> str | None:
    """Say which options give the label that an error asks for; None where it asks for none, or no column may be one.

    Args:
        spec: the data set, with the options that were given.
        problem: what a command said of it.
    """
    label, said = spec.roles.label, str(problem)
    try:
        if label is None:
            return label_hint(glance(*spec.files), spec.roles.weight) if NO_LABEL in said else None
        if said.endswith(UNLABELLED):
            return "the option that does it: --drop-invalid"
        if NO_SIGNAL_VALUE not in said:
            return None
        held = glance(spec.path, spec.background, (label,)).get(label)
    except DataError:  # the command has said itself what cannot be read
        return None
    values = "|".join(quote(_written(value)) for value in held.values) if held is not None else ""
    return f"the option that says it: --signal-value {values or 'VALUE'}"


def _written(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.10g}"
