"""A form made from a method's config: one widget for each field."""

import operator
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, get_args, get_origin

import streamlit as st
from pydantic import BaseModel, ValidationError, create_model
from pydantic.fields import FieldInfo

from core.errors import DataError
from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.jobs.task import plain_errors
from core.numbers import MINUS
from views.parts.frame.state import told
from views.parts.words import menu_title, symbol_text

LAMBDAS = [0.0, *(step * 10.0**power for power in range(-1, 4) for step in (1, 2, 5)), 1e4]
WIDEST = 24
"""Letters of choices that fit side by side into a form."""
BOUNDS = (
    ("ge", "at least", operator.ge),
    ("gt", "above", operator.gt),
    ("le", "at most", operator.le),
    ("lt", "below", operator.lt),
)
"""Attributes of a field's rules, in words, and what they ask for."""
FIRST = ("lam", "lam_min", "lam_max", "epochs")


def config_form(
    config: type[BaseModel],
    key: str,
    suggested: Mapping[str, Any] | None = None,
    *,
    first: Collection[str] = FIRST,
    without: Collection[str] = (),
    folded: str = "More options",
) -> dict[str, Any]:
    """Draw widgets for all fields, the first ones in sight and the others folded.

    Args:
        config: the method's config class.
        key: prefix of the widgets' keys.
        suggested: field → value to begin with in place of the default.
        first: fields in sight.
        without: fields without a widget here.
        folded: title of what is folded.

    Returns:
        Field → value where it differs from the default.
    """
    fields = {name: field for name, field in config.model_fields.items() if name not in without}
    begin = {name: _plain(field.default) for name, field in fields.items()} | dict(suggested or {})
    values = {name: _widget(name, fields[name], begin[name], key) for name in first if name in fields}
    with st.expander(folded):
        values |= {name: _widget(name, field, begin[name], key) for name, field in fields.items() if name not in first}
    with told():
        check_fields(config, values)
    return {name: value for name, value in values.items() if value != _plain(fields[name].default)}


def protected_menu(spec: DatasetSpec, events: EventTable, key: str, help_text: str) -> list[str]:
    """Choose the protected variables; what was chosen stays as long as it is of these files and their roles.

    Args:
        spec: the current data set.
        events: of it.
        key: of the menu, once on a page.
        help_text: on hover.
    """
    roles = spec.roles
    offered, default = [*roles.protected, *roles.features], list(roles.protected)
    key = f"{key} of {' '.join(spec.files)}, {roles.label}, {default}"
    chosen: list[str] = st.session_state.get(key, default)
    if any(name not in offered for name in chosen):  # such as a feature that is ignored from now on
        st.session_state[key] = [name for name in chosen if name in offered] or default
    return st.multiselect(
        "Protected variables",
        offered,
        default=default,
        key=key,
        persist_state="session",
        format_func=lambda name: menu_title(events, name),
        help=help_text,
    )


def check_fields(config: type[BaseModel], values: Mapping[str, Any]) -> None:
    """Check that numbers lie within the bounds of their fields, and that lists can be read.

    Bounds are not left to the browser: it marks a number out of bounds in red and goes on with the one before.

    Args:
        config: the config class.
        values: field → value; text and choices pass.

    Raises:
        DataError: some do not.
    """
    told_of = [
        (_unreadable if isinstance(value, list) else _out_of_bounds)(config.model_fields[name], name, value)
        for name, value in values.items()
    ]
    if any(told_of):
        raise DataError("; ".join(filter(None, told_of)))


def _out_of_bounds(field: FieldInfo, name: str, value: Any) -> str:
    """Say what a field allows if a number is out of its bounds; empty when all is well."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    rules = [
        (words, holds, float(getattr(rule, kind)))
        for rule in field.metadata
        for kind, words, holds in BOUNDS
        if hasattr(rule, kind)
    ]
    if all(holds(value, bound) for _, holds, bound in rules):
        return ""
    allowed = " and ".join(f"{words} {_written(bound)}" for words, _, bound in rules)
    return f"{field.title or name} is {_written(value)}; allowed: {allowed}"


def _unreadable(field: FieldInfo, name: str, value: Sequence[str]) -> str:
    """Say what a field allows if a list, as it was typed, is none of it; empty when all is well."""
    one_field: Any = create_model("OneField", **{name: (field.annotation, field)})
    try:
        one_field(**{name: value})
    except ValidationError as errors:
        return str(plain_errors(errors, name, one_field.model_fields))
    return ""


def _written(number: float) -> str:
    """Write a number in full, with its thousands apart.

    Example:
        >>> [_written(number) for number in (20000.0, 0.35, -3, 1e-7)]
        ['20,000', '0.35', '−3', '1e−07']
    """
    return f"{number:,.15g}".replace("-", MINUS)


def _widget(name: str, field: FieldInfo, default: Any, key: str) -> Any:
    """Return the value of the widget of one field."""
    label = field.title or name
    label = symbol_text(label[:1].upper() + label[1:] if label[:1].isascii() else label)
    held: dict[str, Any] = {"key": f"{key}-{name}", "help": field.description, "persist_state": "session"}
    if name == "lam":
        options = sorted({*LAMBDAS, default})
        return st.select_slider(label, options, value=default, format_func=lambda v: f"{v:g}", **held)
    if choices := get_args(field.annotation) if get_origin(field.annotation) is Literal else ():
        draw = _menu if sum(map(len, choices)) > WIDEST else st.segmented_control
        return draw(label, choices, default=default, required=True, **held, format_func=_spoken)
    if isinstance(default, bool):
        return st.toggle(label, default, **held)
    if isinstance(default, list):
        text = st.text_input(label, ", ".join(str(v) for v in default), **held)
        return [part.strip() for part in text.split(",") if part.strip()]
    if isinstance(default, str):
        return st.text_input(label, default, **held)
    return _number(field, default, label, held)


def _spoken(choice: str) -> str:
    """Write a choice in words, without the underscores of the config."""
    return choice.replace("_", " ")


def _menu(label: str, choices: Sequence[str], *, default: str, required: bool, **options: Any) -> str:
    """Draw a menu for choices that do not fit side by side."""
    return st.selectbox(label, choices, choices.index(default) if required else None, **options)


def _number(field: FieldInfo, default: float | None, label: str, held: Mapping[str, Any]) -> float | int | None:
    """Return the number of a field, as typed; without a default it is chosen by itself unless it is given."""
    if default is None and int in get_args(field.annotation):
        empty = str((field.json_schema_extra or {}).get("empty", "automatic"))
        return st.number_input(label, value=None, step=1, **held, placeholder=empty)
    if isinstance(default, int):
        return st.number_input(label, value=default, **held)
    if default is None:
        step, words = 0.01, {"placeholder": "automatic"}
    else:
        step, words = 1.0 if default == 0 or default >= 2 else 10**-2 if default >= 0.1 else default / 10, {}
    value = None if default is None else float(default)
    return st.number_input(label, value=value, step=step, format="%g", **held, **words)


def _plain(value: Any) -> Any:
    return [str(part) for part in value] if isinstance(value, tuple) else value
