"""The files of a Parquet data set: one, a folder, a pattern such as ``run*/events.parquet``, or an address."""

from __future__ import annotations

import glob
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow.dataset as ds

from core.errors import DataError

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://.+", re.DOTALL)
_PACKAGES = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "abfs": "adlfs", "root": "fsspec-xrootd"}


@dataclass(frozen=True)
class Piece:
    """Name one file of a data set, or some row groups of it.

    Args:
        location: path, or address that fsspec opens.
        partition: what the file's folder names say of all its events.
        n_bytes: size of the file [bytes].
        row_groups: the row groups to read; None reads all.
        n_rows: rows of the whole file, which tell whether another machine has the same; None asks for no check.
    """

    location: str
    partition: Mapping[str, Any]
    n_bytes: int
    row_groups: tuple[int, ...] | None = None
    n_rows: int | None = None

    @property
    def name(self) -> str:
        """Return the file's name."""
        return PurePosixPath(self.location).name

    def open(self) -> Any:
        """Return what pyarrow reads: a path, or an open file of a remote file system."""
        if not is_address(self.location):
            return Path(self.location)
        return file_system(self.location)[0].open(self.location, "rb")


@dataclass(frozen=True)
class Part:
    """Name consecutive rows of a data set that are read on their own; no pieces stand for all of a file.

    Args:
        first_row: number of the first row in the data set.
        n_rows: number of rows.
        pieces: where they are.
    """

    first_row: int
    n_rows: int
    pieces: tuple[Piece, ...] = ()


def is_address(text: str) -> bool:
    """Return whether a text is an address such as ``s3://bucket/folder``.

    Example:
        >>> is_address("s3://bucket/events"), is_address("events.root:tree"), is_address("/data/events.parquet")
        (True, False, False)
    """
    return _ADDRESS.fullmatch(text) is not None


def is_pattern(text: str) -> bool:
    """Return whether a text that names no file is a pattern of names."""
    return glob.has_magic(text)


def file_system(address: str) -> tuple[Any, str]:
    """Return the fsspec file system of an address, and the path in it.

    Raises:
        DataError: the address cannot be used; a package that it needs is named.
    """
    import fsspec

    scheme = address.partition("://")[0].lower()
    try:
        system, path = fsspec.core.url_to_fs(address)
    except ImportError as problem:
        package = _PACKAGES.get(scheme)
        needed = f"install the package {package}" if package else str(problem)
        raise DataError(f"{scheme}:// addresses cannot be read here: {needed}") from problem
    except ValueError as problem:
        raise DataError(f"{address!r} is no address that can be read: {problem}") from problem
    return system, str(path)


def find_pieces(location: str, suffixes: Sequence[str]) -> tuple[Piece, ...]:
    """Find the files of a data set, in the order of their names; folder names such as ``year=2018`` become columns.

    Args:
        location: file, folder, pattern or address of any of these.
        suffixes: what the names of the files of a folder end with.

    Raises:
        DataError: no file is found.
    """
    if is_address(location):
        return _remote(location, suffixes)
    path = Path(location)
    if path.is_file():
        return (_local(path, {}),)
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if p.is_file() and _is_seen(p.relative_to(path), suffixes))
        _require_some(files, f"folder {path.name}", suffixes)
        return tuple(_local(Path(f), part) for f, part in _partitioned([str(p) for p in files], location, None))
    anchor = Path(path.anchor)  # empty where the pattern is relative
    found = anchor.glob(str(path.relative_to(anchor)))
    files = sorted(file for file in found if file.is_file() and file.suffix.lower() in suffixes)
    _require_some(files, f"pattern {location!r}", suffixes)
    return tuple(_local(file, {}) for file in files)


def _local(path: Path, partition: Mapping[str, Any]) -> Piece:
    return Piece(str(path), partition, path.stat().st_size)


def _remote(address: str, suffixes: Sequence[str]) -> tuple[Piece, ...]:
    system, path = file_system(address)
    try:
        if is_pattern(path):
            found, base = system.glob(path), None
            files = sorted(each for each in found if PurePosixPath(each).suffix.lower() in suffixes)
        elif system.isfile(path):
            files, base = [path], None
        else:
            base = path.rstrip("/")
            found = system.find(base)
            files = sorted(each for each in found if _is_seen(PurePosixPath(each).relative_to(base), suffixes))
        _require_some(files, address, suffixes)
        parts = [(file, {}) for file in files] if base is None else _partitioned(files, base, system)
        return tuple(Piece(system.unstrip_protocol(file), part, int(system.size(file))) for file, part in parts)
    except (OSError, ImportError) as problem:
        raise DataError(f"{address} cannot be listed: {problem}") from problem


def _partitioned(files: list[str], base: str, system: Any) -> list[tuple[str, Mapping[str, Any]]]:
    partitioning = ds.HivePartitioning.discover(infer_dictionary=False)
    folder = ds.dataset(
        files, format="parquet", partitioning=partitioning, partition_base_dir=base, filesystem=system
    )  # fmt: skip
    return [(f.path, ds.get_partition_keys(f.partition_expression)) for f in folder.get_fragments()]


def _is_seen(path: Path | PurePosixPath, suffixes: Sequence[str]) -> bool:
    return path.suffix.lower() in suffixes and not any(part.startswith((".", "_")) for part in path.parts)


def _require_some(files: Sequence[object], where: str, suffixes: Sequence[str]) -> None:
    if not files:
        raise DataError(
            f"{where} holds no Parquet file ({', '.join(suffixes)}); allowed too, except at an address: CSV or ROOT"
        )
