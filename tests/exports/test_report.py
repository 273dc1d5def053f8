"""A report is whole in itself, keeps the server's folders to itself and takes no word for a command."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from core.events.spec import DatasetSpec
from core.events.table import Roles
from core.exports.report import report_html, symbols
from core.exports.report_parts import config_fields
from core.exports.results import RunResults
from core.exports.run_figures import figures_of
from core.exports.titles import without_folders
from core.numbers import format_number
from core.store.request import RunRequest


class Parsed(HTMLParser):
    """Collect the elements of a page with their attributes, the text outside scripts, and what scripts hold."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text, self.scripts, self._inside = "", [], ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag if tag in ("script", "style") else ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts.append(data)
        elif not self._inside:
            self.text += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def html(unlearnt: RunResults) -> str:
    return report_html(unlearnt)


@pytest.fixture(scope="module")
def page(html: str) -> Parsed:
    return Parsed(html)


def test_nothing_is_loaded_from_anywhere(page: Parsed) -> None:
    addresses = [
        value for _, attributes in page.elements for name in ("src", "href") if (value := attributes.get(name))
    ]
    assert addresses and all(address.startswith("#") for address in addresses)
    policy = next(each["content"] for each in page.of("meta") if each.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None and "default-src 'none'" in policy and "http" not in policy


def test_hostile_names_stay_words(page: Parsed, html: str) -> None:
    assert page.of("img") == []
    assert len(page.of("script")) == 3
    assert "window.broken=1" in page.text  # the name is there, as text
    assert not re.search(r"<script[^>]*>window\.broken", html)


def test_the_figures_are_inside_once_in_each_mode_with_words(page: Parsed, unlearnt: RunResults) -> None:
    drawn = figures_of(unlearnt)
    places = {each["id"]: each for each in page.of("div") if each.get("role") == "group"}
    assert set(places) == {f"figure-{name}" for name in drawn}
    assert all(each["aria-label"] for each in places.values())
    inside = json.loads(page.scripts[0])
    assert set(inside) == set(drawn)
    for name, figure in drawn.items():
        assert len(inside[name]["light"]["data"]) == len(inside[name]["dark"]["data"]) == len(figure.data)
        assert inside[name]["config"]["showSendToCloud"] is False


def test_it_says_what_was_found_and_what_repeats_it(page: Parsed, unlearnt: RunResults) -> None:
    evaluation = unlearnt.view
    assert format_number(evaluation.auc.value, evaluation.auc.error) in page.text
    assert unlearnt.manifest["data"]["fingerprint"] in page.text
    assert unlearnt.manifest["versions"]["torch"] in page.text
    assert "python -m core train toy.parquet --method disco --seed 0" in page.text
    for name, field in config_fields(unlearnt.run).items():
        assert name in unlearnt.run.config
        assert (field.description or "")[1:] in re.sub(r"\s+", " ", page.text)
    assert unlearnt.audit is not None
    for finding in unlearnt.audit.findings:
        assert finding.name in page.text


def test_folders_of_the_server_are_not_named(html: str, data: Path, unlearnt: RunResults) -> None:
    assert unlearnt.run.request.dataset.path.startswith(str(data))
    assert str(data) not in html and "3f secret" not in html


def test_headings_come_in_order_and_tables_have_captions_and_heads(page: Parsed) -> None:
    assert len(page.of("h1")) == 1
    assert len(page.of("h2")) == len(page.of("section")) == 6
    assert len(page.of("caption")) == len(page.of("table"))
    assert {each.get("scope") for each in page.of("th")} == {"row", "col"}


def test_a_run_whose_files_are_gone_still_has_a_report(unlearnt: RunResults) -> None:
    bare = Parsed(report_html(replace(unlearnt, manifest={}, audit=None, columns={}, baseline=None)))
    assert "Audit" not in [name for name, _ in bare.elements] and "Background rejection" in bare.text


def test_symbols_are_set_and_text_is_escaped() -> None:
    assert symbols("m_J of jet_mass <b> & p_T^μμ") == (
        "m<sub>J</sub> of jet_mass &lt;b&gt; &amp; p<sub>T</sub><sup>μμ</sup>"
    )


@pytest.mark.parametrize(
    "number", ["12.3 ± 0.2", "1,000 events", "(1.2 ± 0.3) × 10⁻⁵ nats", "−7 ± 17", "50 %", "51.9/13", "∞ nats"]
)
def test_no_line_breaks_within_a_number(number: str) -> None:
    assert symbols(f"m_J of {number}; more") == f'm<sub>J</sub> of <span class="number">{number}</span>; more'


def test_words_and_names_stay_as_they_are() -> None:
    for text in ("run 261122-2233-f208", "jet_2 and 3 of 4 layers", "toy.parquet"):
        assert symbols(text) == text


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("/srv/up/3f/toy.parquet", "there is no file or folder '/srv/up/3f/toy.parquet'", "'toy.parquet'"),
        ("/srv/up/3f/a.root:dir/tree", "'/srv/up/3f/a.root' has no tree 'dir/tree'", "'a.root' has no tree 'dir/tree'"),
        ("toy.parquet", "toy.parquet is empty: 1/2", "toy.parquet is empty: 1/2"),
    ],
)
def test_a_reason_names_files_without_the_folders_of_the_server(path: str, text: str, said: str) -> None:
    request = RunRequest(dataset=DatasetSpec(path=path, roles=Roles()))
    assert without_folders(text, request).endswith(said) and "/srv" not in without_folders(text, request)
