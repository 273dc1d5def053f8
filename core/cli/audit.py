"""``audit``: what a run's score still knows of its protected variables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from core.audit.audit import audit as audit_score
from core.audit.audited import Audit
from core.audit.findings import probability
from core.cli.dataset import AsJson
from core.cli.output import out, print_json, print_table
from core.errors import DataError
from core.evaluation.roc import Ranking, efficiency_at
from core.jobs.artifacts import SCORES
from core.jobs.held_out import held_out_scores
from core.numbers import format_events, format_percent
from core.settings import settings
from core.store.store import RunStore

VERDICTS = {True: "pass", False: "FAIL", None: "not judged"}


def audit(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run, or the scores.parquet in a run's folder.")],
    permutations: Annotated[int, typer.Option(help="Shuffles behind the p-values.")] = 200,
    efficiency: Annotated[float, typer.Option(help="Signal efficiency of the cut.")] = 0.5,
    rejected: Annotated[
        float | None, typer.Option(help="Share of the background that the cut rejects, such as 0.995; sets the cut.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of shuffles and replicas.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Audit a run's score on its held-out events: what it still tells about the protected variables, and what it fakes.

    The exit code is 0 whether the score passes or fails.
    """
    scores, events = held_out_scores(_folder(run))
    rng = np.random.default_rng(seed)
    if rejected is not None:
        ranking = Ranking(scores, events.is_signal)
        efficiency = efficiency_at(*ranking.efficiencies(events.weights), rejected)
    found = audit_score(scores, events, rng=rng, signal_efficiency=efficiency, permutations=permutations)
    if as_json:
        print_json(_answer(run, found))
    else:
        _print(run, found, {name: events.describe(name).title or name for name in events.roles.protected})


def _folder(run: str) -> Path:
    """Return a run's folder, given its id or the path of its scores.

    Raises:
        DataError: there is no such run or file, or the run has not ended.
    """
    path = Path(run)
    if path.name == SCORES or path.suffix == ".parquet":
        if not path.is_file():
            raise DataError(f"no file {run!r}")
        return path.parent
    found = RunStore(settings().database_url).get(run)
    if found.status not in ("done", "stopped"):
        raise DataError(f"run {run} is {found.status}; an audit needs one that is done")
    return settings().runs / found.id


def _answer(run: str, found: Audit) -> dict[str, Any]:
    """Return what ``--json`` prints: all numbers but the curves that figures draw; information in nats."""
    return {
        "run": run,
        "passed": found.passed,
        "verdict": found.verdict(),
        "n_events": found.n_events,
        "n_background": found.n_background,
        "n_effective": found.n_effective,
        "signal_efficiency": found.signal_efficiency,
        "threshold": found.threshold,
        "permutations": found.permutations,
        "level": found.level,
        "findings": list(found.findings),
        "variables": {
            each.variable: {
                "information": each.information,
                "neighbours": each.neighbours,
                "dcorr": each.dcorr,
                "jsd_nats": each.sculpting.jsd_nats,
                "jsd_bits": {
                    "value": each.sculpting.jsd_nats.value / np.log(2),
                    "error": each.sculpting.jsd_nats.error / np.log(2),
                },
                "jsd_limit_nats": each.sculpting.limit_nats,
                "jsd_random_nats": each.sculpting.random_nats,
                "flatness": list(each.flatness),
                "spurious": each.spurious,
                "peak": each.peak,
                "n_missing": each.n_missing,
                "reasons": each.reasons,
            }
            for each in found.variables
        },
    }


def _print(run: str, found: Audit, titles: dict[str, str]) -> None:
    """Print the findings as a table and the verdict in words."""
    rows = [
        [
            f"{finding.name} ({titles[finding.variable]})",
            finding.result,
            probability(finding.p_value) if np.isfinite(finding.p_value) else "",
            VERDICTS[finding.passed],
        ]
        for finding in found.findings
    ]
    print_table(f"Audit of {run} on held-out events", ("", "found", "by chance", ""), rows)
    cut = format_percent(found.signal_efficiency)
    out.print(
        f"{format_events(found.n_background, found.n_effective)} of background; cut at {cut} signal efficiency; "
        f"{found.permutations} shuffles"
    )
    out.print(found.verdict())
    for each in found.variables:
        for entry, reason in each.reasons.items():
            out.print(f"{titles[each.variable]}, {entry}: not measured: {reason}")


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("audit")(audit)
