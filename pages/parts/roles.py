"""The table in which a user corrects what each column is for."""

import pandas as pd
import streamlit as st

from core.events.categories import FEW_VALUES
from core.events.roles import guess_roles, roles_from_guesses
from core.events.source import inspect_file
from core.events.spec import DatasetSpec
from core.events.summary import FileSummary
from core.events.table import Roles
from pages.parts.cached import events_of, label_values_of
from pages.parts.state import told, use_dataset
from pages.parts.words import plain_text

ROLES = ["feature", "protected", "label", "weight", "ignore"]
ROLE_HELP = (
    "feature: the classifier may use it · protected: it must not be learned, such as the mass, or text of at most "
    f"{FEW_VALUES} values · label: 1 signal, 0 background · weight: event weight · ignore: not used"
)


def guessed_dataset(path: str, name: str | None = None) -> DatasetSpec:
    """Return a file as a data set with guessed roles."""
    return DatasetSpec(path=path, name=name, roles=roles_from_guesses(guess_roles(inspect_file(path))))


def role_editor(spec: DatasetSpec, summary: FileSummary) -> None:
    """Show every column with its role; an edit becomes the current data set."""
    guesses = guess_roles(summary)
    names = list(dict.fromkeys([*(n for c in summary.columns for n in (c.offers or (c.name,))), *spec.derived]))
    by_offer = {offer: column for column in summary.columns for offer in (column.offers or (column.name,))}
    rows = [
        {
            "column": name,
            "role": spec.roles.of(name),
            "symbol": by_offer[name].words.title if name in by_offer else name,
            "unit": by_offer[name].words.unit if name in by_offer else "",
            "definition": by_offer[name].words.description if name in by_offer else spec.derived[name],
            "type": by_offer[name].dtype if name in by_offer else "derived",
            "guessed because": guesses[by_offer[name].name].reason if name in by_offer else "you derived it",
        }
        for name in names
    ]
    edited = st.data_editor(
        pd.DataFrame(rows),
        key=f"roles-{spec.path}-{len(names)}",
        hide_index=True,
        disabled=["column", "symbol", "unit", "definition", "type", "guessed because"],
        column_config={"role": st.column_config.SelectboxColumn("role", options=ROLES, required=True, help=ROLE_HELP)},
    )
    roles = _gathered(dict(zip(edited["column"], edited["role"], strict=True))) or spec.roles
    signal_value = spec.signal_value if roles.label == spec.roles.label else None
    _label_choice(spec, spec.model_copy(update={"roles": roles, "signal_value": signal_value}))
    _expressions(spec)


def _gathered(chosen: dict[str, str]) -> Roles | None:
    """Return the chosen roles, or say why they cannot be."""
    having = {role: tuple(n for n, r in chosen.items() if r == role) for role in ROLES}
    for role in ("label", "weight"):
        if len(having[role]) > 1:
            st.warning(f"{len(having[role])} columns are the {role}: {', '.join(having[role])}. Keep one.")
            return None
    return Roles(
        features=having["feature"],
        protected=having["protected"],
        label=having["label"][0] if having["label"] else None,
        weight=having["weight"][0] if having["weight"] else None,
    )


def _label_choice(spec: DatasetSpec, edited: DatasetSpec) -> None:
    """Take the edited roles; a label that is not 0 and 1 is asked first which of its values is signal."""
    label = edited.roles.label
    if label is None:
        st.info(
            "No column is the label. Without one there is a matrix, but no classifier: set one column's role to label."
        )
    elif label not in edited.derived:
        with told():
            values = label_values_of(edited.path, label)
            if not set(values) <= {0, 1}:
                options = list(values)
                chosen = st.selectbox(
                    f"Which value of “{plain_text(label)}” is signal?",
                    options,
                    index=options.index(edited.signal_value) if edited.signal_value in options else None,
                    format_func=lambda value: f"{value} ({values[value]:,} events)",
                    placeholder="Choose one: all others are background",
                    key=f"signal-value-{label}",
                )
                if chosen is None:
                    return
                edited = edited.model_copy(update={"signal_value": chosen})
    if edited != spec:
        _take(edited)


def _expressions(spec: DatasetSpec) -> None:
    """Offer new columns and a selection."""
    fold = st.expander("Derive columns, select events", expanded=bool(spec.derived or spec.selection))
    with fold.form("expressions", border=False):
        lines = st.text_area(
            "New columns, one a line",
            "\n".join(f"{name} = {text}" for name, text in spec.derived.items()),
            placeholder="ratio = d2 / c2",
            help="Arithmetic, comparisons, & | ~, sqrt, log, exp, abs, sin, cos, …; other names in `backticks`.",
        )
        selection = st.text_input("Keep events with", spec.selection or "", placeholder="pt > 300 & abs(eta) < 2")
        if st.form_submit_button("Apply"):
            derived = dict(_halves(line) for line in lines.splitlines() if line.strip())
            features = tuple(f for f in spec.roles.features if f not in spec.derived or f in derived)
            new = tuple(name for name in derived if name not in spec.derived)
            roles = spec.roles.model_copy(update={"features": (*features, *new)})
            _take(spec.model_copy(update={"derived": derived, "selection": selection or None, "roles": roles}))


def _halves(line: str) -> tuple[str, str]:
    name, _, expression = line.partition("=")
    return name.strip(), expression.strip()


def _take(spec: DatasetSpec) -> None:
    """Make the edited data set the current one if it can be loaded; otherwise say why and keep the old one."""
    with told():
        events_of(spec)
        use_dataset(spec)
        st.rerun()
