"""The options that name a data set, given to a command in one line: ``@takes_dataset``."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any, Concatenate, ParamSpec

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
P = ParamSpec("P")
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout; progress goes to stderr.")]


def split_names(values: Iterable[str] | None) -> tuple[str, ...] | None:
    r"""Return the names of a repeated, comma-separated option; None when it was not given.

    A backslash keeps a comma, an outer space or another backslash as part of a name.

    Example:
        >>> split_names(["a, b", r"m\, groomed"])
        ('a', 'b', 'm, groomed')
    """
    if values is None:
        return None
    parts = [part for value in values for part in re.findall(r"(?:\\[\\,\s]|[^,])+", value)]
    bare = [re.sub(r"^\s+|(?<!\\)\s+$", "", part) for part in parts]
    return tuple(re.sub(r"\\([\\,\s])", r"\1", part) for part in bare if part)


def resolve(file: str) -> str:
    """Return the path of a file, or of the sample of that name when there is no such file."""
    samples = {sample.stem for sample in settings().samples.glob("*.parquet")}
    return str(sample_path(file)) if file in samples and not Path(file).exists() else file


def dataset_spec(
    file: File,
    *,
    label: Label = None,
    weight: Weight = None,
    protected: Protected = None,
    features: Features = None,
    derive: Derive = None,
    select: Select = None,
    signal_value: SignalValue = None,
    drop_invalid: DropInvalid = False,
) -> DatasetSpec:
    """Put options together into a data set; what they leave open is guessed from names and types, "" stands for none.

    Its parameters are the options of every command that reads events.

    Args:
        file: a path or a sample's name.
        label: label column.
        weight: weight column.
        protected: protected variables.
        features: features; when None, all numeric columns that have no other role.
        derive: NAME=EXPRESSION texts.
        select: condition.
        signal_value: value of the label that is signal.
        drop_invalid: whether to drop events with missing values.

    Raises:
        DataError: no such file, or an option that cannot be understood.
    """
    path = resolve(file)
    guessed = roles_from_guesses(guess_roles(inspect_file(path)))
    derived = dict(_derivation(text) for text in derive or ())
    forgotten, usable = split_names(protected), split_names(features)
    forgotten = guessed.protected if forgotten is None else forgotten
    label = guessed.label if label is None else label or None
    weight = guessed.weight if weight is None else weight or None
    named = {label, weight, *forgotten}
    if usable is None:
        usable = tuple(name for name in (*guessed.features, *derived) if name not in named)
    return DatasetSpec(
        path=path,
        roles=Roles(features=usable, label=label, protected=forgotten, weight=weight),
        derived=derived,
        selection=select,
        drop_invalid=drop_invalid,
        signal_value=signal_value,
    )


def takes_dataset(command: Callable[Concatenate[DatasetSpec, P], None]) -> Callable[..., None]:
    """Give a command FILE and the options of ``dataset_spec`` in place of its first parameter, the data set.

    Args:
        command: takes a data set, options of its own and ``as_json``, before which the new ones stand.

    Returns:
        The command with the signature that the program reads its options from.

    Example:
        >>> @takes_dataset
        ... def show(spec: DatasetSpec, as_json: AsJson = False) -> None:
        ...     print(spec.roles.label)
        >>> show(file="dimuon", label="is_higgs")
        is_higgs
        >>> list(inspect.signature(show).parameters)[-3:]
        ['signal_value', 'drop_invalid', 'as_json']
    """
    file, *shared = inspect.signature(dataset_spec, eval_str=True).parameters.values()
    own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]
    place = [parameter.name for parameter in own].index("as_json")
    parameters = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in (file, *own[:place], *shared, *own[place:])
    ]

    def with_options(*, file: str, **options: Any) -> None:
        given = {each.name: options.pop(each.name, each.default) for each in shared}
        command(dataset_spec(file, **given), **options)  # type: ignore[call-arg]

    with_options.__name__, with_options.__doc__ = command.__name__, command.__doc__
    with_options.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    with_options.__annotations__ = {each.name: each.annotation for each in parameters}
    return with_options


def _derivation(text: str) -> tuple[str, str]:
    name, equals, expression = text.partition("=")
    if not (name.strip() and equals and expression.strip()):
        raise DataError(f"{text!r} is no derived column; write NAME=EXPRESSION, such as 'ratio=d2/c2'")
    return name.strip(), expression.strip()
