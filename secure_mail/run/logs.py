"""Logs: events and ids on stderr; nothing a person wrote, no address, no token, no code."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
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
    return _ADDRESS.sub("[address]", _TOKEN.sub(r"/\1/[token]", text))


def _scrub(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Last line of defence: events carry ids, but a value is scrubbed all the same."""
    return {
        key: scrubbed(value) if isinstance(value, str) else value for key, value in event.items()
    }


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


def configure_logs(form: str | None) -> None:
    """`console` or `json`; by default console on a terminal, else json."""
    console = form == "console" or (form is None and sys.stderr.isatty())
    render: Any = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if console
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _scrub,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_ThirdParty()], level=logging.WARNING, force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
