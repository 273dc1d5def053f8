"""``warm``: compile ahead, so that the first page does not wait."""

from __future__ import annotations

import typer


def warm() -> None:
    """Compile the counting kernels once; later starts load them from disk."""
    import numpy as np

    from core.information import warm as warm_information
    from core.information.distance_correlation import distance_correlation

    warm_information()
    distance_correlation(np.arange(4.0), np.arange(4.0))


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("warm")(warm)
