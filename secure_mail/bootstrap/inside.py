"""The apps behind the doors: worker, staff, scheduler, operator."""

from __future__ import annotations

from secure_mail.application.apps import OperatorApp, SchedulerApp, StaffApp, WorkerApp
from secure_mail.application.casework.add_note import AddNote
from secure_mail.application.casework.close_case import CloseCase, ReopenCase
from secure_mail.application.casework.held import ListHeld, RefuseHeld, ReleaseHeld, ShowHeld
from secure_mail.application.casework.list_queues import ListQueues
from secure_mail.application.casework.members import ConfirmReset, ListMembers, SettleGrant
from secure_mail.application.casework.open_attachment import OpenAttachment
from secure_mail.application.casework.opening import Opening
from secure_mail.application.casework.send_reply import SendReply
from secure_mail.application.casework.set_up_account import (
    ChoosePassword,
    FinishSetUp,
    LookAtSetUp,
    ShowTotp,
)
from secure_mail.application.casework.show_case import ListColleagues, ShowCase
from secure_mail.application.casework.show_queue import ShowQueue
from secure_mail.application.casework.sign_in import SetLanguage, SignIn, SignOut, WhoAmI
from secure_mail.application.casework.take_case import AssignCase, TakeCase, TakeNext
from secure_mail.application.casework.trail import Trail
from secure_mail.application.casework.transfer_case import TransferCase
from secure_mail.application.links.apply_stop import ApplyStop
from secure_mail.application.links.end_links import EndLinks
from secure_mail.application.links.issue import Issue
from secure_mail.application.links.judge import Judge
from secure_mail.application.links.send_link import SendLink
from secure_mail.application.mailing import MailJob, WriteMail
from secure_mail.application.partners.add_partner import AddPartner
from secure_mail.application.partners.list_partners import ListPartners
from secure_mail.application.partners.suspend_partner import SuspendPartner
from secure_mail.application.processing.arrival import OpenArrival
from secure_mail.application.processing.filing import Derive, OpenCase
from secure_mail.application.processing.hold_unprocessed import HoldUnprocessed
from secure_mail.application.processing.process_message import ProcessMessage
from secure_mail.application.processing.send_receipt import SendReceipt
from secure_mail.application.processing.send_refusal import SendRefusal
from secure_mail.application.replies.send_code import SendCode
from secure_mail.application.replies.send_notice import SendNotice
from secure_mail.application.upkeep.claim_work import ClaimWork
from secure_mail.application.upkeep.listings import (
    CountQueues,
    ListCases,
    ListMessages,
    ShowCaseRecord,
    VerifyLedger,
)
from secure_mail.application.upkeep.retry_job import RetryJob
from secure_mail.application.upkeep.return_unread import ReturnUnread
from secure_mail.application.upkeep.service_notices import ServiceNotices
from secure_mail.application.upkeep.staff_accounts import StaffAccounts
from secure_mail.application.upkeep.sweep import Sweep
from secure_mail.bootstrap.parts import Parts
from secure_mail.bootstrap.public import code_limits, link_life, link_limits
from secure_mail.infrastructure.mime.parser import CompatMimeParser
from secure_mail.infrastructure.scanner.absent import NoScanner
from secure_mail.infrastructure.sign_in.passwords import Argon2Passwords
from secure_mail.infrastructure.sign_in.totp import AuthenticatorCodes
from secure_mail.infrastructure.vault.browser import BrowserSeals
from secure_mail.infrastructure.vault.roles import KeyRole


def worker_app(parts: Parts) -> WorkerApp:
    """Every kind of job, with the keys of role worker."""
    units, clock, ids, rules = parts.units, parts.clock, parts.ids, parts.rules
    keys, sealer, blobs = parts.keys.of(KeyRole.WORKER), parts.keys.sealer(), parts.blobs
    opener, index, stop_codes = keys.opener(), keys.blind_index(), keys.stop_codes()
    tokens = keys.link_tokens()
    job = MailJob(units=units, clock=clock, mailer=parts.mailer)
    write = WriteMail(texts=parts.texts, stop_codes=stop_codes)
    open_arrival = OpenArrival(opener=opener, parts=parts.vault, blobs=blobs)
    return WorkerApp(
        claim_work=ClaimWork(units=units, clock=clock),
        process_message=ProcessMessage(
            units=units,
            clock=clock,
            ids=ids,
            rules=rules,
            calendar=parts.calendar,
            parser=CompatMimeParser(keys.own_mail(), own_domain=parts.host),
            opener=opener,
            sealer=sealer,
            blobs=blobs,
            open_arrival=open_arrival,
            derive=Derive(
                make_part=parts.make_part, scanner=NoScanner(), open_arrival=open_arrival
            ),
            open_case=OpenCase(sealer=sealer, index=index, calendar=parts.calendar),
        ),
        hold_unprocessed=HoldUnprocessed(
            units=units, clock=clock, ids=ids, rules=rules, opener=opener, sealer=sealer
        ),
        send_link=SendLink(
            job=job,
            write=write,
            judge=Judge(
                index=index, rules=rules, calendar=parts.calendar, limits=link_limits(parts)
            ),
            issue=Issue(ids=ids, browser=BrowserSeals(), tokens=tokens, life=link_life(parts)),
            ids=ids,
            opener=opener,
            tokens=tokens,
        ),
        send_code=SendCode(
            job=job,
            write=write,
            ids=ids,
            opener=opener,
            sealer=sealer,
            index=index,
            limits=code_limits(parts),
        ),
        send_receipt=SendReceipt(job=job, write=write, ids=ids, opener=opener),
        send_notice=SendNotice(job=job, write=write, ids=ids, opener=opener),
        send_refusal=SendRefusal(job=job, write=write, opener=opener),
        apply_stop=ApplyStop(
            units=units,
            clock=clock,
            ids=ids,
            opener=opener,
            stop_codes=stop_codes,
            index=index,
        ),
        retry_job=RetryJob(units=units, clock=clock),
    )


