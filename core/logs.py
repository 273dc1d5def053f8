"""Log lines: one JSON object each for machines or plain text for people, with the run they are about and no secrets."""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType

from core.errors import DataError
from core.settings import settings

FORMATS = ("auto", "json", "text")
LEVELS = ("debug", "info", "warning", "error")
OWN = ("core", "views", "app")
"""Loggers of this program, which the level is for; others are heard from warnings on."""
OTHERS = ("streamlit", "uvicorn", "websockets", "distributed", "tornado", "bokeh")
"""Programs that write their lines to stderr themselves, in plain text."""
PAGES = "streamlit.error_util"
"""Where Streamlit tells of a page that failed."""
KEPT = 200
"""Lines that are kept in memory for the System page."""

log = logging.getLogger(__name__)

_RUN: ContextVar[str] = ContextVar("run", default="")
_SECRET_NAME = r"[\w-]*(?:passw(?:or)?d|secret|token|api[_-]?key|access[_-]?key|signature|credential)[\w-]*"
_MASKS = (
    (re.compile(r"(?<=://)([^\s/:@'\"]*):[^\s/'\"]+@"), r"\1:***@"),
    (re.compile(r"\b((?:authorization\W{1,4})?(?:bearer|basic)\s+)[\w.~+/=-]{6,}", re.I), r"\1***"),
    (re.compile(rf"({_SECRET_NAME}['\"]?\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&'\"}})\]]+)", re.I), r"\1***"),
)


@contextmanager
def about_run(run_id: str) -> Iterator[None]:
    """Note in every log line of the block, and of what it calls in this thread, which run it is about."""
    token = _RUN.set(run_id)
    try:
        yield
    finally:
        _RUN.reset(token)


def masked(text: str) -> str:
    """Return a text without its secrets: passwords in addresses, bearer tokens, and values under names of secrets.

    Example:
        >>> masked("postgresql://anna:pa55@db/runs?sslmode=require, token=abc123")
        'postgresql://anna:***@db/runs?sslmode=require, token=***'
    """
    for pattern, written in _MASKS:
        text = pattern.sub(written, text)
    return text


class TextFormatter(logging.Formatter):
    """Write a line for people: time, level, logger, run and message; a traceback beneath it."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(about)s%(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without secrets."""
        run = _run_of(record)
        record.about = f"[run {run}] " if run else ""
        return masked(super().format(record))


class JsonFormatter(logging.Formatter):
    """Write one JSON object a line: time (UTC), level, logger, run where there is one, message, exception as text."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without secrets."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "run": _run_of(record),
            "message": masked(record.getMessage()),
            "exception": masked(self.formatException(record.exc_info)) if record.exc_info else "",
        }
        return json.dumps({name: value for name, value in line.items() if value}, ensure_ascii=False)


class Tail(logging.Handler):
    """Keep the last lines in memory, so that a page can show them."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: deque[str] = deque(maxlen=KEPT)
        self.setFormatter(TextFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.lines.append(self.format(record))


class Stderr(logging.Handler):
    """Write lines to what is stderr at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line; a closed stderr, as of a program that was left alone, loses it."""
        try:
            sys.stderr.write(self.format(record) + "\n")
        except (OSError, ValueError):
            self.handleError(record)


TAIL = Tail()
_setting_up = threading.Lock()
"""Sessions that reach a cold server together set the logs up at the same moment."""


def set_up_logs(default_level: str = "info") -> None:
    """Send the lines of this program to stderr and to the tail; a second call does nothing.

    INFOSCOPE_LOG_LEVEL says from which level on, INFOSCOPE_LOG_FORMAT how: json, text, or auto, which is text on a
    terminal and json elsewhere. Handlers of others are left alone; where lines are JSON, what Streamlit, its server
    and Dask write to stderr, warnings and exceptions that nobody caught become JSON too.

    Args:
        default_level: where INFOSCOPE_LOG_LEVEL says nothing.

    Raises:
        DataError: the format or the level is unknown.
    """
    with _setting_up:
        if not any(isinstance(handler, Stderr) for handler in logging.getLogger().handlers):
            _set_up(default_level)


def _set_up(default_level: str) -> None:
    written, level = settings().log_format, settings().log_level or default_level
    if written not in FORMATS:
        raise DataError(f"INFOSCOPE_LOG_FORMAT is {written!r}; allowed: {', '.join(FORMATS)}")
    if level not in LEVELS:
        raise DataError(f"INFOSCOPE_LOG_LEVEL is {level!r}; allowed: {', '.join(LEVELS)}")
    as_json = written == "json" or (written == "auto" and not sys.stderr.isatty())
    stream = Stderr()
    stream.setFormatter(JsonFormatter() if as_json else TextFormatter())
    for handler in (stream, TAIL):
        logging.getLogger().addHandler(handler)
    logging.getLogger(PAGES).addHandler(TAIL)
    for name in OWN:
        logging.getLogger(name).setLevel(level.upper())
    if as_json:
        _write_json_too()


def recent_lines(n: int = KEPT) -> list[str]:
    """Return the last lines that this process logged, oldest first, without secrets."""
    return list(TAIL.lines)[-n:]


def _run_of(record: logging.LogRecord) -> str:
    """Return the run that a line is about: what the caller says, else that of the block."""
    return str(getattr(record, "run", "") or _RUN.get())


def _write_json_too() -> None:
    """Give the handlers of others the JSON format, those of loggers to come too, and log what Python would print."""
    for name, logger in list(logging.root.manager.loggerDict.items()):
        if isinstance(logger, logging.Logger):
            for handler in logger.handlers:
                _make_json(name, handler)
    logging.setLoggerClass(JsonLogger)
    logging.captureWarnings(True)
    if sys.excepthook is sys.__excepthook__:  # who has set another one wants to see what is raised
        sys.excepthook = _log_uncaught
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _log_of_thread
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _log_unraisable


class JsonLogger(logging.Logger):
    """Give what programs of others write to stderr the JSON format, at whatever time they are imported."""

    def addHandler(self, hdlr: logging.Handler) -> None:
        """Take a handler."""
        _make_json(self.name, hdlr)
        super().addHandler(hdlr)


def _make_json(name: str, handler: logging.Handler) -> None:
    if name.partition(".")[0] not in OTHERS or not isinstance(handler, logging.StreamHandler):
        return
    if handler.stream in (sys.stderr, sys.__stderr__):
        handler.setFormatter(JsonFormatter())


def _log_uncaught(kind: type[BaseException], problem: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, problem, trace)
        return
    log.critical("the program ends: nobody caught %s", kind.__name__, exc_info=(kind, problem, trace))


def _log_of_thread(what: threading.ExceptHookArgs) -> None:
    if what.exc_value is not None:
        name = what.thread.name if what.thread else "unknown"
        log.error("a thread ends: %s", name, exc_info=(what.exc_type, what.exc_value, what.exc_traceback))


def _log_unraisable(what: sys.UnraisableHookArgs) -> None:
    if what.exc_value is not None:
        said = what.err_msg or "exception ignored in"
        log.error("%s %r", said, what.object, exc_info=(what.exc_type, what.exc_value, what.exc_traceback))
