"""Held messages: why each waits, and what a person decides."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from secure_mail.application.casework.held import PAGE
from secure_mail.application.casework.opening import OpenMessage
from secure_mail.domain.ids import MessageId, QueueName
from secure_mail.domain.messages import Assurance, Message
from secure_mail.domain.refusals import TOLD, Refusal, RefusalCode
from secure_mail.domain.routing.rulebook import TRIAGE
from secure_mail.domain.views import View
from secure_mail.interfaces.web.forms import form_of
from secure_mail.interfaces.web.staff.desk import Desk, Visitor, go
from secure_mail.interfaces.web.staff.timeline import files, shown
from secure_mail.interfaces.web.staff.why import findings, reasons

HELD = "/staff/held"
_ITEM = HELD + "/{message:uuid}"


@dataclass(frozen=True, slots=True)
class Held:
    desk: Desk

    def routes(self) -> list[Route]:
        signed_in = self.desk.signed_in
        return [
            Route(HELD, signed_in(self.list)),
            Route(_ITEM, signed_in(self.show)),
            Route(f"{_ITEM}/release", signed_in(self.release), methods=["POST"]),
            Route(f"{_ITEM}/refuse", signed_in(self.refuse), methods=["POST"]),
        ]

    async def list(self, request: Request, visitor: Visitor) -> Response:
        after = _id(request.query_params.get("after", ""))
        found = await self.desk.pool.run(self.desk.app.list_held, visitor.who, after)
        context = {
            "nav": "held",
            "items": [self._line(message) for message in found],
            "next_href": f"?after={found[-1].id}" if len(found) == PAGE else None,
        }
        return self.desk.page(request, "staff/held.html", context)

    async def show(self, request: Request, visitor: Visitor) -> Response:
        return await self._item(request, visitor, {})

    async def release(self, request: Request, visitor: Visitor) -> Response:
        queue = form_of(request).line("queue")
        if self.desk.book.queue(QueueName(queue)) is None:
            return await self._item(request, visitor, {"queue": self.desk.say(request, "e.queue")})
        to = QueueName(queue)
        return await self._settled(
            self.desk.pool.run(self.desk.app.release_held, visitor.who, _message(request), to),
            "released",
        )

    async def refuse(self, request: Request, visitor: Visitor) -> Response:
        form = form_of(request)
        code = next((one for one in TOLD if one.value == form.line("code")), None)
        if not form.line("confirmed") or code is None:
            return await self._which(request, visitor, asked=bool(form.line("confirmed")))
        return await self._settled(
            self.desk.pool.run(self.desk.app.refuse_held, visitor.who, _message(request), code),
            "refused",
        )

    async def _settled(self, act: Awaitable[None], done: str) -> Response:
        """A colleague who was faster has decided: the list shows what is left."""
        try:
            await act
        except Refusal as refusal:
            if refusal.code not in (RefusalCode.STALE, RefusalCode.NOT_FOUND):
                raise
            return go(HELD)
        return go(HELD, done)

    async def _item(self, request: Request, visitor: Visitor, errors: dict[str, str]) -> Response:
        opened = await self._open(request, visitor)
        message, language = opened.message, self.desk.language(request)
        context = {
            **self._frame(message, opened),
            "trace": reasons(self.desk, visitor.who, message, language),
            "findings": findings(self.desk, message, language),
            "can_open": opened.view is not None or opened.original is not None,
            "targets": self.desk.queues_but(None, language),
            "may": {"work": visitor.who.may_work(TRIAGE)},
            "errors": errors,
        }
        status = 422 if errors else 200
        return self.desk.page(request, "staff/held_item.html", context, status=status)

    async def _which(self, request: Request, visitor: Visitor, *, asked: bool) -> Response:
        opened = await self._open(request, visitor)
        message = opened.message
        told = message.link_id is not None or message.assurance is Assurance.SMTP_PARTNER
        context = {
            **self._frame(message, opened),
            "back": f"{HELD}/{message.id}",
            "told": told,
            "codes": [
                {"value": code.value, "text": self.desk.say(request, f"refuse.title.{code}")}
                for code in TOLD
            ],
            "errors": {"code": self.desk.say(request, "e.refuse.code")} if asked else {},
        }
        status = 422 if asked else 200
        return self.desk.page(request, "staff/refuse_confirm.html", context, status=status)

    async def _open(self, request: Request, visitor: Visitor) -> OpenMessage:
        return await self.desk.pool.run(
            self.desk.app.show_held, visitor.who, _message(request), "case-work"
        )

    def _frame(self, message: Message, opened: OpenMessage) -> dict[str, object]:
        view, url = opened.view or View(), f"{HELD}/{message.id}"
        item = {
            **self._line(message),
            "sender": view.sender or "–",
            "subject": view.subject,
            "name": view.name,
            "text": shown(view.text),
            "language": "",
            "files": files(opened, url),
            "rule": message.rule,
        }
        return {"nav": "held", "back": HELD, "item": item, "held_url": url}

    def _line(self, message: Message) -> dict[str, object]:
        return {
            "id": message.id,
            "href": f"{HELD}/{message.id}",
            "reason": message.reason,
            "channel": message.channel,
            "mailbox": f"{message.mailbox}@{self.desk.book.domain}",
            "reference": message.reference,
            "received_at": message.received_at,
            "state": message.state,
        }


def _message(request: Request) -> MessageId:
    return MessageId(request.path_params["message"])


def _id(text: str) -> MessageId | None:
    try:
        return MessageId(UUID(text))
    except ValueError:
        return None
