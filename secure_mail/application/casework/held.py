"""What waits for a person: listed, opened, released to a queue, refused with notice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from secure_mail.application.casework.opening import Opening, OpenMessage
from secure_mail.application.casework.trail import Trail, needs_work
from secure_mail.application.ports.blobs import BlobMissingError
from secure_mail.application.ports.clock import Clock
from secure_mail.application.ports.rules import Rules
from secure_mail.application.ports.store import UnitOfWork, Units
from secure_mail.application.ports.vault import Opener, Sealer
from secure_mail.domain.access import StaffIdentity
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import MessageId, QueueName
from secure_mail.domain.messages import Message, MessageState, Part
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.routing.rulebook import TRIAGE
from secure_mail.domain.sealing import INTAKE, CannotOpenError, SealedKey
from secure_mail.domain.work import JobKind

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ListHeld:
    """Oldest first; for those who read triage. Raises Refusal NO_ACCESS."""

    units: Units

    def __call__(self, staff: StaffIdentity, after: MessageId | None) -> Sequence[Message]:
        _may_read(staff)
        with self.units.reading() as uow:
            return uow.messages.held(PAGE, after)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowHeld:
    """One held message; its view is None when nothing was derived or it does not open here.

    Raises Refusal NO_ACCESS, NOT_FOUND. A broken seal is recorded as an alarm.
    """

    units: Units
    opening: Opening
    trail: Trail

    def __call__(self, staff: StaffIdentity, message_id: MessageId, purpose: str) -> OpenMessage:
        _may_read(staff)
        with self.units.reading() as uow:
            message = _held(uow, message_id)
            parts = uow.contents.parts(message.content_id)
        opened = self._opened(staff, message, parts)
        with self.units() as uow:
            self.trail.audit(
                uow, staff, str(message_id), AuditKind.CASE_READ, purpose=purpose, act="held"
            )
            uow.commit()
        return opened

    def _opened(self, staff: StaffIdentity, message: Message, parts: Sequence[Part]) -> OpenMessage:
        if not self.opening.holds(message.sealed_key.holder):
            return OpenMessage(message=message, view=None)
        try:
            with self.trail.alarmed(self.units, staff, str(message.id)):
                return self.opening.message(message, parts)
        except (CannotOpenError, BlobMissingError):
            return OpenMessage(message=message, view=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseHeld:
    """A person's decision: the worker files it into that queue. The key goes back to the intake.

    What the worker itself could not open is still sealed to the intake: it is tried again.
    """

    units: Units
    clock: Clock
    rules: Rules
    opener: Opener
    sealer: Sealer
    trail: Trail

    def __call__(self, staff: StaffIdentity, message_id: MessageId, to: QueueName) -> None:
        """Raises Refusal NO_ACCESS, NOT_FOUND, STALE; CannotOpenError, recorded as an alarm."""
        needs_work(staff, TRIAGE)
        if self.rules.in_force().queue(to) is None:
            raise Refusal(RefusalCode.NOT_FOUND)
        with self.trail.alarmed(self.units, staff, str(message_id)), self.units() as uow:
            message = _held(uow, message_id)
            released = replace(
                message,
                state=MessageState.ACCEPTED,
                released_to=to,
                sealed_key=self._for_intake(message),
            )
            if not uow.messages.save(released, MessageState.HELD):
                raise Refusal(RefusalCode.STALE)
            uow.outbox.add(JobKind.PROCESS_MESSAGE, message_id, self.clock.now())
            self.trail.audit(uow, staff, str(message_id), AuditKind.MESSAGE_RELEASED, to=to)
            uow.commit()

    def _for_intake(self, message: Message) -> SealedKey:
        if message.sealed_key.holder == INTAKE:
            return message.sealed_key
        key = self.opener.open_key(message.sealed_key, message.content_id)
        return self.sealer.seal_key(key, INTAKE, message.content_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseHeld:
    """The sender is told why and what to do instead; nothing is deleted."""

    units: Units
    clock: Clock
    trail: Trail

    def __call__(self, staff: StaffIdentity, message_id: MessageId, code: RefusalCode) -> None:
        """`code` is one of TOLD. Raises Refusal NO_ACCESS, NOT_FOUND, STALE."""
        needs_work(staff, TRIAGE)
        with self.units() as uow:
            message = _held(uow, message_id)
            refused = replace(message, state=MessageState.REFUSED, reason=code.value)
            if not uow.messages.save(refused, MessageState.HELD):
                raise Refusal(RefusalCode.STALE)
            uow.outbox.add(JobKind.SEND_REFUSAL, message_id, self.clock.now())
            self.trail.audit(
                uow, staff, str(message_id), AuditKind.MESSAGE_REFUSED, reason=code.value
            )
            uow.commit()


def _may_read(staff: StaffIdentity) -> None:
    if not staff.may_read(TRIAGE):
        raise Refusal(RefusalCode.NO_ACCESS, queue=TRIAGE)


def _held(uow: UnitOfWork, message_id: MessageId) -> Message:
    message = uow.messages.get(message_id)
    if message is None or message.state is not MessageState.HELD:
        raise Refusal(RefusalCode.NOT_FOUND)
    return message
