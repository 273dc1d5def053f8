"""What the Data page asks about a file: where its label comes from, its mass, and all of it while it is a draft."""

import streamlit as st

from core.events.allowed import require_allowed_data
from core.events.composed import left_out
from core.events.roles import guess_roles, may_be_weight
from core.events.sidebands import LABEL, WINDOWS, without_sidebands
from core.events.source import inspect_file
from core.events.spec import DatasetSpec, bytes_in_memory
from core.events.summary import FileSummary, in_bytes
from core.numbers import format_count
from core.settings import settings
from views.parts.data.drafts import draft, leave_draft
from views.parts.data.onboarding import (
    Take,
    answered,
    glance_of,
    mass_choice,
    of_lists,
    questions,
    told_size,
    weight_choice,
    with_weight,
)
from views.parts.data.reading import read_anew
from views.parts.data.roles import role_editor, take
from views.parts.data.sidebands import told_windows, window_form
from views.parts.data.uploads import ask_for_background
from views.parts.frame.state import told, use_dataset
from views.parts.words import dataset_title, plain_text, sentence

LEFT_OUT_SHOWN = 8
ANSWERED = "answered"
"""The files of this session whose weight and lists were asked for."""
BY_COLUMN, BY_FILE, BY_WINDOWS, BY_NOTHING = (
    "a column of this file",
    "a second file",
    "windows of the mass",
    "nowhere: explore only",
)


def show_roles(spec: DatasetSpec) -> None:
    """Ask what the file does not say, then show every column with its role, to be corrected."""
    require_allowed_data(spec)
    summary = inspect_file(*spec.files)
    n_bytes = bytes_in_memory(spec)
    told_size(spec, n_bytes)
    told_left_out(summary)
    told_windows(spec, take)
    with told():
        ask(spec, summary)
    role_editor(spec, summary)


def ask(spec: DatasetSpec, summary: FileSummary) -> None:
    """Ask where the label comes from if there is none, or else for mass, weight and lists where these are open.

    That a weight or lists are left alone is remembered: nobody is asked twice.
    """
    is_open = spec.files not in st.session_state.setdefault(ANSWERED, set()) and (
        unasked_weights(spec, summary) or unused_lists(spec, summary)
    )
    if spec.roles.label is not None and spec.roles.protected and not is_open:
        return
    with st.container(border=True, key="questions"):
        if spec.roles.label is not None:
            ask_beside_label(spec, summary, spec.roles.label, is_open=bool(is_open))
            return
        st.markdown(f"**Which events are signal?** {_without(spec, summary)} To train, take the label from:")
        ways = {BY_COLUMN: by_column, BY_FILE: by_second_file, BY_WINDOWS: window_form, BY_NOTHING: without_label}
        if spec.background is not None:
            del ways[BY_FILE]
        way = st.segmented_control(
            "Label", list(ways), default=BY_COLUMN, required=True, key="label-from", label_visibility="collapsed"
        )
        ways[way](spec, summary, take)


def _without(spec: DatasetSpec, summary: FileSummary) -> str:
    """Say why there is no label: none is named like one, or another role was chosen for the one that is."""
    named = next((name for name, guess in guess_roles(summary).items() if guess.role == "label"), None)
    if named is None:
        return "No column is named like a label."
    return f"No column is the label; {plain_text(named)} is named like one, and its role is {spec.roles.of(named)}."


def ask_beside_label(spec: DatasetSpec, summary: FileSummary, label: str, *, is_open: bool) -> None:
    """Ask for the mass where nothing is protected, and for the weight and what of lists is used where these are open.

    Args:
        spec: the data set.
        summary: of its files.
        label: its label.
        is_open: whether a weight or lists are still to be asked for.
    """
    seen = glance_of(spec.files)
    mass, weight, extra = None, spec.roles.weight, ()
    if not spec.roles.protected:
        guesses = guess_roles(summary).items()
        named = [plain_text(name) for name, guess in guesses if guess.role == "protected" and name != label]
        why = f"{named[0]} is named like one; nothing" if named else "None is named like one, so nothing"
        st.markdown(f"**Which column is the mass?** {why} is protected yet.")
        mass = mass_choice(spec, summary, seen)
    if is_open:
        if weights := unasked_weights(spec, summary):
            named = (
                f"{plain_text(weights[0])} may be one" if len(weights) == 1 else f"{len(weights)} columns may be one"
            )
            st.markdown(f"**Is there a weight?** No column is it yet; {named} by name.")
        weight = weight_choice(spec, seen)
        extra = of_lists(summary, spec.files)
    if st.button("Use these" if is_open else "Protect it", disabled=mass is None and not is_open, key="protect"):
        st.session_state[ANSWERED] |= {spec.files}
        take(answered(with_weight(spec, weight), label, spec.signal_value, mass, extra))


