"""Where this program keeps its data, from the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """Name the folders and addresses of one installation.

    Args:
        data: folder of the run store, uploads and trained models (INFOSCOPE_DATA, default ``data``).
        samples: folder of the samples that ship with the program.
    """

    data: Path
    samples: Path

    @property
    def uploads(self) -> Path:
        """Return the folder that keeps uploaded files."""
        return self.data / "uploads"

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
        return f"sqlite:///{(self.data / 'runs.sqlite').as_posix()}"


def settings() -> Settings:
    """Read the settings from the environment."""
    root = Path(__file__).parent.parent
    return Settings(Path(os.environ.get("INFOSCOPE_DATA") or root / "data").absolute(), root / "sample_data")
