"""For machines: alive, ready, whom to tell of a hole (RFC 9116), TLS for mail (RFC 8461)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from secure_mail.application.ports.clock import Clock
from secure_mail.application.ports.store import StoreDownError
from secure_mail.application.ports.texts import LANGUAGES
from secure_mail.interfaces.web.config import WebConfig
from secure_mail.interfaces.web.pool import Pool

VALID = timedelta(days=365)
"""How long `security.txt` may be kept; RFC 9116 advises less than a year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probes:
    """`check` is a blocking call that fails with StoreDownError when the database is away."""

    web: WebConfig
    pool: Pool
    clock: Clock
    check: Callable[[], object]

    def routes(self) -> list[Route]:
        routes = [
            Route("/healthz", self.alive),
            Route("/readyz", self.ready),
            Route("/.well-known/security.txt", self.security),
        ]
        if self.web.mta_sts is not None:
            routes.append(Route("/.well-known/mta-sts.txt", self.mta_sts))
        return routes

    async def alive(self, request: Request) -> Response:
        del request
        return PlainTextResponse("alive\n")

    async def ready(self, request: Request) -> Response:
        """Yes or no; the reason stands in the metrics, not here."""
        del request
        try:
            await self.pool.run(self.check)
        except StoreDownError:
            return PlainTextResponse("not ready\n", 503)
        return PlainTextResponse("ready\n")

    async def mta_sts(self, request: Request) -> Response:
        """At https://mta-sts.DOMAIN, which must be one of ALLOWED_HOSTS."""
        del request
        return PlainTextResponse(self.web.mta_sts)

    async def security(self, request: Request) -> Response:
        del request
        base = self.web.base_url.rstrip("/")
        expires = (self.clock.now() + VALID).strftime("%Y-%m-%dT%H:%M:%SZ")
        lines = [
            f"Contact: {base}/en/contact",
            f"Expires: {expires}",
            f"Preferred-Languages: {', '.join(LANGUAGES)}",
            f"Canonical: {base}/.well-known/security.txt",
        ]
        return PlainTextResponse("\n".join(lines) + "\n")
