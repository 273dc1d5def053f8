"""Compare: is B better than A?"""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.errors import DataError
from core.evaluation.compare import Difference, Scored, judged_on
from core.evaluation.comparison import comparison_sentence
from core.evaluation.verdict import inverse
from core.events.table import Column
from core.figures.compare import efficiencies_figure, passing_figure
from core.figures.roc import roc_figure
from core.figures.runs import LIMIT_OF
from core.jobs.scanned import BASELINE
from core.numbers import format_number
from core.results import Estimate
from core.store.store import Run
from core.tables.compare import comparison_table, differing_options, efficiencies_table, passing_table
from core.tables.evaluation import roc_table
from views.parts.charts.charts import chart, table
from views.parts.definitions import DEFINITIONS
from views.parts.frame.frame import page_title
from views.parts.frame.link import choice
from views.parts.frame.state import mode, told
from views.parts.runs.choosing import audit_of, has_score, own_runs, visible_runs
from views.parts.runs.choosing import baseline_of as baseline_beside
from views.parts.training.comparing import (
    MOST_COMPARED,
    compared_runs,
    differences_of,
    names_of,
    scored_run,
    spectra_of,
    write_link,
)
from views.parts.words import dataset_title, plain_text, seeded_title, symbol_text

CHOICE, READING = "compare-choice", "compare-reading"
NEWEST = 6
"""Runs among which one is looked for that has a baseline beside it."""
ALL_IN_SIGHT = f"""<style>
.st-key-{CHOICE} [role="group"] {{ max-height: none }}
.st-key-{READING}:has(.stCacheSpinner) {{ min-height: 2.5rem }}
</style>"""  # six runs below each other on a phone; a spinner over what it was before takes no room of its own


def choose() -> list[Run]:
    """Choose the runs to compare, the first to compare the others with; the link names them."""
    finished = {run.id: run for run in visible_runs() if has_score(run)}
    if not finished:
        st.info("No run has ended yet. Two that have can be compared here.", icon=":material/compare_arrows:")
        st.page_link("views/unlearn.py", label="Train a classifier", icon=":material/arrow_forward:")
        st.stop()
    chosen = [run.id for run in compared_runs()]
    write_link(chosen)
    st.session_state[CHOICE] = chosen
    several = len({run.request.dataset.title for run in finished.values()}) > 1
    st.multiselect(
        "Runs, the first is what the others are compared with", list(finished), key=CHOICE,
        format_func=lambda each: described(finished[each], several), max_selections=MOST_COMPARED,
        placeholder="Choose two to six runs", on_change=lambda: write_link(st.session_state[CHOICE]),
    )  # fmt: skip
    return [finished[each] for each in chosen]


def described(run: Run, with_data: bool) -> str:
    """Return what the menu says of a run, short enough for a phone; its id begins with the time."""
    data = f" · {dataset_title(run.request.dataset)}" if with_data else ""
    return f"{seeded_title(run)} · {run.id}{data}"


def readable(runs: Sequence[Run]) -> tuple[list[Run], list[Scored]]:
    """Return the runs whose scores can be read, with their scores; the others are named."""
    kept, scored = [], []
    for run, name in zip(runs, names_of(runs), strict=True):
        with told():
            scored.append(scored_run(run.id, name))
            kept.append(run)
    return kept, scored


def column_of(scored: Sequence[Scored], variable: str) -> Column:
    """Return the words about a protected variable, from the first run that was judged on it."""
    return next(each for each in scored if judged_on(each.evaluation, variable)).events.describe(variable)


def variable_of(scored: Sequence[Scored]) -> str:
    """Choose the protected variable that is looked at."""
    names = list(dict.fromkeys(p.variable for each in scored for p in each.evaluation.protected))
    if len(names) == 1:
        return names[0]
    return st.segmented_control(
        "Protected variable", names, required=True, **choice("protected", names),
        format_func=lambda name: symbol_text(column_of(scored, name).title or name),
    ) or names[0]  # fmt: skip


