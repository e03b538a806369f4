"""Third station: what the rules may look at."""

from __future__ import annotations

from secure_mail.application.ports.clock import BusinessCalendar
from secure_mail.application.processing.arrival import Arrival
from secure_mail.application.processing.letter import Letter
from secure_mail.application.processing.sender import Sender
from secure_mail.domain.authentication import Method
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.identity_codes import find
from secure_mail.domain.routing.facts import BODY_LIMIT, AuthResult, Facts, ScanVerdict


def facts_of(
    arrival: Arrival,
    letter: Letter,
    sender: Sender,
    scanned: ScanVerdict,
    calendar: BusinessCalendar,
) -> Facts:
    """The closed, typed set of facts of one message."""
    message = arrival.message
    declaration = sender.declaration
    return Facts(
        channel=message.channel,
        mailbox=message.mailbox,
        topic=letter.topic,
        purpose=letter.purpose,
        language=letter.language,
        sender_kind=sender.kind,
        sender_assurance=sender.assurance,
        sender_country=sender.country,
        sender_domain=sender.address.domain if sender.address else None,
        partner_id=str(sender.partner.id) if sender.partner else None,
        declaration_audience=declaration.audience if declaration else None,
        declaration_country=declaration.country if declaration else None,
        declaration_eidas_failed=declaration.eidas_failed if declaration else None,
        declaration_acts_for=letter.acts_for if declaration else None,
        transport_tls=arrival.evidence.tls,
        auth_spf=_best(arrival.evidence, Method.SPF),
        auth_dkim=_best(arrival.evidence, Method.DKIM),
        auth_dmarc=_best(arrival.evidence, Method.DMARC),
        replayed=arrival.evidence.replayed,
        auto_kind=letter.auto_kind,
        parse_defects=frozenset(letter.view.defects),
        content_readable=letter.readable,
        scan_verdict=scanned,
        attachments_count=len(letter.file_sizes),
        attachments_bytes=sum(letter.file_sizes),
        attachments_types=letter.file_types,
        subject=letter.view.subject,
        body=letter.view.text[:BODY_LIMIT],
        size=len(arrival.raw) or len(letter.view.text),
        identity_code_in_subject=bool(find(letter.view.subject)),
        received_business_hours=calendar.in_business_hours(message.received_at),
        headers=letter.headers,
    )


def _best(evidence: Evidence, method: Method) -> AuthResult | None:
    """What the checks of one method came to: a pass if there is one; None when none was made."""
    found = [AuthResult(one.result.value) for one in evidence.results if one.method is method]
    return AuthResult.PASS if AuthResult.PASS in found else next(iter(found), None)
