"""One message from its server through the gate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from time import monotonic

from secure_mail.application.intake.gate import Receiving
from secure_mail.application.intake.judge_fetched import FetchedFrom, JudgeFetched
from secure_mail.application.intake.ready_for_mail import Readiness
from secure_mail.domain.ids import Mailbox
from secure_mail.domain.messages import Accepted, Channel, Envelope
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.interfaces.imap.accounts import ImapAccount
from secure_mail.interfaces.imap.hand_over import HandOver
from secure_mail.interfaces.imap.session import Session

READINESS_KEPT = 1.0
"""Seconds for which one look at the store serves every message."""
NOT_ITS_FAULT = frozenset(
    {
        *(RefusalCode.STORAGE_LOW, RefusalCode.BACKLOG, RefusalCode.TEMPORARY),
        RefusalCode.SHUTTING_DOWN,
    }
)
"""Refusals that say nothing of the message: it is tried again, and no try is counted."""


@dataclass(slots=True)
class Taking:
    """Streams messages of one account into the gate. Judges nothing itself."""

    account: ImapAccount
    hand_over: HandOver
    ready: Callable[[], Readiness]
    judge: JudgeFetched
    max_size: int
    stopping: Event
    looked: tuple[float, Readiness] | None = None

    def readiness(self) -> Readiness:
        """Raises Refusal."""
        if self.looked is None or monotonic() > self.looked[0] + READINESS_KEPT:
            self.looked = None
            self.looked = (monotonic(), self.ready())
        return self.looked[1]

    def take(self, session: Session, uid: int) -> Accepted | None:
        """Returns what the gate accepted, or None when the message has gone meanwhile.

        Raises Refusal, LostError, RefusedError.
        """
        size = session.size(uid)
        if size is None:
            return None
        self._check(size)
        receiving = self.hand_over.begin(self._envelope)
        try:
            self._stream(session, uid, size, receiving)
            evidence = self.judge(
                receiving.headers(), source=self._source, readiness=self.readiness()
            )
        except BaseException:
            receiving.abort()
            raise
        return self.hand_over.accept(receiving, evidence)

    def _stream(self, session: Session, uid: int, size: int, receiving: Receiving) -> None:
        for piece in session.slices(uid, size):
            self._check(receiving.size + len(piece))
            self.hand_over.write(receiving, piece)
            if self.stopping.is_set():
                raise Refusal(RefusalCode.SHUTTING_DOWN)

    def _check(self, size: int) -> None:
        if size > self.max_size:
            raise Refusal(RefusalCode.TOO_LARGE)

    @property
    def _source(self) -> FetchedFrom:
        account = self.account
        return FetchedFrom(
            mailbox=Mailbox(account.mailbox),
            user=account.user,
            authserv_id=account.authserv_id,
            received_by=account.received_by,
        )

    @property
    def _envelope(self) -> Envelope:
        return Envelope(
            channel=Channel.IMAP,
            mailboxes=(Mailbox(self.account.mailbox),),
            sender=None,
            scope=self.account.identity,
        )