def sentences(scored: Sequence[Scored], found: Sequence[Difference], column: Column) -> None:
    """Say of each run whether it is better than the first, and what stands against comparing them."""
    words = [
        comparison_sentence(scored[0], other, difference, column.name, column.title or column.name)
        for other, difference in zip(scored[1:], found, strict=True)
    ]
    text = "  \n".join(symbol_text(each) for each in words)
    st.info(text, icon=":material/balance:")


def notes(runs: Sequence[Run], found: Sequence[Difference]) -> None:
    """Say how the errors of the differences were found."""
    same = [each.name for each in found if each.same_events]
    other = [each.name for each in found if not each.same_events]
    parts = []
    if same:
        parts.append(
            f"{', '.join(same)}: judged on the same held-out events as the first run; the error of a difference is "
            "the spread over 50 bootstrap replicas that all runs share, so that what fluctuates in both cancels"
        )
    if other:
        parts.append(
            f"{', '.join(other)}: judged on other events than the first run; the errors of both are added in quadrature"
        )
    st.caption(symbol_text(". ".join(parts) + "."))
    if len({(run.request.dataset.files, run.request.dataset.selection) for run in runs}) > 1:
        st.warning(
            "These runs were trained and judged on different data: a difference may be one of the events, not of the "
            "training.",
            icon=":material/database:",
        )


def baseline_of(runs: Sequence[Run], scored: Sequence[Scored]) -> str | None:
    """Return the name of the first baseline among the runs; grey in all figures."""
    named = zip(runs, scored, strict=True)
    return next((each.name for run, each in named if run.request.method == BASELINE), None)


def first_figures(runs: Sequence[Run], scored: Sequence[Scored], column: Column) -> None:
    """Draw spectra and ROC curves on common axes."""
    evaluations = {each.name: each.evaluation for each in scored}
    baseline = baseline_of(runs, scored)
    spectra = spectra_of(tuple(run.id for run in runs), tuple(evaluations), column.name)
    left, right = st.columns(2)
    with left:
        figure = passing_figure(spectra, column, baseline, mode())
        chart(figure, "compare-spectra", table=lambda: passing_table(spectra, column))
    with right:
        figure = roc_figure(evaluations, baseline, mode())
        chart(figure, "compare-roc", table=lambda: roc_table(evaluations))


def more(runs: Sequence[Run], scored: Sequence[Scored], column: Column) -> None:
    """Draw the efficiencies, and list the options in which the runs differ."""
    judged = {each.name: each.evaluation for each in scored if judged_on(each.evaluation, column.name)}
    left, right = st.columns(2)
    with left:
        figure = efficiencies_figure(judged, column, baseline_of(runs, scored), mode())
        chart(figure, "compare-efficiency", table=lambda: efficiencies_table(judged, column))
    with right:
        options(runs, [each.name for each in scored])


def merits(scored: Sequence[Scored], found: Sequence[Difference], variable: str) -> None:
    """List figures of merit, each beside its difference to the first run."""
    rows = []
    for each, difference in zip(scored, [None, *found], strict=True):
        judged = judged_on(each.evaluation, variable)
        rows.append(
            {
                "run": each.name,
                "R50": _text(each.evaluation.rejection),
                "R50 − first": _change(difference and difference.rejection),
                "AUC": _text(each.evaluation.auc),
                "AUC − first": _change(difference and difference.auc),
                "1/JSD": _text(inverse(judged.jsd_nats)) if judged else "–",
                "limit": format_number(1 / judged.limit_nats) if judged else "–",
                "times less sculpting": _text(difference.times_less) if difference else "",
                "I(score; m)": _text(judged.mi) if judged else "–",
            }
        )
    text = st.column_config.TextColumn
    table(
        pd.DataFrame(rows), "compare-merits", "comparison", numbers=lambda: comparison_table(scored, found, variable),
        column_config={
            "R50": text(help=DEFINITIONS["rejection"]),
            "AUC": text(help=DEFINITIONS["auc"]),
            "1/JSD": text("1/JSD [1/nats]", help=DEFINITIONS["jsd"]),
            "limit": text(help=f"{DEFINITIONS['limit']} Of {LIMIT_OF}."),
            "times less sculpting": text(help=DEFINITIONS["times_less"]),
            "I(score; m)": text("I(score; m) [nats]", help=DEFINITIONS["mi"]),
        },
    )  # fmt: skip


