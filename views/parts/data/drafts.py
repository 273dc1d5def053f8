"""A large file whose roles are chosen before its events are read: the draft of a session."""

import streamlit as st

from core.events.spec import DatasetSpec, bytes_in_memory
from core.settings import settings
from views.parts.frame.state import use_dataset

DRAFT = "draft"
LARGE = 2**28
"""Events that take more memory are read once the label and the mass are known [bytes]."""


def draft() -> DatasetSpec | None:
    """Return the data set whose roles are being chosen, if there is one."""
    found: DatasetSpec | None = st.session_state.get(DRAFT)
    return found


def keep_draft(spec: DatasetSpec) -> None:
    """Keep a data set without reading its events."""
    st.session_state[DRAFT] = spec


def leave_draft() -> None:
    """Let go of the draft."""
    st.session_state.pop(DRAFT, None)


def begin(spec: DatasetSpec) -> None:
    """Make a data set the current one, or a draft where it is large and not all of its roles are known."""
    n_bytes = bytes_in_memory(spec)
    unknown = spec.roles.label is None or not spec.roles.protected
    if n_bytes > settings().max_uncompressed_bytes or (unknown and n_bytes > LARGE):
        keep_draft(spec)
        return
    leave_draft()
    use_dataset(spec)
