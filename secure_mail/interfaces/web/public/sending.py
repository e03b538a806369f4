"""Check, send, receipt: a double click, a refresh and a second try are one message."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from secure_mail.domain.compose import OpenDraft, SentReceipt, Step
from secure_mail.domain.ids import DraftId
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.interfaces.web import answers
from secure_mail.interfaces.web.days import days_of
from secure_mail.interfaces.web.fence import repeatable
from secure_mail.interfaces.web.forms import form_of
from secure_mail.interfaces.web.frame import see_other
from secure_mail.interfaces.web.language import language_of
from secure_mail.interfaces.web.public.composing import Composing, draft_url
from secure_mail.interfaces.web.public.desk import Desk
from secure_mail.interfaces.web.public.writing import Writer, Writing

YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Sending:
    desk: Desk
    writing: Writing
    composing: Composing

    async def check(self, request: Request) -> Response:
        writer = await self.writing.writer(request)
        draft_id = DraftId(request.path_params["draft"])
        try:
            opened = await self.writing.draft(writer, draft_id, serve=True)
        except Refusal as refusal:
            return await self.composing.elsewhere(request, draft_id, refusal)
        missed = self.composing.missed(opened, writer, Step.CHECK)
        if missed is not None:
            return see_other(request, f"/drafts/{draft_id}/{missed}")
        return await self._page(request, writer, opened)

    async def back_to_check(self, request: Request) -> Response:
        """A refresh of the address that a form was sent to."""
        return see_other(request, f"/drafts/{request.path_params['draft']}/{Step.CHECK}")

    async def send(self, request: Request) -> Response:
        form, draft_id = form_of(request), DraftId(request.path_params["draft"])
        try:
            writer = await self.writing.form_writer(request, alive=False)
            opened = await self.writing.draft(writer, draft_id, serve=False)
        except Refusal as refusal:
            return await self._not_open(request, draft_id, refusal)
        notify = form.line("notify")
        if notify not in {YES, NO}:
            said = {"notify": self.desk.frame.say(request, "e.notify")}
            return await self._page(request, writer, opened, said, status=422)
        if form.line("nonce") != _nonce(opened):
            # Another page of this browser changed it: what is sent is what was checked.
            return await self._page(request, writer, opened, status=409)
        answered = replace(opened.composition, notify=notify == YES)
        return await self._sent(request, writer, replace(opened, composition=answered))

    async def receipt(self, request: Request) -> Response:
        """Of this session only: what it has just earned (rule 6)."""
        writer = await self.writing.writer(request, alive=False)
        wanted = request.path_params["reference"]
        receipts = await self.writing.receipts(writer)
        receipt = next((each for each in receipts if each.reference == wanted), None)
        if receipt is None:
            raise HTTPException(404)
        context = {
            "receipt": self._told(receipt, language_of(request)),
            "answer_days": self._days(receipt),
            "again": "again" in request.query_params,
            "country": writer.link.country,
            "session": "link",
            "csrf": writer.token(),
        }
        return await self.desk.frame.page(request, "public/receipt.html", context)

    async def _sent(self, request: Request, writer: Writer, opened: OpenDraft) -> Response:
        draft_id = opened.draft.id
        try:
            receipt = await self.desk.app.send_draft(
                opened, writer.link, writer.opened.session, writer.secret
            )
        except Refusal as refusal:
            match refusal.code:
                case RefusalCode.TEMPORARY:
                    # Whether it was committed is not known; sent again it is the same message.
                    unsure = repeatable(request, answers.UNSURE)
                    return await self.desk.frame.fault(request, unsure)
                case RefusalCode.DRAFT_INCOMPLETE:
                    step = Step(str(refusal.facts["step"]))
                    return see_other(request, f"/drafts/{draft_id}/{step}")
                case RefusalCode.WRONG_MAILBOX:
                    return see_other(request, f"/drafts/{draft_id}/{Step.TOPIC}")
                case RefusalCode.STALE:
                    return await self._not_open(request, draft_id, refusal)
                case _:
                    raise
        return see_other(request, f"/receipts/{receipt.reference}")

    async def _not_open(self, request: Request, draft_id: DraftId, refusal: Refusal) -> Response:
        """Sent already, ended, or changed while it was being sent."""
        match refusal.code:
            case RefusalCode.SESSION_ENDED:
                return await self._ended(request, draft_id)
            case RefusalCode.STALE:
                receipt = await self.writing.receipt_of(request, draft_id)
                if receipt is None:
                    return see_other(request, f"/drafts/{draft_id}/{Step.CHECK}")
                return see_other(request, f"/receipts/{receipt.reference}?again=1")
            case _:
                return await self.composing.elsewhere(request, draft_id, refusal)

    async def _page(
        self,
        request: Request,
        writer: Writer,
        opened: OpenDraft,
        errors: dict[str, str] | None = None,
        *,
        status: int = 200,
    ) -> Response:
        typed = opened.composition
        context = {
            "masked": writer.opened.masked,
            "session": "link",
            "csrf": writer.token(opened.draft.id),
            "rows": self._rows(request, opened),
            "files": [{"name": label.name, "size": file.size} for file, label in opened.files],
            "nonce": _nonce(opened),
            "proof_missing": bool(typed.acts_for) and not opened.files,
            "errors": errors or {},
            "back": f"{draft_url(request)}/{Step.FILES}",
        }
        return await self._shown(request, context, status)

    async def _ended(self, request: Request, draft_id: DraftId) -> Response:
        """Rule 8: the draft stays closed; the button sends it once the link is open again."""
        context = {
            "masked": "",
            "session_ended": True,
            "csrf": self.writing.ended_token(request, draft_id),
            "rows": [],
            "files": [],
            "nonce": form_of(request).line("nonce"),
        }
        return await self._shown(request, context, 403)

    async def _shown(self, request: Request, context: dict[str, object], status: int) -> Response:
        common = {
            "draft_url": draft_url(request),
            "values": form_of(request).values("notify"),
            "served_at": self.desk.app.clock.now().isoformat(),
        }
        return await self.desk.frame.page(
            request, "public/compose/check.html", {**common, **context}, status=status
        )

    def _rows(self, request: Request, opened: OpenDraft) -> list[dict[str, object]]:
        say, typed = self.desk.frame.say, opened.composition
        topic, purpose = self._titles(typed.topic, typed.purpose, language_of(request))
        whose = {None: "", True: "who.other", False: "who.self"}[typed.acts_for]
        asked = [
            ("msg.topic", topic, Step.TOPIC),
            ("purpose.h1", purpose, Step.PURPOSE),
            ("who.h1", say(request, whose) if whose and typed.identity else "", Step.ABOUT),
            ("you.name", typed.name, "about?for="),
            ("you.id", typed.identity, "about?for="),
            ("you.ref", typed.letter_reference, "about?for="),
            ("msg.subject", typed.subject, Step.MESSAGE),
            ("msg.body", typed.text, Step.MESSAGE),
        ]
        return [
            {
                "key": say(request, key),
                "value": value,
                "href": f"{draft_url(request)}/{_changed(str(page), acts_for=typed.acts_for)}",
            }
            for key, value, page in asked
            if value
        ]

    def _titles(self, topic: str, purpose: str, language: str) -> tuple[str, str]:
        about = self.desk.book.topic(topic)
        wanted = self.desk.book.purposes.get(purpose)
        return about.title[language] if about else "", wanted.title[language] if wanted else ""

    def _told(self, receipt: SentReceipt, language: str) -> dict[str, object]:
        topic, purpose = self._titles(receipt.topic, receipt.purpose, language)
        return {
            **asdict(receipt),
            "mailbox": f"{receipt.mailbox}@{self.desk.book.domain}",
            "topic": topic,
            "purpose": purpose,
            "files": [{"name": name, "size": size} for name, size in receipt.files],
        }

    def _days(self, receipt: SentReceipt) -> int:
        """Working days in which this topic is usually answered."""
        topic = self.desk.book.topic(receipt.topic)
        return (days_of(self.desk.book, topic) if topic else 0) or self.desk.answer_days


def _changed(page: str, *, acts_for: bool | None) -> str:
    """A step's address from which one comes back to the check."""
    if page.endswith("="):
        return f"{page}{'other' if acts_for else 'self'}&change=1"
    return f"{page}?change=1"


def _nonce(opened: OpenDraft) -> str:
    """What was checked: another saved step makes it another one."""
    return f"{opened.draft.version}-{len(opened.files)}"
