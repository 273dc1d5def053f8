"""A run as one HTML file that opens without a network: outcome, figures, audit, config and what repeats it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import plotly.graph_objects as go

from core.exports.merits import Merit, merits, outcome, sample_size
from core.exports.report_parts import config_rows, manifest_rows
from core.exports.results import RunResults
from core.exports.run_figures import AUDIT, figures_of
from core.exports.titles import dataset_words, public_command, run_title, without_folders
from core.figures.palette import PALETTES
from core.figures.style import alt_text, toolbar
from core.numbers import format_events, format_number, format_percent

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:"
)
"""What a browser may load for a report: nothing from anywhere else."""
OUTCOMES = {True: ("pass", "pass"), False: ("fail", "fail"), None: ("muted", "not judged")}
_HERE = Path(__file__).parent
_SYMBOL = re.compile(r"(?<!\w)(Δ?[^\W\d_]\*?)((?:[_^][^\W_]+)+)(?!\w)")
_INDEX = re.compile(r"([_^])([^\W_]+)")
_ELEMENT = {"_": "sub", "^": "sup"}
_NUMBER = re.compile(
    r"(?<![\w.,])\(?[−-]?(?:\d[\d.,/]*|∞)(?: ± [\d.,∞]+)?\)?(?: × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?"
    r"(?: (?:%|events?|σ|s|h|min|(?:1/)?nats|[kMGT]?eV|[kMG]i?B)(?!\w))?"
)


def report_html(results: RunResults) -> str:
    """Write a run as one HTML file.

    Everything is inside: the figures are interactive, by plotly.js once, in light and dark colours as the reader's
    system asks for, and light on paper. The folders of the machine that trained the run are not named.

    Args:
        results: of the run.

    Raises:
        DataError: the task of the run draws nothing.
    """
    from plotly.offline import get_plotlyjs

    drawn = {mode: figures_of(results, mode) for mode in PALETTES}
    title = f"{run_title(results.run)} · {dataset_words(results.run.request, results.card.get('title'))}"
    figures = {
        name: {mode: json.loads(drawn[mode][name].to_json()) for mode in PALETTES}
        | {"config": toolbar(drawn["light"][name])}
        for name in drawn["light"]
    }
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>",
            f"<style>{_style()}</style>",
            "</head>",
            "<body>",
            f"<main>{_body(results, title, drawn['light'])}</main>",
            f'<script type="application/json" id="figures">{_json(figures)}</script>',
            f"<script>{get_plotlyjs()}</script>",
            f"<script>{(_HERE / 'report.js').read_text(encoding='utf-8')}</script>",
            "</body>",
            "</html>",
            "",
        ]
    )


def symbols(text: str) -> str:
    """Write a text as HTML: indices of symbols are set low and high, and no line breaks within a number.

    A number is kept together with its error, its power of ten and its unit.

    Example:
        >>> symbols("m_J < 5 & jet_mass"), symbols("12.3 ± 0.2 GeV")
        ('m<sub>J</sub> &lt; 5 &amp; jet_mass', '<span class="number">12.3 ± 0.2 GeV</span>')
    """

    def indexed(found: re.Match[str]) -> str:
        return found[1] + _INDEX.sub(lambda each: f"<{_ELEMENT[each[1]]}>{each[2]}</{_ELEMENT[each[1]]}>", found[2])

    return _SYMBOL.sub(indexed, _NUMBER.sub(_whole, escape(text, quote=False)))


def _whole(found: re.Match[str]) -> str:
    """Write a number so that no line breaks within it; one without a place to break stays as it is."""
    return f'<span class="number">{found[0]}</span>' if re.search(r"[ /]|,\d", found[0]) else found[0]


def _body(results: RunResults, title: str, figures: Mapping[str, go.Figure]) -> str:
    run = results.run
    learnt = {name: figure for name, figure in figures.items() if not name.startswith(AUDIT)}
    audited = {name: figure for name, figure in figures.items() if name.startswith(AUDIT)}
    ended = "stopped by its user" if run.status == "stopped" else run.status
    entire = " (trains all its epochs)" if run.status == "stopped" else ""
    sections = {
        "Figures of merit": _merits(results),
        "Figures": _figures(learnt),
        "Audit": _audit(results, audited),
        "Configuration": _table(("option", "value", "meaning"), config_rows(run), "Options of the training."),
        "Manifest": _table(("what", "value"), manifest_rows(results), "What the run read, and what it ran on."),
        f"The command that repeats this run{entire}": f"<pre><code>{escape(public_command(run.request))}</code></pre>",
    }
    shown = {name: content for name, content in sections.items() if content}
    parts = "".join(
        f'<section aria-labelledby="part-{i}"><h2 id="part-{i}">{escape(name)}</h2>{content}</section>'
        for i, (name, content) in enumerate(shown.items())
    )
    links = "".join(f'<li><a href="#part-{i}">{escape(name)}</a></li>' for i, name in enumerate(shown))
    remarks = "".join(f'<p class="warning">{symbols(without_folders(each, run.request))}</p>' for each in run.remarks)
    return (
        f'<header><h1>{symbols(title)}</h1><p class="muted">Run {escape(run.id)}, {escape(ended)}, '
        f"{run.epoch} of {run.n_epochs} epochs, seed {run.request.seed}</p></header>"
        f'<p class="verdict">{symbols(outcome(results))}</p>{remarks}'
        f'<nav aria-label="Contents"><ul>{links}</ul></nav>{parts}'
    )


def _merits(results: RunResults) -> str:
    found = merits(results)
    limits = any(each.limit is not None for each in found)
    header = ("figure", "value", *(("statistical limit",) if limits else ()), "meaning")
    caption = f"On {sample_size(results)}, held out from the training; ± is one standard error."
    return _table(header, [_merit(each, limits) for each in found], caption, numbers=1 + limits)


def _merit(merit: Merit, limits: bool) -> tuple[str, ...]:
    limit = "" if merit.limit is None else format_number(merit.limit, unit=merit.unit)
    value = format_number(merit.value.value, merit.value.error, merit.unit)
    return (merit.name, value, *((limit,) if limits else ()), merit.definition)


def _figures(figures: Mapping[str, go.Figure]) -> str:
    """Return a place for each figure, with what it shows in words beneath."""
    return f'<div class="figures">{"".join(map(_place, figures, figures.values()))}</div>' if figures else ""


def _place(name: str, figure: go.Figure) -> str:
    alt, height = alt_text(figure), int(figure.layout.height)
    return (
        f'<figure><div class="plot" id="figure-{escape(name)}" role="group" aria-label="{escape(alt)}" '
        f'style="height:{height}px"></div><figcaption>{symbols(alt)}</figcaption></figure>'
    )


def _audit(results: RunResults, figures: Mapping[str, go.Figure]) -> str:
    audit = results.audit
    if audit is None:
        return ""
    rows = "".join(
        f"<tr><th scope='row'>{escape(each.name)}</th><td>{symbols(_named(results, each.variable))}</td>"
        f"<td class='{OUTCOMES[each.passed][0]}'>{OUTCOMES[each.passed][1]}</td>"
        f"<td class='number'>{symbols(each.result)}</td><td>{_sentence(each.words)}</td></tr>"
        for each in audit.findings
    )
    judged = [each for each in audit.findings if each.passed is not None]
    failed = sum(not each.passed for each in judged)
    said = f"The score {f'fails {failed} of' if failed else 'passes all'} {len(judged)} tests."
    header = "".join(f"<th scope='col'>{name}</th>" for name in ("test", "variable", "outcome", "result", "finding"))
    caption = (
        f"{format_events(audit.n_background, audit.n_effective)} of background, held out from the training; cut at "
        f"{format_percent(audit.signal_efficiency)} signal efficiency; {audit.permutations} shuffles. A score that "
        f"knows nothing of the variable fails any of the tests in {format_percent(audit.level)} of audits at most."
    )
    return (
        f"<p>{said}</p><div class='scroll' tabindex='0'><table>"
        f"<caption>{symbols(caption)}</caption><thead><tr>{header}</tr></thead><tbody>{rows}</tbody></table></div>{_figures(figures)}"
    )


def _sentence(words: str) -> str:
    return symbols(f"{words[:1].upper()}{words[1:]}.")


def _named(results: RunResults, name: str) -> str:
    return results.column(name).title or name


def _table(header: Sequence[str], rows: Iterable[Sequence[str]], caption: str, numbers: int = 0) -> str:
    """Return a table whose first column names the rows, and of whose others so many hold numbers."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in header)
    kinds = [' class="number"' if i < numbers else "" for i in range(len(header) - 1)]
    opened = [f'<td{kind} data-name="{escape(name)}">' for kind, name in zip(kinds, header[1:], strict=True)]
    body = ""
    for name, *cells in rows:
        written = "".join(f"{tag}{symbols(cell)}</td>" for tag, cell in zip(opened, cells, strict=True))
        body += f'<tr><th scope="row">{symbols(name)}</th>{written}</tr>'
    if not body:
        return ""
    return (
        f'<div class="scroll" tabindex="0"><table><caption>{symbols(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _style() -> str:
    """Return the style sheet in the colours of the figures."""
    style = (_HERE / "report.css").read_text(encoding="utf-8")
    for mode, palette in PALETTES.items():
        for name in ("paper", "panel", "ink", "muted", "grid"):
            style = style.replace(f"@{mode}-{name}", getattr(palette, name))
    return style


def _json(value: Any) -> str:
    r"""Return JSON that cannot end the script it stands in.

    Example:
        >>> _json({"title": "</script>"})
        '{"title": "\\u003c/script>"}'
    """
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c").replace("\u2028", "\\u2028")
