"""Data: what is in my file, and which column is what?"""

from functools import partial
from math import isnan

import streamlit as st

from core.events.histograms import ClassHistogram
from core.events.samples import Sample
from core.events.spec import DatasetSpec
from core.events.valueless import before_dropping, is_too_much
from core.figures.histograms import histogram_figure
from core.numbers import format_count
from core.tables.histograms import histogram_table, histograms_table, quality_table
from views.parts.cached import histogram_of, samples
from views.parts.charts.charts import chart, picture, table
from views.parts.data.absent import offer_to_ignore, told_absent, warn_of_absent
from views.parts.data.asking import show_draft, show_roles
from views.parts.data.drafts import draft, leave_draft
from views.parts.data.onboarding import what_is_needed
from views.parts.data.reading import histograms_of, quality_of
from views.parts.data.roles import guessed_dataset
from views.parts.data.uploads import asks_for_two, is_asking, list_uploads, one_or_two, own_files
from views.parts.frame.frame import page_title
from views.parts.frame.link import choice, switch
from views.parts.frame.state import CHOOSE, DATA, current_dataset, mode, say_nowhere, told, use_dataset
from views.parts.words import dataset_title, plain_text, symbol_text

HISTOGRAMS_SHOWN = 12


def choose_data(*, thumbnails: bool = True) -> None:
    """Offer the samples, and one or two files of one's own."""
    columns = st.columns(3)
    for column, sample in zip(columns, samples(), strict=False):
        with column.container(border=True, height="stretch"), told():  # the others stay
            sample_card(sample, thumbnail=thumbnails)
    row = st.container(horizontal=True, vertical_alignment="center")
    row.markdown("**Your own file**", width="content")
    with row:
        one_or_two()
        what_is_needed()
    own_files()
    list_uploads()


def sample_card(sample: Sample, *, thumbnail: bool) -> None:
    """Draw one sample, with the spectrum of its protected variable if asked; its button opens the matrix."""
    spec = guessed_dataset(str(sample.path))
    st.markdown(f"**{sample.title}**  \n{symbol_text(sample.story)}")
    if thumbnail:
        figure = histogram_figure(histogram_of(spec, spec.roles.protected[0]), mode())
        picture(figure, f"card-{sample.name}")
    classes = symbol_text(f"{sample.signal} / {sample.background}")
    st.caption(f"{format_count(sample.n_events)} events · {classes}")
    if st.button("Use this sample", key=f"use-{sample.name}", type="primary", width="stretch"):
        leave_draft()
        use_dataset(spec)
        st.switch_page("views/information.py")


def show_quality(spec: DatasetSpec) -> None:
    """List what is odd about the events, and offer to drop those without a value where enough would be left."""
    report = quality_of(spec)
    if report is None:
        return
    told_absent(spec, report)
    icons = {"error": ":material/error:", "warning": ":material/warning:", "info": ":material/info:"}
    for finding in report.findings:
        if finding.value is not None:
            continue
        getattr(st, finding.severity)(symbol_text(finding.text), icon=icons[finding.severity])
    offer_to_ignore(spec, report)
    if not report.findings:
        st.success("Nothing odd: no missing, infinite, constant or duplicate values.", icon=":material/check:")
    with st.expander("All columns"):
        table(quality_table(report), "quality", "columns")
    if report.n_invalid and not before_dropping(report, spec.roles) and not is_too_much(report):
        dropped = st.toggle(f"Drop the {format_count(report.n_invalid)} events with a missing or infinite value")
        if dropped:
            use_dataset(spec.model_copy(update={"drop_invalid": True}))
            st.rerun()


def show_histograms(spec: DatasetSpec) -> None:
    """Draw small multiples, the most separating variables first."""
    found = histograms_of(spec, (*spec.roles.protected, *spec.roles.features))
    if found is None:
        return
    histograms = sorted(found, key=_by_separation)
    more = switch("all-histograms") if len(histograms) > HISTOGRAMS_SHOWN else None
    shown = histograms if more and st.session_state[more["key"]] else histograms[:HISTOGRAMS_SHOWN]
    columns = st.columns(3)
    for k, histogram in enumerate(shown):
        with columns[k % 3]:
            chart(
                histogram_figure(histogram, mode()),
                f"histogram-{histogram.column.name}",
                table=partial(histogram_table, histogram),
            )
    if more:
        st.toggle(f"Show all {len(histograms)} variables", **more)
    with st.expander("All separations"):
        table(histograms_table(histograms), "separations", "separations")


def _by_separation(histogram: ClassHistogram) -> float:
    return 1.0 if isnan(histogram.separation) else -histogram.separation


def is_to_choose() -> bool:
    """Return whether the link asks for other data in place of the present ones."""
    return CHOOSE in st.query_params and st.query_params[CHOOSE] == st.query_params.get(DATA)


page_title("What is in my file, and which column is what?")
dataset, drafted = current_dataset(), draft()
say_nowhere()
if drafted is not None and not asks_for_two():
    with told():
        warn_of_absent(drafted)
        show_draft(drafted)
elif dataset is None:
    choose_data()
else:
    left, right = st.columns([3, 1], vertical_alignment="center")
    left.markdown(
        f"**{plain_text(dataset_title(dataset))}** — check the roles, then see which variables share information."
    )
    if right.button("Next: Information", type="primary", width="stretch"):
        st.switch_page("views/information.py")
    with st.expander("Choose other data", expanded=is_asking() or is_to_choose()):
        choose_data(thumbnails=False)
    views = {"Columns and roles": show_roles, "Signal against background": show_histograms, "Quality": show_quality}
    view = st.segmented_control("Show", list(views), required=True, **choice("data-view", list(views)))
    with told():
        if view != "Quality":
            warn_of_absent(dataset)
        views[view](dataset)
