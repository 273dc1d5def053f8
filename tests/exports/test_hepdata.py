"""A submission to HEPData is valid, tells the run's own numbers, and is made without network, litter or noise."""

import io
import socket
import tarfile
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from core.errors import DataError
from core.exports import hepdata
from core.exports.hepdata import hepdata_archive
from core.exports.hepdata_tables import Axis, DataTable, Measured, data_tables, of_frame
from core.exports.results import RunResults
from core.tables.described import described


def unpacked(content: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        return {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]


def documents(files: dict[str, bytes]) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(files["submission.yaml"]))


@pytest.fixture(scope="module")
def files(unlearnt: RunResults) -> dict[str, bytes]:
    return unpacked(hepdata_archive(unlearnt, images=False))


def test_each_figure_with_numbers_is_a_table(files: dict[str, bytes]) -> None:
    head, *tables = documents(files)
    assert "python -m core train toy.parquet" in head["comment"]
    assert [each["name"] for each in tables] == [
        "Figures of merit", "Spectrum of mass", "Background efficiency in bins of mass", "ROC curve",
    ]  # fmt: skip
    assert {each["data_file"] for each in tables} | {"submission.yaml"} == set(files)
    assert not any(keyword["name"] == "cmenergies" for each in tables for keyword in each["keywords"])


def test_a_stopped_run_is_not_sold_as_one_that_unlearned(unlearnt: RunResults) -> None:
    def comment(lam: float) -> str:
        recorded = [replace(each, scalars={**each.scalars, "lam": lam}) for each in unlearnt.history]
        run = replace(unlearnt.run, status="stopped", n_epochs=40)
        return str(hepdata._comment(replace(unlearnt, run=run, history=tuple(recorded))))

    assert "Stopped at epoch 2 of 40, while λ was still 0: in effect the baseline." in comment(0.0)
    assert "Stopped at epoch 2 of 40, when λ was 1.50. Background" in comment(1.5)
    assert "Repeated by (trains all its epochs): python -m core train" in comment(0.0)
    whole = hepdata._comment(unlearnt)
    assert "topped" not in whole and "all its epochs" not in whole
    assert ("audit fails" in whole) or ("All tests of the audit are passed" in whole)


def test_the_spectrum_has_the_contents_and_errors_of_the_run(files: dict[str, bytes], unlearnt: RunResults) -> None:
    table = yaml.safe_load(files["spectrum_of_mass.yaml"])
    spectrum = unlearnt.view.protected[0].spectrum
    bins = table["independent_variables"][0]["values"]
    np.testing.assert_allclose([each["low"] for each in bins], spectrum.edges[:-1], rtol=1e-5)
    np.testing.assert_allclose([each["high"] for each in bins], spectrum.edges[1:], rtol=1e-5)
    every, passed, failed = table["dependent_variables"]
    for found, sums, variance in (
        (passed, spectrum.passed, spectrum.passed_variance),
        (failed, spectrum.failed, spectrum.failed_variance),
        (every, spectrum.passed + spectrum.failed, spectrum.passed_variance + spectrum.failed_variance),
    ):
        np.testing.assert_allclose([each["value"] for each in found["values"]], sums, rtol=1e-5, atol=1e-12)
        errors = [each["errors"][0]["symerror"] if "errors" in each else 0.0 for each in found["values"]]
        np.testing.assert_allclose(errors, np.sqrt(variance), rtol=1e-5)
    qualifiers = {each["name"]: each["value"] for each in passed["qualifiers"]}
    assert qualifiers["SIGNAL EFFICIENCY"] == 50
    assert qualifiers["EVENTS"] == unlearnt.view.n_events
    assert "SQRT(S)" not in qualifiers


def test_beams_and_luminosity_are_told_only_where_the_card_does(unlearnt: RunResults) -> None:
    card = {"processes": [{"settings": ["Beams:eCM = 13000"]}], "luminosity_fb": 36.1}
    files = unpacked(hepdata_archive(replace(unlearnt, card=card), images=False))
    table = yaml.safe_load(files["roc_curve.yaml"])["dependent_variables"][0]
    assert {"name": "SQRT(S)", "value": 13000.0, "units": "GEV"} in table["qualifiers"]
    assert {"name": "LUMINOSITY", "value": 36.1, "units": "FB-1"} in table["qualifiers"]
    assert {"name": "cmenergies", "values": [13000.0]} in documents(files)[1]["keywords"]
    card["processes"].append({"settings": ["Beams:eCM = 8000"]})  # type: ignore[attr-defined]
    both = documents(unpacked(hepdata_archive(replace(unlearnt, card=card), images=False)))
    assert not any(keyword["name"] == "cmenergies" for keyword in both[1]["keywords"])


def test_pictures_and_thumbnails_stand_beside_their_tables(
    unlearnt: RunResults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hepdata, "data_tables", lambda results: data_tables(results)[:2])
    files = unpacked(hepdata_archive(unlearnt))
    spectrum = documents(files)[2]
    names = [each["location"] for each in spectrum["additional_resources"]]
    assert names == ["figure-01.png", "thumb_figure-01.png"]
    assert all(files[name].startswith(b"\x89PNG") for name in names)
    assert len(files[names[1]]) < len(files[names[0]])


def test_it_is_made_offline_in_the_same_bytes_and_leaves_nothing(
    unlearnt: RunResults, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.chdir(tmp_path)
    before = list(warnings.filters)
    made = {hepdata_archive(unlearnt, images=False) for _ in range(2)}
    assert len(made) == 1
    assert list(tmp_path.iterdir()) == []
    assert list(warnings.filters) == before
    assert capsys.readouterr().out == ""


def test_folders_of_the_server_are_not_named(files: dict[str, bytes], data: Path) -> None:
    assert not any(str(data).encode() in content or b"3f secret" in content for content in files.values())


def test_what_hepdata_would_not_take_is_refused(unlearnt: RunResults, monkeypatch: pytest.MonkeyPatch) -> None:
    uneven = DataTable("Uneven", "", "", (), (Axis("x", (1.0, 2.0)),), (Measured("y", (1.0,)),))
    monkeypatch.setattr(hepdata, "data_tables", lambda _: (uneven,))
    with pytest.raises(DataError, match=r"HEPData does not take this submission: .*length"):
        hepdata_archive(unlearnt, images=False)


def test_columns_become_axes_values_and_errors() -> None:
    frame = described(
        {"method": ["a", "b"], "low [GeV]": [0.0, 1.0], "high [GeV]": [1.0, 2.0], "bias [GeV]": [0.5, np.nan],
         "bias_error": [0.1, 0.2]},
        "A table.", {"bias [GeV]": "mean of answer minus truth"},
    )  # fmt: skip
    found = of_frame("closure-z", frame)
    assert found.name == "Closure z"
    assert found.axes == (Axis("method", ("a", "b")), Axis("bin", ((0.0, 1.0), (1.0, 2.0)), "GeV"))
    (measured,) = found.measured
    assert (measured.name, measured.unit, measured.errors) == ("bias (mean of answer minus truth)", "GeV", (0.1, 0.2))
    plain = of_frame("x", pd.DataFrame({"epsilon": [1.0], "mi [nats]": [0.2]}))
    assert plain.axes == (Axis("epsilon", (1.0,)),)
