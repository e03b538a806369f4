"""Three failures: the message is held for a person, with its octets as they came."""

from __future__ import annotations

from dataclasses import dataclass, replace

from secure_mail.application.auditing import audit_event
from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.rules import Rules
from secure_mail.application.ports.store import Units
from secure_mail.application.ports.vault import Opener, Sealer
from secure_mail.application.sealed_evidence import TakeEvidence
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import MessageId
from secure_mail.domain.messages import HoldReason, Message, MessageState
from secure_mail.domain.routing.rulebook import TRIAGE
from secure_mail.domain.sealing import CannotOpenError, ContentKey, SealedBytes, queue_key
from secure_mail.domain.work import Claim, FencedError


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldUnprocessed:
    """Re-seals the content key to triage without parsing, and ends the job."""

    units: Units
    clock: Clock
    ids: Ids
    rules: Rules
    opener: Opener
    sealer: Sealer
    take_evidence: TakeEvidence

    def __call__(self, claim: Claim) -> None:
        now = self.clock.now()
        with self.units() as uow:
            uow.outbox.done(claim)
            message = uow.messages.get(MessageId(claim.subject))
            if message is not None and message.state is MessageState.ACCEPTED:
                held = replace(
                    self._for_triage(message),
                    state=MessageState.HELD,
                    reason=HoldReason.PROCESSING_FAILED.value,
                )
                if not uow.messages.save(held, MessageState.ACCEPTED):
                    raise FencedError
                uow.audit.add(
                    audit_event(
                        self.ids,
                        now,
                        AuditKind.MESSAGE_HELD,
                        "worker",
                        message.id,
                        reason=HoldReason.PROCESSING_FAILED.value,
                    )
                )
            uow.commit()

    def _for_triage(self, message: Message) -> Message:
        queue = self.rules.in_force().queue(TRIAGE)
        assert queue is not None  # noqa: S101 - a loaded file has triage
        try:
            key = self.opener.open_key(message.sealed_key, message.content_id)
        except CannotOpenError:
            return message
        return replace(
            message,
            sealed_key=self.sealer.seal_key(key, queue_key(queue.key), message.content_id),
            evidence=self._evidence(message, key),
        )

    def _evidence(self, message: Message, key: ContentKey) -> SealedBytes:
        try:
            _, kept = self.take_evidence(message, key)
        except CannotOpenError:
            return message.evidence
        return kept
