"""What every request passes, whatever page it asks for: our hosts only, our own forms only, and
headers on every answer, errors included (web.md).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from secure_mail.interfaces.web.config import WebConfig

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PROBES = frozenset({"/healthz", "/readyz"})
"""Asked for by address, from inside: they tell nothing and change nothing."""
_FOREIGN = frozenset({"cross-site", "same-site"})
_INDEXED = re.compile(
    r"/(en|fi|sv)/(help|contact|privacy|accessibility|genuine|read|stop|eligibility(/[a-z-]+)?)?"
)
_CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_STATIC = "/static/"
_WITH_TOKEN = ("/l/", "/staff/set-up/")
"""Paths that hold a token: no other page learns where the browser came from."""


class WrongHostError(Exception):
    """The request is addressed to a host that is not ours."""


class ForeignFormError(Exception):
    """Another site made the browser send this."""


class StaleFormError(Exception):
    """The form's `csrf` field is not of this browser's session."""


def check_host(scope: Scope, web: WebConfig) -> None:
    """Raises WrongHostError: nothing but a host of ours is answered (links.md rule 14)."""
    named = Headers(scope=scope).getlist("host")
    if scope["path"] not in PROBES and (len(named) != 1 or _name(named[0]) not in web.hosts):
        raise WrongHostError


def check_origin(scope: Scope) -> None:
    """Raises ForeignFormError. Origin and Referer say nothing: `no-referrer` makes ours `null`."""
    site = Headers(scope=scope).get("sec-fetch-site", "").lower()
    if scope["method"] not in SAFE_METHODS and site in _FOREIGN:
        raise ForeignFormError


def _name(authority: str) -> str:
    return re.sub(r":[0-9]*\Z", "", authority.strip().lower()).rstrip(".").strip("[]")


@dataclass(frozen=True, slots=True)
class WithHeaders:
    """Adds the headers of web.md to every answer of the app inside."""

    app: ASGIApp
    web: WebConfig
    staff: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._mark(MutableHeaders(scope=message), scope["path"])
            await send(message)

        await self.app(scope, receive, marked)

    def _mark(self, headers: MutableHeaders, path: str) -> None:
        connect = "; connect-src 'self'" if self.staff else ""
        headers["Content-Security-Policy"] = headers.get("Content-Security-Policy", _CSP + connect)
        headers["X-Content-Type-Options"] = "nosniff"
        referrer = "no-referrer" if path.startswith(_WITH_TOKEN) else "same-origin"
        headers["Referrer-Policy"] = referrer
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if self.web.secure:
            headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
        if not path.startswith(_STATIC):
            headers["Cache-Control"] = "no-store"
            if self.staff or not _INDEXED.fullmatch(path):
                headers["X-Robots-Tag"] = "noindex"
