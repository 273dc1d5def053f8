"""Metrics for Prometheus, read at the moment that it asks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from threading import Thread
from typing import get_args
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from core.errors import DataError
from core.observability.system import Machine, System, machine_state
from core.settings import settings
from core.store.run import Status

ADDRESS = "127.0.0.1"
"""Metrics name no user and no data, but are for this machine alone."""
log = logging.getLogger(__name__)


class SystemCollector(Collector):
    """Turn the state of the installation into metrics.

    Args:
        look: returns the state.
    """

    def __init__(self, look: Callable[[], System]) -> None:
        self._look = look

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield each metric; where the store does not answer, that it is down, and those of the machine."""
        state: Machine
        try:
            state = self._look()
        except DataError as problem:
            log.warning("no metrics of runs: %s", problem)
            state = machine_state(settings())
        yield GaugeMetricFamily("infoscope_store_up", "Whether the run store answers", float(isinstance(state, System)))
        numbers = _of_machine(state)
        if isinstance(state, System):
            runs = GaugeMetricFamily("infoscope_runs", "Runs by status", labels=["status"])
            for status in get_args(Status):
                runs.add_metric([status], state.store.runs.get(status, 0))
            yield runs
            numbers = (*_of_store(state), *numbers)
        for name, text, value in numbers:
            yield GaugeMetricFamily(f"infoscope_{name}", text, value)
        free = GaugeMetricFamily("infoscope_device_memory_free_bytes", "Free memory of a GPU", labels=["device"])
        for device in state.devices:
            if device.total_bytes:
                free.add_metric([device.kind], device.free_bytes)
        yield free


def serve_metrics(port: str, look: Callable[[], System]) -> tuple[WSGIServer, Thread] | None:
    """Answer Prometheus on a port of this machine's loopback address; None where no port is named.

    Args:
        port: as INFOSCOPE_METRICS_PORT says, 0 for any free one.
        look: returns the state of the installation.

    Raises:
        DataError: it is no port, or one that is taken.
    """
    if not port:
        return None
    if not port.isdigit() or int(port) > 65535:
        raise DataError(f"INFOSCOPE_METRICS_PORT is {port!r}; allowed: 1 to 65535, or nothing for no metrics")
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    registry.register(SystemCollector(look))
    try:
        return start_http_server(int(port), ADDRESS, registry)
    except OSError as problem:
        raise DataError(f"no metrics on port {port}: {problem.strerror or problem}") from problem


def _of_store(state: System) -> tuple[tuple[str, str, float], ...]:
    return (
        ("queue_length", "Runs that wait", len(state.queue.queued)),
        ("epochs_per_second", "Pace of all running trainings together", state.queue.epochs_per_second),
        ("recorded_epochs", "Epochs in the run store", state.store.n_epochs),
    )


def _of_machine(state: Machine) -> tuple[tuple[str, str, float], ...]:
    return (
        ("memory_bytes", "Memory of this process", state.memory.process),
        ("memory_available_bytes", "Memory that is left on the machine", state.memory.available),
        ("disk_free_bytes", "Room on the disk of the data folder", state.disk.free),
        ("uptime_seconds", "Seconds since the process began", state.uptime),
    )
