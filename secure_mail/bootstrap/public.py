"""The apps of the doors in: public pages, reading pages, mail. None of them holds an intake key."""

from __future__ import annotations

from datetime import timedelta

from secure_mail.application.apps import MailApp, PublicApp, ReadingApp
from secure_mail.application.intake.add_file import AddFile
from secure_mail.application.intake.arrival_facts import RelayTrust
from secure_mail.application.intake.check_recipient import CheckRecipient
from secure_mail.application.intake.gate import Gate
from secure_mail.application.intake.judge_arrival import JudgeArrival
from secure_mail.application.intake.read_draft import ReadDraft
from secure_mail.application.intake.read_receipt import ReadReceipts
from secure_mail.application.intake.ready_for_mail import ReadyForMail
from secure_mail.application.intake.remove_file import RemoveFile
from secure_mail.application.intake.save_step import SaveStep
from secure_mail.application.intake.send_draft import SendDraft
from secure_mail.application.intake.start_draft import StartDraft
from secure_mail.application.links.end_session import EndSession
from secure_mail.application.links.look_at_link import LookAtLink
from secure_mail.application.links.read_session import ReadSession
from secure_mail.application.links.redeem_link import RedeemLink
from secure_mail.application.links.request_link import RequestLink
from secure_mail.application.links.request_stop import RequestStop
from secure_mail.application.partners.note_refusal import NoteRefusal
from secure_mail.application.replies.end_reading_session import EndReadingSession
from secure_mail.application.replies.enter_code import EnterCode
from secure_mail.application.replies.list_answers import ListAnswers
from secure_mail.application.replies.read_reading_session import ReadReadingSession
from secure_mail.application.replies.request_code import RequestCode
from secure_mail.application.replies.show_answer import ShowAnswer
from secure_mail.application.upkeep.current_notices import CurrentNotices
from secure_mail.bootstrap.parts import Parts
from secure_mail.domain.limits import CodeLimits, LinkLimits
from secure_mail.infrastructure.files.screen import StreamingScreen
from secure_mail.infrastructure.vault.browser import BrowserSeals
from secure_mail.infrastructure.vault.roles import KeyRole

BACKLOG_LIMIT = 10_000
"""Messages not processed yet beyond which the SMTP door asks clients to come back."""


def link_limits(parts: Parts) -> LinkLimits:
    """Of links.md rule 12, times the demo's factor."""
    return LinkLimits().times(parts.settings.link_limits)


def code_limits(parts: Parts) -> CodeLimits:
    """Of reading codes, times the demo's factor."""
    return CodeLimits().times(parts.settings.link_limits)


def link_life(parts: Parts) -> timedelta:
    """LINK_DAYS as an exact number of seconds."""
    return timedelta(days=parts.settings.link_days)


def public_app(parts: Parts) -> PublicApp:
    """The public pages, with the keys of role web: public keys, dedupe, own mail."""
    units, clock, ids = parts.units, parts.clock, parts.ids
    sealer, blobs, vault, browser = parts.keys.sealer(), parts.blobs, parts.vault, BrowserSeals()
    dedupe = parts.keys.of(KeyRole.WEB).dedupe_key()
    limits, life = link_limits(parts), link_life(parts)
    files = StreamingScreen()
    return PublicApp(
        clock=clock,
        rules=parts.rules,
        notices=CurrentNotices(units=units, clock=clock),
        request_link=RequestLink(
            units=units,
            clock=clock,
            ids=ids,
            sealer=sealer,
            dedupe=dedupe,
            limits=limits,
            life=life,
        ),
        look_at_link=LookAtLink(units=units, clock=clock, ids=ids, browser=browser),
        redeem_link=RedeemLink(units=units, clock=clock, ids=ids, browser=browser),
        read_session=ReadSession(units=units, clock=clock, browser=browser),
        end_session=EndSession(units=units, clock=clock),
        request_stop=RequestStop(
            units=units, clock=clock, ids=ids, sealer=sealer, dedupe=dedupe, limits=limits
        ),
        start_draft=StartDraft(units=units, clock=clock, ids=ids, sealer=sealer, browser=browser),
        read_draft=ReadDraft(units=units, clock=clock, browser=browser, parts=vault),
        save_step=SaveStep(units=units, clock=clock, sealer=sealer),
        add_file=AddFile(
            units=units,
            clock=clock,
            ids=ids,
            sealer=sealer,
            blobs=blobs,
            files=files,
            threads=parts.blob_threads,
            max_octets=parts.settings.upload_max,
        ),
        remove_file=RemoveFile(units=units, blobs=blobs),
        send_draft=SendDraft(
            commits=parts.commits,
            clock=clock,
            ids=ids,
            sealer=sealer,
            browser=browser,
            dedupe=dedupe,
            rules=parts.rules,
            tls=parts.settings.base_url.startswith("https://"),
        ),
        read_receipts=ReadReceipts(browser=browser),
        file_extensions=files.extensions,
    )


def reading_app(parts: Parts) -> ReadingApp:
    """The reading pages, with the private key of replies."""
    units, clock, ids = parts.units, parts.clock, parts.ids
    keys = parts.keys.of(KeyRole.READING)
    return ReadingApp(
        clock=clock,
        rules=parts.rules,
        notices=CurrentNotices(units=units, clock=clock),
        request_code=RequestCode(
            units=units,
            clock=clock,
            ids=ids,
            sealer=parts.keys.sealer(),
            dedupe=keys.dedupe_key(),
            limits=code_limits(parts),
        ),
        enter_code=EnterCode(units=units, clock=clock, ids=ids),
        read_session=ReadReadingSession(units=units, clock=clock),
        end_session=EndReadingSession(units=units, clock=clock),
        list_answers=ListAnswers(units=units, clock=clock),
        show_answer=ShowAnswer(
            units=units,
            clock=clock,
            ids=ids,
            opener=keys.opener(),
            parts=parts.vault,
            blobs=parts.blobs,
        ),
    )


def mail_app(parts: Parts, role: KeyRole = KeyRole.SMTP) -> MailApp:
    """A mail door, with the keys of its role, smtp or lmtp: public keys, dedupe, own mail."""
    keys = parts.keys.of(role)
    return MailApp(
        gate=Gate(
            commits=parts.commits,
            blobs=parts.blobs,
            sealer=parts.keys.sealer(),
            dedupe=keys.dedupe_key(),
            clock=parts.clock,
            ids=parts.ids,
            rules=parts.rules,
            threads=parts.blob_threads,
        ),
        ready=ReadyForMail(
            units=parts.units,
            blobs=parts.blobs,
            clock=parts.clock,
            calendar=parts.calendar,
            backlog_limit=BACKLOG_LIMIT,
        ),
        check_recipient=CheckRecipient(rules=parts.rules, bounce_tags=keys.bounce_tags()),
        judge_arrival=JudgeArrival(
            rules=parts.rules,
            own_mail=keys.own_mail(),
            authentication=parts.sender_authentication,
            clock=parts.clock,
            relays=RelayTrust(
                authserv_id=parts.settings.authserv_id,
                enforces_tls=parts.settings.relay_enforces_tls,
            ),
        ),
        note_refusal=NoteRefusal(units=parts.units, clock=parts.clock, calendar=parts.calendar),
        rules=parts.rules,
        threads=parts.threads,
        judging=parts.judging_threads,
    )