def staff_app(parts: Parts) -> StaffApp:
    """Case work, with the private keys of the queues and the index key."""
    units, clock, ids, rules = parts.units, parts.clock, parts.ids, parts.rules
    keys, sealer, calendar = parts.keys.of(KeyRole.STAFF), parts.keys.sealer(), parts.calendar
    opener, passwords, totp = keys.opener(), Argon2Passwords(), AuthenticatorCodes()
    trail = Trail(clock=clock, ids=ids)
    opening = Opening(opener=opener, parts=parts.vault, blobs=parts.blobs)
    issuer = parts.book.organisation_words()["en"]["org_short"]
    return StaffApp(
        clock=clock,
        rules=rules,
        calendar=calendar,
        sign_in=SignIn(
            units=units, clock=clock, ids=ids, opener=opener, passwords=passwords, totp=totp
        ),
        sign_out=SignOut(units=units, clock=clock),
        who_am_i=WhoAmI(units=units, clock=clock),
        set_language=SetLanguage(units=units),
        look_at_set_up=LookAtSetUp(units=units, clock=clock),
        choose_password=ChoosePassword(
            units=units, clock=clock, sealer=sealer, passwords=passwords, totp=totp
        ),
        show_totp=ShowTotp(units=units, clock=clock, opener=opener, totp=totp, issuer=issuer),
        finish_set_up=FinishSetUp(units=units, clock=clock, ids=ids, opener=opener, totp=totp),
        totp_image=totp.image,
        list_queues=ListQueues(units=units, clock=clock, rules=rules, calendar=calendar),
        show_queue=ShowQueue(units=units, opening=opening, index=keys.blind_index()),
        show_case=ShowCase(units=units, opening=opening, trail=trail),
        list_colleagues=ListColleagues(units=units),
        open_attachment=OpenAttachment(units=units, opening=opening, trail=trail),
        take_case=TakeCase(units=units, trail=trail),
        take_next=TakeNext(units=units, trail=trail),
        assign_case=AssignCase(units=units, trail=trail),
        add_note=AddNote(
            units=units, clock=clock, ids=ids, rules=rules, sealer=sealer, trail=trail
        ),
        send_reply=SendReply(
            units=units,
            clock=clock,
            ids=ids,
            rules=rules,
            sealer=sealer,
            opening=opening,
            make_part=parts.make_part,
            trail=trail,
        ),
        transfer_case=TransferCase(
            units=units,
            rules=rules,
            calendar=calendar,
            opener=opener,
            sealer=sealer,
            opening=opening,
            trail=trail,
        ),
        close_case=CloseCase(units=units, clock=clock, trail=trail),
        reopen_case=ReopenCase(units=units, trail=trail),
        end_links=EndLinks(units=units, clock=clock, ids=ids, sealer=sealer, rules=rules),
        list_held=ListHeld(units=units),
        show_held=ShowHeld(units=units, opening=opening, trail=trail),
        release_held=ReleaseHeld(
            units=units, clock=clock, rules=rules, opener=opener, sealer=sealer, trail=trail
        ),
        refuse_held=RefuseHeld(units=units, clock=clock, trail=trail),
        list_members=ListMembers(units=units),
        settle_grant=SettleGrant(units=units, clock=clock, trail=trail),
        confirm_reset=ConfirmReset(units=units, trail=trail),
    )


def scheduler_app(parts: Parts) -> SchedulerApp:
    """What happens by the clock; needs no key."""
    units, clock, ids = parts.units, parts.clock, parts.ids
    return SchedulerApp(
        sweep=Sweep(units=units, clock=clock, ids=ids, blobs=parts.blobs),
        return_unread=ReturnUnread(units=units, clock=clock, ids=ids),
    )


def operator_app(parts: Parts) -> OperatorApp:
    """The commands; needs no key."""
    units, clock, ids = parts.units, parts.clock, parts.ids
    return OperatorApp(
        rules=parts.rules,
        add_partner=AddPartner(
            units=units, clock=clock, ids=ids, loopback_is_exclusive=parts.settings.demo
        ),
        list_partners=ListPartners(units=units),
        suspend_partner=SuspendPartner(units=units, clock=clock, ids=ids),
        staff=StaffAccounts(units=units, clock=clock, ids=ids),
        service_notices=ServiceNotices(units=units),
        count_queues=CountQueues(
            units=units, clock=clock, rules=parts.rules, calendar=parts.calendar
        ),
        list_cases=ListCases(units=units),
        show_case=ShowCaseRecord(units=units),
        list_messages=ListMessages(units=units),
        verify_ledger=VerifyLedger(units=units, clock=clock),
    )
