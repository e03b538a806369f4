"""Sends a draft: one unit of the gate, so that a double click is one message."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from secure_mail.application.auditing import audit_event
from secure_mail.application.intake.accept_message import Sealed, accept, copies_for
from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.rules import Rules
from secure_mail.application.ports.store import (
    CommitQueue,
    ConflictError,
    StoreDownError,
    UnitOfWork,
)
from secure_mail.application.ports.vault import BrowserVault, DedupeKey, Sealer
from secure_mail.domain.compose import OpenDraft, SentReceipt, first_gap
from secure_mail.domain.events import AuditKind
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.ids import Mailbox
from secure_mail.domain.links import SecureLink, Session, SessionKind
from secure_mail.domain.messages import Accepted, Channel, Part, PartKind
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.routing.rulebook import AudienceKind, TopicRule
from secure_mail.domain.sealing import BrowserSecret, Purpose, SealedDigest


@dataclass(frozen=True, slots=True, kw_only=True)
class SendDraft:
    """Content key to the intake, message and parts, the link's use, the draft's end: one commit.

    The receipt is sealed into the session in the same unit; a second send finds it there.
    """

    commits: CommitQueue
    clock: Clock
    ids: Ids
    sealer: Sealer
    browser: BrowserVault
    dedupe: DedupeKey
    rules: Rules
    tls: bool
    """The pages are served over HTTPS."""

    async def __call__(
        self, opened: OpenDraft, link: SecureLink, session: Session, secret: BrowserSecret
    ) -> SentReceipt:
        """Raises Refusal: DRAFT_INCOMPLETE (fact `step`), WRONG_MAILBOX, STALE, LINK_DEAD,
        LINK_CAP, TEMPORARY.
        """
        topic = self._topic(opened, link)
        sealed = self._sealed(opened, link, topic)

        def unit(uow: UnitOfWork) -> Accepted:
            return self._unit(uow, opened, link, sealed, session, secret, topic)

        try:
            try:
                accepted = await self.commits.run(unit)
            except ConflictError:
                # The same form was sent in another process: this is now its duplicate.
                accepted = await self.commits.run(unit)
        except StoreDownError as error:
            raise Refusal(RefusalCode.TEMPORARY) from error
        return _receipt(opened, accepted, topic)

    def _topic(self, opened: OpenDraft, link: SecureLink) -> TopicRule:
        partner = link.partner_id is not None
        kind = AudienceKind.PARTNER if partner else AudienceKind.of(link.audience)
        topic = self.rules.in_force().topic(opened.composition.topic)
        gap = first_gap(
            opened.composition,
            asks_purpose=topic is not None and bool(topic.purposes),
            partner=kind is AudienceKind.PARTNER,
        )
        if topic is None or gap is not None:
            raise Refusal(RefusalCode.DRAFT_INCOMPLETE, step=str(gap or "topic"))
        if kind not in topic.audience:
            raise Refusal(RefusalCode.WRONG_MAILBOX)
        return topic

    def _sealed(self, opened: OpenDraft, link: SecureLink, topic: TopicRule) -> Sealed:
        draft = opened.draft

        def digest(mailbox: Mailbox) -> bytes:
            once = sha256(draft.id.bytes).digest()
            return self.dedupe.digest(Channel.FORM, mailbox, str(draft.id), once)

        return Sealed(
            channel=Channel.FORM,
            content=draft.content_id,
            parts=self._parts(opened),
            copies=copies_for(
                (topic.mailbox,),
                digest,
                Evidence(tls=self.tls),
                key=opened.key,
                content=draft.content_id,
                sealer=self.sealer,
                ids=self.ids,
            ),
            link_id=link.id,
            grace=link.expires_at <= self.clock.now(),
        )

    def _parts(self, opened: OpenDraft) -> tuple[Part, ...]:
        draft = opened.draft
        typed = opened.composition.to_json()
        form = self.sealer.seal_part(opened.key, draft.content_id, draft.form_part, typed)
        return (
            Part(
                id=draft.form_part,
                content_id=draft.content_id,
                kind=PartKind.FORM,
                ordinal=0,
                size=len(typed),
                digest=SealedDigest(sha256(form).digest()),
                inline=form,
                blob=None,
                label=None,
            ),
            *(
                Part(
                    id=file.id,
                    content_id=draft.content_id,
                    kind=PartKind.FILE,
                    ordinal=file.ordinal,
                    size=file.size,
                    digest=file.digest,
                    inline=file.inline,
                    blob=file.blob,
                    label=file.label,
                )
                for file, _ in opened.files
            ),
        )

    def _unit(
        self,
        uow: UnitOfWork,
        opened: OpenDraft,
        link: SecureLink,
        sealed: Sealed,
        session: Session,
        secret: BrowserSecret,
        topic: TopicRule,
    ) -> Accepted:
        now = self.clock.now()
        draft = uow.drafts.get(opened.draft.id)
        if draft is None or draft.version != opened.draft.version:
            raise Refusal(RefusalCode.STALE)
        if draft.sent_message is None:
            _refuse_other_files(uow, opened)
            self._spend(uow, link, draft.served_at, now)
        (accepted,) = accept(
            uow, sealed, ids=self.ids, at=now, prefix=self.rules.in_force().case_prefix
        )
        if draft.sent_message is None:
            uow.drafts.sent(draft.id, str(accepted.message_id))
            self._keep_receipt(uow, session, secret, _receipt(opened, accepted, topic))
            uow.audit.add(
                audit_event(
                    self.ids,
                    now,
                    AuditKind.MESSAGE_SUBMITTED,
                    "sender",
                    link.id,
                    message=str(accepted.message_id),
                )
            )
        return accepted

    @staticmethod
    def _spend(uow: UnitOfWork, link: SecureLink, served_at: datetime, now: datetime) -> None:
        if not uow.links.use(link.id, now, grace_from=served_at):
            current = uow.links.get(link.id)
            used_up = current is not None and current.uses >= current.cap
            raise (
                Refusal(RefusalCode.LINK_CAP, count=link.cap)
                if used_up
                else Refusal(RefusalCode.LINK_DEAD)
            )

    def _keep_receipt(
        self, uow: UnitOfWork, session: Session, secret: BrowserSecret, receipt: SentReceipt
    ) -> None:
        """Beside those that other pages of this browser have earned meanwhile."""
        current = uow.sessions.by_secret(session.secret_hash, SessionKind.LINK)
        kept = current.sealed if current else None
        shown = json.loads(
            self.browser.open(kept, secret, Purpose.SESSION, session.id) if kept else b"{}"
        )
        shown.setdefault("receipts", []).append(receipt.to_value())
        sealed = self.browser.seal(json.dumps(shown).encode(), secret, Purpose.SESSION, session.id)
        uow.sessions.seal(session.id, sealed)


def _refuse_other_files(uow: UnitOfWork, opened: OpenDraft) -> None:
    """What is sent is what was read: a file that came or went meanwhile is looked at first."""
    present = {file.id for file in uow.drafts.files(opened.draft.id)}
    if present != {file.id for file, _ in opened.files}:
        raise Refusal(RefusalCode.STALE)


def _receipt(opened: OpenDraft, accepted: Accepted, topic: TopicRule) -> SentReceipt:
    typed = opened.composition
    return SentReceipt(
        reference=str(accepted.reference),
        received_at=accepted.received_at,
        mailbox=accepted.mailbox,
        draft=str(opened.draft.id),
        topic=topic.name,
        purpose=typed.purpose,
        subject=typed.subject,
        files=tuple((label.name, file.size) for file, label in opened.files),
        text_length=len(typed.text),
        notify=bool(typed.notify),
    )
