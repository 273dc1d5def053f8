"""How tests are dealt out to the workers of a parallel run."""

from xdist.scheduler import LoadScopeScheduling

WHOLE = ("tests/browser", "tests/cluster", "tests/exports", "tests/docs", "tests/store")
"""Folders whose tests share a server, workers or trainings, the longest first: each stays in one worker."""


class Rooms(LoadScopeScheduling):
    """Give a worker a file at a time, whose tests share what is made once a file, or one of those folders."""

    def _split_scope(self, nodeid: str) -> str:
        return room(nodeid)


def room(nodeid: str) -> str:
    """Return the folder or the file to whose worker a test goes."""
    return next((folder for folder in WHOLE if nodeid.startswith(f"{folder}/")), nodeid.partition("::")[0])


def turn(nodeid: str) -> int:
    """Return when a test's room is dealt out: the longest first, so that all workers end together."""
    return WHOLE.index(room(nodeid)) if room(nodeid) in WHOLE else len(WHOLE)
