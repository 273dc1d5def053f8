"""Metrics as Prometheus reads them."""

import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from wsgiref.simple_server import WSGIServer

import pytest
from prometheus_client.parser import text_string_to_metric_families

from core.errors import DataError
from core.events.spec import DatasetSpec
from core.observability.metrics import serve_metrics
from core.observability.system import System, system_state
from core.settings import settings
from core.store.request import RunRequest
from core.store.store import RunStore


@pytest.fixture
def store(data_folder: Path) -> Iterator[RunStore]:
    store = RunStore(settings().database_url)
    request = RunRequest(dataset=DatasetSpec(path="events.parquet"))
    runs = [store.add(request, {"epochs": 10}) for _ in range(3)]
    store.claim(runs[0].id)
    store.record(runs[0].id, 1, {})
    yield store
    store.close()


@pytest.fixture
def exporter(store: RunStore) -> Iterator[WSGIServer]:
    served = serve_metrics("0", lambda: system_state(store, settings()))
    assert served is not None
    yield served[0]
    _end(served[0])


def _end(server: WSGIServer) -> None:
    server.shutdown()
    server.server_close()


def scraped(server: WSGIServer) -> dict[tuple[str, str], float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/metrics", timeout=10) as answer:
        families = text_string_to_metric_families(answer.read().decode())
        return {
            (each.name, ",".join(each.labels.values())): each.value for family in families for each in family.samples
        }


def test_a_scrape_finds_runs_queue_and_memory_of_that_moment(exporter: WSGIServer, store: RunStore) -> None:
    found = scraped(exporter)
    assert found["infoscope_store_up", ""] == 1
    assert found["infoscope_runs", "running"] == 1
    assert found["infoscope_runs", "queued"] == found["infoscope_queue_length", ""] == 2
    assert found["infoscope_runs", "failed"] == 0
    assert found["infoscope_recorded_epochs", ""] == 1
    assert found["infoscope_memory_bytes", ""] > 2**20
    assert any(name == "python_info" for name, _ in found)
    store.finish(store.runs(["running"])[0].id, "failed", error="on purpose")
    assert scraped(exporter)["infoscope_runs", "failed"] == 1


def test_nothing_is_served_beyond_this_machine(exporter: WSGIServer) -> None:
    assert exporter.server_address[0] == "127.0.0.1"


def test_a_store_that_is_gone_is_told_and_ends_no_scrape() -> None:
    def gone() -> System:
        raise DataError("the run store does not answer")

    served = serve_metrics("0", gone)
    assert served is not None
    try:
        found = scraped(served[0])
    finally:
        _end(served[0])
    assert found["infoscope_store_up", ""] == 0
    assert found["infoscope_disk_free_bytes", ""] > 0  # a full disk is a reason why the store is gone
    assert ("infoscope_queue_length", "") not in found


def test_metrics_are_off_unless_a_port_is_named_and_wrong_ports_are_refused(store: RunStore) -> None:
    def look() -> System:
        return system_state(store, settings())

    assert serve_metrics("", look) is None
    for wrong in ("http", "70000", "-1"):
        with pytest.raises(DataError, match=f"INFOSCOPE_METRICS_PORT is '{wrong}'; allowed: 1 to 65535"):
            serve_metrics(wrong, look)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DataError, match=f"no metrics on port {port}: "):
            serve_metrics(str(port), look)
