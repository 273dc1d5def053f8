"""Where the run store is: addresses that are understood, and file systems that are not."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from core.errors import DataError

ALLOWED = "allowed: sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/NAME"
POSTGRESQL = "postgresql+psycopg"
MOUNTS = Path("/proc/self/mounts")
NETWORK = frozenset(
    [
        *("afs", "beegfs", "ceph", "cifs", "davfs", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "orangefs"),
        *("pvfs2", "smb3", "smbfs", "fuse.ceph", "fuse.davfs", "fuse.eosxd", "fuse.glusterfs", "fuse.s3fs"),
        "fuse.sshfs",
    ]
)
"""Types of file systems that other machines share."""


def address_of(url: str) -> URL:
    """Read a database address; what it says never contains a password.

    Raises:
        DataError: it is no address, or of a database that is not supported.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):  # may quote the password
        raise DataError(f"the address of the run store cannot be read; {ALLOWED}") from None
    if address.drivername in ("postgres", "postgresql", POSTGRESQL):
        if "@" in (address.host or ""):
            raise DataError("the password in the address of the run store has a @; write it as %40")
        return address.set(drivername=POSTGRESQL)
    if address.drivername != "sqlite" or address.database in (None, "", ":memory:"):
        raise DataError(f"the run store cannot be {shown(address)}; {ALLOWED}")
    return address


def shown(address: URL) -> str:
    """Return an address as it may be read by anyone: without password and options."""
    if address.drivername == "sqlite":
        return f"sqlite:///{address.database or ''}"
    return address.set(query={}).render_as_string(hide_password=True)


def without_server(problem: str) -> str:
    """Return what a database's driver said, for users who need not know where it is.

    Example:
        >>> without_server('connection to server at "10.0.0.7", port 5432 failed: Connection refused')
        'connection to server failed: Connection refused'
    """
    return re.sub(r' at "[^"]*"(?: \([^)]*\))?, port \d+', "", problem)


def file_of(address: URL) -> Path | None:
    """Return the file of an SQLite database; None for a server's."""
    return Path(address.database or "").absolute() if address.drivername == "sqlite" else None


def require_local(file: Path, mounts: Path = MOUNTS) -> None:
    """Check that a file is on this machine, as far as the system tells.

    SQLite shares its write-ahead log through memory and relies on locks; over a network neither holds, and runs are
    lost in silence.

    Args:
        file: of an SQLite database; need not exist.
        mounts: the system's table of mounted file systems; without one nothing is checked.

    Raises:
        DataError: the file is on a file system that other machines share.
    """
    kind = file_system(file, mounts)
    if kind in NETWORK:
        raise DataError(
            f"the run store {file} is on a network file system ({kind}), over which SQLite loses data; allowed: a "
            "local folder (INFOSCOPE_DATA, or INFOSCOPE_DATABASE_URL=sqlite:////local/runs.sqlite), or PostgreSQL "
            "(INFOSCOPE_DATABASE_URL=postgresql://…)"
        )


def file_system(file: Path, mounts: Path = MOUNTS) -> str:
    """Return the type of the file system that a file is or would be on; empty when the system does not tell."""
    if not mounts.exists():
        return ""
    place, found, longest = file.resolve(), "", -1
    for line in mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        _, point, kind, *_ = line.split(" ")
        folder = Path(_unescaped(point))
        if place.is_relative_to(folder) and len(folder.parts) >= longest:
            found, longest = kind, len(folder.parts)
    return found


def _unescaped(text: str) -> str:
    """Return a path of the table, in which space, tab, newline and backslash are octal numbers."""
    for code, sign in ((r"\040", " "), (r"\011", "\t"), (r"\012", "\n"), (r"\134", "\\")):
        text = text.replace(code, sign)
    return text
