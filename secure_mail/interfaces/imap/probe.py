"""Looks at an account as the door does, and whether a forged word would be believed there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from uuid import UUID, uuid4

from secure_mail.application.intake.header_tap import HeaderTap
from secure_mail.application.intake.judge_fetched import FetchedFrom, JudgeFetched
from secure_mail.application.intake.ready_for_mail import Readiness
from secure_mail.domain.addresses import EmailAddress, InvalidAddressError
from secure_mail.domain.authentication import Result
from secure_mail.domain.evidence import Evidence
from secure_mail.domain.ids import Mailbox, PartnerId
from secure_mail.domain.partners import Check, PartnerOrganisation
from secure_mail.interfaces.imap.accounts import ImapAccount
from secure_mail.interfaces.imap.session import Session, opened

LOOKED_AT = 20
"""Of the messages that were put away last."""
FORGER = "probe.invalid"
"""No host has this name (RFC 2606)."""
_FORGED = """\
Authentication-Results: {authserv_id}; dmarc=pass header.from={forger}; \
dkim=pass header.d={forger} header.s=probe; spf=pass smtp.mailfrom={forger}
Received: from {forger} by {forger} with ESMTPS id probe; {date}
DKIM-Signature: v=1; a=rsa-sha256; d={forger}; s=probe; h=from:to:subject:date; bh=AAAA; b=AAAA
Date: {date}
From: probe@{forger}
To: {to}
Subject: Probe of the mailbox; may be deleted
Message-ID: {name}

A forged message. Nobody wrote it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """What was found; that it was found at all shows that the account can be signed in to."""

    can_idle: bool
    can_move: bool
    can_expunge: bool
    """One message alone (UIDPLUS)."""
    waiting: int
    """Messages in the folder."""
    proves: bool
    """The account names a host whose results are believed."""
    forged_believed: bool
    """The forged message would have proved its sender: an alarm."""
    looked_at: int
    with_results: int
    """Of these, so many have results of the host, above its Received, whatever they say."""
    over_tls: int
    """And of so many the host says that they came over TLS."""


def probe(
    account: ImapAccount,
    judge: JudgeFetched,
    environment: Mapping[str, str],
    *,
    domain: str,
    at: datetime,
) -> Probed:
    """Signs in, puts a forged message beside what was put away, judges it and takes it out again.

    Not into the folder itself, where the running door would take it for mail. `domain`: of the
    deployment's mailboxes. Raises LostError, RefusedError, SignInError, NoCredentialError.
    """
    with opened(account, environment) as session:
        waiting = session.select(account.folder).exists
        session.ensure(account.processed)
        selected = session.select(account.processed)
        latest = sorted(session.uids(selected))[-LOOKED_AT:]
        found = [_judged(session, uid, account, judge) for uid in latest]
        return Probed(
            can_idle=session.can("IDLE"),
            can_move=session.can("MOVE"),
            can_expunge=session.can("UIDPLUS"),
            waiting=waiting,
            proves=bool(account.authserv_id and account.received_by),
            forged_believed=_believes_forged(session, account, judge, domain, at),
            looked_at=len(found),
            with_results=sum(bool(evidence.results) for evidence in found),
            over_tls=sum(evidence.tls for evidence in found),
        )


def _believes_forged(
    session: Session, account: ImapAccount, judge: JudgeFetched, domain: str, at: datetime
) -> bool:
    name = f"<{uuid4()}@{FORGER}>"
    forged = _FORGED.format(
        authserv_id=account.authserv_id or FORGER,
        forger=FORGER,
        date=format_datetime(at),
        to=f"{account.mailbox}@{domain}",
        name=name,
    )
    session.append(account.processed, forged.replace("\n", "\r\n").encode())
    session.select(account.processed)
    believed = False
    for uid in session.find(name):
        evidence = _judged(session, uid, account, judge)
        passed = any(result.result is Result.PASS for result in evidence.results)
        believed |= passed or bool(evidence.checks)
        session.remove(uid)
    return believed


def _judged(session: Session, uid: int, account: ImapAccount, judge: JudgeFetched) -> Evidence:
    """As if whoever the message names as its author were a partner."""
    tap = HeaderTap()
    tap.feed(session.header(uid))
    headers = tap.result()
    source = FetchedFrom(
        mailbox=Mailbox(account.mailbox),
        user=account.user,
        authserv_id=account.authserv_id,
        received_by=account.received_by,
    )
    return judge(headers, source=source, readiness=_owner_of(headers.single_from, judge))


def _owner_of(author: str | None, judge: JudgeFetched) -> Readiness:
    try:
        domain = EmailAddress.parse(author or "").domain
    except InvalidAddressError:
        return Readiness(())
    owner = PartnerOrganisation(
        id=PartnerId(UUID(int=0)),
        name="probe",
        domains=(domain,),
        require=(Check.DMARC,),
        created_at=judge.clock.now(),
    )
    return Readiness((owner,))
