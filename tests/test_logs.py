"""Log lines: one JSON object each, with the run they are about, without secrets; set up once and beside Streamlit."""

import json
import logging
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from core import logs
from core.errors import DataError
from core.logs import JsonFormatter, TextFormatter, about_run, masked, recent_lines, set_up_logs
from core.settings import Settings

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Put the loggers back as they were."""
    root = logging.getLogger()
    named = [logging.getLogger(name) for name in (*logs.OWN, logs.PAGES)]
    before = [(logger, list(logger.handlers), logger.level) for logger in (root, *named)]
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook, logging.getLoggerClass(), warnings.showwarning
    root.handlers = [handler for handler in root.handlers if not isinstance(handler, logs.Stderr | logs.Tail)]
    logs.TAIL.lines.clear()
    yield
    for logger, handlers, level in before:
        logger.handlers = handlers
        logger.setLevel(level)
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks[:3]
    logging.setLoggerClass(hooks[3])
    logging.captureWarnings(False)
    warnings.showwarning = hooks[4]


def lines(capsys: Capture) -> list[dict[str, str]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_is_one_json_object_that_bears_its_run(capsys: Capture) -> None:
    set_up_logs()
    log = logging.getLogger("core.jobs.work")
    with about_run("261122-1200-abcd"):
        log.info("epoch %d\nof two lines", 3)
        with about_run("inner"):
            log.info("nested")
    log.info("after")
    first, nested, after = lines(capsys)
    assert first["message"] == "epoch 3\nof two lines"
    assert (first["level"], first["logger"], first["run"]) == ("info", "core.jobs.work", "261122-1200-abcd")
    assert first["time"].endswith("+00:00")
    assert nested["run"] == "inner"
    assert "run" not in after


def test_two_workers_never_mix_up_their_runs(capsys: Capture) -> None:
    set_up_logs()
    together = threading.Barrier(2)

    def work(run: str) -> None:
        with about_run(run):
            together.wait(timeout=10)
            logging.getLogger("core").info("works on %s", run)
            together.wait(timeout=10)

    threads = [threading.Thread(target=work, args=(run,)) for run in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {(line["run"], line["message"]) for line in lines(capsys)} == {
        ("one", "works on one"),
        ("two", "works on two"),
    }


def test_an_exception_is_text_of_the_same_line(capsys: Capture) -> None:
    set_up_logs()
    try:
        raise ValueError("cannot reach postgresql://anna:pa55word@db/runs")
    except ValueError:
        logging.getLogger("core").exception("gave up")
    (line,) = lines(capsys)
    assert "ValueError: cannot reach postgresql://anna:***@db/runs" in line["exception"]
    assert "Traceback" in line["exception"]


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("postgresql+psycopg://anna:pa55:w%40rd@db:5432/runs", "pa55"),
        ("the store 'https://user:hunter2@s3.example/x' is gone", "hunter2"),
        ("s3://bucket?X-Amz-Signature=abcdef0123&x=1", "abcdef0123"),
        ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI", "wJalr"),
        ("Authorization: Bearer eyJhbGciOi.J9", "eyJhbGciOi"),
        ('{"client_secret": "s e c r e t", "x": 1}', "s e c"),
        ("password = 'with space'", "with space"),
        ("cookie_secret: 0123456789abcdef", "0123456789"),
        ("api-key=K3Y!", "K3Y"),
    ],
)
def test_secrets_are_masked(text: str, secret: str) -> None:
    assert secret in text
    assert secret not in masked(text)
    assert "***" in masked(text)


@pytest.mark.parametrize(
    "text",
    ["run 261122-1836-391e: done", "http://localhost:8501/system", "36 batches at 12:30, http://[::1]:80/", "λ = 5"],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert masked(text) == text


def test_a_second_call_does_nothing_and_other_handlers_stay(capsys: Capture) -> None:
    root, other = logging.getLogger(), logging.NullHandler()
    root.addHandler(other)
    set_up_logs()
    set_up_logs()
    logging.getLogger("core").info("once")
    assert len(lines(capsys)) == 1
    assert other in root.handlers


def test_sessions_that_begin_together_write_each_line_once(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    read = logs.settings

    def slowly() -> Settings:
        time.sleep(0.02)
        return read()

    monkeypatch.setattr(logs, "settings", slowly)
    with ThreadPoolExecutor(4) as sessions:
        list(sessions.map(lambda _: set_up_logs(), range(4)))
    logging.getLogger("core").info("once")
    assert len(lines(capsys)) == 1


def test_streamlit_s_own_handler_writes_json_too_but_no_line_twice(capsys: Capture) -> None:
    logger = logging.getLogger("streamlit.of.a.test")
    logger.propagate, own = False, logging.StreamHandler()
    logger.addHandler(own)
    set_up_logs()
    logger.warning("from the server")
    assert [line["message"] for line in lines(capsys)] == ["from the server"]


@pytest.mark.parametrize("name", ["streamlit.imported.later", "websockets", "distributed.client"])
def test_a_logger_that_a_program_of_others_makes_later_writes_json_too(name: str, capsys: Capture) -> None:
    set_up_logs()
    made = logging.getLogger(f"{name}.of.a.test")
    made.propagate = False
    made.addHandler(logging.StreamHandler())
    made.warning("from another program")
    assert [line["message"] for line in lines(capsys)] == ["from another program"]


def in_a_thread() -> None:
    thread = threading.Thread(target=lambda: 1 / 0, name="divides")
    thread.start()
    thread.join()


class Broken:
    def __del__(self) -> None:
        raise ZeroDivisionError


def uncaught() -> None:
    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("happens", "message"),
    [
        (in_a_thread, "a thread ends: divides"),
        (Broken, "Broken.__del__"),
        (uncaught, "the program ends: nobody caught ZeroDivisionError"),
    ],
)
def test_what_nobody_caught_is_one_line_with_its_traceback(
    happens: Callable[[], object], message: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, hook in ((sys, "excepthook"), (threading, "excepthook"), (sys, "unraisablehook")):
        monkeypatch.setattr(module, hook, getattr(module, f"__{hook}__"))  # as without a test
    set_up_logs()
    happens()
    (line,) = lines(capsys)
    assert message in line["message"]
    assert "ZeroDivisionError" in line["exception"]


def test_a_warning_is_one_line(capsys: Capture) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        set_up_logs()
        warnings.warn("of two\nlines", UserWarning, stacklevel=1)
    (line,) = lines(capsys)
    assert (line["level"], line["logger"]) == ("warning", "py.warnings")
    assert "of two\nlines" in line["message"]


def test_text_for_a_terminal_and_levels(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFOSCOPE_LOG_FORMAT", "text")
    monkeypatch.setenv("INFOSCOPE_LOG_LEVEL", "warning")
    set_up_logs()
    with about_run("abc"):
        logging.getLogger("core.jobs").info("unheard")
        logging.getLogger("core.jobs").warning("heard")
        logging.getLogger("views").error("on a page")
    first, second = capsys.readouterr().err.splitlines()
    assert first.endswith("WARNING core.jobs: [run abc] heard")
    assert second.endswith("ERROR   views: [run abc] on a page")
    assert [line.partition(": ")[2] for line in recent_lines(1)] == ["[run abc] on a page"]


@pytest.mark.parametrize(("name", "allowed"), [("FORMAT", "auto, json, text"), ("LEVEL", "debug, info")])
def test_unknown_settings_are_refused(name: str, allowed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"INFOSCOPE_LOG_{name}", "loud")
    with pytest.raises(DataError, match=f"INFOSCOPE_LOG_{name} is 'loud'; allowed: {allowed}"):
        set_up_logs()


def test_the_tail_keeps_a_bounded_number_of_masked_lines(capsys: Capture) -> None:
    set_up_logs()
    for k in range(logs.KEPT + 5):
        logging.getLogger("core").info("line %d token=secret%d", k, k)
    assert len(recent_lines()) == logs.KEPT
    assert recent_lines()[-1].endswith(f"line {logs.KEPT + 4} token=***")


def test_a_run_named_by_the_caller_comes_first() -> None:
    record = logging.LogRecord("core", logging.INFO, "", 0, "message", None, None)
    record.run = "named"
    with about_run("block"):
        assert json.loads(JsonFormatter().format(record))["run"] == "named"
        assert "[run named]" in TextFormatter().format(record)
