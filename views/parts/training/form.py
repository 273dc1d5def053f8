"""A form made from a method's config: one widget for each field."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, get_args, get_origin

import streamlit as st
from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from views.parts.words import symbol_text

LAMBDAS = [0.0, *(step * 10.0**power for power in range(-1, 4) for step in (1, 2, 5)), 1e4]
WIDEST = 24
"""Letters of choices that fit side by side into a form."""
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
    return {name: value for name, value in values.items() if value != _plain(fields[name].default)}


def _widget(name: str, field: FieldInfo, default: Any, key: str) -> Any:
    """Return the value of the widget of one field."""
    label, help_text = field.title or name, field.description
    label = symbol_text(label[:1].upper() + label[1:] if label[:1].isascii() else label)
    key = f"{key}-{name}"
    if name == "lam":
        options = sorted({*LAMBDAS, default})
        return st.select_slider(label, options, value=default, format_func=lambda v: f"{v:g}", key=key, help=help_text)
    if choices := get_args(field.annotation) if get_origin(field.annotation) is Literal else ():
        draw = _menu if sum(map(len, choices)) > WIDEST else st.segmented_control
        return draw(label, choices, default=default, required=True, key=key, help=help_text, format_func=_spoken)
    if isinstance(default, bool):
        return st.toggle(label, default, key=key, help=help_text)
    if isinstance(default, list):
        text = st.text_input(label, ", ".join(str(v) for v in default), key=key, help=help_text)
        return [part.strip() for part in text.split(",") if part.strip()]
    if isinstance(default, str):
        return st.text_input(label, default, key=key, help=help_text)
    return _number(field, default, label, key)


def _spoken(choice: str) -> str:
    """Write a choice in words, without the underscores of the config."""
    return choice.replace("_", " ")


def _menu(label: str, choices: Sequence[str], *, default: str, required: bool, **options: Any) -> str:
    """Draw a menu for choices that do not fit side by side."""
    return st.selectbox(label, choices, choices.index(default) if required else None, **options)


def _number(field: FieldInfo, default: float | None, label: str, key: str) -> float | int | None:
    """Return the number of a field; without a default it is chosen by itself unless it is given."""
    low, high = _bounds(field)
    if default is None and int in get_args(field.annotation):
        empty = str((field.json_schema_extra or {}).get("empty", "automatic"))
        return st.number_input(
            label, low and int(low), high and int(high), None, 1, key=key, help=field.description, placeholder=empty
        )  # fmt: skip
    if isinstance(default, int):
        return st.number_input(
            label, low and int(low), high and int(high), default, key=key, help=field.description
        )  # fmt: skip
    if default is None:
        step, words = None, {"placeholder": "automatic"}
    else:
        step, words = 1.0 if default == 0 or default >= 2 else 10**-2 if default >= 0.1 else default / 10, {}
    value = None if default is None else float(default)
    return st.number_input(label, low, high, value, step=step, format="%g", key=key, help=field.description, **words)


def _bounds(field: FieldInfo) -> tuple[float | None, float | None]:
    """Return what a number field allows; an excluded bound is left to the config's own check."""
    low = next((float(rule.ge) for rule in field.metadata if isinstance(rule, Ge)), None)
    low = next((float(rule.gt) for rule in field.metadata if isinstance(rule, Gt)), low)
    high = next((float(rule.le) for rule in field.metadata if isinstance(rule, Le)), None)
    return low, next((float(rule.lt) for rule in field.metadata if isinstance(rule, Lt)), high)


def _plain(value: Any) -> Any:
    return [str(part) for part in value] if isinstance(value, tuple) else value
