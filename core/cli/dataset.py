"""The options that name a data set, given to a command in one line: ``@takes_dataset``."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from math import isfinite
from pathlib import Path
from shlex import quote
from typing import Annotated, Any, Concatenate, ParamSpec

import typer

from core.cli.label_hint import label_remedy
from core.cli.output import err
from core.errors import DataError
from core.events.absent import Suspects, absent_sentence, quick_suspects
from core.events.composed import ComposedReader
from core.events.plan import ALL_COLUMNS
from core.events.roles import guess_roles, roles_from_guesses
from core.events.samples import sample_path
from core.events.sidebands import Sidebands, count_windows, parse_windows, with_sidebands
from core.events.source import inspect_file, open_source
from core.events.spec import DatasetSpec
from core.events.table import Roles
from core.events.valueless import ignoring, valueless_sentence
from core.jobs.command import joined
from core.settings import settings

File = Annotated[
    str,
    typer.Argument(metavar="FILE", help="Parquet, CSV or ROOT file, a folder or pattern of such, or a sample's name."),
]
Background = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Second file or folder, whose events are background; those of FILE signal."),
]
SignalRegion = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN:LOW:HIGH", help="Label events in this window, such as m:120:130, as signal; needs --sidebands."
    ),
]
SidebandWindows = Annotated[
    str | None,
    typer.Option("--sidebands", metavar="LOW:HIGH,…", help="Windows of the same column whose events are background."),
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
Select = Annotated[str | None, typer.Option(help="Condition that events must meet, such as '110 < m < 150'.")]
DropInvalid = Annotated[bool, typer.Option("--drop-invalid", help="Drop events with missing or infinite values.")]
Missing = Annotated[
    list[str] | None,
    typer.Option(
        metavar="[COLUMN=]VALUE,…",
        help="Value that means no value, such as -999, in all columns or in one, as in pt=-999; repeat for more.",
    ),
]
SignalValue = Annotated[str | None, typer.Option(help="Value of the label that is signal, if it is not 1.")]
_TELL_THEMSELVES = ("info",)
"""Commands that look at all events for values that mean none."""
_ASKED_FOR = ("x", "y", "given")
"""Options of commands that name one column each; these are all that such a command uses."""
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
    missing: Missing = None,
    background_file: Background = None,
    signal_region: SignalRegion = None,
    sidebands: SidebandWindows = None,
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
        missing: VALUE or COLUMN=VALUE texts: what means no value.
        background_file: a second path or sample whose events are background.
        signal_region: COLUMN:LOW:HIGH, which makes a label.
        sidebands: LOW:HIGH windows, separated by commas.

    Raises:
        DataError: no such file, or an option that cannot be understood.
    """
    path, second = resolve(file), resolve(background_file) if background_file else None
    guessed = roles_from_guesses(guess_roles(inspect_file(path, second)))
    chosen = _sidebands(signal_region, sidebands, {"--label": label, "--background-file": background_file})
    derived = dict(_derivation(text) for text in derive or ())
    forgotten, usable = split_names(protected), split_names(features)
    forgotten = guessed.protected if forgotten is None else forgotten
    label = guessed.label if label is None else label or None
    weight = guessed.weight if weight is None else weight or None
    named = {label, weight, *forgotten}
    if usable is None:
        usable = tuple(name for name in (*guessed.features, *derived) if name not in named)
    spec = DatasetSpec(
        path=path,
        roles=Roles(features=usable, label=label, protected=forgotten, weight=weight),
        derived=derived,
        selection=select,
        drop_invalid=drop_invalid,
        missing=_missing(missing),
        signal_value=signal_value,
        background=second,
    )
    if chosen is None:
        return spec
    count_windows(spec, chosen)
    return with_sidebands(spec, chosen)


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
        ['signal_region', 'sidebands', 'as_json']
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
        spec = dataset_spec(file, **given)
        used = split_names(options.get("columns")) or [options[each] for each in _ASKED_FOR if options.get(each)]
        is_guessed = given["features"] is None and not used
        seen = _of_columns(spec, used) if used else spec
        for remark in () if command.__name__ in _TELL_THEMSELVES else remarks(seen, guessed=is_guessed):
            err.print(f"remark: {remark}", markup=False, soft_wrap=True)
        try:
            command(spec, **options)  # type: ignore[call-arg]
        except DataError as problem:
            if (remedy := label_remedy(spec, problem)) is None:
                raise
            raise DataError(f"{problem}; {remedy}") from None

    with_options.__name__, with_options.__doc__ = command.__name__, command.__doc__
    with_options.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    with_options.__annotations__ = {each.name: each.annotation for each in parameters}
    return with_options


