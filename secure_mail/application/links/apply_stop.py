"""Taking a stop request: the worker compares the code and does as asked."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from secure_mail.application.auditing import audit_event
from secure_mail.application.links.ending import end_links
from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.store import UnitOfWork, Units
from secure_mail.application.ports.vault import BlindIndex, Opener, StopCodes
from secure_mail.domain.events import AuditKind
from secure_mail.domain.ids import RegistrationId
from secure_mail.domain.links import BLOCK_LIFE, AddressBlock, StopAction
from secure_mail.domain.requests import StopWish
from secure_mail.domain.sealing import WORKER, Purpose
from secure_mail.domain.work import Claim

_LOOKALIKES = str.maketrans("ILO", "110")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyStop:
    """Ends links and their sessions, blocks or allows the address (rule 16).

    A wrong code does nothing. Raises FencedError.
    """

    units: Units
    clock: Clock
    ids: Ids
    opener: Opener
    stop_codes: StopCodes
    index: BlindIndex

    def __call__(self, claim: Claim) -> None:
        now = self.clock.now()
        request_id = RegistrationId(claim.subject)
        with self.units() as uow:
            uow.outbox.renew(claim, now)
            request = uow.registrations.get_stop(request_id)
            if request is not None and request.sealed:
                wish = StopWish.from_json(
                    self.opener.open_value(request.sealed, WORKER, Purpose.STOP_REQUEST, request_id)
                )
                expected = self.stop_codes.code(wish.address)
                if hmac.compare_digest(_symbols(wish.code).encode(), expected.encode()):
                    self._obey(uow, request_id, wish, now)
                uow.registrations.forget_stop(request_id)
            uow.outbox.done(claim)
            uow.commit()

    def _obey(
        self, uow: UnitOfWork, request: RegistrationId, wish: StopWish, now: datetime
    ) -> None:
        address_index = self.index.of(wish.address)
        match wish.action:
            case StopAction.ALLOW:
                uow.registrations.unblock(address_index)
            case StopAction.REVOKE:
                self._end(uow, address_index, now)
            case StopAction.NEVER:
                self._end(uow, address_index, now)
                uow.registrations.block(
                    AddressBlock(address_index=address_index, since=now, until=now + BLOCK_LIFE)
                )
            case _:
                assert_never(wish.action)
        if wish.action is not StopAction.REVOKE:
            uow.audit.add(
                audit_event(
                    self.ids,
                    now,
                    AuditKind.LINKS_BLOCKED,
                    "sender",
                    request,
                    action=wish.action.value,
                )
            )

    def _end(self, uow: UnitOfWork, address_index: bytes, now: datetime) -> None:
        end_links(uow, self.ids, address_index, now, reason="stopped", actor="sender")


def _symbols(typed: str) -> str:
    """The Crockford symbols of what was typed: case, spaces, hyphens and look-alikes forgiven."""
    return "".join(filter(str.isalnum, typed.upper())).translate(_LOOKALIKES)
