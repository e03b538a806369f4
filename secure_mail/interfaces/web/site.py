"""One address, one process: the doors that this process has, told apart by the path."""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from secure_mail.interfaces.web.demo import Outbox
from secure_mail.interfaces.web.fence import guarded
from secure_mail.interfaces.web.frame import Frame
from secure_mail.interfaces.web.probes import Probes
from secure_mail.interfaces.web.static import StaticFiles

_READING = re.compile(r"/(en|fi|sv)/(read|messages)(/.*)?", re.DOTALL)
_STAFF = re.compile(r"/staff(/.*)?", re.DOTALL)
_SHARED = re.compile(r"/(healthz|readyz|static/.*|\.well-known/.*|demo/.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """`shared` answers the rest and says "not found" for doors that are not here."""

    shared: ASGIApp
    public: ASGIApp | None = None
    reading: ASGIApp | None = None
    staff: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "lifespan":
                await _lifespan(receive, send)
            case "http":
                await (self._door(scope["path"]) or self.shared)(scope, receive, send)
            case _:
                await send({"type": "websocket.close", "code": 1000})

    def _door(self, path: str) -> ASGIApp | None:
        if _SHARED.fullmatch(path):
            return self.shared
        if _STAFF.fullmatch(path):
            return self.staff
        return self.reading if _READING.fullmatch(path) else self.public


def create_site(
    frame: Frame,
    probes: Probes,
    *,
    public: ASGIApp | None = None,
    reading: ASGIApp | None = None,
    staff: ASGIApp | None = None,
) -> Site:
    """Serves the doors given, together or alone; static files, probes and the demo's outbox."""
    web = frame.web
    routes = [Route("/static/{path:path}", StaticFiles(web.static).get), *probes.routes()]
    if web.demo and web.outbox is not None:
        routes += Outbox(frame, web.outbox).routes()
    shared = guarded(Router(routes, redirect_slashes=False), web, frame)
    return Site(shared=shared, public=public, reading=reading, staff=staff)


async def _lifespan(receive: Receive, send: Send) -> None:
    """Nothing to begin or end here: bootstrap opens and closes what the doors are given."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