def options(runs: Sequence[Run], names: Sequence[str]) -> None:
    """List the options in which the runs differ."""
    differing = differing_options(runs, names)
    st.markdown("**What was asked for differently**")
    if differing.empty:
        st.caption("Nothing: the same options, data and seed.")
        return
    table(differing, "compare-options", "options-compared", height="content")


def audits(runs: Sequence[Run], names: Sequence[str], variable: str) -> None:
    """List what the audit of each run found, side by side."""
    columns: dict[str, dict[str, str]] = {}
    for run, name in zip(runs, names, strict=True):
        audit = audit_of(run.id, run.finished)
        for finding in audit.findings if audit else ():
            if finding.variable == variable:
                outcome = {True: "pass", False: "fail", None: "not judged"}[finding.passed]
                columns.setdefault(name, {})[finding.name] = f"{outcome}: {finding.result}".removesuffix(": ")
    if not columns:
        return
    st.subheader("Audit", anchor=False)
    tests = dict.fromkeys(test for each in columns.values() for test in each)
    rows = [{"test": test} | {name: each.get(test, "–") for name, each in columns.items()} for test in tests]
    table(pd.DataFrame(rows), "compare-audits", "audits-compared")
    if missing := [name for name in names if name not in columns]:
        st.caption(symbol_text(f"Not audited on this variable: {', '.join(missing)}."))


def _text(estimate: Estimate) -> str:
    return format_number(estimate.value, estimate.error)


def _change(difference: Estimate | None) -> str:
    if difference is None:
        return ""
    return ("+" if difference.value > 0 else "") + _text(difference)


def comparison(runs: Sequence[Run]) -> None:
    """Show the comparison of at least two runs."""
    reading = st.container(key=READING)  # what stood here before stays in sight until the words replace it
    with reading:
        kept, scored = readable(runs)
    if len(scored) < 2:
        st.info("Choose another run to compare with.", icon=":material/compare_arrows:")
        return
    variable = variable_of(scored)
    column, names = column_of(scored, variable), tuple(each.name for each in scored)
    try:
        with reading:
            found = differences_of(tuple(run.id for run in kept), names, variable)
    except DataError as problem:
        st.error(f"These runs cannot be compared: {plain_text(str(problem))}.", icon=":material/error:")
        return
    sentences(scored, found, column)
    first_figures(kept, scored, column)
    merits(scored, found, variable)
    notes(kept, found)
    more(kept, scored, column)
    audits(kept, names, variable)


def suggestion() -> None:
    """Offer the newest run that has a baseline, with it."""
    for run in filter(has_score, own_runs(("done", "stopped"))[:NEWEST]):
        first = baseline_beside(run)
        if first is None or first.id == run.id or not has_score(first):
            continue
        names = [plain_text(seeded_title(each)) for each in (run, first)]
        if st.button(f"Compare {names[0]} with {names[1]}", type="primary"):
            write_link([first.id, run.id])
            st.rerun()
        return


page_title("Is B better than A?")
st.html(ALL_IN_SIGHT)
chosen = choose()
if len(chosen) > 1:
    comparison(chosen)
elif chosen:
    st.info("Choose a second run to compare with.", icon=":material/compare_arrows:")
else:
    st.info(
        "Choose two to six runs here, or select them on the page Runs and press **Compare**: spectra, efficiency and "
        "ROC on common axes, and each difference with its uncertainty.",
        icon=":material/compare_arrows:",
    )
    suggestion()
