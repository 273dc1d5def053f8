"""What one's own file must hold, and the questions about a file that does not say which events are signal."""

from collections.abc import Callable

import streamlit as st

from core.events.allowed import require_allowed_data
from core.events.glance import Glance, glance, label_candidates, looks_like_mass, mass_candidates, weight_candidates
from core.events.lists import shared_counts
from core.events.roles import named_like_weight
from core.events.spec import DatasetSpec
from core.events.summary import FileSummary, in_bytes
from core.events.table import Roles
from core.numbers import MINUS, format_count, format_number
from core.settings import settings
from views.parts.frame.state import told
from views.parts.words import plain_text

Take = Callable[[DatasetSpec], None]
PARTS = {"count": ".count", "first": "[0]", "second": "[1]", "third": "[2]", "fourth": "[3]"}
"""What is used of lists: words → what follows the column's name."""
NEEDED = """
**Formats.** Parquet, CSV (column names in the first line) or ROOT (a tree of flat or jagged branches). One row is one
event. A folder of files of one format is one data set, and so is a pattern such as `runs/*.parquet`; of a ROOT file
with several trees you choose one.

**Columns.** Two numbers for each event are enough for a matrix. To train, also:

| column | what it holds | if there is none |
|---|---|---|
| label | 1 for signal, 0 for background; or a few values, one being signal | give two files, or windows of the mass |
| mass | what the classifier must not learn; any number, or text of a few values | train a plain classifier |
| weight | weights of events, negative ones too | every event counts 1 |

**Two files as two classes.** Signal in one, background (or data) in the other: *Two files* makes one table of the
columns that both have, and adds the label.

**Data without truth.** A signal region of the mass against its sidebands is a label; the mass must not be a feature
then.

**Jagged columns**, such as the pT of all muons: of each list the count, the first, the second, … element are columns,
`Muon_pt.count`, `Muon_pt[0]`. Lists that have the same lengths have one count, `n_Muon`. An event without that element
has no value there, and can be dropped.

**Values that mean “no value”**, such as −999: *Quality* finds them, and reads them as missing when you say so.
"""


@st.cache_data(max_entries=64, show_spinner="Looking at some events")
def glance_of(files: tuple[str, ...]) -> dict[str, Glance]:
    """Look at some events of a data set."""
    require_allowed_data(DatasetSpec(path=files[0], background=files[1] if len(files) > 1 else None))
    return glance(*files)


@st.cache_data(max_entries=64, show_spinner="Looking at some events")
def counts_of(files: tuple[str, ...]) -> dict[str, str]:
    """Look which lists of a data set have the same lengths, and name their counts."""
    require_allowed_data(DatasetSpec(path=files[0], background=files[1] if len(files) > 1 else None))
    return shared_counts(*files)


def what_is_needed() -> None:
    """Offer what a user must know about a file of their own, in one screen."""
    if st.button("What must my file hold?", icon=":material/help:", key="what-is-needed"):
        _needed()


@st.dialog("What must my file hold?", width="large")
def _needed() -> None:
    now = settings()
    where = f" Files of the server lie below {plain_text(now.data_root)}." if now.data_root else ""
    st.markdown(
        f"{NEEDED}\n**Size.** An upload may have {in_bytes(now.max_upload_bytes)}.{where} The columns that are "
        f"used may take {in_bytes(now.max_uncompressed_bytes)} in memory: only those with a role are read."
    )


def questions(spec: DatasetSpec, summary: FileSummary, take: Take) -> None:
    """Ask which column is the label and which is the mass, the likeliest first, and what of lists is used."""
    seen = glance_of(spec.files)
    if not seen:
        return
    candidates = label_candidates(seen, spec.roles.weight)
    n_seen = max(each.n_events for each in seen.values())
    left, right = st.columns(2)
    order = [*candidates, *(name for name in seen if name not in candidates)]
    label = left.selectbox(
        "Label: which column tells signal from background?",
        order,
        index=0 if candidates and len(seen[candidates[0]].values) == 2 else None,
        format_func=lambda name: f"{name}: {_holds(seen[name])}",
        placeholder="Choose a column",
        help=f"Columns of few values come first, judged by {format_count(n_seen)} of "
        f"{format_count(summary.n_events)} events.",
        key="ask-label",
    )
    with left:
        usable, value = _signal_value(seen.get(label or ""))
    with right:
        mass = mass_choice(spec, summary, seen)
        weight = weight_choice(spec, seen)
        extra = of_lists(summary, spec.files)
    if st.button("Use these", type="primary", disabled=not usable, key="use-answers") and label:
        weighted = with_weight(with_mass_alone(spec, summary, seen, mass), weight)
        take(answered(weighted, label, value, mass, extra))


def mass_choice(spec: DatasetSpec, summary: FileSummary, seen: dict[str, Glance]) -> str | None:
    """Ask which column is the mass; those that were guessed or are named like one come first."""
    masses = mass_candidates(summary, seen, spec.roles.protected)
    likely = bool(masses) and (masses[0] in spec.roles.protected or looks_like_mass(masses[0]))
    return st.selectbox(
        "Mass: which column must the classifier not learn?",
        masses,
        index=0 if likely else None,
        format_func=lambda name: f"{name}: {_holds(seen[name])}",
        placeholder="None: it may use all",
        key="ask-mass",
    )