def unasked_weights(spec: DatasetSpec, summary: FileSummary) -> list[str]:
    """Return the columns that are named like a weight where none is it."""
    if spec.roles.weight is not None:
        return []
    numbers = [column.name for column in summary.columns if column.kind in ("numeric", "boolean")]
    return [name for name in numbers if name != spec.roles.label and may_be_weight(name)]


def unused_lists(spec: DatasetSpec, summary: FileSummary) -> bool:
    """Return whether the events hold lists of which nothing is used."""
    lists = [column for column in summary.columns if column.kind == "list"]
    stored = {column.name for column in summary.columns}
    return bool(lists) and all(name in stored or name in spec.derived for name in spec.roles.used())


def by_column(spec: DatasetSpec, summary: FileSummary, take: Take) -> None:
    """Ask which column is the label, and say beneath the button what it still waits for."""
    questions(spec, summary, take)
    label = st.session_state.get("ask-label")
    if label is None and "ask-label" in st.session_state:
        st.caption("Choose the label first.")
    elif st.session_state.get(f"ask-value-{label}", label) is None:
        st.caption(f"Choose first which value of {plain_text(label)} is signal.")


def by_second_file(spec: DatasetSpec, _summary: FileSummary, _take: Take) -> None:
    """Offer to add a file of background to a file of signal."""
    title = plain_text(dataset_title(spec))
    st.markdown(
        f"The events of {title} are then signal (1), those of a second file background (0): Monte Carlo, or data. "
        "The columns are those that both have."
    )
    if st.button("Add a background file", type="primary", key="add-background"):
        ask_for_background(spec.path, spec.name)
        st.rerun()


def without_label(spec: DatasetSpec, _summary: FileSummary, _take: Take) -> None:
    """Say what there is without a label."""
    st.markdown("There are the matrix, pairs of variables and their geometry, but no classifier and no ranking.")
    if draft() is None:
        for page, label in (("information", "Information"), ("pair", "Pair"), ("geometry", "Geometry")):
            st.page_link(f"views/{page}.py", label=label, icon=":material/arrow_forward:")


def told_left_out(summary: FileSummary) -> None:
    """Say which columns only one of two files has."""
    missing = left_out(summary)
    if missing:
        told_of = [f"{plain_text(name)} ({plain_text(why)})" for name, why in list(missing.items())[:LEFT_OUT_SHOWN]]
        more = f" and {len(missing) - LEFT_OUT_SHOWN} more" if len(missing) > LEFT_OUT_SHOWN else ""
        st.caption(f"Left out, as both files must have a column: {', '.join(told_of)}{more}.")


def told_expressions(spec: DatasetSpec) -> None:
    """Say which cut and which new columns are taken, while nothing else shows it: no event is read yet."""
    new = [name for name in spec.derived if name not in (LABEL, WINDOWS)]
    cut = without_sidebands(spec).selection
    if not cut and not new:
        return
    said = [f"events with {cut} are kept"] if cut else []
    said += [f"new column{'s' if len(new) > 1 else ''}: {', '.join(new)}"] if new else []
    then = " How many events are left is known once they are read." if cut else ""
    st.info(sentence(f"taken: {'; '.join(said)}") + then, icon=":material/filter_alt:")


def show_draft(spec: DatasetSpec) -> None:
    """Ask for the roles of a large file before its events are read."""
    summary, n_bytes = inspect_file(*spec.files), bytes_in_memory(spec)
    left, middle, right = st.columns([4, 1, 1], vertical_alignment="center")
    left.markdown(
        f"**{plain_text(dataset_title(spec))}** — {format_count(summary.n_events)} events, "
        f"{in_bytes(summary.bytes_on_disk)}. Say what the columns are; those with a role are then read "
        f"({in_bytes(n_bytes)} in memory)."
    )
    if middle.button("Other data", width="stretch", key="leave-draft"):
        leave_draft()
        st.rerun()
    fits = n_bytes <= settings().max_uncompressed_bytes
    if right.button("Read the events", type="primary", disabled=not fits, width="stretch", key="use-draft"):
        with told():
            read_anew(spec)
            leave_draft()
            use_dataset(spec)
            st.switch_page("views/information.py")
    roles = spec.roles
    st.caption(
        f"Label: {plain_text(roles.label or 'none')} · protected: {plain_text(', '.join(roles.protected) or 'none')} · "
        f"weight: {plain_text(roles.weight or 'none')} · {len(roles.features)} features"
    )
    told_expressions(spec)
    show_roles(spec)
