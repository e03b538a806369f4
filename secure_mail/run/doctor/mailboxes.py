"""The mailboxes that are emptied by IMAP: a forged mail in each must prove nobody."""

from __future__ import annotations

import os
from collections.abc import Iterator

from secure_mail.application.intake.judge_fetched import JudgeFetched
from secure_mail.bootstrap.imap import imap_accounts
from secure_mail.domain.examination import Finding, Found
from secure_mail.infrastructure.rules.standing import RulesInForce
from secure_mail.interfaces.imap.accounts import ImapAccount
from secure_mail.interfaces.imap.credentials import NoCredentialError
from secure_mail.interfaces.imap.probe import Probed, probe
from secure_mail.interfaces.imap.session import LostError, RefusedError, SignInError
from secure_mail.run.doctor.patient import Patient
from secure_mail.settings import PREFIX

found = Found("imap")


def examine(patient: Patient) -> Iterator[Finding]:
    """Raises SafetyError when an account is written wrongly."""
    accounts = imap_accounts(patient.settings, patient.book)
    if not accounts:
        yield found.ok("mailboxes", "none is emptied by IMAP")
    judge = JudgeFetched(rules=RulesInForce(patient.book), clock=patient.parts.clock)
    # A token command gets none of our settings: keys stand among them.
    environment = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
    for account in accounts:
        name = f"account {account.number}"
        try:
            probed = probe(account, judge, environment, domain=patient.book.domain, at=patient.now)
        except (SignInError, NoCredentialError):
            yield found.fail(
                name, "cannot be signed in to", "Correct the password or the token command"
            )
        except (LostError, RefusedError) as error:
            yield found.fail(
                name, f"does not answer as it must ({type(error).__name__})", "See that it runs"
            )
        else:
            yield found.ok(name, f"signed in, {probed.waiting} waiting in {account.folder}")
            yield from _belief(account, probed)
            yield _abilities(name, probed)


def _belief(account: ImapAccount, probed: Probed) -> Iterator[Finding]:
    name = f"account {account.number}, proof"
    if probed.forged_believed:
        yield found.fail(
            name,
            "a forged Authentication-Results was believed: anybody can write as a partner",
            "Take authserv_id and received_by out of IMAP_ACCOUNTS, and ask who runs the server",
        )
    elif not probed.proves:
        yield found.warn(
            name,
            "no host's results are believed: whatever partners send is held",
            "Name authserv_id and received_by, as the server's own headers show them",
        )
    elif not probed.looked_at:
        yield found.unknown(
            name, "a forged mail is not believed; there is no real one yet to look at"
        )
    elif not probed.with_results:
        yield found.warn(
            name,
            f"none of the last {probed.looked_at} letters has results of {account.authserv_id}",
            "Compare authserv_id and received_by with the headers of a real letter",
        )
    else:
        yield found.ok(
            name,
            f"a forged mail is not believed; {probed.with_results} of the last "
            f"{probed.looked_at} letters have results, {probed.over_tls} came over TLS",
        )


def _abilities(name: str, probed: Probed) -> Finding:
    lacking = [
        word
        for word, able in (
            ("IDLE", probed.can_idle),
            ("MOVE", probed.can_move),
            ("UIDPLUS", probed.can_expunge),
        )
        if not able
    ]
    if not lacking:
        return found.ok(f"{name}, server", "can IDLE, MOVE and UIDPLUS")
    return found.warn(
        f"{name}, server",
        f"lacks {', '.join(lacking)}",
        "Mail is fetched all the same, later or with more steps; nothing is lost",
    )
