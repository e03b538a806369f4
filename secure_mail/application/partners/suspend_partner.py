"""Suspends a partner: from the commit on its mail is refused at the door."""

from __future__ import annotations

from dataclasses import dataclass, replace

from secure_mail.application.auditing import audit_event
from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.store import Units
from secure_mail.domain.events import AuditKind
from secure_mail.domain.partners import PartnerState
from secure_mail.domain.refusals import Refusal, RefusalCode


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendPartner:
    """By name; suspending twice changes nothing."""

    units: Units
    clock: Clock
    ids: Ids

    def __call__(self, name: str, actor: str) -> None:
        """Raises Refusal NOT_FOUND."""
        with self.units() as uow:
            partner = uow.partners.by_name(name)
            if partner is None:
                raise Refusal(RefusalCode.NOT_FOUND)
            if partner.state is PartnerState.SUSPENDED:
                return
            uow.partners.save(replace(partner, state=PartnerState.SUSPENDED))
            uow.audit.add(
                audit_event(
                    self.ids,
                    self.clock.now(),
                    AuditKind.PARTNER_CHANGED,
                    actor,
                    partner.id,
                    change="suspended",
                )
            )
            uow.commit()
