"""Who looks at the pages: whoever signed in, else the browser, else the one person at this machine."""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit import config
from streamlit.errors import StreamlitAPIException

from core.settings import settings
from views.parts.frame.owners import keep_name
from views.parts.words import plain_text

COOKIE = "infoscope_browser"
"""Names the cookie that tells one browser from another where nobody signs in."""
TOLD_IN = "sign-in-logged"
REFUSED = (
    "You are not signed in: the provider refused it, or you left its page. Try again, or ask whoever runs the server."
)
log = logging.getLogger(__name__)

_TOKEN = re.compile(r"[0-9a-f]{32}")
_LOOPBACK = re.compile(r"(localhost|127(\.\d+){3}|\[?::1\]?)(:\d+)?")
_WAY = (Path(__file__).parent / "sign_in.js").read_text(encoding="utf-8")
_NOTHING = "<style>.stElementContainer:has(.signed-in) { display: none }</style><i class='signed-in'></i>"
_REMEMBER = """<script>
if (!document.cookie.split("; ").some((each) => each.startsWith("{name}=")))
  document.cookie = "{name}={token}; path=/; max-age=31536000; SameSite=Strict" +
    (location.protocol === "https:" ? "; Secure" : "")
</script>"""


@dataclass(frozen=True)
class User:
    """Hold who looks at a page.

    Args:
        key: opaque, tells one user from another in what is stored; empty for the one person at this machine, or whoever
            runs the server.
        name: what to call the user; empty where nobody signs in.
    """

    key: str
    name: str = ""

    @property
    def told(self) -> str:
        """Return who it is, for the server's log."""
        return f"{self.name} ({self.key})" if self.name else self.key or "the one user"

    def owns(self, owner: str) -> bool:
        """Return whether the user may stop and delete what has an owner; whoever runs the server may all."""
        return not self.key or owner == self.key


def user() -> User:
    """Return who looks at the page.

    With sign-in it is the identity: issuer and subject of the token. Without, a server that listens on this machine
    alone, and was asked for by one of its names, serves one person, who owns everything. Any other server tells
    browsers apart by a random cookie, which lasts a year, through reloads, tabs and restarts; neither the cookie nor
    the key, a hash of it, is ever shown. INFOSCOPE_USERS chooses between the two.
    """
    if _demands_sign_in():
        claims = st.user.to_dict()
        identity = claims.get("sub") or claims.get("email")
        name = claims.get("name") or claims.get("email") or claims.get("preferred_username") or identity
        return User(key_of(f"{claims.get('iss', '')} {identity}"), str(name))
    return User("" if _is_alone() else key_of(_browser()))


def key_of(identity: str) -> str:
    """Return the key of an identity, or of a browser's token: a hash, so that what is stored lets nobody in."""
    return hashlib.sha256(identity.encode()).hexdigest()[:16]


def signed_in() -> bool:
    """Return whether the pages may be shown: someone signed in, or nobody needs to."""
    if _secrets_are_broken():
        return False
    if not _demands_sign_in():
        return True
    is_in = bool(st.user.get("is_logged_in"))
    if is_in and not st.session_state.get(TOLD_IN):
        st.session_state[TOLD_IN] = True
        who = user()
        log.info("signed in: %s", who.told)
        keep_name(who.key, who.name)
    return is_in


def sign_in() -> None:
    """Show what a visitor sees who has not signed in."""
    st.title("Infoscope", anchor=False)
    if _secrets_are_broken():
        st.error("Nobody can sign in: the server's secrets cannot be read. Its log says why.", icon=":material/lock:")
        return
    st.markdown("See how much information collider variables share. Sign in to begin.")
    _on_the_way(f"<p class='sign-in-refused' role='alert' hidden>{REFUSED}</p>", signed_in=False)
    for provider in _providers():
        label = f"Sign in with {provider}" if provider else "Sign in"
        if st.button(label, key=f"sign-in-{provider or 'default'}", type="primary", icon=":material/login:"):
            try:
                st.login(provider)
            except StreamlitAPIException as problem:
                st.error(f"Signing in is not set up well: {problem}", icon=":material/lock:")


def lead_to_link() -> None:
    """Open what the link asked for that a visitor came by, once they have signed in: the provider leads to Data."""
    if _demands_sign_in():
        _on_the_way(_NOTHING, signed_in=True)


def sign_out_button() -> None:
    """Say who signed in, and offer to sign out."""
    if not _demands_sign_in():
        return
    row = st.container(horizontal=True, vertical_alignment="center")
    row.markdown(f":material/person: {plain_text(user().name)}")
    row.button("Sign out", key="sign-out", type="tertiary", on_click=st.logout)


def remember_browser() -> None:
    """Give a browser that has none the cookie by which it is known the next time; none to one person alone."""
    if _demands_sign_in() or _is_alone() or COOKIE in st.context.cookies:
        return
    st.html(_REMEMBER.format(name=COOKIE, token=_browser()), unsafe_allow_javascript=True)


def _on_the_way(shown: str, *, signed_in: bool) -> None:
    """Show what the browser is told beside, and let it keep its way through the provider's pages."""
    script = f"{{ const SIGNED_IN = {str(signed_in).lower()};\n{_WAY}}}"
    st.html(f"{shown}<script>{script}</script>", unsafe_allow_javascript=True)


def _browser() -> str:
    """Return the token of the browser: its cookie, or until it has one a token of this session."""
    token = st.context.cookies.get(COOKIE, "")
    if _TOKEN.fullmatch(token):
        return token
    return str(st.session_state.setdefault(COOKIE, secrets.token_hex(16)))


def _demands_sign_in() -> bool:
    """Return whether the server's secrets have a section [auth]; Streamlit then knows who is signed in."""
    return "is_logged_in" in st.user


def _secrets_are_broken() -> bool:
    """Return whether there are secrets that cannot be read: they may demand to sign in, so nobody gets in."""
    files = st.get_option("secrets.files")
    expected = config.is_manually_set("secrets.files") or any(Path(file).exists() for file in files)
    return expected and not st.secrets.load_if_toml_exists()


def _providers() -> list[str | None]:
    """Return the names of the providers in the section [auth]; None stands for one without a name."""
    section = st.secrets["auth"]
    named = [name for name, value in section.items() if isinstance(value, Mapping) and "client_id" in value]
    return [None] if "client_id" in section else list(named)


def _is_alone() -> bool:
    """Return whether the server has one user: as set, or since this machine alone reaches it, through no proxy."""
    if settings().users != "auto":
        return settings().users == "one"
    headers = st.context.headers
    return (
        _LOOPBACK.fullmatch(st.get_option("server.address") or "") is not None
        and _LOOPBACK.fullmatch(headers.get("Host") or "localhost") is not None
        and not {"X-Forwarded-For", "Forwarded"} & {name.title() for name in headers}
    )
