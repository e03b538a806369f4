"""Where a mail about a message may go: to a sender who was proved, or confirmed by a link."""

from __future__ import annotations

from secure_mail.application.ports.store import UnitOfWork
from secure_mail.application.ports.vault import Opener
from secure_mail.application.processing.sender import of_mail
from secure_mail.application.sealed_evidence import open_kept
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.messages import Assurance, Message
from secure_mail.domain.requests import LinkRequest
from secure_mail.domain.sealing import WORKER, Purpose

FALLBACK_LANGUAGE = "en"
"""Of a partner whose message has no case, and so no language."""


def addressee(uow: UnitOfWork, opener: Opener, message: Message) -> tuple[EmailAddress, str] | None:
    """Address and language of the sender; None: nothing may be mailed (intake.md, "Processing")."""
    case = uow.cases.get(message.case_id) if message.case_id else None
    language = case.language if case else None
    if message.link_id is not None:
        link = uow.links.get(message.link_id)
        registration = uow.registrations.get(link.registration_id) if link else None
        if link is None or registration is None:
            return None
        opened = opener.open_value(
            registration.sealed, WORKER, Purpose.REGISTRATION, registration.id
        )
        return LinkRequest.from_json(opened).address, language or link.language
    if message.assurance is not Assurance.SMTP_PARTNER:
        return None
    evidence = Evidence.from_json(open_kept(opener, message))
    sender = of_mail(evidence, (), message.received_at.date())
    return (sender.address, language or FALLBACK_LANGUAGE) if sender.address else None
