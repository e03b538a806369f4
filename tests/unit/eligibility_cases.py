"""One table of cases for the page, the RCPT check and the worker: who, how, and what becomes of it.

A door's test takes the cases of its channel, asks its own way, and must come to the same verdict.
"""

from __future__ import annotations

from dataclasses import dataclass

from secure_mail.domain.eligibility import Applicant, Party, VerdictKind
from secure_mail.domain.links import Audience, Declaration
from secure_mail.domain.messages import Channel, HoldReason
from secure_mail.domain.refusals import RefusalCode

CUSTOMERS = ("ulkomaanperinta", "maintenance")
ALL_FOUR = (*CUSTOMERS, "perintakeskus", "velkajarjestelyt")

ELIGIBLE, REFUSED, HELD = VerdictKind.ELIGIBLE, VerdictKind.REFUSED, VerdictKind.HELD


@dataclass(frozen=True, kw_only=True)
class Case:
    name: str
    row: int
    applicant: Applicant
    kind: VerdictKind
    code: RefusalCode | HoldReason | None = None
    mailboxes: tuple[str, ...] = ()
    declaration: Declaration | None = None
    """The answers on the pages that lead to this applicant."""
    registered: bool | None = None
    """What the worker then knows of the address."""


def customer(*, e_id: bool = False, eidas: bool = False, abroad: bool = False) -> Applicant:
    return Applicant(
        party=Party.CUSTOMER,
        channel=Channel.FORM,
        finnish_e_id=e_id,
        eidas_usable=eidas,
        abroad=abroad,
    )


def partner(
    channel: Channel,
    *,
    registered: bool = True,
    proved: bool = False,
    another: bool = False,
    relayed: bool = False,
) -> Applicant:
    return Applicant(
        party=Party.PARTNER,
        channel=channel,
        registered=registered,
        proved=proved,
        another_proof=another,
        behind_relay=relayed,
    )


def stranger(channel: Channel, *, relayed: bool = False) -> Applicant:
    return Applicant(party=Party.CUSTOMER, channel=channel, behind_relay=relayed)


def says(audience: Audience, country: str | None = None, *, failed: bool = False) -> Declaration:
    return Declaration(audience=audience, country=country, eidas_failed=failed)


FORM, SMTP, IMAP, IMPORT = Channel.FORM, Channel.SMTP, Channel.IMAP, Channel.IMPORT
NOT_ABROAD = RefusalCode.NOT_ABROAD
LINK = RefusalCode.USE_SECURE_LINK

