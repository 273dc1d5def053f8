"""Scans as pages need them: the opened one, and what its front is called."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.exports.titles import method_title
from core.figures.front import FrontCurve
from core.figures.parameter_scan import ParameterCurve
from core.jobs.front import FrontPoint
from core.jobs.scanned import BASELINE, Scan, scans
from core.numbers import format_number
from views.parts.frame.link import came_back, held, hold, let_go
from views.parts.frame.state import DATA, use_dataset
from views.parts.frame.users import user
from views.parts.runs.choosing import visible_runs
from views.parts.words import duration

SCAN = "scan"
"""Runs that the dashboard trains side by side."""


def time_left(scan: Scan) -> str:
    """Return the time that a scan will take, or that it has not told yet."""
    return f"{duration(scan.seconds_left)} left" if scan.seconds_left is not None else "starting"


def open_scan(name: str) -> None:
    """Make a scan the opened one; the link names it from now on."""
    st.session_state[SCAN] = name
    hold(SCAN, name)


def opened_scan(found: Sequence[Scan]) -> Scan | None:
    """Return the scan that the link names or that was opened before, else the newest; None when there is none."""
    asked = held(SCAN) or (None if came_back() else st.session_state.get(SCAN))
    chosen = next((scan for scan in found if scan.name == asked), None)
    if asked and chosen is None:
        st.session_state.pop(SCAN, None)
        let_go(SCAN)
        st.warning(f"There is no scan {asked}; it may have been deleted.", icon=":material/link_off:")
    return chosen or (found[0] if found else None)


def seen_scans() -> list[Scan]:
    """Return the scans that the user may see: first their own, then those of others, each newest first."""
    viewer = user()
    return sorted(scans(visible_runs()), key=lambda scan: not viewer.owns(scan.runs[0].owner))


def take_dataset_of_link() -> None:
    """Make the data of the scan that the link names the current ones, where there are none yet."""
    asked = st.query_params.get(SCAN)
    if not asked or DATA in st.session_state or DATA in st.query_params:
        return
    found = next((scan for scan in seen_scans() if scan.name == asked), None)
    if found is not None:
        open_scan(asked)
        use_dataset(found.runs[0].request.dataset)
        st.rerun()


def front_curves(points: Sequence[FrontPoint], methods: Sequence[str], parameter: str = "λ") -> list[FrontCurve]:
    """Return the front of each method in the order asked for, as its figure takes it; a click returns the point."""
    curves = []
    for method in methods:
        own = [point for point in points if point.method == method]
        if own:
            curves.append(
                FrontCurve(
                    method_title(method),
                    [point.value for point in own],
                    [point.auc for point in own],
                    [point.inverse_jsd for point in own],
                    [point.inverse_limit for point in own],
                    ids=[point_key(point) for point in own],
                    rejection=[point.rejection for point in own],
                    is_baseline=method == BASELINE,
                    parameter=parameter,
                )
            )
    return curves


def parameter_curves(points: Sequence[FrontPoint], methods: Sequence[str]) -> list[ParameterCurve]:
    """Return what each method reaches against the parameter, in the order asked for; a click returns the point."""
    curves = []
    for method in methods:
        own = [point for point in points if point.method == method]
        if own:
            curves.append(
                ParameterCurve(
                    method_title(method),
                    [point.value for point in own],
                    [point.auc for point in own],
                    [point.inverse_jsd for point in own],
                    [point.inverse_limit for point in own],
                    [point.mig for point in own],
                    ids=[point_key(point) for point in own],
                )
            )
    return curves


def point_key(point: FrontPoint) -> str:
    """Return what a click on a point returns."""
    return f"{point.method} {point.value:g}"


def point_title(point: FrontPoint, parameter: str = "λ") -> str:
    """Return method and value of a point, such as "DisCo, λ = 200"."""
    value = f", {parameter} = {format_number(point.value)}" if point.value == point.value else ""
    return f"{method_title(point.method)}{value}"
