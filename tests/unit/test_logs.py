"""Logs tell events and ids; what a library says of mail is scrubbed or not heard at all."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from secure_mail.run.logs import QUIET, configure_logs, scrubbed

TOKEN = "8Tq3vXw1Zk9hYpR7sLmN2bVc4DfGjKxQ6WeUaOiB0uE"
ADDRESS = "somebody@example.com"


@pytest.fixture(autouse=True)
def logs(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    """After capsys, so that what is printed to stderr is caught."""
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    levels = {name: logging.getLogger(name).level for name in QUIET}
    configure_logs("json")
    yield
    root.handlers, root.level = before
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


@pytest.mark.parametrize("name", QUIET)
def test_third_party_loggers_are_silent(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger(name).info("DATA from %s", ADDRESS)
    logging.getLogger(name).debug("GET /l/%s", TOKEN)
    assert lines(capsys) == []


def test_a_warning_of_a_library_is_scrubbed(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("mail.log").warning("refused %s at /l/%s", ADDRESS, TOKEN)
    (line,) = lines(capsys)
    assert line["logger"] == "mail.log"
    assert ADDRESS not in line["text"]
    assert TOKEN not in line["text"]


def test_an_exception_is_told_by_class_and_place(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        int(ADDRESS)
    except ValueError:
        logging.getLogger("dramatiq").exception("job failed with %s", ADDRESS)
    (line,) = lines(capsys)
    assert line["error"] == "ValueError"
    assert line["at"].startswith("test_logs.py:")
    assert ADDRESS not in json.dumps(line)


def test_our_own_events_are_scrubbed_too(capsys: pytest.CaptureFixture[str]) -> None:
    hidden = f"/l/{TOKEN} /staff/set-up/{TOKEN}/code"
    structlog.get_logger("web").info("page", path=hidden, note=f"from {ADDRESS}")
    (line,) = lines(capsys)
    assert line["path"] == "/l/[token] /staff/set-up/[token]/code"
    assert line["note"] == "from [address]"


def test_what_is_no_secret_stays() -> None:
    assert scrubbed("/fi/link and PK-7K4Q-9M3X") == "/fi/link and PK-7K4Q-9M3X"


def test_a_log_that_cannot_be_written_fails_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/full", "w", encoding="utf-8", buffering=1) as full:  # noqa: PTH123 - a device
        monkeypatch.setattr("sys.stderr", full)
        structlog.get_logger().warning("disk.full")
        logging.getLogger("mail.log").warning("still")
        with contextlib.suppress(OSError):
            full.close()
