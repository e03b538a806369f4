"""Who may write: one decision table for the page, the RCPT check and the worker (rules.md)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from secure_mail.domain.ids import Mailbox
from secure_mail.domain.links import Audience, Declaration
from secure_mail.domain.messages import Channel, HoldReason
from secure_mail.domain.refusals import RefusalCode

FINLAND = frozenset({"FI", "AX"})
"""ISO 3166-1; Åland counts as Finland (rules.md, row 3)."""

SENDER_REFUSALS = frozenset(
    {
        RefusalCode.USE_E_SERVICE,
        RefusalCode.USE_EIDAS,
        RefusalCode.NOT_ABROAD,
        RefusalCode.USE_SECURE_LINK,
        RefusalCode.NOT_A_PARTNER,
        RefusalCode.PARTNER_NOT_PROVED,
        RefusalCode.WRONG_MAILBOX,
        RefusalCode.NO_SUCH_MAILBOX,
    }
)
"""Codes that a sender can be told by page, mail and SMTP reply: each names the channel to use."""


class Party(StrEnum):
    """Who the sender is, or says to be. Whoever is no partner is judged as a customer."""

    CUSTOMER = "customer"
    PARTNER = "partner"


class VerdictKind(StrEnum):
    ELIGIBLE = "eligible"
    REFUSED = "refused"
    HELD = "held"


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """What the table asks of a sender."""

    party: Party
    channel: Channel
    finnish_e_id: bool = False
    eidas_usable: bool = False
    abroad: bool = False
    registered: bool = False
    """The address is one of a partner in force."""
    proved: bool = False
    """Every check that this partner requires holds; asked of SMTP, IMAP and import only."""
    another_proof: bool = False
    """Some other proof of that partner holds: naming the missing check tells a stranger nothing."""
    behind_relay: bool = False
    """A relay has taken the message (or we have): it is too late to refuse it at the door."""

    @property
    def at_door(self) -> bool:
        """Whether the SMTP client still hears our answer."""
        return self.channel is Channel.SMTP and not self.behind_relay


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """May this sender use this channel, and for which mailboxes."""

    kind: VerdictKind
    code: RefusalCode | HoldReason | None = None
    row: int = 0
    """Row of the table in rules.md; 0 when no row fits (a loaded file has none such)."""
    mailboxes: tuple[Mailbox, ...] = ()
    """What an eligible sender may write to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityRow:
    """One row; None is the table's "–": it does not matter."""

    party: Party | None
    channels: frozenset[Channel]
    finnish_e_id: bool | None = None
    eidas_usable: bool | None = None
    abroad: bool | None = None
    registered: bool | None = None
    proved: bool | None = None
    another_proof: bool | None = None
    at_door: bool | None = None
    verdict: Verdict

    def fits(self, applicant: Applicant) -> bool:
        # Written out, and ending at the first that differs: it is asked twice of every message.
        return (
            self.party in {None, applicant.party}
            and applicant.channel in self.channels
            and self.registered in {None, applicant.registered}
            and self.proved in {None, applicant.proved}
            and self.at_door in {None, applicant.at_door}
            and self.another_proof in {None, applicant.another_proof}
            and self.finnish_e_id in {None, applicant.finnish_e_id}
            and self.eidas_usable in {None, applicant.eidas_usable}
            and self.abroad in {None, applicant.abroad}
        )


def judge(table: tuple[EligibilityRow, ...], applicant: Applicant) -> Verdict:
    """The verdict of the first row that fits."""
    for row in table:
        if row.fits(applicant):
            return row.verdict
    return Verdict(kind=VerdictKind.HELD, code=HoldReason.NOT_ELIGIBLE)


def lives_abroad(country: str | None) -> bool:
    """Whether an ISO 3166-1 code names a country outside Finland; an unknown country does not."""
    return country is not None and country.upper() not in FINLAND


def declared(declaration: Declaration, *, registered: bool | None = None) -> Applicant:
    """The applicant behind the answers of the eligibility pages, who writes over the secure link.

    `registered` is None while the address is not known (the pages): who says to be a partner is
    then judged as one. A registered address is a partner's whatever was chosen (links.md).
    """
    says_partner = declaration.audience is Audience.PARTNER
    if registered or says_partner:
        return Applicant(
            party=Party.PARTNER, channel=Channel.FORM, registered=registered is not False
        )
    has_e_id = declaration.audience is Audience.E_SERVICE
    eidas = declaration.audience is Audience.EIDAS and not declaration.eidas_failed
    abroad = declaration.audience in (Audience.ABROAD, Audience.EIDAS)
    return Applicant(
        party=Party.CUSTOMER,
        channel=Channel.FORM,
        finnish_e_id=has_e_id,
        eidas_usable=eidas,
        abroad=abroad and lives_abroad(declaration.country),
    )
