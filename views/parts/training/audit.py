"""An audit: each test with its outcome, and what it saw."""

from collections.abc import Mapping
from math import isfinite

import plotly.graph_objects as go
import streamlit as st

from core.audit.audited import Audit, Finding
from core.audit.findings import DEFINITIONS, probability
from core.errors import DataError
from core.events.table import Column
from core.figures.audit import flatness_figure, score_density_figure, spurious_figure
from core.figures.words import described, plain, symbol
from core.numbers import format_events, format_percent
from views.parts.charts.charts import chart
from views.parts.frame.state import mode
from views.parts.words import sentence, symbol_text

OUTCOMES = {True: ":green-badge[pass]", False: ":red-badge[fail]", None: ":gray-badge[not judged]"}


def show_audit(audit: Audit, columns: Mapping[str, Column], key: str) -> None:
    """Draw an audit: its verdict, a row for each test with its definition on hover, and the figures of one variable.

    Args:
        audit: what was found.
        columns: words about the protected variables.
        key: prefix of the widgets' keys, such as the run.
    """
    judged = [finding for finding in audit.findings if finding.passed is not None]
    failed = [finding for finding in judged if not finding.passed]
    if failed:
        st.error(
            f"**The score fails {len(failed)} of {len(judged)} tests.** {_sentence(failed[0])}", icon=":material/rule:"
        )
    else:
        st.success(f"**The score passes all {len(judged)} tests of the audit.**", icon=":material/rule:")
    names = [each.variable for each in audit.variables]
    name = names[0]
    if len(names) > 1:
        titles = {each: plain(symbol(described(columns, each))) for each in names}
        chosen = st.segmented_control(
            "Audited variable", names, default=names[0], key=f"{key}-audited", format_func=lambda each: titles[each]
        )
        name = chosen or names[0]
    _table([finding for finding in audit.findings if finding.variable == name])
    events = symbol_text(format_events(audit.n_background, audit.n_effective))
    cut, level = format_percent(audit.signal_efficiency), format_percent(audit.level)
    st.caption(
        f"{events} of background, held out from the training; cut at {cut} signal efficiency; {audit.permutations} "
        f"shuffles. A score that knows nothing of the variable fails any of the tests in {level} of audits at most "
        "(Holm)."
    )
    _figures(audit, name, described(columns, name), key)


def _table(findings: list[Finding]) -> None:
    """Draw a row for each test: its name with the definition, the outcome, and the number with the whole finding."""
    for finding in findings:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{finding.name}**", help=DEFINITIONS[finding.name], width=216)
            st.markdown(OUTCOMES[finding.passed], width=86)
            chance = f" · {probability(finding.p_value)}" if isfinite(finding.p_value) else ""
            st.markdown(symbol_text(f"{finding.result}{chance}"), help=_sentence(finding), width="content")


def _figures(audit: Audit, name: str, column: Column, key: str) -> None:
    """Draw the density, the flatness and the spurious signal of one variable; say what could not be drawn."""
    audited = next(each for each in audit.variables if each.variable == name)
    draw = {
        "spurious": lambda: spurious_figure(audited, column, audit.signal_efficiency, mode()),
        "flatness": lambda: flatness_figure(audited, column, mode()),
        "density": lambda: score_density_figure(audited, column, mode()),
    }
    left, right = st.columns(2)
    drawn = 0
    for kind, make in draw.items():
        try:
            figure: go.Figure = make()
        except DataError as problem:
            st.caption(sentence(str(problem)))
            continue
        with (left, right)[drawn % 2]:
            chart(figure, f"{key}-{name}-{kind}")
        drawn += 1


def _sentence(finding: Finding) -> str:
    """Return a finding as a sentence with its symbols as in print."""
    return symbol_text(f"{finding.words[:1].upper()}{finding.words[1:]}.")
