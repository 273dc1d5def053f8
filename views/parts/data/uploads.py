"""One's own files on the Data page: uploads and paths, one or two, a tree of several; and the list of uploads."""

import logging
from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.errors import DataError
from core.events.allowed import below_root, files_below_root, require_allowed
from core.events.readers._pieces import is_pattern
from core.events.source import trees_to_choose
from core.events.summary import in_bytes
from core.events.uploads import keep_upload, shown_name
from core.jobs.uploads import Upload, claim_upload, delete_upload, may_open, publish, uploads
from core.numbers import format_count
from core.settings import settings
from views.parts.data.drafts import begin, leave_draft
from views.parts.data.roles import guessed_dataset
from views.parts.frame.state import close_dataset, told
from views.parts.frame.users import user
from views.parts.words import moment, plain_text, sentence

TAKEN, FILES, TURN, SIDES = "taken", "files", "files-turn", ("signal", "background")
"""How many files this session brought; whether one or two are asked for; how often that changed; both sides."""
ONE, TWO = "One file", "Two files: signal and background"
ROWS_SHOWN = 5
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Picked:
    """Name a file that was brought: its path, what the user calls it, and the trees of which one is still to choose."""

    path: str
    name: str | None
    trees: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Return the name, or that of the file."""
        return self.name or Path(self.path).name


def own_files() -> None:
    """Take one file that becomes the current data set, or two that do together."""
    if asks_for_two():
        _two_files()
    elif "picked-one" in st.session_state:
        _tree_of("one")
    else:
        _take_file("one", "Your own file: Parquet, CSV or ROOT", "or a file or folder on the server", "Open")


def is_asking() -> bool:
    """Return whether a file is half chosen: a second one or a tree is still needed."""
    return asks_for_two() or "picked-one" in st.session_state


def asks_for_two() -> bool:
    """Return whether two files are asked for."""
    return st.session_state.get(FILES) == TWO


def one_or_two() -> None:
    """Ask whether the user has one file or two."""
    chosen = st.segmented_control(
        "How many files",
        [ONE, TWO],
        default=st.session_state.get(FILES, ONE),
        required=True,
        key=f"how-many-{st.session_state.get(TURN, 0)}",
        label_visibility="collapsed",
        width="content",
    )
    st.session_state[FILES] = chosen


def _ask_for(files: str) -> None:
    """Ask for one file or for two; the menu is drawn anew, since one that was drawn keeps what it shows."""
    st.session_state[FILES] = files
    st.session_state[TURN] = st.session_state.get(TURN, 0) + 1


def ask_for_background(path: str, name: str | None) -> None:
    """Ask for the background beside a file whose events are signal."""
    _ask_for(TWO)
    st.session_state["picked-signal"] = Picked(path, name)


def open_file(path: str, name: str | None = None, background: str | None = None) -> None:
    """Make a file, or two, the current data set, with guessed roles."""
    begin(guessed_dataset(path, name, background))


def _two_files() -> None:
    """Take a file for each side, and open both when they are there."""
    for column, side in zip(st.columns(2), SIDES, strict=True):
        with column.container(border=True):
            picked: Picked | None = st.session_state.get(f"picked-{side}")
            st.markdown(f"**{side.capitalize()}** {'Monte Carlo' if side == SIDES[0] else 'Monte Carlo, or data'}")
            if picked is None:
                _take_file(side, f"{side.capitalize()} file", f"or a path of {side} on the server", "Take")
            elif picked.trees:
                _tree_of(side)
            else:
                row = st.container(horizontal=True, vertical_alignment="center")
                row.markdown(plain_text(picked.title), width="stretch")
                row.button("Change", key=f"change-{side}", on_click=_forget, args=(side,))
    pair = [st.session_state.get(f"picked-{side}") for side in SIDES]
    needed = [side for side, each in zip(SIDES, pair, strict=True) if each is None or each.trees]
    if needed:
        st.caption(f"Still to take: the {' and the '.join(needed)} file. Upload it, or name it and press *Take*.")
    if st.button("Open both", type="primary", disabled=bool(needed)):
        with told():
            _open_both(*pair)
            for side in SIDES:
                _forget(side)
            _ask_for(ONE)
            st.rerun()


def _open_both(signal: Picked, background: Picked) -> None:
    if signal.path == background.path:
        raise DataError(f"{signal.title} is given twice; signal and background must be different files")
    names = f"{signal.title} and {background.title}" if signal.name or background.name else None
    open_file(signal.path, names, background.path)


def _take_file(side: str, label: str, or_path: str, verb: str) -> None:
    """Take an upload or a path of the server."""
    upload, path = st.columns(2) if side == "one" else (st.container(), st.container())
    with upload:
        _upload_field(side, label)
    with path.form(f"server-path-{side}", border=False):
        refusal = st.container()
        root = settings().data_root
        listed = files_below_root()
        text = st.text_input(
            or_path,
            placeholder=f"a name below {root}" if root else "the server offers no folder",
            help="Pages read files below the folder that the setting INFOSCOPE_DATA_ROOT names, and no others. "
            "A folder, or a pattern such as runs/*.parquet, is one data set; a name alone is one below that folder.",
        )
        chosen = _listed(side, root, listed) if listed else None
        if st.form_submit_button(verb) and (text.strip() or chosen):
            with refusal, told():
                _pick(side, _allowed(below_root(text.strip() or chosen or "")))
                st.rerun()


def _listed(side: str, root: str, listed: dict[str, int | None]) -> str | None:
    """Offer the files and folders of the configured folder."""
    return st.selectbox(
        f"or choose below {plain_text(root)}",
        list(listed),
        index=None,
        format_func=lambda name: f"{name} ({'folder' if (size := listed[name]) is None else in_bytes(size)})",
        placeholder=f"{format_count(len(listed))} {'file or folder' if len(listed) == 1 else 'files and folders'}",
        key=f"listed-{side}",
    )


def _upload_field(side: str, label: str) -> None:
    kept = st.file_uploader(
        label,
        key=f"upload-{side}-{st.session_state.get(TAKEN, 0)}",
        help="The file stays on this server and is copied once.",
        max_upload_size=max(settings().max_upload_bytes // 2**20, 1),  # MB of 2²⁰ bytes
    )
    refused = f"refused-{side}"
    if message := st.session_state.pop(refused, None):
        st.error(message, icon=":material/error:")
    if kept is None:
        return
    with told():
        try:
            _pick(side, _kept(kept))
        except DataError as problem:  # told by the next run, whose empty field takes the next file
            log.warning("upload of %s refused to %s: %s", shown_name(kept.name), user().told, problem)
            st.session_state[refused] = sentence(str(problem))
        finally:
            _free(kept)
        st.rerun()


def _kept(kept: UploadedFile) -> Picked:
    """Keep an upload as the user's."""
    name = shown_name(kept.name)
    with st.spinner("Checking the file"):
        path = keep_upload(kept, kept.name, settings().uploads)
    claim_upload(path, name, user().key)
    log.info("upload of %s kept for %s", name, user().told)
    return Picked(str(path), name)


