"""The store and the requests of its tests, and states that are written after every epoch."""

import pytest

from tests.store.conftest import request_for, store

__all__ = ["request_for", "store"]


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write a state after every epoch."""
    monkeypatch.setattr("core.jobs.restarts.RESTART_SECONDS", 0.0)
    monkeypatch.setattr("core.jobs.restarts.SAVING", float("inf"))
