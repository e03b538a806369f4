"""What each role may do: frozen sets of use cases, built by bootstrap with the role's keys only.

A door calls the fields of its app; nothing else of the application is public.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from secure_mail.application.casework.add_note import AddNote
from secure_mail.application.casework.close_case import CloseCase, ReopenCase
from secure_mail.application.casework.held import ListHeld, RefuseHeld, ReleaseHeld, ShowHeld
from secure_mail.application.casework.list_queues import ListQueues
from secure_mail.application.casework.members import ConfirmReset, ListMembers, SettleGrant
from secure_mail.application.casework.open_attachment import OpenAttachment
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
from secure_mail.application.casework.transfer_case import TransferCase
from secure_mail.application.intake.add_file import AddFile
from secure_mail.application.intake.begin_fetch import BeginFetch
from secure_mail.application.intake.check_recipient import CheckRecipient
from secure_mail.application.intake.forget_fetches import ForgetFetches
from secure_mail.application.intake.gate import Gate
from secure_mail.application.intake.give_up_fetch import GiveUpFetch
from secure_mail.application.intake.judge_arrival import JudgeArrival
from secure_mail.application.intake.judge_fetched import JudgeFetched
from secure_mail.application.intake.known_fetches import KnownFetches
from secure_mail.application.intake.read_draft import ReadDraft
from secure_mail.application.intake.read_receipt import ReadReceipts
from secure_mail.application.intake.ready_for_mail import ReadyForMail
from secure_mail.application.intake.record_fetch import RecordFetch
from secure_mail.application.intake.remove_file import RemoveFile
from secure_mail.application.intake.save_step import SaveStep
from secure_mail.application.intake.send_draft import SendDraft
from secure_mail.application.intake.start_draft import StartDraft
from secure_mail.application.links.apply_stop import ApplyStop
from secure_mail.application.links.end_links import EndLinks
from secure_mail.application.links.end_session import EndSession
from secure_mail.application.links.look_at_link import LookAtLink
from secure_mail.application.links.read_session import ReadSession
from secure_mail.application.links.redeem_link import RedeemLink
from secure_mail.application.links.request_link import RequestLink
from secure_mail.application.links.request_stop import RequestStop
from secure_mail.application.links.send_link import SendLink
from secure_mail.application.partners.add_partner import AddPartner
from secure_mail.application.partners.list_partners import ListPartners
from secure_mail.application.partners.note_refusal import NoteRefusal
from secure_mail.application.partners.read_passports import ReadPassports
from secure_mail.application.partners.renew_partner import RenewPartner
from secure_mail.application.partners.resume_partner import ResumePartner
from secure_mail.application.partners.suspend_partner import SuspendPartner
from secure_mail.application.ports.clock import BusinessCalendar, Clock
from secure_mail.application.ports.rules import Rules
from secure_mail.application.processing.hold_unprocessed import HoldUnprocessed
from secure_mail.application.processing.process_message import ProcessMessage
from secure_mail.application.processing.send_receipt import SendReceipt
from secure_mail.application.processing.send_refusal import SendRefusal
from secure_mail.application.replies.end_reading_session import EndReadingSession
from secure_mail.application.replies.enter_code import EnterCode
from secure_mail.application.replies.list_answers import ListAnswers
from secure_mail.application.replies.read_reading_session import ReadReadingSession
from secure_mail.application.replies.request_code import RequestCode
from secure_mail.application.replies.send_code import SendCode
from secure_mail.application.replies.send_notice import SendNotice
from secure_mail.application.replies.show_answer import ShowAnswer
from secure_mail.application.upkeep.claim_work import ClaimWork
from secure_mail.application.upkeep.current_notices import CurrentNotices
from secure_mail.application.upkeep.give_back_work import GiveBackWork
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
from secure_mail.application.upkeep.take_back_work import TakeBackWork
from secure_mail.domain.partners import PartnerOrganisation


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicApp:
    """The public pages: asks for links, composes, sends. Holds no decryption key."""

    clock: Clock
    rules: Rules
    notices: CurrentNotices
    request_link: RequestLink
    look_at_link: LookAtLink
    redeem_link: RedeemLink
    read_session: ReadSession
    end_session: EndSession
    request_stop: RequestStop
    start_draft: StartDraft
    read_draft: ReadDraft
    save_step: SaveStep
    add_file: AddFile
    remove_file: RemoveFile
    send_draft: SendDraft
    read_receipts: ReadReceipts
    file_extensions: tuple[str, ...]
    """What may be attached, with the dot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingApp:
    """Reading an answer. Holds the private key of replies, nothing else."""

    clock: Clock
    rules: Rules
    notices: CurrentNotices
    request_code: RequestCode
    enter_code: EnterCode
    read_session: ReadReadingSession
    end_session: EndReadingSession
    list_answers: ListAnswers
    show_answer: ShowAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffApp:
    """Case work. Holds the private keys of the queues and the index key."""

    clock: Clock
    rules: Rules
    calendar: BusinessCalendar
    sign_in: SignIn
    sign_out: SignOut
    who_am_i: WhoAmI
    set_language: SetLanguage
    look_at_set_up: LookAtSetUp
    choose_password: ChoosePassword
    show_totp: ShowTotp
    finish_set_up: FinishSetUp
    totp_image: Callable[[str], str]
    """An `otpauth://` address as an SVG document (QR code)."""
    list_queues: ListQueues
    show_queue: ShowQueue
    show_case: ShowCase
    list_colleagues: ListColleagues
    open_attachment: OpenAttachment
    take_case: TakeCase
    take_next: TakeNext
    assign_case: AssignCase
    add_note: AddNote
    send_reply: SendReply
    transfer_case: TransferCase
    close_case: CloseCase
    reopen_case: ReopenCase
    end_links: EndLinks
    list_held: ListHeld
    show_held: ShowHeld
    release_held: ReleaseHeld
    refuse_held: RefuseHeld
    list_members: ListMembers
    settle_grant: SettleGrant
    confirm_reset: ConfirmReset
    passports: ReadPassports


