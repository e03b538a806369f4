"""The step of files: the list, adding several at once, taking one off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from secure_mail.domain.compose import MAX_FILES, OpenDraft, Step
from secure_mail.domain.ids import DraftId, PartId
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.interfaces.web.forms import (
    MAX_OCTETS,
    FormTooLargeError,
    declared_octets,
    form_of,
    is_type,
)
from secure_mail.interfaces.web.frame import MEGA, see_other
from secure_mail.interfaces.web.multipart import MULTIPART
from secure_mail.interfaces.web.public.composing import Composing, draft_url
from secure_mail.interfaces.web.public.desk import Desk
from secure_mail.interfaces.web.public.receiving import FILES, Receiving
from secure_mail.interfaces.web.public.writing import Writer, Writing


@dataclass(frozen=True, slots=True)
class Files:
    desk: Desk
    writing: Writing
    composing: Composing

    async def show(self, request: Request) -> Response:
        writer = await self.writing.writer(request)
        draft_id = DraftId(request.path_params["draft"])
        try:
            opened = await self.writing.draft(writer, draft_id, serve=True)
        except Refusal as refusal:
            return await self.composing.elsewhere(request, draft_id, refusal)
        missed = self.composing.missed(opened, writer, Step.FILES)
        if missed is not None:
            return see_other(request, f"/drafts/{draft_id}/{missed}")
        return await self._page(request, writer, opened)

    async def add(self, request: Request) -> Response:
        """Several files of one POST; each error is of its own file."""
        if declared_octets(request.scope) > 2 * self.desk.frame.web.upload_max + MAX_OCTETS:
            raise FormTooLargeError
        draft_id = DraftId(request.path_params["draft"])
        try:
            writer = await self.writing.writer(request)
            opened = await self.writing.draft(writer, draft_id, serve=False)
        except Refusal as refusal:
            await _drained(request)
            return await self._ended(request, draft_id, refusal)
        received = Receiving(
            add_file=self.desk.app.add_file,
            opened=opened,
            check_form=writer.check_form,
            say=lambda line, name: self._said(request, line, name),
        )
        if is_type(request.scope, MULTIPART):
            try:
                await received.read(request)
            except Refusal as refusal:
                return await self.composing.elsewhere(request, draft_id, refusal)
            chosen = received.fields.get("go", "")
        else:
            writer.check_form(form_of(request).line("csrf"))
            chosen = form_of(request).line("go")
        if not received.errors and not received.added and chosen != "next":
            received.errors.append(self.desk.frame.say(request, "e.file.choose"))
        if received.errors:
            return await self._page(request, writer, received.opened, received.errors)
        step = Step.CHECK if chosen == "next" else Step.FILES
        return see_other(request, f"/drafts/{draft_id}/{step}")

    async def remove(self, request: Request) -> Response:
        writer = await self.writing.form_writer(request)
        draft_id = DraftId(request.path_params["draft"])
        try:
            opened = await self.writing.draft(writer, draft_id, serve=False)
        except Refusal as refusal:
            return await self.composing.elsewhere(request, draft_id, refusal)
        file = PartId(request.path_params["file"])
        await self.desk.frame.pool.run(self.desk.app.remove_file, opened, file)
        return see_other(request, f"/drafts/{draft_id}/{Step.FILES}")

    async def _page(
        self,
        request: Request,
        writer: Writer,
        opened: OpenDraft,
        errors: list[str] | None = None,
    ) -> Response:
        changing = "change" in request.query_params
        context = {
            "masked": writer.opened.masked,
            "session": "link",
            "csrf": writer.token(opened.draft.id),
            "files": [
                {"id": str(file.id), "name": label.name, "size": file.size}
                for file, label in opened.files
            ],
            "back": f"{draft_url(request)}/{Step.CHECK if changing else Step.MESSAGE}",
        }
        return await self._shown(request, context, errors or [], 422 if errors else 200)

    async def _ended(self, request: Request, draft_id: DraftId, refusal: Refusal) -> Response:
        """Rule 8: the same page. Files that were chosen must be chosen again."""
        if refusal.code is not RefusalCode.SESSION_ENDED:
            return await self.composing.elsewhere(request, draft_id, refusal)
        context = {
            "masked": "",
            "session_ended": True,
            "csrf": self.writing.ended_token(request, draft_id),
            "files": [],
        }
        return await self._shown(request, context, [], 403)

    async def _shown(
        self, request: Request, context: Mapping[str, object], errors: list[str], status: int
    ) -> Response:
        common = {
            "draft_url": draft_url(request),
            "types": self._types(),
            "accept": ",".join(self.desk.app.file_extensions),
            "max_files": MAX_FILES,
            "max_mb": self.desk.frame.web.upload_max // MEGA,
            "errors": {FILES: errors[0]} if errors else {},
            "file_errors": errors[1:],
        }
        return await self.desk.frame.page(
            request, "public/compose/files.html", {**common, **context}, status=status
        )

    def _types(self) -> str:
        """As people name them: JPG says JPEG too."""
        shown = [name for name in self.desk.app.file_extensions if name != ".jpeg"]
        return ", ".join(name.removeprefix(".").upper() for name in shown)

    def _said(self, request: Request, line: str, name: str) -> str:
        values = {
            "name": name,
            "types": self._types(),
            "max": MAX_FILES if line == "e.file.many" else self.desk.frame.web.upload_max // MEGA,
        }
        return self.desk.frame.say(request, line, **values)


async def _drained(request: Request) -> None:
    """Takes in what the browser still sends: it shows no answer while it is sending."""
    async for _ in request.stream():
        pass
