"""Lists that always have the same lengths, such as pT and η of the same jets: one count tells of all of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256
from itertools import takewhile

import numpy as np

from core.events.glance import some_events
from core.events.readers._arrow import to_numpy
from core.events.source import open_source
from core.events.summary import FileSummary


def shared_counts(path: str, background: str | None = None) -> dict[str, str]:
    """Name the lengths of lists, once for all lists that have the same in each of some events.

    Up to 20,000 events at each of four places of the file are looked at, or its first 80,000.

    Args:
        path: what `core.events.source.inspect_file` takes.
        background: the file of background where there is one of its own.

    Returns:
        List column → what its length is called: "n_jets" for the first of jets_pt and jets_eta, empty for the others;
        "jets_pt.count" where no beginning is shared. Lists whose lengths are their own are left out.

    Raises:
        DataError: the file cannot be read.
    """
    reader = open_source(path, background)
    summary = reader.summary()
    lists = [column.name for column in summary.columns if column.kind == "list"]
    if len(lists) < 2:
        return {}
    digests = {name: sha256() for name in lists}
    for batch in some_events(reader, lists):
        for name, digest in digests.items():
            digest.update(np.asarray(to_numpy(batch[name], "count"), np.float64).tobytes())
    groups: dict[bytes, list[str]] = {}
    for name, digest in digests.items():
        groups.setdefault(digest.digest(), []).append(name)
    named: dict[str, str] = {}
    for group in groups.values():
        if len(group) > 1:
            named |= {group[0]: _count_name(group, summary)} | dict.fromkeys(group[1:], "")
    return named


def _count_name(group: Sequence[str], summary: FileSummary) -> str:
    """Return n and what the names have in common, where that names a list of the group, else the first one's count."""
    same = takewhile(lambda letters: len(set(letters)) == 1, zip(*group, strict=False))
    shared = re.match(r"(.*)[_.]", "".join(letters[0] for letters in same))
    name = f"n_{shared[1]}" if shared else ""
    return name if summary.counted_by(name) in group else f"{group[0]}.count"
