"""The connection to a scheduler, and what every task sent through it checks first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import core
from core.errors import DataError

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 10.0


def connect(address: str, timeout: float = CONNECT_SECONDS) -> Client:
    """Connect to a scheduler.

    Args:
        address: such as ``tcp://scheduler:8786``; ``tls://…`` takes the certificates of Dask's own configuration.
        timeout: how long to wait for an answer [s].

    Raises:
        DataError: nothing answers there, or it is no scheduler.
    """
    from distributed import Client

    try:
        return Client(address, timeout=timeout, set_as_default=False, name="infoscope")
    except (OSError, TimeoutError, ValueError, TypeError, ImportError) as problem:
        said = " ".join(str(problem).split())[:200] or type(problem).__name__
        raise DataError(f"no scheduler answers at {address!r}: {said}; allowed: such as tcp://host:8786") from problem


def workers_of(client: Client) -> dict[str, dict[str, Any]]:
    """Return what the scheduler knows of each worker: threads, memory, resources."""
    return dict(client.scheduler_info(n_workers=-1)["workers"])


def require_same_program(version: str) -> None:
    """Check on a worker that it runs the program that sent the task.

    Another version may draw boundaries or train otherwise, and the answer would be neither's.

    Raises:
        DataError: it runs another version.
    """
    if version != core.__version__:
        raise DataError(
            f"a worker runs infoscope {core.__version__}, the program that asks runs {version}; "
            "all machines must run the same version"
        )
