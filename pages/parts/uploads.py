"""Uploads on the Data page: take one, list one's own and the published ones, publish and delete."""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.errors import DataError
from core.events.allowed import require_allowed
from core.events.summary import in_bytes
from core.events.uploads import keep_upload, shown_name
from core.jobs.uploads import Upload, claim_upload, delete_upload, may_open, publish, uploads
from core.settings import settings
from pages.parts.roles import guessed_dataset
from pages.parts.state import close_dataset, told, use_dataset
from pages.parts.users import user
from pages.parts.words import moment, plain_text

TAKEN = "taken"
"""How many files this session brought."""
ROWS_SHOWN = 5


def upload_field() -> None:
    """Take a file; it becomes the user's, and the current data set."""
    kept = st.file_uploader(
        "Your own file: Parquet, CSV or ROOT",
        key=f"upload-{st.session_state.get(TAKEN, 0)}",
        help="The file stays on this server and is copied once.",
        max_upload_size=max(settings().max_upload_bytes // 2**20, 1),  # MB of 2²⁰ bytes
    )
    if kept is None:
        return
    with told():
        try:
            _take(kept)
        finally:
            _free(kept)
        st.rerun()


def _take(kept: UploadedFile) -> None:
    """Keep an upload as the user's, and make it the current data set."""
    name = shown_name(kept.name)
    with st.spinner("Checking the file"):
        path = keep_upload(kept, kept.name, settings().uploads)
    claim_upload(path, name, user().key)
    open_file(str(path), name)


def _free(kept: UploadedFile) -> None:
    """Free the memory that an upload takes as long as its page is open; the next run draws an empty field."""
    st.session_state[TAKEN] = st.session_state.get(TAKEN, 0) + 1
    context = get_script_run_ctx()
    if context is not None:
        context.uploaded_file_mgr.remove_file(context.session_id, kept.file_id)


def open_file(path: str, name: str | None = None) -> None:
    """Make a file the current data set, with guessed roles."""
    use_dataset(guessed_dataset(path, name))


def open_path(path: str) -> None:
    """Make a file or folder of the server the current data set, unless others' uploads lie there."""
    if not may_open(path, settings().uploads, user().key):
        raise DataError(f"{path} holds what other users uploaded; ask them to publish it")
    require_allowed(path)
    open_file(path)


def list_uploads() -> None:
    """List what the user uploaded and what others published."""
    found = uploads(settings().uploads, user().key)
    if not found:
        return
    st.caption("UPLOADS")
    with st.container(border=True, height=280 if len(found) > ROWS_SHOWN else "content", key="uploads"), told():
        for upload in found:
            _row(upload)


def _row(upload: Upload) -> None:
    """Draw one upload: open it; publish or delete one's own."""
    key, me = upload.path.name[:12], user()
    row = st.container(horizontal=True, vertical_alignment="center")
    note = f"{in_bytes(upload.path.stat().st_size)} · {moment(upload.created)}"
    note += "" if me.owns(upload.owner) else " · published by another user"
    row.markdown(f"**{plain_text(upload.name)}** · :small[{note}]", width="stretch")
    if me.key and me.owns(upload.owner):
        published = row.toggle(
            "Published",
            upload.published,
            key=f"publish-{key}-{upload.published}",
            help="All users see it in this list.",
        )
        if published != upload.published:
            publish(upload, published=published)
            st.rerun()
    if row.button("Open", key=f"open-{key}"):
        open_file(str(upload.path), upload.name)
        st.rerun()
    if me.owns(upload.owner):
        with row.popover("Delete", key=f"ask-{key}"):
            st.markdown("Runs on it keep their results, but cannot be repeated or shown in full.")
            if st.button("Delete for good", key=f"delete-{key}", type="primary"):
                delete_upload(upload)
                close_dataset(str(upload.path))
                st.rerun()
