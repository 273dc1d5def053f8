"""Information between collider variables, and classifiers that unlearn what they must not use."""

import os
import tempfile
from pathlib import Path

__version__ = "0.1.0"


def _keep_kernels() -> None:
    """Let compiled functions be kept elsewhere where their folder takes no files: numba would end the program."""
    folder = os.environ.get("NUMBA_CACHE_DIR")
    if not folder:
        return
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return
    except OSError:
        os.environ["NUMBA_CACHE_DIR"] = tempfile.mkdtemp(prefix="infoscope-kernels-")


_keep_kernels()  # numba reads it once, at its import
