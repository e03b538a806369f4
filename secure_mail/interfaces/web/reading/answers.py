"""The reading session: the cases that the code opened, and our answers in each."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from secure_mail.application.apps import ReadingApp
from secure_mail.application.ports.store import StoreDownError
from secure_mail.application.replies.read_reading_session import OpenReading
from secure_mail.domain.ids import Reference
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.sealing import BrowserSecret
from secure_mail.interfaces.web import csrf
from secure_mail.interfaces.web.cookies import PUBLIC, READING
from secure_mail.interfaces.web.days import usual_days
from secure_mail.interfaces.web.forms import form_of
from secure_mail.interfaces.web.frame import Frame, see_other
from secure_mail.interfaces.web.language import language_of
from secure_mail.interfaces.web.security import StaleFormError


@dataclass(frozen=True, slots=True)
class ReadAnswers:
    """A link's session never gets here: it has another cookie, and another kind of session."""

    app: ReadingApp
    frame: Frame

    def routes(self) -> list[Route]:
        ours = "/{language:language}/messages"
        return [
            Route(ours, self.inbox),
            Route(f"{ours}/sign-out", self.finish, methods=["POST"]),
            Route(f"{ours}/signed-out", self.finished),
            Route(f"{ours}/{{reference}}", self.case),
        ]

    async def inbox(self, request: Request) -> Response:
        opened = await self._opened(request)
        if opened is None:
            return see_other(request, "/read")
        secret, reading = opened
        lines = await self.frame.pool.run(self.app.list_answers, reading)
        cases = [
            {
                "reference": str(line.reference),
                "status": line.status.value,
                "received_at": line.received_at,
                "unread": line.unread,
                "href": f"/{language_of(request)}/messages/{line.reference}",
            }
            for line in lines
        ]
        context = {"cases": cases, **self._common(secret)}
        return await self.frame.page(request, "reading/inbox.html", context)

    async def case(self, request: Request) -> Response:
        """Showing is the event that counts as read."""
        opened = await self._opened(request)
        if opened is None:
            return see_other(request, "/read")
        secret, reading = opened
        reference = Reference.parse(request.path_params["reference"])
        if reference is None:
            raise HTTPException(404)
        shown = await self.frame.pool.run(self.app.show_answer, reading, reference)
        context = {
            "case": {
                "reference": str(shown.reference),
                "status": shown.status.value,
                "received_at": shown.received_at,
            },
            "answers": [{**asdict(answer), "files": []} for answer in shown.answers],
            "gone": shown.gone,
            "back": f"/{language_of(request)}/messages",
            **self._common(secret),
        }
        return await self.frame.page(request, "reading/answer.html", context)

    async def finish(self, request: Request) -> Response:
        """The cookies go even when the database is away: their secrets are nowhere else."""
        secret = self.frame.jar.secret(request, READING)
        if secret is not None:
            if not csrf.holds(form_of(request).line("csrf"), secret):
                raise StaleFormError
            with suppress(StoreDownError):
                await self.frame.pool.run(self.app.end_session, secret)
        response = see_other(request, "/messages/signed-out")
        self.frame.jar.clear(response, *PUBLIC)
        return response

    async def finished(self, request: Request) -> Response:
        return await self.frame.page(request, "public/signed_out.html")

    async def _opened(self, request: Request) -> tuple[BrowserSecret, OpenReading] | None:
        """The live session of the cookie; None sends the reader to the address again."""
        secret = self.frame.jar.secret(request, READING)
        if secret is None:
            return None
        try:
            return secret, await self.frame.pool.run(self.app.read_session, secret)
        except Refusal as refusal:
            if refusal.code is not RefusalCode.SESSION_ENDED:
                raise
            return None

    def _common(self, secret: BrowserSecret) -> dict[str, object]:
        return {
            "answer_days": usual_days(self.app.rules.in_force()),
            "session": "reading",
            "csrf": csrf.token(secret),
        }
