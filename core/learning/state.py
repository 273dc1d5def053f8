"""What is kept of a training so that another process can continue it; torch is not needed to name it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.errors import DataError

State = Mapping[str, Any]
"""Tensors, numbers, words, None and lists by name, and mappings of these: all that a file holds without pickle."""


class UnfitState(DataError):
    """Say that a state belongs to another training; raised before the first epoch."""