def with_mass_alone(spec: DatasetSpec, summary: FileSummary, seen: dict[str, Glance], mass: str | None) -> DatasetSpec:
    """Return a data set whose preselected mass is a feature again, where another one was chosen in its place."""
    roles = spec.roles
    preselected = mass_candidates(summary, seen, roles.protected)[:1]
    if mass is None or mass in preselected or not set(preselected) <= set(roles.protected):
        return spec
    protected = tuple(name for name in roles.protected if name not in preselected)
    changed = roles.model_copy(update={"protected": protected, "features": (*roles.features, *preselected)})
    return spec.model_copy(update={"roles": changed})


def with_weight(spec: DatasetSpec, weight: str | None) -> DatasetSpec:
    """Return a data set with a weight, or none; what was the weight is not used any more."""
    roles = spec.roles
    features = tuple(name for name in roles.features if name != weight)
    protected = tuple(name for name in roles.protected if name != weight)
    changed = roles.model_copy(update={"weight": weight, "features": features, "protected": protected})
    return spec.model_copy(update={"roles": changed})


def weight_choice(spec: DatasetSpec, seen: dict[str, Glance]) -> str | None:
    """Ask which column is the weight; a name decides, while some negative values only bring a column forward."""
    candidates = weight_candidates(seen, spec.roles.weight)
    numbers = [name for name, each in seen.items() if each.mean == each.mean and name not in candidates]
    likely = bool(candidates) and (candidates[0] == spec.roles.weight or named_like_weight(candidates[0]))
    return st.selectbox(
        "Weight: which column, or none?",
        [None, *candidates, *numbers],
        index=1 if likely else 0,
        format_func=lambda name: "none: every event counts 1" if name is None else _weighs(name, seen.get(name)),
        help="Columns named like weights come first, then those with some negative values around a positive mean.",
        key="ask-weight",
    )


def _weighs(name: str, each: Glance | None) -> str:
    if each is None:
        return name
    negative = f", {100 * each.negative:.2g} % negative" if each.negative else ""
    return f"{name}: {_holds(each)}{negative}"


def answered(
    spec: DatasetSpec, label: str | None, value: str | float | None, mass: str | None, extra: tuple[str, ...] = ()
) -> DatasetSpec:
    """Return a data set with a label and a mass, which are then no features, and with what is used of lists."""
    roles = spec.roles
    protected = tuple(dict.fromkeys([name for name in (*roles.protected, mass) if name and name != label]))
    features = tuple(name for name in dict.fromkeys((*roles.features, *extra)) if name not in (label, *protected))
    weight = None if roles.weight in (label, *protected) else roles.weight
    chosen = Roles(features=features, label=label, protected=protected, weight=weight)
    return spec.model_copy(update={"roles": chosen, "signal_value": value})


def of_lists(summary: FileSummary, files: tuple[str, ...]) -> tuple[str, ...]:
    """Ask which parts of lists are features; lists of the same lengths have one count."""
    lists = [column.name for column in summary.columns if column.kind == "list"]
    if not lists:
        return ()
    named = ", ".join(lists[:3]) + (f" and {len(lists) - 3} more" if len(lists) > 3 else "")
    parts = st.multiselect(
        f"Lists: of {named} use",
        list(PARTS),
        placeholder="nothing; or count, first, …",
        help="An event without that element has no value there; such events can be dropped under Quality.",
        key="ask-lists",
    )
    counts = counts_of(files) if "count" in parts else {}
    named = {(name, "count"): count for name, count in counts.items()}
    wanted = (named.get((name, part), f"{name}{PARTS[part]}") for name in lists for part in parts)
    return tuple(name for name in wanted if name)


def _signal_value(each: Glance | None) -> tuple[bool, str | float | None]:
    """Return whether a column can be the label, and which of its values is signal, which is asked where it is not 1."""
    if each is None:
        return False, None
    name, n = plain_text(each.name), format_count(each.n_events)
    if len(each.values) == 1:
        st.warning(f"{name} is {_value(each.values[0])} in all {n} events looked at; a label needs two values.")
        return False, None
    if not each.values:
        st.warning(f"{name} holds many different values in {n} events; a label holds a few, such as 0 and 1.")
        return False, None
    if set(each.values) <= {0, 1}:
        return True, None
    chosen = st.selectbox(
        "Which of its values is signal? All others are background.",
        each.values,
        index=None,
        format_func=_value,
        placeholder="Choose one",
        key=f"ask-value-{each.name}",
    )
    return chosen is not None, chosen


def _holds(each: Glance) -> str:
    """Return in words what a column holds."""
    if each.values:
        return " and ".join(_value(value) for value in each.values) + (" only" if len(each.values) == 1 else "")
    if each.low != each.low:
        return "text of many values"
    return f"{format_number(each.low)} to {format_number(each.high)}"


def _value(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}".replace("-", MINUS)


def told_size(spec: DatasetSpec, n_bytes: int) -> bool:
    """Say how much memory the used columns take where that is much; return whether it is allowed."""
    most = settings().max_uncompressed_bytes
    if n_bytes > most:
        st.warning(
            f"The columns with a role take {in_bytes(n_bytes)} in memory; allowed: {in_bytes(most)} "
            "(INFOSCOPE_MAX_UNCOMPRESSED_BYTES). Find columns by a part of their names in the table and set all that "
            "are shown to ignore.",
            icon=":material/memory:",
        )
    elif n_bytes > most // 2:
        with told():
            st.caption(f"The columns with a role take {in_bytes(n_bytes)} in memory; allowed: {in_bytes(most)}.")
    return n_bytes <= most
