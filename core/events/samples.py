"""The samples that ship with the program."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.errors import DataError
from core.events.source import inspect_file
from core.events.summary import FileSummary, near
from core.settings import settings

_FIRST = ("boosted_w", "dimuon", "radiative_b", "resonance")


@dataclass(frozen=True)
class Sample:
    """Describe a sample as its card does.

    Args:
        name: its file name without the suffix.
        path: its file.
        title: such as "Boosted W against QCD".
        story: one or two sentences on what it is for.
        signal: the signal process.
        background: the background process.
        n_events: number of events of both classes.
        n_signal: number of signal events; None when the card does not say.
        bytes_on_disk: size of the file [bytes].
    """

    name: str
    path: Path
    title: str
    story: str
    signal: str
    background: str
    n_events: int
    n_signal: int | None
    bytes_on_disk: int


def list_samples(folder: Path | None = None) -> tuple[Sample, ...]:
    """Return the samples, those of the guide first, then by name.

    Args:
        folder: where to look; the samples of the program by default.

    Raises:
        DataError: one of them cannot be read.
    """
    files = (folder or settings().samples).glob("*.parquet")
    ordered = sorted(
        files, key=lambda path: (_FIRST.index(path.stem) if path.stem in _FIRST else len(_FIRST), path.stem)
    )
    return tuple(_describe(inspect_file(path)) for path in ordered)


def sample_path(name: str, folder: Path | None = None) -> Path:
    """Return the file of a sample.

    Args:
        name: such as "boosted_w".
        folder: where to look; the samples of the program by default.

    Raises:
        DataError: no sample has that name; near matches are listed.
    """
    paths = {path.stem: path for path in sorted((folder or settings().samples).glob("*.parquet"))}
    if name not in paths:
        raise DataError(f"there is no sample {name!r}{near(name, paths)}")
    return paths[name]


def _describe(summary: FileSummary) -> Sample:
    def told(key: str) -> str:
        text = summary.card.get(key)
        return text if isinstance(text, str) else ""

    n_signal = summary.card.get("n_signal")
    return Sample(
        name=summary.name,
        path=summary.path,
        title=told("title") or summary.name.replace("_", " ").capitalize(),
        story=told("story"),
        signal=told("signal"),
        background=told("background"),
        n_events=summary.n_events,
        n_signal=n_signal if isinstance(n_signal, int) else None,
        bytes_on_disk=summary.bytes_on_disk,
    )
