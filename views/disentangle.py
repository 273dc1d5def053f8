"""Disentangle: which latent dimension holds the mass, and what a classifier does without it."""

from collections.abc import Sequence

import streamlit as st

from core.disentanglement.config import VAEConfig
from core.disentanglement.downstream import downstream_methods
from core.disentanglement.model import MODELS
from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.exports.titles import method_title
from core.jobs.beside import baseline_request
from core.store.request import RunRequest
from core.store.store import Recorded, Run
from core.unlearning.check import check_events
from views.parts.cached import events_of
from views.parts.frame.frame import page_title
from views.parts.frame.state import needed_dataset, runner
from views.parts.runs.choosing import (
    audit_of,
    baseline_of,
    disentangle_view,
    evaluation_of,
    has_score,
    open_run,
    opened_run,
)
from views.parts.training.audit import show_audit
from views.parts.training.disentangling import (
    classifier_part,
    cuts_of,
    elbo_part,
    elbo_words,
    latents_part,
    merits,
    sentence,
    traversal_part,
)
from views.parts.training.following import seed_and_device
from views.parts.training.form import config_form, protected_menu
from views.parts.training.page import form_and_view, needs_label, newest_run
from views.parts.training.starting import answering, asked
from views.parts.words import symbol_text

PREFERRED = "beta_tcvae"
NEEDY = "A classifier without the protected variable"
FIRST = ("beta", "supervision", "latent")
PROMISE = (
    "An autoencoder squeezes each event into a few latent dimensions and ties one of them to the protected "
    "variable. Here you will see which dimension holds what, and how a classifier fares without it: press "
    "**Train**."
)


def training_form(spec: DatasetSpec, events: EventTable) -> None:
    """Choose model, protected variables, β, λ_s and the size of the latent; start."""
    if needs_label(events, NEEDY):
        return
    names = sorted(MODELS.names(), key=lambda name: name != PREFERRED)
    model = st.selectbox(
        "Model", names, format_func=lambda name: MODELS[name].title, key="disentangle-model", persist_state="session"
    )
    entry = MODELS[model]
    st.caption(symbol_text(f"{entry.summary} {entry.reference}".removesuffix(" -")))
    help_text = "Each is tied to one latent dimension z′, which the classifier does not see."
    protected = protected_menu(spec, events, "disentangle-protected", help_text)
    key = f"disentangle-{model}"
    options = config_form(entry.item.config, key, first=FIRST, without=("downstream",))
    methods = downstream_methods()
    field = VAEConfig.model_fields["downstream"]
    default = str(field.default)
    downstream = st.selectbox(
        "Classifier", sorted(methods, key=lambda name: name != default), format_func=method_title,
        key="disentangle-downstream", persist_state="session", help=f"The {field.description}.",
    )  # fmt: skip
    if downstream != default:
        options["downstream"] = downstream
    seed, device = seed_and_device("disentangle")
    features = tuple(name for name in spec.roles.features if name not in protected)
    roles = spec.roles.model_copy(update={"protected": tuple(protected), "features": features})
    request = RunRequest(
        task="disentangle", method=model, dataset=spec.model_copy(update={"roles": roles}), config=options,
        seed=seed, device=device,
    )  # fmt: skip
    also = baseline_of(request) is None and st.checkbox(
        "Train the baseline beside it", value=True, help="A classifier that sees all features: what to compare with."
    )
    if asked("Train"):
        with answering():
            start(request, also)


def start(request: RunRequest, with_baseline: bool) -> None:
    """Check the events, then queue the run and its baseline."""
    check_events(events_of(request.dataset))
    run = runner().submit(request)
    if with_baseline:
        runner().submit(baseline_request(request))
    open_run(run.id)


def draw(run: Run, found: str, history: Sequence[Recorded], final: bool) -> None:
    """Draw what the latent holds, what moves with it, and how the classifier fares."""
    view = disentangle_view(found)
    events = events_of(run.request.dataset)
    sentence(view.latents, events)
    merits(view, final)
    left, right = st.columns([4, 3])
    with left:
        latents_part(run, view.latents, events)
    with right:
        elbo_part(run, history)
    elbo_words(view.elbo)
    traversal_part(run, view.traversal, view.latents, events)
    other = baseline_of(run)
    compared = evaluation_of(other.id) if other else None
    cuts = cuts_of(other.id) if other and has_score(other) else ()
    classifier_part(run, view, compared[0] if compared else None, cuts, events)
    if final:
        audit = audit_of(run.id, run.finished)
        if audit is not None:
            st.subheader("Audit", anchor=False)
            show_audit(audit, {each.variable: events.describe(each.variable) for each in audit.variables}, run.id)


page_title("Which latent dimension holds the mass?")
opened = opened_run()
spec, events = needed_dataset("An autoencoder sets the protected variable apart, a classifier does without it.")
shown = newest_run(opened, "disentangle", spec)
if shown is None and needs_label(events, NEEDY):
    st.stop()
form_and_view(lambda: training_form(spec, events), shown, elbo_part, draw, PROMISE, ":material/blur_on:")
