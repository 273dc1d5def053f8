"""The training as an iterator, its judgement, what every method must do, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from core.calibration.config import CalibrationConfig
from core.calibration.method import METHODS
from core.calibration.results import CalibrationView
from core.calibration.toys import toy_config, toy_events
from core.calibration.train import conclude, fit
from core.errors import DataError
from core.events.table import EventTable, Roles
from core.results import from_json, to_json

CPU = torch.device("cpu")
BOTH = ("uniform", "falling")
SMALL = {"epochs": 6, "batch_size": 512, "hidden": (8,)}
methods = pytest.mark.parametrize("name", METHODS.names())


def toy(n: int = 3000, name: str = "gaussian") -> EventTable:
    return toy_events(name, BOTH, n, 1)


def without_spectra(events: EventTable, *, keep: str = "uniform") -> EventTable:
    """Return the events of one spectrum without the columns that say so."""
    chosen = np.asarray(events[keep]) == 1
    roles = events.roles.model_copy(update={"protected": ("z",)})
    columns = {name: values[chosen] for name, values in events.columns.items() if name not in BOTH}
    return EventTable("file", columns, roles)


@pytest.fixture(scope="module")
def concluded() -> CalibrationView:
    config = CalibrationConfig(**toy_config("gaussian"), **{**SMALL, "epochs": 12, "hidden": (16, 16)})
    events = toy(12_000)
    last = list(fit(events, config, device=CPU, seed=1))[-1]
    return conclude(events, config, last.save(), device=CPU, seed=1).view


def test_the_squared_error_shifts_as_its_closed_form_and_the_ansatz_does_not(concluded: CalibrationView) -> None:
    shifts = {each.method: each for each in concluded.shifts if each.test == "uniform"}
    inside = (shifts["mse"].bins[:-1] >= shifts["mse"].bulk[0]) & (shifts["mse"].bins[1:] <= shifts["mse"].bulk[1])
    assert inside.sum() > 5
    assert shifts["mse"].mean.value == pytest.approx(-0.37, abs=0.1)
    assert np.abs(shifts["mse"].difference - shifts["mse"].exact)[inside].max() < 0.15
    assert abs(shifts["gaussian_ansatz"].mean.value) < 0.12
    assert not shifts["gaussian_ansatz"].exact[inside].any()


def test_only_the_prior_free_calibration_is_flat_in_the_truth(concluded: CalibrationView) -> None:
    """In bins of its own estimate, the squared error is flat under its own spectrum, and only there."""
    found = {(each.method, each.train, each.test): each for each in concluded.closures}
    for train in BOTH:
        for test in BOTH:
            assert found["gaussian_ansatz", train, test].worst_bias < found["mse", train, test].worst_bias + 0.1
    own, other = found["mse", "uniform", "uniform"], found["mse", "uniform", "falling"]
    middle = slice(5, 12)
    assert abs(np.nanmean(own.by_estimate[middle])) < 0.1
    assert np.nanmean(other.by_estimate[middle]) > 0.2


def test_the_exact_line_of_a_method_is_near_what_it_learnt(concluded: CalibrationView) -> None:
    for each in concluded.closures:
        assert np.abs(each.exact - each.bias)[each.in_bulk].mean() < 0.1
    for profile in concluded.profiles:
        assert np.abs(profile.estimate - profile.exact)[profile.in_bulk].mean() < 0.1


def test_predicted_and_observed_widths_agree(concluded: CalibrationView) -> None:
    for each in concluded.closures:
        if each.method == "gaussian_ansatz":
            assert each.bulk_pull_width.value == pytest.approx(1, abs=0.1)
        else:
            assert np.isnan(each.pull_width).all()


def test_the_information_is_compared_with_the_exact_one(concluded: CalibrationView) -> None:
    assert [(each.method, each.train) for each in concluded.information] == [("gaussian_ansatz", name) for name in BOTH]
    for each in concluded.information:
        assert each.estimate.value == pytest.approx(each.exact, abs=0.08)


def test_a_view_goes_to_json_and_back(concluded: CalibrationView) -> None:
    text = to_json(concluded)
    again = from_json(CalibrationView, text)
    assert to_json(again) == text
    assert again.headline() == pytest.approx(concluded.headline(), nan_ok=True)


@methods
def test_every_method_yields_epochs_can_be_left_early_and_repeats(name: str) -> None:
    config = CalibrationConfig(methods=(name,), **toy_config("jets"), **SMALL)
    snapshots = fit(toy(1500, "jets"), config, device=CPU, seed=3)
    first = next(snapshots)
    assert (first.epoch, first.n_epochs) == (1, 6)
    assert set(first.scalars) == {f"loss_{name}_uniform", f"loss_{name}_falling"}
    view = first.look()
    assert {(each.method, each.train, each.test) for each in view.closures} == {
        (name, train, test) for train in BOTH for test in BOTH
    }
    assert not view.profiles
    saved = next(snapshots).save()
    snapshots.close()
    again = fit(toy(1500, "jets"), config, device=CPU, seed=3)
    next(again)
    other = next(again).save()
    assert all(np.array_equal(saved[key], other[key]) for key in saved)
    result = conclude(toy(1500, "jets"), config, saved, device=CPU, seed=3)
    assert np.isfinite(result.score).all()
    assert np.bincount(result.split).tolist() == [2100, 300, 600]


@methods
def test_every_method_takes_several_truths(name: str, rng: np.random.Generator) -> None:
    z = rng.normal(size=(2500, 2))
    x = z + rng.normal(size=z.shape)
    columns = {"a": x[:, 0], "b": x[:, 1], "y": z[:, 0], "z": z[:, 1]}
    events = EventTable("two", columns, Roles(features=("a", "b"), protected=("y", "z")))
    config = CalibrationConfig(methods=(name,), train=("sample",), test=("sample",), **SMALL)
    view = list(fit(events, config, device=CPU, seed=0))[-1].look()
    assert [each.variable for each in view.closures] == ["y", "z"]
    assert not view.shifts


def test_one_file_is_weighted_to_the_spectra_that_are_named() -> None:
    """Events of a file with one spectrum: the squared error shifts although nothing was drawn anew."""
    config = CalibrationConfig(methods=("mse",), train=("sample", "falling"), test=("sample", "uniform"), low=0.2,
                               high=7.8, scale=2.0, **{**SMALL, "hidden": (16, 16), "epochs": 10})  # fmt: skip
    events = without_spectra(toy(12_000))
    last = list(fit(events, config, device=CPU, seed=0))[-1]
    view = conclude(events, config, last.save(), device=CPU, seed=0).view
    falling = next(each for each in view.spectra if each.spectrum == "falling")
    assert falling.share[1] / falling.share[11] == pytest.approx(np.exp(10 * 0.4 / 2.0), rel=0.2)
    assert all(each.mean.value == pytest.approx(-0.42, abs=0.15) for each in view.shifts)


def test_a_training_that_was_stopped_early_says_so() -> None:
    config = CalibrationConfig(methods=("gaussian_ansatz",), **toy_config("gaussian"), **SMALL)
    events = toy(1500)
    saved = next(fit(events, config, device=CPU, seed=0)).save()
    remarks = conclude(events, config, saved, device=CPU, seed=0).remarks
    assert any("stopped before its slope d had gone" in remark for remark in remarks)


def altered(**columns: object) -> EventTable:
    events = without_spectra(toy(1500))
    return replace(events, columns={**events.columns, **columns})


@pytest.mark.parametrize(
    ("events", "fields", "words"),
    [
        (altered(z=np.full(1500, 2.0)), {}, "the truth 'z' has one value, 2; a range of values is needed"),
        (altered(z=np.r_[np.nan, np.inf, np.ones(1498)]), {}, "'z' is missing or infinite in 2 of 1,500 events"),
        (altered(x=np.r_[np.nan, np.ones(1499)]), {}, "'x' is missing or infinite in 1 of 1,500 events"),
        (without_spectra(toy(400)), {"train": ("sample",), "test": ("sample",)}, "280 effective training events"),
        (without_spectra(toy(1500)), {"low": -5.0, "high": 8.0}, "no events with a truth between -5"),
        (without_spectra(toy(1500)), {"train": ("steep",)}, "unknown spectrum 'steep'; allowed: a column of weights"),
        (without_spectra(toy(1500)), {"truth": ("x",)}, "'x' is the truth and a feature"),
        (without_spectra(toy(1500)), {"truth": ("energy",)}, "no column 'energy'"),
        (without_spectra(toy(1500)), {"methods": ("msr",)}, "unknown calibration method 'msr'; allowed: "),
        (without_spectra(toy(1500)).with_roles(Roles(features=("x",))), {}, "file has no truth"),
        (without_spectra(toy(1500)).with_roles(Roles(protected=("z",))), {}, "file has no features"),
        (toy(1500, "jets"), {"known": "gaussian"}, "features: 3, truths: 1; the exact answers are known for one"),
        (
            altered(w=np.r_[-1.0, np.inf, np.nan, np.ones(1497)]).with_roles(
                Roles(features=("x",), protected=("z",), weight="w")
            ),
            {},
            "weights are negative, missing or infinite in 3 of 1,500 events",
        ),
        (altered(uniform=np.zeros(1500)), {}, "the spectrum 'uniform' has weights that are negative, missing or all 0"),
    ],
)
def test_what_cannot_be_calibrated_is_refused_in_words(events: EventTable, fields: dict, words: str) -> None:
    with pytest.raises(DataError, match=words):
        next(fit(events, CalibrationConfig(**fields), device=CPU, seed=0))


def test_configs_that_contradict_themselves_are_refused() -> None:
    for fields in (
        {"train": ("uniform", "uniform")},
        {"low": 3.0, "high": 2.0},
        {"train_fraction": 0.9, "validation_fraction": 0.09},
        {"epochs": 0},
        {"nonsense": 1},
        {"scale": -1.0},
    ):
        with pytest.raises(ValidationError):
            CalibrationConfig(**fields)


def test_config_fields_carry_title_and_help() -> None:
    for name, field in CalibrationConfig.model_fields.items():
        assert field.title, name
        assert field.description, name
