"""Who writes: the session behind the cookies of a request, and the drafts this browser can open."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.requests import Request

from secure_mail.application.links.read_session import OpenSession
from secure_mail.domain.compose import Composition, OpenDraft, SentReceipt, Step, first_gap
from secure_mail.domain.ids import DraftId
from secure_mail.domain.links import SecureLink
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.routing.rulebook import AudienceKind, RuleBook
from secure_mail.domain.sealing import BrowserSecret
from secure_mail.interfaces.web import csrf
from secure_mail.interfaces.web.cookies import DRAFT, SESSION
from secure_mail.interfaces.web.forms import form_of
from secure_mail.interfaces.web.public.desk import Desk
from secure_mail.interfaces.web.public.draft_keys import DraftKey, read_keys
from secure_mail.interfaces.web.security import StaleFormError


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """A session that may write, for one request."""

    secret: BrowserSecret = field(repr=False)
    opened: OpenSession = field(repr=False)
    keys: tuple[DraftKey, ...] = field(repr=False)

    @property
    def link(self) -> SecureLink:
        return self.opened.link

    @property
    def kind(self) -> AudienceKind:
        return kind_of(self.link)

    def secret_of(self, draft: DraftId | None) -> BrowserSecret | None:
        return next((key.secret for key in self.keys if key.draft_id == draft), None)

    def token(self, draft: DraftId | None = None) -> str:
        """The field `csrf`. That of a draft outlives the session, as the draft does (rule 8)."""
        return csrf.token(self.secret_of(draft) or self.secret)

    def check_form(self, sent: str) -> None:
        """Raises StaleFormError unless the form was served to this browser."""
        if not csrf.holds(sent, self.secret, *(key.secret for key in self.keys)):
            raise StaleFormError


@dataclass(frozen=True, slots=True)
class Writing:
    """Opens sessions and drafts for the pages."""

    desk: Desk

    async def writer(self, request: Request, *, alive: bool = True) -> Writer:
        """Raises Refusal SESSION_ENDED. With `alive` also after the link's own end, when a form
        that was served before it may still be sent, but nothing else can be done.
        """
        secret = self.desk.frame.jar.secret(request, SESSION)
        if secret is None:
            raise Refusal(RefusalCode.SESSION_ENDED)
        opened = await self.desk.frame.pool.run(self.desk.app.read_session, secret)
        if alive and not opened.link.alive_at(self.desk.app.clock.now()):
            raise Refusal(RefusalCode.SESSION_ENDED)
        return Writer(secret=secret, opened=opened, keys=self.keys(request))

    async def form_writer(self, request: Request, *, alive: bool = True) -> Writer:
        """The writer of a POST, whose form is checked. Raises StaleFormError as well."""
        writer = await self.writer(request, alive=alive)
        writer.check_form(form_of(request).line("csrf"))
        return writer

    def keys(self, request: Request) -> tuple[DraftKey, ...]:
        return read_keys(self.desk.frame.jar.read(request, DRAFT))

    def ended_token(self, request: Request, draft: DraftId | None) -> str:
        """The field `csrf` of a page whose session has ended: good again once the link is open."""
        key = next((key for key in self.keys(request) if key.draft_id == draft), None)
        secret = key.secret if key else self.desk.frame.jar.secret(request, SESSION)
        return csrf.token(secret) if secret else ""

    async def draft(self, writer: Writer, draft_id: DraftId, *, serve: bool) -> OpenDraft:
        """Raises Refusal NOT_FOUND, DRAFT_ELSEWHERE."""
        return await self.desk.frame.pool.run(
            self.desk.app.read_draft,
            draft_id,
            writer.link.id,
            writer.secret_of(draft_id),
            serve=serve,
        )

    async def newest(self, link: SecureLink, keys: tuple[DraftKey, ...]) -> OpenDraft | None:
        """The newest unsent draft of the link that this browser can open."""
        for key in keys:
            try:
                return await self.desk.frame.pool.run(
                    self.desk.app.read_draft, key.draft_id, link.id, key.secret, serve=False
                )
            except Refusal:
                continue
        return None

    async def receipt_of(self, request: Request, draft_id: DraftId) -> SentReceipt | None:
        """The receipt of a draft that this session has sent; read afresh."""
        writer = await self.writer(request, alive=False)
        sent = await self.receipts(writer)
        return next((receipt for receipt in sent if receipt.draft == str(draft_id)), None)

    async def receipts(self, writer: Writer) -> tuple[SentReceipt, ...]:
        return await self.desk.frame.pool.run(
            self.desk.app.read_receipts, writer.opened.session, writer.secret
        )


def kind_of(link: SecureLink) -> AudienceKind:
    """Whose topics are offered; as the worker and the send decide it."""
    partner = link.partner_id is not None
    return AudienceKind.PARTNER if partner else AudienceKind.of(link.audience)


def gap_of(book: RuleBook, typed: Composition, kind: AudienceKind) -> Step | None:
    """The first step that is not answered."""
    topic = book.topic(typed.topic)
    return first_gap(
        typed,
        asks_purpose=topic is not None and bool(topic.purposes),
        partner=kind is AudienceKind.PARTNER,
    )


def place_in(book: RuleBook, opened: OpenDraft, kind: AudienceKind) -> str:
    """Where a draft goes on: a path after the language."""
    step = gap_of(book, opened.composition, kind) or (Step.CHECK if opened.files else Step.FILES)
    return f"/drafts/{opened.draft.id}/{step}"