def _free(kept: UploadedFile) -> None:
    """Free the memory that an upload takes as long as its page is open; the next run draws an empty field."""
    st.session_state[TAKEN] = st.session_state.get(TAKEN, 0) + 1
    context = get_script_run_ctx()
    if context is not None:
        context.uploaded_file_mgr.remove_file(context.session_id, kept.file_id)


def _allowed(path: str) -> Picked:
    """Return a file or folder of the server, unless others' uploads lie there."""
    if not may_open(path, settings().uploads, user().key):
        raise DataError(f"{path} holds what other users uploaded; ask them to publish it")
    require_allowed(path)
    place = Path(path)
    is_many = is_pattern(path) and not place.exists()
    return Picked(path, f"{place.parent.name}/{place.name}" if is_many else None)


def _pick(side: str, picked: Picked) -> None:
    """Keep a file for its side, or open it where it is the only one and has no choice of trees."""
    picked = replace(picked, trees=trees_to_choose(picked.path))
    if side == "one" and not picked.trees:
        open_file(picked.path, picked.name)
        return
    st.session_state[f"picked-{side}"] = picked


def _tree_of(side: str) -> None:
    """Ask which of the trees of a ROOT file is meant."""
    picked: Picked = st.session_state[f"picked-{side}"]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        tree = st.selectbox(
            f"{plain_text(picked.title)} holds {len(picked.trees)} trees: which one are the events?",
            picked.trees,
            key=f"tree-{side}",
        )
        chosen = st.button("Open tree" if side == "one" else "Take tree", type="primary", key=f"take-tree-{side}")
        st.button("Another file", key=f"change-{side}", on_click=_forget, args=(side,))
    if chosen:
        with told():
            path, name = f"{picked.path}:{tree}", picked.name and f"{picked.name} {tree}"
            if side == "one":
                open_file(path, name)
                _forget(side)
            else:
                guessed_dataset(path)
                st.session_state[f"picked-{side}"] = Picked(path, name)
            st.rerun()


def _forget(side: str) -> None:
    st.session_state.pop(f"picked-{side}", None)


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
        with told():
            _pick("one", Picked(str(upload.path), upload.name))
            st.rerun()
    if me.owns(upload.owner):
        with row.popover("Delete", key=f"ask-{key}"):
            st.markdown("Runs on it keep their results, but cannot be repeated or shown in full.")
            if st.button("Delete for good", key=f"delete-{key}", type="primary"):
                delete_upload(upload)
                close_dataset(str(upload.path))
                leave_draft()
                st.rerun()
