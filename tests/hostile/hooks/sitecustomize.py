"""Ends a real process of the program at one named step, as the loss of power would.

Python imports this file first when its folder is in PYTHONPATH. DIE_AT names the step. What it
wraps is the program's own; the program knows nothing of it. LEASE_SECONDS shortens a wait.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import NoReturn

STEP = os.environ.get("DIE_AT", "")
LEASE = os.environ.get("LEASE_SECONDS", "")
"""How long a claim lasts, where nobody can wait for minutes."""


def die() -> NoReturn:
    # A reply that was given too soon gets out, and is believed.
    time.sleep(0.2)
    os.kill(os.getpid(), signal.SIGKILL)
    signal.pause()
    raise AssertionError


def at(step: str) -> None:
    if step == STEP:
        die()


def writing_blobs() -> None:
    """Steps of the blob: beside the others under `unfinished` until it is renamed."""
    from pathlib import Path

    fsync, rename = os.fsync, Path.rename

    def dying_fsync(descriptor: int) -> None:
        file = "/unfinished/" in str(Path(f"/proc/self/fd/{descriptor}").readlink())
        if file:
            at("before fsync")
        fsync(descriptor)
        if file:
            at("after fsync")

    def dying_rename(self: Path, target: Path) -> Path:
        renamed = rename(self, target)
        if self.parent.name == "unfinished":
            at("after rename")
        return renamed

    os.fsync, Path.rename = dying_fsync, dying_rename


def receiving() -> None:
    """Steps of the door: octets, commit, reply."""
    from secure_mail.application.intake.gate import Receiving
    from secure_mail.infrastructure.db.transaction import Transaction
    from secure_mail.interfaces.smtp.wire import SmtpWire

    write, commit, say = Receiving.write, Transaction.commit, SmtpWire._say

    async def dying_write(self: Receiving, chunk: bytes) -> None:
        await write(self, chunk)
        if self.size > 200_000:
            at("during DATA")

    def dying_commit(self: Transaction) -> None:
        taking = threading.current_thread().name == "commit-queue"
        if taking:
            at("before commit")
        commit(self)
        if taking:
            at("after commit")

    async def dying_say(self: SmtpWire, reply: str) -> None:
        await say(self, reply)
        if reply.startswith("250 2.0.0 Accepted"):
            at("after reply")

    Receiving.write, Transaction.commit = dying_write, dying_commit
    SmtpWire._say = dying_say


def working() -> None:
    """Steps of the work: claimed, sent to the broker, started, stored."""
    from secure_mail.application.processing.process_message import ProcessMessage
    from secure_mail.application.upkeep.claim_work import ClaimWork
    from secure_mail.domain.work import Claim, JobKind
    from secure_mail.infrastructure.db.transaction import Transaction
    from secure_mail.interfaces.worker.actors import ActorHints

    claim, send, process, store = (
        ClaimWork.__call__,
        ActorHints.send,
        ProcessMessage.__call__,
        ProcessMessage._store,
    )
    here = threading.local()
    commit = Transaction.commit

    def dying_claim(self: ClaimWork, limit: int) -> object:
        claims = claim(self, limit)
        if any(each.kind is JobKind.PROCESS_MESSAGE for each in claims):
            at("claimed")
        return claims

    def dying_send(self: ActorHints, claim: Claim) -> None:
        send(self, claim)
        if claim.kind is JobKind.PROCESS_MESSAGE:
            at("sent")

    def dying_process(self: ProcessMessage, claim: Claim) -> None:
        at("started")
        process(self, claim)

    def dying_store(self: ProcessMessage, *args: object) -> None:
        here.storing = True
        try:
            store(self, *args)
        finally:
            here.storing = False

    def dying_commit(self: Transaction) -> None:
        storing = getattr(here, "storing", False)
        if storing:
            at("before commit of work")
        commit(self)
        if storing:
            at("after commit of work")

    ClaimWork.__call__, ActorHints.send = dying_claim, dying_send
    ProcessMessage.__call__, ProcessMessage._store = dying_process, dying_store
    Transaction.commit = dying_commit


def fetching() -> None:
    """The step between the IMAP door's ledger and the move; those of the commit are the gate's."""
    from secure_mail.application.intake.record_fetch import RecordFetch
    from secure_mail.domain.fetching import Fetch
    from secure_mail.domain.ids import MessageId

    record = RecordFetch.__call__

    def dying_record(self: RecordFetch, fetch: Fetch, message: MessageId) -> None:
        record(self, fetch, message)
        at("in the ledger")

    RecordFetch.__call__ = dying_record


STEPS: dict[str, Callable[[], None]] = {
    "during DATA": receiving,
    "before fsync": writing_blobs,
    "after fsync": writing_blobs,
    "after rename": writing_blobs,
    "before commit": receiving,
    "after commit": receiving,
    "after reply": receiving,
    "in the ledger": fetching,
    "claimed": working,
    "sent": working,
    "started": working,
    "before commit of work": working,
    "after commit of work": working,
}
if STEP:
    STEPS[STEP]()
if LEASE:
    from secure_mail.domain import work

    work.LEASE = timedelta(seconds=float(LEASE))
