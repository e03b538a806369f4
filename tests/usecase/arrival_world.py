"""A door's judgement among fakes: a partner, and what authentication would find of its mails."""

from __future__ import annotations

from dataclasses import replace

import pytest

from secure_mail.application.intake.arrival_facts import RelayTrust
from secure_mail.application.intake.judge_arrival import JudgeArrival
from secure_mail.application.intake.peer import Peer
from secure_mail.application.intake.ready_for_mail import Readiness
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.authentication import CheckResult, Method, Result
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.ids import Mailbox
from secure_mail.domain.partners import Certificate, Check, PartnerOrganisation
from secure_mail.domain.refusals import Refusal
from tests.arrivals import CLERK, DOMAIN, PARTNER, tapped
from tests.fakes.chance import START, FixedClock
from tests.fakes.rules import reference_rules
from tests.fakes.sender_auth import FakeSenderAuthentication
from tests.fakes.vault import FakeOwnMail

RULES = reference_rules()
PINNED = Certificate(fingerprint="ab" * 32, pem="", not_after=START)
PEER = Peer(address="192.0.2.7", helo="mail.institution.example", tls_version="TLSv1.3")
RELAY = Peer(address="10.0.0.2", helo="mx.kela.fi", tls_version=None, relayed=True)
BOX = Mailbox("maintenance")
DKIM = CheckResult(method=Method.DKIM, result=Result.PASS, domain=DOMAIN)
SIGNED = f"DKIM-Signature: v=1; a=rsa-sha256; d={DOMAIN}; s=s1; bh=; b=; ".encode() + (
    b"h=from:to:subject:date\r\n"
)
HOP = (
    "Received: from mail.institution.example (x [192.0.2.7])\r\n"
    "\tby mx.kela.fi (Postfix) with {protocol} id 1; Tue\r\n"
)
NETWORK = replace(PARTNER, require=(Check.NETWORK,), networks=("192.0.2.0/28",), exclusive=True)


class World:
    """One door's judgement, with a partner and what authentication would find."""

    def __init__(
        self,
        partner: PartnerOrganisation = PARTNER,
        *,
        known: CheckResult | None = DKIM,
        spf: Result = Result.FAIL,
        trust: RelayTrust | None = None,
    ) -> None:
        self.partner = partner
        self.authentication = FakeSenderAuthentication(
            known={DOMAIN: known} if known else {}, clients={"192.0.2.7": spf}
        )
        self.clock = FixedClock()
        self.judge = JudgeArrival(
            rules=RULES,
            own_mail=FakeOwnMail(),
            authentication=self.authentication,
            clock=self.clock,
            relays=trust or RelayTrust(),
        )

    def asked_of(self, raw: bytes, peer: Peer = PEER, sender: EmailAddress = CLERK) -> bool:
        return self.judge.arrived(tapped(raw), **self._arrival(peer, sender)).asks_dns

    def __call__(
        self, raw: bytes, peer: Peer = PEER, sender: EmailAddress = CLERK, box: Mailbox = BOX
    ) -> Evidence:
        given = {**self._arrival(peer, sender), "mailboxes": (box,)}
        arrival = self.judge.arrived(tapped(raw), **given)
        before = len(self.authentication.asked)
        try:
            return self.judge(arrival)
        finally:
            assert (len(self.authentication.asked) > before) is arrival.asks_dns

    def refused(self, raw: bytes, peer: Peer = PEER, **options: object) -> Refusal:
        with pytest.raises(Refusal) as refused:
            self(raw, peer, **options)
        return refused.value

    def _arrival(self, peer: Peer, sender: EmailAddress) -> dict[str, object]:
        return {
            "peer": peer,
            "sender": sender,
            "mailboxes": (BOX,),
            "readiness": Readiness((self.partner,)),
        }


def hop(protocol: str = "ESMTPS") -> bytes:
    return HOP.format(protocol=protocol).encode()
