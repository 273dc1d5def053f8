"""Where this program keeps its data, from the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from core.errors import DataError
from core.memory import memory_bytes


@dataclass(frozen=True)
class Settings:
    """Name the folders and addresses of one installation.

    Args:
        data: folder of the run store, uploads and trained models (INFOSCOPE_DATA, default ``data``).
        samples: folder of the samples that ship with the program.
        log_format: json, text, or auto, which is text on a terminal (INFOSCOPE_LOG_FORMAT).
        log_level: debug, info, warning or error; empty for what suits server or command line (INFOSCOPE_LOG_LEVEL).
        metrics_port: port of localhost where Prometheus reads metrics; empty for none (INFOSCOPE_METRICS_PORT).
        data_root: folder or address below which pages may read files that are not uploads or samples
            (INFOSCOPE_DATA_ROOT); empty for none.
        max_upload_bytes: largest file that can be uploaded [bytes] (INFOSCOPE_MAX_UPLOAD_BYTES).
        max_rows: most events of a data set (INFOSCOPE_MAX_ROWS).
        max_columns: most columns of an upload, or of any file at once (INFOSCOPE_MAX_COLUMNS).
        max_uncompressed_bytes: largest size in memory of the columns that are read
            [bytes] (INFOSCOPE_MAX_UNCOMPRESSED_BYTES).
        dask_address: scheduler of a cluster that counts and trains; empty for this process
            (INFOSCOPE_DASK_ADDRESS).
        cache_bytes: what events in memory may take [bytes] (INFOSCOPE_CACHE_BYTES, default a quarter of the memory).
        database: address of the run store, which may hold a password; empty for a file in the data folder
            (INFOSCOPE_DATABASE_URL).
        runs_per_user: most runs of one user that may wait (INFOSCOPE_RUNS_PER_USER).
        users: one, browsers, or auto: one where only this machine reaches the server, else browsers (INFOSCOPE_USERS);
            without effect where users sign in.
    """

    data: Path
    samples: Path
    log_format: str = "auto"
    log_level: str = ""
    metrics_port: str = ""
    cache_bytes: int = field(default_factory=lambda: memory_bytes() // 4)
    data_root: str = ""
    max_upload_bytes: int = 2 * 2**30
    max_rows: int = 1_000_000_000
    max_columns: int = 2_000
    max_uncompressed_bytes: int = 8 * 2**30
    dask_address: str = ""
    database: str = field(default="", repr=False)
    runs_per_user: int = 100
    users: str = "auto"

    @property
    def uploads(self) -> Path:
        """Return the folder that keeps uploaded files."""
        return self.data / "uploads"

    @property
    def toys(self) -> Path:
        """Return the folder of events that pages and commands draw themselves, whose truth is known."""
        return self.data / "toys"

    @property
    def runs(self) -> Path:
        """Return the folder that keeps each run's model, scores and manifest."""
        return self.data / "runs"

    @property
    def datasets(self) -> Path:
        """Return the folder that keeps which file and roles each link names."""
        return self.data / "datasets"

    @property
    def database_url(self) -> str:
        """Return the address of the run store."""
        return self.database or f"sqlite:///{quote((self.data / 'runs.sqlite').as_posix())}"


def settings() -> Settings:
    """Read the settings from the environment."""
    root = Path(__file__).parent.parent
    return Settings(
        Path(os.environ.get("INFOSCOPE_DATA") or root / "data").absolute(),
        root / "sample_data",
        log_format=os.environ.get("INFOSCOPE_LOG_FORMAT", "auto").lower(),
        log_level=os.environ.get("INFOSCOPE_LOG_LEVEL", "").lower(),
        metrics_port=os.environ.get("INFOSCOPE_METRICS_PORT", ""),
        data_root=os.environ.get("INFOSCOPE_DATA_ROOT", ""),
        max_upload_bytes=_whole("INFOSCOPE_MAX_UPLOAD_BYTES", Settings.max_upload_bytes),
        max_rows=_whole("INFOSCOPE_MAX_ROWS", Settings.max_rows),
        max_columns=_whole("INFOSCOPE_MAX_COLUMNS", Settings.max_columns),
        max_uncompressed_bytes=_whole("INFOSCOPE_MAX_UNCOMPRESSED_BYTES", Settings.max_uncompressed_bytes),
        dask_address=os.environ.get("INFOSCOPE_DASK_ADDRESS", "").strip(),
        cache_bytes=_whole("INFOSCOPE_CACHE_BYTES", memory_bytes() // 4),
        database=os.environ.get("INFOSCOPE_DATABASE_URL", "").strip(),
        runs_per_user=_whole("INFOSCOPE_RUNS_PER_USER", Settings.runs_per_user),
        users=_one_of("INFOSCOPE_USERS", ("auto", "one", "browsers")),
    )


def _whole(name: str, default: int) -> int:
    """Return a whole number of at least 1 from the environment."""
    text = os.environ.get(name, "").replace("_", "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or len(text) > 18 or int(text) < 1:
        raise DataError(f"{name} is {text[:40]!r}; allowed: a whole number from 1 to 10¹⁸, such as {default}")
    return int(text)


def _one_of(name: str, allowed: tuple[str, ...]) -> str:
    """Return a word from the environment; the first of the allowed ones when there is none."""
    text = os.environ.get(name, "").strip() or allowed[0]
    if text not in allowed:
        raise DataError(f"{name} is {text[:40]!r}; allowed: {', '.join(allowed)}")
    return text
