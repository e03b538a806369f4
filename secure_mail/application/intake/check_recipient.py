"""Decides at RCPT whether there is such a mailbox and this envelope sender may write to it."""

from __future__ import annotations

from dataclasses import dataclass

from secure_mail.application.ports.rules import Rules
from secure_mail.application.ports.vault import BounceTags
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.bounces import MailName, tag_in
from secure_mail.domain.eligibility import Applicant, Party, VerdictKind, judge
from secure_mail.domain.ids import Mailbox
from secure_mail.domain.messages import Channel
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.routing.rulebook import AudienceKind, RuleBook

FOR_BOUNCES = Mailbox("postmaster")
"""Open to anyone, as RFC 5321 (4.5.1) wants it: bounces are filed where its mail is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRecipient:
    """Refuses what the envelope can decide; what a partner must prove comes after the dot."""

    rules: Rules
    bounce_tags: BounceTags

    def __call__(
        self, recipient: EmailAddress, *, sender: EmailAddress | None, known: bool, relayed: bool
    ) -> Mailbox:
        """The mailbox. `known`: the sender is a partner's address; `relayed`: by a trusted relay.

        Raises Refusal: RELAYING_DENIED, NO_REPLY_ADDRESS, NO_SUCH_MAILBOX, or the code of the
        eligibility table. The null sender writes to postmaster and abuse only (RFC 5321, 4.5.1),
        and to the address that a mail of ours bounces to; for anybody else there is no such one.
        """
        book = self.rules.in_force()
        if recipient.domain != book.domain:
            raise Refusal(RefusalCode.RELAYING_DENIED)
        if recipient.folded == book.mail_from.folded:
            raise Refusal(RefusalCode.NO_REPLY_ADDRESS)
        if tag_in(recipient) is not None:
            return self._for_bounces(book, recipient, sender)
        box = book.mailbox(recipient.local)
        if box is None:
            raise Refusal(RefusalCode.NO_SUCH_MAILBOX)
        if AudienceKind.ANYONE in box.audience:
            return box.name
        if sender is None:
            raise Refusal(RefusalCode.USE_SECURE_LINK)
        verdict = judge(
            book.eligibility,
            Applicant(
                party=Party.PARTNER if known else Party.CUSTOMER,
                channel=Channel.SMTP,
                registered=known,
                proved=known,
                behind_relay=relayed,
            ),
        )
        if verdict.kind is VerdictKind.REFUSED and isinstance(verdict.code, RefusalCode):
            raise Refusal(verdict.code)
        if verdict.kind is VerdictKind.ELIGIBLE and box.name not in verdict.mailboxes:
            raise Refusal(RefusalCode.WRONG_MAILBOX)
        return box.name

    def bounced(self, recipient: EmailAddress, *, sender: EmailAddress | None) -> MailName | None:
        """The mail of ours that comes back when this is sent to the recipient; else None."""
        tag = tag_in(recipient)
        return self.bounce_tags.mail_of(tag) if tag is not None and sender is None else None

    def _for_bounces(
        self, book: RuleBook, recipient: EmailAddress, sender: EmailAddress | None
    ) -> Mailbox:
        box = book.mailbox(FOR_BOUNCES)
        taken = box is not None and AudienceKind.ANYONE in box.audience
        if not taken or self.bounced(recipient, sender=sender) is None:
            raise Refusal(RefusalCode.NO_SUCH_MAILBOX)
        return FOR_BOUNCES
