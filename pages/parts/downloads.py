"""What a finished run offers to take along."""

import streamlit as st

from core.jobs.artifacts import MANIFEST, MODEL, SCORES
from core.jobs.command import command_line
from core.jobs.store import Run
from core.settings import settings

FILES = {
    SCORES: (
        "Scores (Parquet)",
        "Score, label, weight and protected variables of every event, and its part in the training.",
    ),
    MODEL: ("Model (safetensors)", "The network with its input standardisation; metadata name the inputs."),
    MANIFEST: ("Manifest (JSON)", "Data fingerprint, config, seed and versions: what repeats the run."),
}


def downloads(run: Run) -> None:
    """Offer a run's files, and the command that repeats it."""
    folder = settings().runs / run.id
    for column, (name, (label, help_text)) in zip(st.columns(len(FILES)), FILES.items(), strict=True):
        path = folder / name
        column.download_button(
            label,
            data=path.read_bytes if path.exists() else b"",
            file_name=f"{run.id}-{name}",
            disabled=not path.exists(),
            help=help_text,
            on_click="ignore",
            key=f"download-{run.id}-{name}",
            width="stretch",
        )
    with st.expander("The command that repeats this run"):
        st.code(command_line(run.request), language="bash", wrap_lines=True)
