"""The one actor: takes ids and the fence from the broker, runs the use case, records a failure."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never
from uuid import UUID

import dramatiq
import structlog

from secure_mail.application.apps import WorkerApp
from secure_mail.application.ports.blobs import BlobsUnavailableError, StorageFullError
from secure_mail.application.ports.mail import MailRefusedError
from secure_mail.application.ports.store import StoreDownError
from secure_mail.application.ports.work import BrokerDownError
from secure_mail.domain.ids import OutboxId
from secure_mail.domain.work import MAX_ATTEMPTS, MOST_ATTEMPTS, Claim, FencedError, JobKind

log = structlog.get_logger()

QUEUE = "jobs"
TIME_LIMIT_MS = 4 * 60 * 1000
"""Below the lease of 5 minutes: a job that hangs ends before another attempt may start."""


STORE_AWAY = (StoreDownError, BlobsUnavailableError, StorageFullError)
"""Not the message's fault: no reason to hold it for a person, but to wait."""


def run_job(app: WorkerApp, claim: Claim) -> None:
    """Runs the claim's use case; a failure goes back to the outbox with its class name only."""
    message = claim.kind is JobKind.PROCESS_MESSAGE
    if message and claim.attempt > MOST_ATTEMPTS:
        log.warning("job.given-up", outbox_id=str(claim.id), attempt=claim.attempt)
        app.hold_unprocessed(claim)
        return
    try:
        _use_case(app, claim.kind)(claim)
    except MailRefusedError:
        _alarm("mail.refused", claim)
    except FencedError:
        log.info("job.fenced", outbox_id=str(claim.id), kind=claim.kind, attempt=claim.attempt)
    except Exception as error:  # noqa: BLE001 - whatever it was, the work must not be lost
        cause = type(error).__name__
        log.warning("job.failed", outbox_id=str(claim.id), kind=claim.kind, error=cause)
        most = MOST_ATTEMPTS if isinstance(error, STORE_AWAY) else MAX_ATTEMPTS
        if message and claim.attempt >= most:
            app.hold_unprocessed(claim)
        elif not app.retry_job(claim, cause):
            _alarm("mail.given-up", claim, error=cause)


def _alarm(event: str, claim: Claim, **facts: str) -> None:
    """A person should look; no trace, which might repeat an address."""
    log.error(event, outbox_id=str(claim.id), kind=claim.kind, **facts)


def _use_case(app: WorkerApp, kind: JobKind) -> Callable[[Claim], None]:
    match kind:
        case JobKind.PROCESS_MESSAGE:
            return app.process_message
        case JobKind.SEND_LINK:
            return app.send_link
        case JobKind.SEND_CODE:
            return app.send_code
        case JobKind.SEND_RECEIPT:
            return app.send_receipt
        case JobKind.SEND_NOTICE:
            return app.send_notice
        case JobKind.SEND_REFUSAL:
            return app.send_refusal
        case JobKind.APPLY_STOP:
            return app.apply_stop
        case _:
            assert_never(kind)


def declare(
    broker: dramatiq.Broker, run: Callable[[Claim], None]
) -> dramatiq.Actor[[str, str, str, int], None]:
    """Declares the actor `job` on this broker. Its message holds ids, a kind and a number."""

    def job(outbox_id: str, kind: str, subject: str, attempt: int) -> None:
        run(Claim(OutboxId(UUID(outbox_id)), JobKind(kind), UUID(subject), attempt))

    return dramatiq.Actor(
        job,
        broker=broker,
        actor_name="job",
        queue_name=QUEUE,
        priority=0,
        options={"max_retries": 0, "time_limit": TIME_LIMIT_MS},
    )


class ActorHints:
    """Implements `ports.work.Hints` by sending the actor's message."""

    def __init__(self, actor: dramatiq.Actor[[str, str, str, int], None]) -> None:
        self._actor = actor

    def send(self, claim: Claim) -> None:
        try:
            self._actor.send(str(claim.id), claim.kind.value, str(claim.subject), claim.attempt)
        except dramatiq.errors.ConnectionError as error:
            raise BrokerDownError from error
