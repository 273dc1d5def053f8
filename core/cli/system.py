"""``system``: what this installation runs on and what it is doing."""

from __future__ import annotations

import dataclasses
from typing import Any

import typer

from core.cli.dataset import AsJson
from core.cli.output import out, print_json, print_table
from core.events.summary import in_bytes
from core.numbers import format_number
from core.observability.system import System, system_state
from core.settings import settings
from core.store.run import Run
from core.store.store import RunStore


def system(as_json: AsJson = False) -> None:
    """Show devices, queue, run store, memory, disk and versions."""
    import torch  # noqa: F401  GPUs are seen only once it is there

    state = system_state(RunStore(settings().database_url), settings())
    if as_json:
        print_json(_answer(state))
        return
    devices = [
        [each.name, each.kind, str(each.cores or "-"), in_bytes(each.free_bytes) if each.total_bytes else "-"]
        for each in state.devices
    ]
    print_table("Devices", ("name", "device", "cores", "free memory"), devices)
    live = [[run.id, run.status, f"{run.epoch}/{run.n_epochs}"] for run in (*state.queue.running, *state.queue.queued)]
    if live:
        print_table("Queue", ("run", "status", "epochs"), live)
    out.print(
        f"queue: {len(state.queue.running)} running, {len(state.queue.queued)} queued, "
        f"{format_number(state.queue.epochs_per_second)} epochs/s"
    )
    store, memory, disk = state.store, state.memory, state.disk
    size = "" if store.n_bytes is None else f", {in_bytes(store.n_bytes)}"
    out.print(f"store: {store.kind} {store.address}{size}, {store.n_runs:,} runs, {store.n_epochs:,} recorded epochs")
    out.print(f"memory: {in_bytes(memory.available)} of {in_bytes(memory.total)} available")
    out.print(f"disk: {in_bytes(disk.free)} of {in_bytes(disk.total)} free at {disk.folder}")
    out.print("versions: " + ", ".join(f"{name} {version}" for name, version in state.versions.items()))


def _answer(state: System) -> dict[str, Any]:
    """Return the state as plain values; runs by id alone."""
    plain = {
        name: dataclasses.asdict(getattr(state, name)) for name in ("store", "memory", "disk")
    }  # a run holds models of pydantic, which JSON does not know
    queue = {
        "running": [_run(run) for run in state.queue.running],
        "queued": [_run(run) for run in state.queue.queued],
        "epochs_per_second": state.queue.epochs_per_second,
    }
    devices = [dataclasses.asdict(each) for each in state.devices]
    return {"devices": devices, "queue": queue, **plain, "versions": dict(state.versions)}


def _run(run: Run) -> dict[str, Any]:
    return {"run": run.id, "task": run.request.task, "method": run.request.method, "owner": run.owner,
            "epoch": run.epoch, "epochs": run.n_epochs, "seconds": run.seconds}  # fmt: skip


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("system")(system)
