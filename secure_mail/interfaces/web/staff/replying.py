"""Answering the sender: a form, a page that shows what goes to whom, and only then the sending."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from secure_mail.application.casework.delicate import needs_second_look
from secure_mail.application.casework.send_reply import After, Answer
from secure_mail.application.ports.texts import LANGUAGES
from secure_mail.domain.cases import Identified
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.interfaces.web.forms import Form, form_of
from secure_mail.interfaces.web.staff.case_view import CaseView, read_case
from secure_mail.interfaces.web.staff.cases import CASE, Cases
from secure_mail.interfaces.web.staff.desk import Visitor, go, reference_of, version_of

C = TypeVar("C", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Replying:
    cases: Cases

    def routes(self) -> list[Route]:
        endpoint = self.cases.desk.signed_in(self.reply)
        return [Route(f"{CASE}/replies", endpoint, methods=["POST"])]

    async def reply(self, request: Request, visitor: Visitor) -> Response:
        form = form_of(request)
        answer, errors = self._answer(request, form)
        if answer is None or form.line("edit"):
            values = {
                **form.values("language", "identified", "after"),
                "text": form.text("text"),
            }
            return await self.cases.again(request, visitor, values, errors)
        if not form.line("confirmed"):
            return await self._confirm(request, visitor, answer)
        return await self._send(request, visitor, answer)

    async def _send(self, request: Request, visitor: Visitor, answer: Answer) -> Response:
        desk, reference = self.cases.desk, reference_of(request)
        try:
            await desk.pool.run(
                desk.app.send_reply, visitor.who, reference, version_of(request), answer
            )
        except Refusal as refusal:
            if refusal.code is RefusalCode.NOT_IDENTIFIED:
                return await self._confirm(request, visitor, answer, unsure=True)
            return await self.cases.stale(request, visitor, refusal, "reply", answer.text)
        return go(f"/staff/cases/{reference}", "replied")

    async def _confirm(
        self, request: Request, visitor: Visitor, answer: Answer, *, unsure: bool = False
    ) -> Response:
        desk = self.cases.desk
        view = await read_case(desk, request, visitor)
        if view.case.version != version_of(request):
            return self.cases.overtaken(request, view, "reply", answer.text)
        context = {
            **view.frame(),
            "reply": {
                "text": answer.text,
                "language": answer.language,
                "identified": answer.identified,
                "after": answer.after,
            },
            "recipient": view.file.summary.address,
            "others_case": _others(view, visitor),
            "needs_second": needs_second_look(answer.text, view.case.assurance, answer.identified),
            "errors": {"sure": desk.say(request, "e.sure")} if unsure else {},
        }
        status = 422 if unsure else 200
        return desk.page(request, "staff/reply_confirm.html", context, status=status)

    def _answer(self, request: Request, form: Form) -> tuple[Answer | None, dict[str, str]]:
        text, language = form.text("text"), form.line("language")
        errors = {}
        identified = _one_of(Identified, form.line("identified"))
        after = _one_of(After, form.line("after")) or After.KEEP
        if identified is None:
            errors["identified"] = self.cases.desk.say(request, "e.identified")
        wrong = self.cases.wrong_text(request, text, "e.reply.empty")
        if wrong:
            errors["text"] = wrong
        if identified is None or errors:
            return None, errors
        answer = Answer(
            text=text,
            language=language if language in LANGUAGES else self.cases.desk.language(request),
            identified=identified,
            after=after,
            sure=bool(form.line("sure")),
        )
        return answer, errors


def _others(view: CaseView, visitor: Visitor) -> str | None:
    """Whose case it is, when it is a colleague's."""
    return None if view.case.assignee in (None, visitor.who.id) else view.handler


def _one_of(choices: type[C], typed: str) -> C | None:
    return next((choice for choice in choices if choice.value == typed), None)
