"""The data card: a page a physicist can check the sample against."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .checks import peak, per_feature
from .sample import Rows, Sample


def _columns(sample: Sample, table: Rows) -> list[str]:
    numbers = per_feature(sample, table)
    lines = ["| column | in print | unit | AUC | ρ(m) | definition |", "|---|---|---|---|---|---|"]
    for c in sample.columns:
        auc, rho = numbers.get(c.name, (None, None))
        side = "" if auc is None else f"{max(auc, 1 - auc):.3f} {'↑' if auc >= 0.5 else '↓'}"
        rho_text = "" if rho is None or c.role == "protected" else f"{round(rho, 2) + 0.0:+.2f}"
        role = "" if c.role == "feature" else f" *({c.role})*"
        title, description = (text.replace("|", "\\|") for text in (c.title, c.description))
        lines.append(f"| `{c.name}`{role} | {title} | {c.unit} | {side} | {rho_text} | {description} |")
    return lines


def _processes(about: dict) -> list[str]:
    lines = [
        "| class | process | rows | events generated | σ [pb] | rows per event | expected rows |",
        "|---|---|---|---|---|---|---|",
    ]
    for p in about["processes"]:
        kind = "signal" if p["label"] else "background"
        lines.append(
            f"| {kind} | {p['process']} | {p['rows']:,} | {p['generated']:,} | {p['sigma_pb']:.4g} "
            f"| {p['rows_per_event']:.3f} | {p['expected_rows']:,.0f} |"
        )
    lines.append("")
    lines += [f"- σ of {p['process']}: {p['sigma_source']}." for p in about["processes"]]
    for p in about["processes"]:
        lines += ["", f"{p['process']}:", "", "```", *p["settings"], "```"]
    return lines


def _weights(table: Rows, about: dict) -> list[str]:
    lines = [f"w = {about['weights']}.", ""]
    for kind, label in (("signal", 1), ("background", 0)):
        w = table["weight"][table["label"] == label].astype(float)
        lines.append(
            f"- {kind}: Σw = {w.sum():,.0f}, relative spread {w.std() / w.mean():.3f}, "
            f"negative {100 * np.mean(w < 0):.1f} %, effective rows (Σw)²/Σw² = {w.sum() ** 2 / (w**2).sum():,.0f}"
        )
    return lines


def write_card(sample: Sample, table: Rows, about: dict, path: Path) -> None:
    """Write the card next to the parquet file; the figure is taken to be NAME.png there."""
    signal, background, width = peak(sample, table)
    mass = next(c for c in sample.columns if c.role == "protected")
    per_class = about["n_signal"]
    lines = [
        f"# {sample.title}",
        "",
        sample.story,
        "",
        f"{about['n_signal']:,} signal and {about['n_background']:,} background rows, float32. "
        f"Signal: {sample.signal}. Background: {sample.background}. Protected: {mass.title} (`{mass.name}`).",
        "",
        f"![Every column, signal and background]({path.stem}.png)",
        "",
        "## Cuts",
        "",
        *(f"- {c}" for c in sample.cuts),
        "",
        "## Notes",
        "",
        *(f"- {n}" for n in sample.notes),
        "",
        "## Columns and cross-checks",
        "",
        "AUC: of the single column, weighted, folded to ≥ ½; ↑ large values are signal-like, ↓ small ones. "
        f"ρ(m): weighted Pearson correlation with {mass.title} in background.",
        "",
        *_columns(sample, table),
        "",
        f"{mass.title} peaks at {signal:.4g} {mass.unit} in signal (half the central 68 %: {width:.3g} {mass.unit}) "
        f"and at {background:.4g} {mass.unit} in background. No value is NaN or infinite.",
        "",
        "## Processes",
        "",
        *_processes(about),
        "",
        "## Weights",
        "",
        *_weights(table, about),
        "",
        "## To make it again",
        "",
        "```",
        f"python -m sample_data.generate {sample.name} --events {per_class} --seed {about['seed']} --workers 2 "
        f"--out sample_data/{path.stem}.parquet",
        "```",
        "",
        f"Seed {about['seed']}; every shard of {about['shard_rows']:,} rows draws its own "
        "through numpy's SeedSequence (sample, class, shard), so the number of workers does not matter. Versions: "
        + ", ".join(f"{k} {v}" for k, v in about["versions"].items())
        + ".",
        "",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