@dataclass(frozen=True, slots=True, kw_only=True)
class MailApp:
    """The doors of mail. Holds no decryption key."""

    gate: Gate
    ready: ReadyForMail
    check_recipient: CheckRecipient
    judge_arrival: JudgeArrival
    note_refusal: NoteRefusal
    rules: Rules
    threads: Executor
    judging: Executor
    """Waits for DNS, apart from `threads`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchApp:
    """The door that fetches from other servers' mailboxes. Holds no decryption key."""

    clock: Clock
    gate: Gate
    ready: ReadyForMail
    judge: JudgeFetched
    known: KnownFetches
    begin: BeginFetch
    record: RecordFetch
    give_up: GiveUpFetch
    forget: ForgetFetches


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerApp:
    """One use case per kind of job, and what to do when one fails."""

    claim_work: ClaimWork
    give_back_work: GiveBackWork
    take_back_work: TakeBackWork
    process_message: ProcessMessage
    hold_unprocessed: HoldUnprocessed
    send_link: SendLink
    send_code: SendCode
    send_receipt: SendReceipt
    send_notice: SendNotice
    send_refusal: SendRefusal
    apply_stop: ApplyStop
    retry_job: RetryJob


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulerApp:
    sweep: Sweep
    return_unread: ReturnUnread


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorApp:
    """The commands: no key of any role, no content."""

    rules: Rules
    add_partner: AddPartner
    list_partners: ListPartners
    suspend_partner: SuspendPartner
    resume_partner: ResumePartner
    renew_partner: RenewPartner
    passports: ReadPassports
    partner_warnings: Callable[[PartnerOrganisation], Sequence[str]]
    """What stands in a registration but should be looked at, each in a line."""
    staff: StaffAccounts
    service_notices: ServiceNotices
    count_queues: CountQueues
    list_cases: ListCases
    show_case: ShowCaseRecord
    list_messages: ListMessages
    verify_ledger: VerifyLedger
