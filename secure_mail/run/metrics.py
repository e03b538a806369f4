"""The metrics address: `/metrics` for Prometheus, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any

from secure_mail.application.ports.store import StoreDownError
from secure_mail.bootstrap.parts import Parts
from secure_mail.domain.fetching import AccountProgress
from secure_mail.infrastructure.metrics.collector import exposition
from secure_mail.infrastructure.metrics.fetching import FetchCollector
from secure_mail.infrastructure.metrics.mail_doors import DoorFigures, MailDoorCollector

Message = MutableMapping[str, Any]


class MetricsApp:
    """A bare ASGI application."""

    def __init__(
        self,
        parts: Parts,
        accounts: Callable[[], Sequence[AccountProgress]] | None = None,
        mail: Callable[[], Mapping[str, DoorFigures]] | None = None,
    ) -> None:
        self._parts = parts
        self._of_doors: list[FetchCollector | MailDoorCollector] = []
        if accounts:
            self._of_doors.append(FetchCollector(accounts))
        if mail:
            self._of_doors.append(MailDoorCollector(mail))

    async def __call__(
        self,
        scope: Message,
        _receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        status, body = await self._answer(scope.get("path", ""))
        kind = b"text/plain; version=0.0.4; charset=utf-8"
        headers = [(b"content-type", kind), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, path: str) -> tuple[int, bytes]:
        if path != "/metrics":
            return 404, b"not found\n"
        parts = self._parts
        loop = asyncio.get_running_loop()
        try:
            return 200, await loop.run_in_executor(
                parts.threads, exposition, parts.units, parts.clock, self._of_doors
            )
        except StoreDownError:
            return 503, b"the store does not answer\n"
