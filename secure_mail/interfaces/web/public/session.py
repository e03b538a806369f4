"""The session's own pages: begin or go on with a message, found elsewhere, finish."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from secure_mail.application.ports.store import StoreDownError
from secure_mail.interfaces.web import csrf
from secure_mail.interfaces.web.cookies import PUBLIC, SESSION
from secure_mail.interfaces.web.forms import form_of
from secure_mail.interfaces.web.frame import see_other
from secure_mail.interfaces.web.public.composing import NEW
from secure_mail.interfaces.web.public.desk import Desk
from secure_mail.interfaces.web.public.writing import Writer, Writing, place_in
from secure_mail.interfaces.web.security import StaleFormError


@dataclass(frozen=True, slots=True)
class LinkSession:
    desk: Desk
    writing: Writing

    def routes(self) -> list[Route]:
        return [
            Route("/{language:language}/drafts", self.resume),
            Route("/{language:language}/drafts", self.begin, methods=["POST"]),
            Route("/{language:language}/drafts/found", self.found),
            Route("/{language:language}/sign-out", self.finish, methods=["POST"]),
            Route("/{language:language}/signed-out", self.finished),
        ]

    async def resume(self, request: Request) -> Response:
        writer = await self.writing.writer(request)
        return see_other(request, await self._place(writer))

    async def begin(self, request: Request) -> Response:
        writer = await self.writing.form_writer(request)
        new = "new" in form_of(request)
        return see_other(request, f"/drafts/{NEW}/topic" if new else await self._place(writer))

    async def found(self, request: Request) -> Response:
        writer = await self.writing.writer(request)
        context = {"session": "link", "csrf": writer.token()}
        return await self.desk.frame.page(request, "public/drafts_found.html", context)

    async def finish(self, request: Request) -> Response:
        """The cookies go even when the database is away: their secrets are nowhere else."""
        secret = self.desk.frame.jar.secret(request, SESSION)
        keys = self.writing.keys(request)
        if secret is not None:
            sent = form_of(request).line("csrf")
            if not csrf.holds(sent, secret, *(key.secret for key in keys)):
                raise StaleFormError
            with suppress(StoreDownError):
                await self.desk.frame.pool.run(self.desk.app.end_session, secret)
        response = see_other(request, "/signed-out")
        self.desk.frame.jar.clear(response, *PUBLIC)
        return response

    async def finished(self, request: Request) -> Response:
        return await self.desk.frame.page(request, "public/signed_out.html")

    async def _place(self, writer: Writer) -> str:
        newest = await self.writing.newest(writer.link, writer.keys)
        if newest is None:
            return f"/drafts/{NEW}/topic"
        return place_in(self.desk.book, newest, writer.kind)
