"""The app of the IMAP door, and the accounts that it empties. It holds no intake key."""

from __future__ import annotations

from secure_mail.application.apps import FetchApp
from secure_mail.application.intake.begin_fetch import BeginFetch
from secure_mail.application.intake.forget_fetches import ForgetFetches
from secure_mail.application.intake.gate import Gate
from secure_mail.application.intake.give_up_fetch import GiveUpFetch
from secure_mail.application.intake.judge_fetched import JudgeFetched
from secure_mail.application.intake.known_fetches import KnownFetches
from secure_mail.application.intake.ready_for_mail import ReadyForMail
from secure_mail.application.intake.record_fetch import RecordFetch
from secure_mail.bootstrap.parts import Parts
from secure_mail.bootstrap.public import BACKLOG_LIMIT
from secure_mail.domain.routing.rulebook import RuleBook
from secure_mail.infrastructure.vault.roles import KeyRole
from secure_mail.interfaces.imap.accounts import ImapAccount, fault, parse_accounts
from secure_mail.interfaces.imap.credentials import NoCredentialError, password_of
from secure_mail.settings import Settings


def fetch_app(parts: Parts) -> FetchApp:
    """With the keys of role imap: public keys, dedupe."""
    units, clock = parts.units, parts.clock
    return FetchApp(
        clock=clock,
        gate=Gate(
            commits=parts.commits,
            blobs=parts.blobs,
            sealer=parts.keys.sealer(),
            dedupe=parts.keys.of(KeyRole.IMAP).dedupe_key(),
            clock=clock,
            ids=parts.ids,
            rules=parts.rules,
            threads=parts.blob_threads,
        ),
        ready=ReadyForMail(
            units=units,
            blobs=parts.blobs,
            clock=clock,
            calendar=parts.calendar,
            backlog_limit=BACKLOG_LIMIT,
        ),
        judge=JudgeFetched(rules=parts.rules, clock=clock),
        known=KnownFetches(units=units),
        begin=BeginFetch(units=units, clock=clock),
        record=RecordFetch(units=units, clock=clock),
        give_up=GiveUpFetch(units=units, clock=clock, ids=parts.ids),
        forget=ForgetFetches(units=units, clock=clock),
    )


def imap_accounts(settings: Settings, book: RuleBook) -> tuple[ImapAccount, ...]:
    """What IMAP_ACCOUNTS says, each with a mailbox of the rules file and a way to sign in.

    Raises SafetyError.
    """
    accounts = parse_accounts([one.get_secret_value() for one in settings.imap_accounts])
    for account in accounts:
        if book.mailbox(account.mailbox) is None:
            known = ", ".join(sorted(book.mailboxes))
            raise fault(
                account.number, "the rules file has no such mailbox", f"Name one of {known}"
            )
        if account.ca_file is not None and not account.ca_file.is_file():
            raise fault(account.number, "ca_file names no file", "Correct it")
        _refuse_unreadable(account)
    return accounts


def _refuse_unreadable(account: ImapAccount) -> None:
    """A file that is not there, or that others may read, is told now and not at every login."""
    if account.token_command:
        return
    try:
        password_of(account)
    except NoCredentialError as failure:
        raise fault(
            account.number,
            f"password_file cannot be used ({failure})",
            "Make it one line, readable by this process alone (chmod 600)",
        ) from None
