"""The options that name a data set, shared by all commands that read one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from core.errors import DataError
from core.events.roles import guess_roles, roles_from_guesses
from core.events.samples import sample_path
from core.events.source import inspect_file
from core.events.spec import DatasetSpec
from core.events.table import Roles
from core.settings import settings

File = Annotated[
    str,
    typer.Argument(metavar="FILE", help="Parquet, CSV or ROOT file, a folder of Parquet files, or a sample's name."),
]
Label = Annotated[str | None, typer.Option(help="Column that is 1 for signal and 0 for background.")]
Weight = Annotated[str | None, typer.Option(help="Column of event weights; negative ones are understood.")]
Protected = Annotated[
    list[str] | None, typer.Option(help="Variables that the classifier must not use; repeat, or separate by commas.")
]
Features = Annotated[
    list[str] | None, typer.Option(help="Columns that the classifier may use; repeat, or separate by commas.")
]
Derive = Annotated[list[str] | None, typer.Option(help="New column as NAME=EXPRESSION; repeat for more.")]
Select = Annotated[str | None, typer.Option(help="Condition that events must meet, such as '110 < m & m < 150'.")]
DropInvalid = Annotated[bool, typer.Option("--drop-invalid", help="Drop events with missing or infinite values.")]
SignalValue = Annotated[str | None, typer.Option(help="Value of the label that is signal, if it is not 1.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout; progress goes to stderr.")]


def split_names(values: Iterable[str] | None) -> tuple[str, ...] | None:
    """Return the names of a repeated, comma-separated option; None when it was not given.

    Example:
        >>> split_names(["a,b", "c"])
        ('a', 'b', 'c')
    """
    if values is None:
        return None
    return tuple(name.strip() for value in values for name in value.split(",") if name.strip())


def resolve(file: str) -> str:
    """Return the path of a file, or of the sample of that name when there is no such file."""
    samples = {sample.stem for sample in settings().samples.glob("*.parquet")}
    return str(sample_path(file)) if file in samples and not Path(file).exists() else file


def dataset_spec(
    file: str,
    *,
    label: str | None = None,
    weight: str | None = None,
    protected: Sequence[str] | None = None,
    features: Sequence[str] | None = None,
    derive: Sequence[str] | None = None,
    select: str | None = None,
    drop_invalid: bool = False,
    signal_value: str | None = None,
) -> DatasetSpec:
    """Put options together into a data set; what they leave open is guessed from names and types.

    Args:
        file: a path or a sample's name.
        label: label column.
        weight: weight column.
        protected: protected variables.
        features: features; when None, all numeric columns that have no other role.
        derive: NAME=EXPRESSION texts.
        select: condition.
        drop_invalid: whether to drop events with missing values.
        signal_value: value of the label that is signal.

    Raises:
        DataError: no such file, or an option that cannot be understood.
    """
    path = resolve(file)
    guessed = roles_from_guesses(guess_roles(inspect_file(path)))
    derived = dict(_derivation(text) for text in derive or ())
    named = {label or guessed.label, weight or guessed.weight, *(guessed.protected if protected is None else protected)}
    roles = Roles(
        features=tuple(features)
        if features is not None
        else tuple(f for f in (*guessed.features, *derived) if f not in named),
        label=label or guessed.label,
        protected=tuple(protected) if protected is not None else guessed.protected,
        weight=weight or guessed.weight,
    )
    return DatasetSpec(
        path=path,
        roles=roles,
        derived=derived,
        selection=select,
        drop_invalid=drop_invalid,
        signal_value=signal_value,
    )


def _derivation(text: str) -> tuple[str, str]:
    name, equals, expression = text.partition("=")
    if not (name.strip() and equals and expression.strip()):
        raise DataError(f"{text!r} is no derived column; write NAME=EXPRESSION, such as 'ratio=d2/c2'")
    return name.strip(), expression.strip()
