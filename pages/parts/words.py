"""Words for data sets, runs and times that all pages share."""

import time
from pathlib import Path

from core.events.spec import DatasetSpec
from core.jobs.store import Run
from pages.parts.cached import samples


def dataset_title(spec: DatasetSpec) -> str:
    """Return a sample's title, or the name of the file."""
    if spec.name:
        return spec.name
    titles = {str(sample.path): sample.title for sample in samples()}
    return titles.get(spec.path) or Path(spec.path).name


def method_title(name: str) -> str:
    """Return a method's short title, such as "DisCo"."""
    from core.unlearning.method import METHODS  # imports torch, which the first page need not wait for

    return METHODS[name].title.partition(" (")[0]


def run_title(run: Run) -> str:
    """Return method and λ of a run, such as "DisCo, λ = 200"."""
    lam = f", λ = {run.config['lam']:g}" if "lam" in run.config else ""
    return f"{method_title(run.request.method)}{lam}"


def duration(seconds: float) -> str:
    """Return a duration in words.

    Example:
        >>> duration(8.2), duration(200), duration(7300)
        ('8 s', '3 min 20 s', '2 h 2 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def moment(seconds: float) -> str:
    """Return a time of day, with the date unless it is today."""
    at = time.localtime(seconds)
    today = time.localtime()[:3] == at[:3]
    return time.strftime("%H:%M" if today else "%Y-%m-%d %H:%M", at)
