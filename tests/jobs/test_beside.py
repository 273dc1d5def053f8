"""The baseline beside a run trains as it does: the one that a click would queue, and no other."""

from dataclasses import replace
from typing import Any

import pytest

from core.errors import DataError
from core.events.roles import Roles
from core.events.spec import DatasetSpec
from core.jobs.beside import baseline_request, baselines_among
from core.jobs.runner import check_request
from core.store.request import RunRequest
from core.store.run import Run

EVENTS = DatasetSpec(path="toy.parquet", roles=Roles(label="is_signal", features=("x",), protected=("m",)))


def asked(method: str = "disco", task: str = "unlearn", **config: object) -> RunRequest:
    return RunRequest(task=task, method=method, dataset=EVENTS, config=config)


def baseline(created: float = 0.0, seed: int = 0, **config: object) -> Run:
    request = asked("baseline", **config).model_copy(update={"seed": seed})
    values: dict[str, Any] = dict.fromkeys(Run.__dataclass_fields__)
    return Run(**values | {"request": request, "config": check_request(request), "created": created})


@pytest.mark.parametrize(
    ("options", "others"),
    [
        ({}, {"epochs": 2}),
        ({"epochs": 2}, {}),
        ({"batch_size": 1024}, {}),
        ({"learning_rate": 0.002}, {}),
        ({"hidden": ["8", "8"]}, {"hidden": [8]}),
        ({"train_events": 2000}, {"train_events": 3000}),
        ({"train_fraction": 0.3}, {}),
        ({"validation_fraction": 0.2}, {}),
        ({"clip": 0.5}, {}),
    ],
)
def test_a_baseline_that_trained_otherwise_is_none(options: dict[str, object], others: dict[str, object]) -> None:
    alike, unlike = baseline(**options), baseline(**others)
    assert baselines_among([unlike, alike], asked(**options, lam=7.0)) == [alike]
    assert baselines_among([replace(alike, request=asked(**options)), baseline(seed=1, **options)], asked()) == []


@pytest.mark.parametrize("method", ["disco", "flat0", "mode0", "adversary", "planing", "double_disco"])
@pytest.mark.parametrize("options", [{}, {"epochs": 3, "warmup": 0.5}, {"learning_rate": 0.004, "hidden": [8]}])
def test_what_a_click_queues_beside_a_run_is_its_baseline(method: str, options: dict[str, object]) -> None:
    request = asked(method, **options)
    assert baselines_among([baseline(**baseline_request(request).config)], request)


def test_options_that_leave_a_baseline_as_it_is_do_not_part_them() -> None:
    explicit, bare = baseline(epochs=40, warmup=0.3), baseline()  # a scan names its epochs, and a form the ramp
    assert baselines_among([explicit, bare], asked(ramp=0.1)) == [explicit, bare]
    assert baselines_among([bare], asked("flat0"))  # whose own learning rate is another one


def test_other_tasks_share_only_which_events_are_learnt_from() -> None:
    short, whole, half = baseline(epochs=2), baseline(), baseline(train_fraction=0.3)
    slider = asked("flat0", "slide", epochs=9, batch_size=512)
    assert baselines_among([short, half, whole], slider) == [whole]
    latent = asked("beta_tcvae", "disentangle", epochs=2, hidden=[8], train_fraction=0.3)
    assert baselines_among([short, half, whole], latent) == [half]


def test_the_baseline_of_the_same_click_is_first_and_a_wrong_option_has_none() -> None:
    newest, same_click, oldest = (baseline(created) for created in (900.0, 101.0, 3.0))
    runs = [newest, same_click, oldest]
    assert baselines_among(runs, asked(), created=100.0) == [same_click, oldest, newest]
    assert baselines_among(runs, asked()) == runs
    assert baselines_among(runs, asked(epochs=0)) == []
    with pytest.raises(DataError):
        check_request(baseline_request(asked(epochs=0)))


def test_an_option_that_an_earlier_version_lacked_counts_as_the_default() -> None:
    old = baseline()
    old = replace(old, config={name: value for name, value in old.config.items() if name != "train_events"})
    assert baselines_among([old], asked())
    assert baselines_among([old], asked(train_events=2000)) == []
