"""The page of a case, and what is done on it in one step: taking, handing over, noting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from secure_mail.domain.compose import MAX_TEXT
from secure_mail.domain.ids import Reference, StaffId
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.interfaces.web.forms import form_of
from secure_mail.interfaces.web.staff.case_view import CaseView, read_case
from secure_mail.interfaces.web.staff.desk import (
    NOTHING,
    Desk,
    Visitor,
    go,
    reference_of,
    version_of,
    visitor_of,
)

CASE = "/staff/cases/{reference}"
KINDS = {"reply": "text", "text": "text", "note": "note"}
"""What a kept text was, to the field that it goes back into."""


@dataclass(frozen=True, slots=True)
class Cases:
    desk: Desk

    def routes(self) -> list[Route]:
        desk = self.desk
        return [
            Route(CASE, desk.signed_in(self.show)),
            Route(f"{CASE}/assignee", desk.signed_in(self.assign), methods=["POST"]),
            Route(f"{CASE}/notes", desk.signed_in(self.note), methods=["POST"]),
            Route(f"{CASE}/draft", desk.signed_in(self.draft), methods=["POST"]),
        ]

    async def show(self, request: Request, visitor: Visitor) -> Response:
        return await self.again(request, visitor)

    async def assign(self, request: Request, visitor: Visitor) -> Response:
        form, reference, version = form_of(request), reference_of(request), version_of(request)
        app, taken = self.desk.app, bool(form.line("take"))
        try:
            if taken:
                await self.desk.pool.run(app.take_case, visitor.who, reference, version)
            else:
                to = _colleague(form.line("assignee"))
                await self.desk.pool.run(app.assign_case, visitor.who, reference, version, to)
        except Refusal as refusal:
            return await self.stale(request, visitor, refusal)
        return go(f"/staff/cases/{reference}", "taken" if taken else "assigned")

    async def note(self, request: Request, visitor: Visitor) -> Response:
        text, reference = form_of(request).text("note"), reference_of(request)
        wrong = self.wrong_text(request, text, "e.note.empty")
        if wrong:
            values, errors = {"note": text}, {"note": wrong}
            return await self.again(request, visitor, values, errors)
        try:
            await self.desk.pool.run(
                self.desk.app.add_note, visitor.who, reference, version_of(request), text
            )
        except Refusal as refusal:
            return await self.stale(request, visitor, refusal, "note", text)
        return go(f"/staff/cases/{reference}", "note")

    async def draft(self, request: Request, visitor: Visitor) -> Response:
        """The case with a kept text back in its field."""
        form = form_of(request)
        field = KINDS.get(form.line("what"))
        return await self.again(request, visitor, {field: form.text("kept")} if field else NOTHING)

    async def resume(self, request: Request, path: str, kept: dict[str, str]) -> Response:
        """After signing in again: the case at a path, with the text that was kept."""
        visitor = visitor_of(request)
        reference = Reference.parse(path.rpartition("/")[2])
        if visitor is None or reference is None:
            raise HTTPException(404)
        request.path_params["reference"] = str(reference)
        values = {KINDS[what]: text for what, text in kept.items() if what in KINDS}
        return await self.again(request, visitor, values)

    async def again(
        self,
        request: Request,
        visitor: Visitor,
        values: Mapping[str, object] = NOTHING,
        errors: Mapping[str, str] | None = None,
    ) -> Response:
        """The page of the case: 422 when a form on it was wrong."""
        view = await read_case(self.desk, request, visitor)
        colleagues = await self.desk.pool.run(self.desk.app.list_colleagues, view.case.queue)
        context = {**view.page(colleagues), "values": values, "errors": errors or {}}
        status = 422 if errors else 200
        return self.desk.page(request, "staff/case.html", context, status=status)

    async def stale(
        self,
        request: Request,
        visitor: Visitor,
        refusal: Refusal,
        what: str = "other",
        kept: str = "",
    ) -> Response:
        """Somebody was faster: what happened, and the text that was written. Raises any other."""
        if refusal.code is not RefusalCode.STALE:
            raise refusal
        view = await read_case(self.desk, request, visitor)
        return self.overtaken(request, view, what, kept)

    def overtaken(self, request: Request, view: CaseView, what: str, kept: str) -> Response:
        missed = max(1, view.case.version - version_of(request))
        context = {
            **view.frame(),
            "what": what,
            "kept": kept,
            "changes": view.timeline.changes(min(missed, 10)),
        }
        return self.desk.page(request, "staff/stale.html", context, status=409)

    def wrong_text(self, request: Request, text: str, empty: str) -> str | None:
        """What is wrong with a text; None when nothing is."""
        if not text:
            return self.desk.say(request, empty)
        if len(text) > MAX_TEXT:
            return self.desk.say(request, "e.body.long", max=MAX_TEXT, n=len(text))
        return None


def _colleague(typed: str) -> StaffId | None:
    """Raises Refusal NOT_FOUND for what is no id."""
    if not typed:
        return None
    try:
        return StaffId(UUID(typed))
    except ValueError:
        raise Refusal(RefusalCode.NOT_FOUND) from None
