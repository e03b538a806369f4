"""Who proves to have written a fetched message: the receiving host's word, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from secure_mail.application.intake.header_tap import HeaderTap
from secure_mail.application.intake.judge_fetched import FetchedFrom, JudgeFetched
from secure_mail.application.intake.ready_for_mail import Readiness
from secure_mail.application.processing.sender import of_mail
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.ids import Mailbox, PartnerId
from secure_mail.domain.messages import Assurance
from secure_mail.domain.partners import Check, PartnerOrganisation
from tests.fakes.chance import START, FixedClock, SeededIds
from tests.fakes.rules import reference_rules

PARTNER = PartnerOrganisation(
    id=PartnerId(SeededIds(seed=5).new()),
    name="Institution",
    domains=("institution.example",),
    require=(Check.DMARC,),
    created_at=START,
)
SOURCE = FetchedFrom(
    mailbox=Mailbox("perintakeskus"),
    user="perinta@kela.example",
    authserv_id="mx.kela.fi",
    received_by="mx.kela.fi",
)
JUDGE = JudgeFetched(rules=reference_rules(), clock=FixedClock())
"""It is 2 March 2026, 9.00 UTC."""

RESULTS = (
    "Authentication-Results: mx.kela.fi; dkim=pass header.d=institution.example header.s=s1;"
    " dmarc=pass header.from=institution.example"
)
RECEIVED = (
    "Received: from out.institution.example (out.institution.example [192.0.2.7])"
    " by mx.kela.fi (Postfix) with ESMTPS id 4XyZ for <perintakeskus@kela.fi>;"
    " Mon, 2 Mar 2026 08:59:00 +0000"
)
STRANGERS = (
    "Received: from evil.example (evil.example [198.51.100.9]) by mx.kela.fi with ESMTPS"
    " id 1; Mon, 2 Mar 2026 08:00:00 +0000"
)
SIGNATURE = (
    "DKIM-Signature: v=1; a=rsa-sha256; d=institution.example; s=s1;"
    " h=from:to:subject:date; bh=AAAA; b=AAAA"
)
LETTER = (
    "Date: Mon, 2 Mar 2026 08:58:00 +0000",
    "From: Clerk <clerk@institution.example>",
    "To: perintakeskus@kela.fi",
    "Subject: Case 7",
)
PROVED = (RESULTS, RECEIVED, SIGNATURE, *LETTER)


def judged(
    *lines: str, source: FetchedFrom = SOURCE, partner: PartnerOrganisation = PARTNER
) -> Evidence:
    tap = HeaderTap()
    tap.feed("\r\n".join((*lines, "", "")).encode())
    return JUDGE(tap.result(), source=source, readiness=Readiness((partner,)))


def proved(evidence: Evidence, partner: PartnerOrganisation = PARTNER) -> bool:
    """As the worker reads it."""
    sender = of_mail(evidence, [partner], START.date())
    return sender.assurance is Assurance.SMTP_PARTNER and not evidence.replayed


def test_the_results_above_the_hosts_received_prove_a_partner():
    evidence = judged(*PROVED)
    assert proved(evidence)
    assert evidence.checks == (Check.DMARC, Check.TLS)
    assert (evidence.tls, evidence.relayed, evidence.partner) == (True, True, str(PARTNER.id))
    assert {result.source for result in evidence.results} == {"mx.kela.fi"}


def test_the_letter_may_name_the_account_it_lies_in():
    lines = (*PROVED[:-2], "To: Perinta@kela.example", "Subject: Case 7")
    assert proved(judged(*lines))


@pytest.mark.parametrize(
    "source",
    [
        replace(SOURCE, authserv_id=""),
        replace(SOURCE, received_by=""),
        replace(SOURCE, authserv_id="kela.fi"),
        replace(SOURCE, received_by="imap.kela.fi"),
    ],
)
def test_without_both_names_nobody_is_proved(source):
    evidence = judged(*PROVED, source=source)
    assert not proved(evidence)
    assert Check.DMARC not in evidence.checks
    assert evidence.partner == str(PARTNER.id)


QUOTED = (
    'Authentication-Results: mx.kela.fi; spf=fail smtp.mailfrom="x; dkim=pass'
    ' header.d=institution.example"@evil.example'
)
COMMENTED = "Authentication-Results: mx.kela.fi; spf=fail (dkim=pass header.d=institution.example)"
FORGED = [
    pytest.param((RESULTS, SIGNATURE, *LETTER), id="topmost, and no host received it"),
    pytest.param((RECEIVED, RESULTS, SIGNATURE, *LETTER), id="below the host's Received"),
    pytest.param(
        (RECEIVED, RESULTS, STRANGERS, SIGNATURE, *LETTER), id="with a Received of the host forged"
    ),
    pytest.param(
        ("Authentication-Results: mx.kela.fi; none", RECEIVED, RESULTS, SIGNATURE, *LETTER),
        id="the host says none",
    ),
    pytest.param(
        (RESULTS.replace("pass", "fail"), RECEIVED, RESULTS, SIGNATURE, *LETTER),
        id="the host says fail",
    ),
    pytest.param(
        (RESULTS.replace("mx.kela.fi;", "evil.example;"), RECEIVED, SIGNATURE, *LETTER),
        id="of another host",
    ),
    pytest.param((QUOTED, *PROVED[1:]), id="in a quoted local part"),
    pytest.param((COMMENTED, *PROVED[1:]), id="in a comment"),
    pytest.param(("ARC-" + RESULTS, *PROVED[1:]), id="of ARC"),
    pytest.param((f"X-Note: a\n{RESULTS}", RECEIVED, SIGNATURE, *LETTER), id="behind a bare LF"),
    pytest.param(
        (RESULTS.replace("d=institution", "d=evil"), *PROVED[1:]), id="another domain signed"
    ),
    pytest.param((*PROVED, "From: Mallory <m@evil.example>"), id="two From"),
    pytest.param((*PROVED, *[STRANGERS] * 30), id="it went round"),
    pytest.param((RESULTS, RECEIVED, *LETTER), id="no signature is there"),
]


@pytest.mark.parametrize("lines", FORGED)
def test_a_forged_word_proves_nothing(lines):
    assert not proved(judged(*lines))


def test_a_signature_for_another_recipient_is_a_replay():
    lines = (*PROVED[:-2], "To: somebody@else.example", "Subject: Case 7")
    evidence = judged(*lines)
    assert evidence.replayed
    assert not proved(evidence)


@pytest.mark.parametrize(
    "received",
    [
        RECEIVED.replace("ESMTPS", "ESMTP"),
        RECEIVED.replace("with ESMTPS id 4XyZ", "with Server id 4XyZ"),
        RECEIVED.replace("out.institution.example (", "x with ESMTPS ("),
        RECEIVED.replace("by mx.kela.fi (Postfix) with ESMTPS", "by mx.kela.fi"),
    ],
)
def test_tls_holds_only_if_the_hosts_own_received_says_so(received):
    evidence = judged(RESULTS, received, SIGNATURE, *LETTER)
    assert not evidence.tls
    assert not proved(evidence)


def test_spf_alone_proves_only_whom_it_was_allowed():
    spf = (
        "Authentication-Results: mx.kela.fi; spf=pass smtp.mailfrom=clerk@institution.example",
        RECEIVED,
        *LETTER,
    )
    allowed = replace(PARTNER, allow_spf=True)
    assert not proved(judged(*spf))
    assert proved(judged(*spf, partner=allowed), allowed)


def test_what_only_a_connection_proves_is_not_proved_here():
    for check in (Check.NETWORK, Check.CLIENT_CERTIFICATE):
        partner = replace(PARTNER, require=(Check.DMARC, check))
        assert not proved(judged(*PROVED, partner=partner), partner)


def test_who_is_nobodys_partner_stays_a_stranger():
    evidence = judged(RESULTS, RECEIVED, SIGNATURE, "From: somebody@else.example")
    assert (evidence.partner, evidence.checks) == (None, (Check.TLS,))
