"""What is confirmed before it happens: another queue, closing, ending a sender's links."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from secure_mail.domain.cases import AnswerState, CloseReason
from secure_mail.domain.ids import QueueName
from secure_mail.domain.refusals import Refusal
from secure_mail.interfaces.web.forms import form_of
from secure_mail.interfaces.web.staff.case_view import read_case
from secure_mail.interfaces.web.staff.cases import CASE, Cases
from secure_mail.interfaces.web.staff.desk import Visitor, go, reference_of, version_of


@dataclass(frozen=True, slots=True)
class Moving:
    cases: Cases

    def routes(self) -> list[Route]:
        signed_in = self.cases.desk.signed_in
        return [
            Route(f"{CASE}/queue", signed_in(self.queue), methods=["POST"]),
            Route(f"{CASE}/state", signed_in(self.state), methods=["POST"]),
            Route(f"{CASE}/links", signed_in(self.links), methods=["POST"]),
        ]

    async def queue(self, request: Request, visitor: Visitor) -> Response:
        desk, form, reference = self.cases.desk, form_of(request), reference_of(request)
        view = await read_case(desk, request, visitor)
        targets = {one["value"]: one for one in desk.queues_but(view.case.queue, view.language)}
        target = targets.get(form.line("queue"))
        if target is None:
            errors = {"queue": desk.say(request, "e.queue")}
            return await self.cases.again(request, visitor, errors=errors)
        if not form.line("confirmed"):
            context = {**view.frame(), "target": target}
            return desk.page(request, "staff/transfer_confirm.html", context)
        to, reason = QueueName(target["value"]), form.text("reason")
        try:
            await desk.pool.run(
                desk.app.transfer_case, visitor.who, reference, version_of(request), to, reason
            )
        except Refusal as refusal:
            return await self.cases.stale(request, visitor, refusal)
        return go(f"/staff/queues/{view.case.queue}", "moved")

    async def state(self, request: Request, visitor: Visitor) -> Response:
        """Closing is confirmed with its reason; opening again is done at once."""
        desk, form, reference = self.cases.desk, form_of(request), reference_of(request)
        version = version_of(request)
        if form.line("state") != "closed":
            try:
                await desk.pool.run(desk.app.reopen_case, visitor.who, reference, version)
            except Refusal as refusal:
                return await self.cases.stale(request, visitor, refusal)
            return go(f"/staff/cases/{reference}", "reopened")
        reason = form.line("close_reason")
        if not form.line("confirmed") or reason not in set(CloseReason):
            return await self._why_closed(request, visitor)
        try:
            await desk.pool.run(
                desk.app.close_case, visitor.who, reference, version, CloseReason(reason)
            )
        except Refusal as refusal:
            return await self.cases.stale(request, visitor, refusal)
        return go(f"/staff/cases/{reference}", "closed")

    async def links(self, request: Request, visitor: Visitor) -> Response:
        desk, form, reference = self.cases.desk, form_of(request), reference_of(request)
        reason, confirmed = form.text("reason"), bool(form.line("confirmed"))
        if not confirmed or not reason:
            view = await read_case(desk, request, visitor)
            errors = {"reason": desk.say(request, "e.reason")} if confirmed else {}
            address = view.file.summary.address
            context = {**view.frame(), "address": address, "errors": errors}
            status = 422 if errors else 200
            return desk.page(request, "staff/revoke_confirm.html", context, status=status)
        try:
            await desk.pool.run(
                desk.app.end_links,
                visitor.who,
                reference,
                version=version_of(request),
                reason=reason,
            )
        except Refusal as refusal:
            return await self.cases.stale(request, visitor, refusal)
        return go(f"/staff/cases/{reference}", "links-ended")

    async def _why_closed(self, request: Request, visitor: Visitor) -> Response:
        desk = self.cases.desk
        view = await read_case(desk, request, visitor)
        asked = bool(form_of(request).line("confirmed"))
        context = {
            **view.frame(),
            "unanswered": view.case.answer is AnswerState.NONE,
            "errors": {"close_reason": desk.say(request, "e.close.reason")} if asked else {},
        }
        status = 422 if asked else 200
        return desk.page(request, "staff/close_confirm.html", context, status=status)
