"""Our own access log: method, path without what is secret in it, status, time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from time import perf_counter

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger()

_LINK = re.compile(r"\A(/l/).*", re.DOTALL)
_LONG = re.compile(r"[^/]{40,}")
"""Longer than an id: a token, or something that a stranger made up."""
_ODD = re.compile(r"[^/A-Za-z0-9._-]+")


def scrubbed(path: str) -> str:
    """A path without tokens and addresses (links.md rule 15); the query is never written."""
    return _LONG.sub("…", _ODD.sub("…", _LINK.sub(r"\1…", path)))


@dataclass(frozen=True, slots=True)
class AccessLog:
    """One line for each request."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = perf_counter()
        status = 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            log.info(
                "http.request",
                method=scope["method"],
                path=scrubbed(scope["path"]),
                status=status,
                milliseconds=round((perf_counter() - began) * 1000),
            )
