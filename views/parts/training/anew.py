"""A stopped run trained again, and what is said of the baseline that stands beside a run."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.jobs.beside import baseline_request
from core.store.run import Run
from views.parts.frame.state import runner, told
from views.parts.frame.users import user
from views.parts.runs.choosing import baseline_of, open_run

ENDED = "A stopped run cannot be continued: of its training only the best network was kept, to be judged."
ANEW = "Trains the same from the start to the last epoch, as a run of its own; this one stays."


def offer_to_train_anew(line: DeltaGenerator, button: DeltaGenerator, run: Run) -> None:
    """Say beneath a stopped run's line why it cannot go on, and offer to train the same again."""
    line.caption(ENDED)
    if button.button("Train anew", key=f"anew-{run.id}", width="stretch", help=ANEW):
        _train_anew(run)


@told()
def _train_anew(run: Run) -> None:
    """Ask for the training of a run again, on its own, and open that; its baseline too where that was stopped."""
    request = run.request.model_copy(update={"scan": ""})
    baseline = baseline_of(request)
    open_run(runner().submit(request).id)
    if baseline is not None and baseline.status == "stopped":
        runner().submit(baseline_request(request))
    st.rerun()


def told_of_baseline(baseline: Run, anothers: str) -> None:
    """Say of the baseline beside a run what its reader would not expect: whose it is, or that it was stopped."""
    said = [] if user().owns(baseline.owner) else [f"is {anothers}, trained alike on these events"]
    if baseline.status == "stopped":
        said.append(f"was stopped at epoch {baseline.epoch} of {baseline.n_epochs}")
    if said:
        st.caption(f"The baseline beside it, run {baseline.id}, {' and '.join(said)}.")
