"""A disentangling training as its page shows it: what the latent holds, what moves, and how the classifier fares."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.disentanglement.results import DisentangleView, Elbo, Latents, TightCut, Traversal
from core.errors import DataError
from core.evaluation.evaluate import Evaluation
from core.events.table import EventTable
from core.exports.titles import run_title
from core.figures.cuts import cut_figure, cuts_sentence
from core.figures.efficiency import efficiency_figure
from core.figures.elbo import BELOW_NOUGHT, RECONSTRUCTION, elbo_figure
from core.figures.latents import latents_figure, latents_sentence
from core.figures.roc import roc_figure
from core.figures.traversal import moved_at, traversal_figure
from core.jobs.held_out_cuts import held_out_cuts
from core.numbers import format_events, format_number, format_percent
from core.settings import settings
from core.store.store import Recorded, Run
from core.tables.evaluation import efficiency_table, roc_table
from core.tables.latents import cut_table, latents_table, traversal_table
from core.tables.runs import history_table
from views.parts.charts.charts import chart
from views.parts.charts.in_print import verdict_in_words
from views.parts.definitions import DEFINITIONS
from views.parts.frame.link import choice, menu, number
from views.parts.frame.state import mode
from views.parts.words import menu_title, symbol_text, title_text

DIMENSION = "dimension"
TERM_TITLES = {
    "reconstruction": "Reconstruction",
    "index_code": "Index-code MI",
    "total_correlation": "Total correlation",
    "dimension_wise": "Dimension-wise KL",
}


@st.cache_data(max_entries=16, show_spinner=False)
def cuts_of(run_id: str) -> tuple[TightCut, ...]:
    """Judge what cuts on the score of a finished run do to its held-out events; nothing where it left no scores."""
    try:
        return held_out_cuts(settings().runs / run_id)
    except DataError:
        return ()


def sentence(latents: Latents, events: EventTable) -> None:
    """Say which dimension holds each protected variable."""
    titles = {name: events.describe(name).title or name for name in latents.variables}
    st.markdown(f"**{symbol_text(latents_sentence(latents, titles))}**", help=DEFINITIONS["latent"])


def merits(view: DisentangleView, final: bool) -> None:
    """Show the headline numbers, each with its definition on hover."""
    columns = st.columns(4)
    judged, tight = view.evaluation, worst_cut(view.cuts)
    auc = format_number(judged.auc.value, judged.auc.error) if judged else "–"
    columns[0].metric("AUC without z′", auc, help=DEFINITIONS["auc"])
    jsd = format_number(tight.jsd_nats.value, tight.jsd_nats.error) if tight else "–"
    at = f" at {format_percent(tight.rejected)}" if tight else ""
    columns[1].metric(f"JSD{at} \\[nats\\]", jsd, help=DEFINITIONS["tight"])
    mig = view.latents.mig
    columns[2].metric("MIG", format_number(mig.value, mig.error), help=DEFINITIONS["mig"])
    columns[3].metric("ELBO \\[nats\\]", format_number(view.elbo.value), help=DEFINITIONS["elbo"])
    stage = "classifier" if judged else "autoencoder"
    where = "held out from the training" if final else f"of the validation sample, while the {stage} trains"
    n = symbol_text(format_events(view.latents.n_events, view.latents.n_effective))
    limit = (
        f" With {format_percent(tight.rejected)} of it rejected, statistics alone give a JSD of "
        f"{format_number(tight.limit_nats)} nats."
        if tight
        else ""
    )
    st.caption(f"On {n} of background {where}.{limit}")


def worst_cut(cuts: Sequence[TightCut]) -> TightCut | None:
    """Return the tightest cut, of several protected variables that of the largest divergence."""
    return max(cuts, key=lambda cut: (cut.rejected, cut.jsd_nats.value), default=None)


def elbo_part(run: Run, history: Sequence[Recorded]) -> None:
    """Draw the terms of the ELBO as they were recorded, with their definitions on hover."""
    trained = [each for each in history if RECONSTRUCTION in each.scalars]
    epochs = [each.epoch for each in trained]
    figure = elbo_figure(epochs, [each.scalars for each in trained], int(run.config["epochs"]), mode=mode())
    chart(figure, f"elbo-{run.id}", table=lambda: history_table(history))


def elbo_words(elbo: Elbo) -> None:
    """List the terms in nats, each with its definition on hover."""
    with st.container(horizontal=True):
        for name, title in TERM_TITLES.items():
            value, definition = getattr(elbo, name), DEFINITIONS[name]
            if name == "total_correlation" and value < 0:
                definition = f"{definition} {BELOW_NOUGHT}"
            st.caption(f"{title} {format_number(value, unit='nats')}", help=definition, width="content")


def latents_part(run: Run, latents: Latents, events: EventTable) -> None:
    """Draw the latent × variable matrix; in a finished run a click on a row chooses its dimension."""
    columns = {name: events.describe(name) for name in latents.variables}
    figure, key = latents_figure(latents, columns, mode()), f"latents-{run.id}"
    row = chart(figure, key, table=lambda: latents_table(latents), on_click=not run.is_live)
    if row is not None:
        st.session_state[DIMENSION] = int(row[0] if isinstance(row, list) else row)


def traversal_part(run: Run, traversal: Traversal, latents: Latents, events: EventTable) -> None:
    """Choose a dimension and a value: draw what moves with it, and list where the features stand."""
    st.subheader("What a latent dimension means", anchor=False, help=DEFINITIONS["traversal"])
    left, right = st.columns(2)
    options = list(range(len(latents.kl)))
    bound = menu(DIMENSION, options, latents.sensitive[0] if latents.sensitive else 0)
    with right:
        j = st.selectbox("Latent dimension", options, **bound, format_func=lambda each: dimension_words(latents, each))
        low, high = (float(traversal.values[end]) for end in (0, -1))
        value = st.slider(
            "Value [standard deviations of the prior]", low, high, step=0.1,
            **number("value", low, high, min(1.0, high)), help="Where the dashed line and the table stand.",
        )  # fmt: skip
        moved_table(traversal, j, value, events)
    with left:
        columns = {name: events.describe(name) for name in traversal.features}
        figure = traversal_figure(traversal, latents, j, columns, value, mode())
        chart(figure, f"traversal-{run.id}", table=lambda: traversal_table(traversal))


def dimension_words(latents: Latents, j: int) -> str:
    """Return what the menu says of a dimension."""
    name = f"z{j + 1}".translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
    if j in latents.sensitive:
        return f"{name} (z′, taken out)"
    return f"{name} (collapsed)" if j in latents.collapsed else name


def moved_table(traversal: Traversal, j: int, value: float, events: EventTable) -> None:
    """List where the features stand, the most moved first."""
    rows = []
    for each in moved_at(traversal, j, value):
        column = events.describe(each.feature)
        rows.append(
            {
                "feature": menu_title(events, each.feature),
                "decoded": format_number(each.value, unit=column.unit),
                "change": format_number(each.shift),
                "reach": format_number(each.reach),
            }
        )
    text = st.column_config.TextColumn
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, height=240,
        column_config={
            "change": text(help="Since 0, in standard deviations of the feature."),
            "reach": text(help="Largest minus smallest change over all values: what the rows are ordered by."),
        },
    )  # fmt: skip


def classifier_part(
    run: Run, view: DisentangleView, baseline: Evaluation | None, baseline_cuts: Sequence[TightCut], events: EventTable
) -> None:
    """Draw how the classifier on the rest of the latent separates and sculpts."""
    evaluation = view.evaluation
    st.subheader("The classifier that does not see z′", anchor=False, help=DEFINITIONS["latent"])
    if evaluation is None:
        said = "It is trained once the autoencoder is ready." if run.is_live else "The run ended before it was trained."
        st.caption(said)
        return
    names = list(dict.fromkeys(cut.variable for cut in view.cuts)) or [p.variable for p in evaluation.protected]
    name = names[0]
    if len(names) > 1:
        name = st.segmented_control(
            "Protected variable", names, required=True, **choice("protected", names),
            format_func=lambda each: title_text(events, each),
        ) or name  # fmt: skip
    column = events.describe(name)
    titles = {each: events.describe(each).title or each for each in names}
    cuts = sorted((cut for cut in view.cuts if cut.variable == name), key=lambda cut: -cut.rejected)
    if cuts:
        verdict_in_words(cuts_sentence(cuts, baseline_cuts, titles))
    known = {(cut.variable, cut.rejected): cut for cut in baseline_cuts}
    places = st.columns(2)
    for i, cut in enumerate(cuts):
        with places[i % 2]:
            figure = cut_figure(cut, column, known.get((cut.variable, cut.rejected)), mode())
            key = f"cut-{1000 * cut.rejected:.0f}-{run.id}"
            chart(figure, key, table=lambda cut=cut: cut_table(cut, column.unit))
    overlays = {run_title(run): evaluation} | ({"Baseline": baseline} if baseline else {})
    with places[0]:
        figure = roc_figure(overlays, "Baseline" if baseline else None, mode())
        chart(figure, f"roc-{run.id}", table=lambda: roc_table(overlays))
    with places[1]:
        figure = efficiency_figure(evaluation, column, mode())
        chart(figure, f"efficiency-{run.id}", table=lambda: efficiency_table(evaluation, column))
