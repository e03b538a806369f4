"""The app of the worker: every kind of job, with the private keys of intake and worker."""

from __future__ import annotations

from secure_mail.application.apps import WorkerApp
from secure_mail.application.links.apply_stop import ApplyStop
from secure_mail.application.links.issue import Issue
from secure_mail.application.links.judge import Judge
from secure_mail.application.links.send_link import SendLink
from secure_mail.application.mailing import MailJob, WriteMail
from secure_mail.application.processing.arrival import OpenArrival
from secure_mail.application.processing.filing import Derive, OpenCase
from secure_mail.application.processing.hold_unprocessed import HoldUnprocessed
from secure_mail.application.processing.process_message import ProcessMessage
from secure_mail.application.processing.send_receipt import SendReceipt
from secure_mail.application.processing.send_refusal import SendRefusal
from secure_mail.application.replies.send_code import SendCode
from secure_mail.application.replies.send_notice import SendNotice
from secure_mail.application.sealed_evidence import TakeEvidence
from secure_mail.application.undelivered import MarkUndelivered
from secure_mail.application.upkeep.claim_work import ClaimWork
from secure_mail.application.upkeep.give_back_work import GiveBackWork
from secure_mail.application.upkeep.retry_job import RetryJob
from secure_mail.application.upkeep.take_back_work import TakeBackWork
from secure_mail.bootstrap.parts import Parts
from secure_mail.bootstrap.public import code_limits, link_life, link_limits
from secure_mail.bootstrap.smime import authenticate
from secure_mail.infrastructure.mime.parser import CompatMimeParser
from secure_mail.infrastructure.scanner.absent import NoScanner
from secure_mail.infrastructure.vault.browser import BrowserSeals
from secure_mail.infrastructure.vault.roles import KeyRole


def worker_app(parts: Parts) -> WorkerApp:
    """Every kind of job, with the keys of role worker."""
    units, clock, ids, rules = parts.units, parts.clock, parts.ids, parts.rules
    keys, sealer, blobs = parts.keys.of(KeyRole.WORKER), parts.keys.sealer(), parts.blobs
    opener, index, stop_codes = keys.opener(), keys.blind_index(), keys.stop_codes()
    tokens = keys.link_tokens()
    undelivered = MarkUndelivered(ids=ids)
    job = MailJob(units=units, clock=clock, mailer=parts.mailer, undelivered=undelivered)
    write = WriteMail(texts=parts.texts, stop_codes=stop_codes)
    take_evidence = TakeEvidence(opener=opener, parts=parts.vault, sealer=sealer)
    open_arrival = OpenArrival(
        opener=opener, parts=parts.vault, blobs=blobs, take_evidence=take_evidence
    )
    return WorkerApp(
        claim_work=ClaimWork(units=units, clock=clock),
        give_back_work=GiveBackWork(units=units),
        take_back_work=TakeBackWork(units=units),
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
            authenticate=authenticate(parts),
            derive=Derive(
                make_part=parts.make_part, scanner=NoScanner(), open_arrival=open_arrival
            ),
            open_case=OpenCase(sealer=sealer, index=index, calendar=parts.calendar),
            undelivered=undelivered,
        ),
        hold_unprocessed=HoldUnprocessed(
            units=units,
            clock=clock,
            ids=ids,
            rules=rules,
            opener=opener,
            sealer=sealer,
            take_evidence=take_evidence,
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
        send_refusal=SendRefusal(job=job, write=write, ids=ids, opener=opener, index=index),
        apply_stop=ApplyStop(
            units=units,
            clock=clock,
            ids=ids,
            opener=opener,
            stop_codes=stop_codes,
            index=index,
        ),
        retry_job=RetryJob(
            units=units, clock=clock, undelivered=undelivered, link_life=link_life(parts)
        ),
    )
