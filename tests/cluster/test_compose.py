"""What ``docker compose`` starts: options that exist, nothing reachable from elsewhere, no password in the file."""

import re
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from distributed.cli import dask_scheduler, dask_worker

TEXT = (Path(__file__).parents[2] / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
CLUSTER = sorted(name for name, service in SERVICES.items() if "cluster" in service.get("profiles", ()))
ALLOWED = {
    *("image", "build", "ports", "volumes", "read_only", "tmpfs", "cap_drop", "security_opt", "restart", "profiles"),
    *("deploy", "networks", "environment", "depends_on", "command", "healthcheck", "user"),
}
"""Keys of a service in the compose specification that this file uses."""


def test_the_profile_has_a_dashboard_a_scheduler_workers_and_postgresql() -> None:
    assert CLUSTER == ["cluster", "postgres", "scheduler", "worker"]
    assert [name for name, service in SERVICES.items() if "profiles" not in service] == ["cpu"]
    with_gpu = {name for name, service in SERVICES.items() if "cluster-gpu" in service.get("profiles", ())}
    assert with_gpu == {*CLUSTER, "worker-gpu"} - {"worker"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_has_a_read_only_root_and_no_privileges(name: str) -> None:
    service = SERVICES[name]
    assert set(service) <= ALLOWED
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "/tmp" in service["tmpfs"]
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


@pytest.mark.parametrize("name", ["postgres", "scheduler", "worker", "worker-gpu"])
def test_what_serves_the_dashboard_has_no_port_and_a_health_check(name: str) -> None:
    """The image's own check asks the dashboard, which these do not run."""
    assert "ports" not in SERVICES[name]
    assert SERVICES[name]["networks"] == ["cluster"]
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


def test_volumes_networks_and_dependencies_exist() -> None:
    for service in SERVICES.values():
        assert {volume.partition(":")[0] for volume in service.get("volumes", ())} <= set(COMPOSE["volumes"])
        assert set(service.get("networks", ())) <= {"default", *COMPOSE["networks"]}
        for other, how in service.get("depends_on", {}).items():
            assert "healthcheck" in SERVICES[other]
            assert how["condition"] == "service_healthy"
            both = set(service["profiles"]) <= set(SERVICES[other]["profiles"])
            assert how.get("required", True) is both, "a profile that lacks what is required starts nothing"


def test_each_profile_of_the_cluster_waits_for_workers_of_its_own_kind() -> None:
    waited_for = SERVICES["cluster"]["depends_on"]
    for profile, worker in (("cluster", "worker"), ("cluster-gpu", "worker-gpu")):
        assert [name for name in waited_for if "worker" in name and profile in SERVICES[name]["profiles"]] == [worker]


def test_every_dashboard_takes_from_outside_whom_it_serves() -> None:
    """Those that this machine alone reaches serve one person unless told otherwise."""
    served = {
        name: service["environment"]["INFOSCOPE_USERS"] for name, service in SERVICES.items() if "ports" in service
    }
    assert served == {
        "cpu": "${INFOSCOPE_USERS:-one}",
        "gpu": "${INFOSCOPE_USERS:-one}",
        "cluster": "${INFOSCOPE_USERS:-auto}",
    }


def test_only_the_dashboard_and_postgresql_know_the_password_and_the_file_does_not() -> None:
    knowing = {name: service for name, service in SERVICES.items() if "PASSWORD" in str(service.get("environment"))}
    assert sorted(knowing) == ["cluster", "postgres"]
    values = [value for service in knowing.values() for key, value in service["environment"].items() if "PASS" in key]
    assert set(values) == {"${INFOSCOPE_POSTGRES_PASSWORD:-}"}
    assert not re.search(r"postgresql://[^@\s]*:[^@\s]*@", TEXT)


@pytest.mark.parametrize(
    ("name", "program"),
    [("scheduler", dask_scheduler.main), ("worker", dask_worker.main), ("worker-gpu", dask_worker.main)],
)
def test_dask_knows_the_options(name: str, program: click.Command) -> None:
    start, options = SERVICES[name]["command"][:4], SERVICES[name]["command"][4:]
    assert start == ["python", "-m", "dask", name.partition("-")[0]]
    found = program.make_context("dask", list(options)).params
    if name == "scheduler":
        assert (found["port"], found["dashboard_address"]) == ("8786", ":8787")
        assert SERVICES["cluster"]["environment"]["INFOSCOPE_DASK_ADDRESS"] == "tcp://scheduler:8786"
    else:
        assert found["scheduler"] == "tcp://scheduler:8786"
        assert found["resources"] == ("GPU=1" if name == "worker-gpu" else "CPU=1")
        assert found["local_directory"].startswith("/data/")