CASES = (
    Case(name="has a Finnish e-ID", row=1, applicant=customer(e_id=True),
         declaration=says(Audience.E_SERVICE), registered=False,
         kind=REFUSED, code=RefusalCode.USE_E_SERVICE),
    Case(name="has a Finnish e-ID and lives abroad", row=1,
         applicant=customer(e_id=True, abroad=True),
         kind=REFUSED, code=RefusalCode.USE_E_SERVICE),
    Case(name="has both e-IDs", row=1, applicant=customer(e_id=True, eidas=True),
         kind=REFUSED, code=RefusalCode.USE_E_SERVICE),
    Case(name="can use eIDAS", row=2, applicant=customer(eidas=True),
         declaration=says(Audience.EIDAS), registered=False,
         kind=REFUSED, code=RefusalCode.USE_EIDAS),
    Case(name="can use eIDAS and lives abroad", row=2, applicant=customer(eidas=True, abroad=True),
         declaration=says(Audience.EIDAS, "SE"), registered=False,
         kind=REFUSED, code=RefusalCode.USE_EIDAS),
    Case(name="eIDAS failed, lives in Finland", row=3, applicant=customer(),
         declaration=says(Audience.EIDAS, "FI", failed=True), registered=False,
         kind=REFUSED, code=NOT_ABROAD),
    Case(name="eIDAS failed, lives abroad", row=4, applicant=customer(abroad=True),
         declaration=says(Audience.EIDAS, "EE", failed=True), registered=False,
         kind=ELIGIBLE, mailboxes=CUSTOMERS),
    Case(name="lives in Finland", row=3, applicant=customer(),
         declaration=says(Audience.ABROAD, "FI"), registered=False, kind=REFUSED, code=NOT_ABROAD),
    Case(name="lives in Åland", row=3, applicant=customer(),
         declaration=says(Audience.ABROAD, "AX"), registered=False, kind=REFUSED, code=NOT_ABROAD),
    Case(name="names no country", row=3, applicant=customer(),
         declaration=says(Audience.ABROAD), registered=False, kind=REFUSED, code=NOT_ABROAD),
    Case(name="none of these, whatever the country", row=3, applicant=customer(),
         declaration=says(Audience.NONE, "US"), registered=False, kind=REFUSED, code=NOT_ABROAD),
    Case(name="lives in Norway", row=4, applicant=customer(abroad=True),
         declaration=says(Audience.ABROAD, "NO"), registered=False,
         kind=ELIGIBLE, mailboxes=CUSTOMERS),
    Case(name="lives in Sweden, written small", row=4, applicant=customer(abroad=True),
         declaration=says(Audience.ABROAD, "se"), registered=False,
         kind=ELIGIBLE, mailboxes=CUSTOMERS),
    Case(name="partner by link", row=5, applicant=partner(FORM),
         declaration=says(Audience.PARTNER), registered=True, kind=ELIGIBLE, mailboxes=ALL_FOUR),
    Case(name="says partner, address not known yet", row=5, applicant=partner(FORM),
         declaration=says(Audience.PARTNER), kind=ELIGIBLE, mailboxes=ALL_FOUR),
    Case(name="partner that chose a customer's line", row=5, applicant=partner(FORM),
         declaration=says(Audience.E_SERVICE), registered=True, kind=ELIGIBLE, mailboxes=ALL_FOUR),
    Case(name="proved partner by SMTP", row=5, applicant=partner(SMTP, proved=True),
         kind=ELIGIBLE, mailboxes=ALL_FOUR),
    Case(name="proved partner by SMTP, behind a relay", row=5,
         applicant=partner(SMTP, proved=True, relayed=True), kind=ELIGIBLE, mailboxes=ALL_FOUR),
    Case(name="proved partner by IMAP", row=5, applicant=partner(IMAP, proved=True),
         kind=ELIGIBLE, mailboxes=ALL_FOUR),
    Case(name="proved partner, imported", row=5, applicant=partner(IMPORT, proved=True),
         kind=ELIGIBLE, mailboxes=ALL_FOUR),
    Case(name="partner, a check missing, another holds", row=6,
         applicant=partner(SMTP, another=True),
         kind=REFUSED, code=RefusalCode.PARTNER_NOT_PROVED),
    Case(name="partner, nothing holds", row=6, applicant=partner(SMTP), kind=REFUSED, code=LINK),
    Case(name="partner, a check missing, behind a relay", row=6,
         applicant=partner(SMTP, another=True, relayed=True),
         kind=HELD, code=HoldReason.NOT_PROVED),
    Case(name="partner, a check missing, by IMAP", row=6, applicant=partner(IMAP),
         kind=HELD, code=HoldReason.NOT_PROVED),
    Case(name="partner, a check missing, imported", row=6, applicant=partner(IMPORT),
         kind=HELD, code=HoldReason.NOT_PROVED),
    Case(name="unregistered partner by link", row=7, applicant=partner(FORM, registered=False),
         declaration=says(Audience.PARTNER), registered=False,
         kind=HELD, code=HoldReason.NOT_PROVED),
    Case(name="stranger by SMTP", row=8, applicant=stranger(SMTP), kind=REFUSED, code=LINK),
    Case(name="stranger behind a relay", row=8, applicant=stranger(SMTP, relayed=True),
         kind=HELD, code=HoldReason.NOT_ELIGIBLE),
    Case(name="stranger by IMAP", row=8, applicant=stranger(IMAP),
         kind=HELD, code=HoldReason.NOT_ELIGIBLE),
    Case(name="stranger, imported", row=8, applicant=stranger(IMPORT),
         kind=HELD, code=HoldReason.NOT_ELIGIBLE),
    Case(name="unregistered partner by SMTP", row=8, applicant=partner(SMTP, registered=False),
         kind=REFUSED, code=LINK),
)  # fmt: skip
