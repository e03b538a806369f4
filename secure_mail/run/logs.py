"""Logs: events and ids on stderr; nothing a person wrote, no address, no token, no code."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import structlog

from secure_mail.run.faults import place_of

_TOKEN = re.compile(r"/(l|set-up)/[A-Za-z0-9_-]+")
"""Whoever reads the address of a link, or of an account's set-up, may use it."""
_ADDRESS = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+")
QUIET = (
    "mail.log",
    "mail.debug",
    "asyncio",
    "imapclient",
    "dramatiq",
    "multipart",
    "python_multipart",
    "sqlalchemy",
    "alembic",
    "uvicorn",
    "aiosmtplib",
    "pika",
)
"""Libraries that would tell of mail: WARNING and above only, behind the scrubber."""


def scrubbed(text: str) -> str:
    """The text without tokens and e-mail addresses."""
    if "/" in text:
        text = _TOKEN.sub(r"/\1/[token]", text)
    return _ADDRESS.sub("[address]", text) if "@" in text else text


def _scrub(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Last line of defence: events carry ids, but a value is scrubbed all the same."""
    return {
        key: scrubbed(value) if isinstance(value, str) else value for key, value in event.items()
    }


def _stamp(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """RFC 3339, in UTC."""
    event["timestamp"] = f"{datetime.now(UTC).replace(tzinfo=None).isoformat()}Z"
    return event


_JSON = json.JSONEncoder(ensure_ascii=False, default=repr)
"""Made once: structlog's own renderer makes one for every line."""


def _as_json(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    return _JSON.encode(event)


class _Stderr:
    """Says what it can: where a log cannot be written, a message must come in all the same."""

    def msg(self, message: str) -> None:
        with suppress(OSError):
            # Once, so that the lines of two threads do not mix.
            sys.stderr.write(f"{message}\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = msg


class _ThirdParty(logging.Handler):
    """A library's record as an event of ours: scrubbed, an exception by its class and place."""

    def emit(self, record: logging.LogRecord) -> None:
        facts: dict[str, object] = {"logger": record.name}
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            facts["text"] = record.getMessage()
        else:
            facts["error"] = type(error).__name__
            facts["at"] = place_of(error)
        structlog.get_logger().log(record.levelno, "library.log", **facts)


_CHAIN: list[Any] = []
"""One list for good: the loggers of all modules, once used, go on with it."""


def configure_logs(form: str | None) -> None:
    """`console` or `json`; by default console on a terminal, else json."""
    console = form == "console" or (form is None and sys.stderr.isatty())
    render: Any = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if console
        else _as_json
    )
    _CHAIN[:] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        _stamp,
        _scrub,
        render,
    ]
    structlog.configure(
        processors=_CHAIN,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: _Stderr(),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_ThirdParty()], level=logging.WARNING, force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