def remarks(spec: DatasetSpec, *, guessed: bool) -> list[str]:
    """Say which values that seem to mean "no value" are used as numbers, which columns tell nothing, and the options.

    A look at some events is enough; nothing where it finds nothing. Also says of two files that only one has weights.

    Args:
        spec: the data set.
        guessed: whether its features were guessed; those that were asked for may tell nothing.
    """
    try:
        seen = quick_suspects(spec)
    except DataError:  # the command says itself what cannot be read
        return []
    told = absent_sentence(seen)
    found = [f"{name}={value:.10g}" for value, columns in seen.found.items() for name in columns]
    missing = f"{told}; to read such values as missing: --missing {quote(joined(found))}" if told else None
    useless = valueless_remark(spec, seen) if guessed else None
    return [each for each in (one_sided_remark(spec), missing, useless) if each]


def one_sided_remark(spec: DatasetSpec) -> str | None:
    """Say which of two files lacks weights, and the option that weighs no event; None where both have some, or none."""
    reader = open_source(*spec.files)
    told = reader.one_sided(spec.roles.weight) if isinstance(reader, ComposedReader) else None
    return f"{spec.roles.weight} is {told}; to weigh every event 1: --weight ''" if told else None


def _of_columns(spec: DatasetSpec, names: Iterable[str]) -> DatasetSpec:
    """Return a data set of which a command uses some columns only, whatever their roles."""
    used = tuple(name for name in dict.fromkeys(names) if name not in (spec.roles.label, spec.roles.weight))
    return spec.model_copy(update={"roles": spec.roles.model_copy(update={"features": (), "protected": used})})


def valueless_remark(spec: DatasetSpec, seen: Suspects) -> str | None:
    """Say which columns tell nothing in the events looked at, and the option that leaves them out."""
    told = valueless_sentence(seen.useless, seen.n_events)
    kept = ignoring(spec, seen.useless.names).roles
    options = f"--features {quote(joined(kept.features))}"
    if kept.protected != spec.roles.protected:
        options += f" --protected {quote(joined(kept.protected))}"
    return f"{told}: to leave {'it' if len(seen.useless.names) == 1 else 'them'} out: {options}" if told else None


def _sidebands(region: str | None, windows: str | None, others: dict[str, str | None]) -> Sidebands | None:
    """Return the windows that two options name; None when neither was given."""
    if not region and not windows:
        return None
    if not region or not windows:
        raise DataError("a label by windows needs both --signal-region COLUMN:LOW:HIGH and --sidebands LOW:HIGH,…")
    if given := [option for option, value in others.items() if value]:
        raise DataError(f"{given[0]} and --signal-region both give a label; keep one of them")
    column, colon, window = re.sub(r":(?=[^:]*:[^:]*$)", "\0", region, count=1).partition("\0")
    if not colon:
        raise DataError(f"{region!r} is no signal region; write COLUMN:LOW:HIGH, such as m:120:130")
    return Sidebands(column, parse_windows(window)[0], parse_windows(windows))


def _missing(texts: Iterable[str] | None) -> dict[str, tuple[float, ...]]:
    """Return column → values that mean no value there."""
    found: dict[str, tuple[float, ...]] = {}
    for text in split_names(texts) or ():
        column, equals, value = text.rpartition("=")
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if not isfinite(number) or bool(equals) != bool(column.strip()):
            raise DataError(f"{text!r} is no missing value; write VALUE or COLUMN=VALUE, such as -999 or pt=-999")
        name = column.strip() or ALL_COLUMNS
        found[name] = (*found.get(name, ()), number)
    return found


def _derivation(text: str) -> tuple[str, str]:
    name, equals, expression = text.partition("=")
    if not (name.strip() and equals and expression.strip()):
        raise DataError(f"{text!r} is no derived column; write NAME=EXPRESSION, such as 'ratio=d2/c2'")
    return name.strip(), expression.strip()
