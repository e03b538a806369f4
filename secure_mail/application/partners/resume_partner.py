"""Ends a suspension: from the commit on the partner's mail is judged by its checks again."""

from __future__ import annotations

from dataclasses import dataclass, replace

from secure_mail.application.auditing import audit_event
from secure_mail.application.partners.registering import Registrar
from secure_mail.application.ports.clock import Ids
from secure_mail.application.ports.store import Units
from secure_mail.domain.events import AuditKind
from secure_mail.domain.partners import PartnerState
from secure_mail.domain.refusals import Refusal, RefusalCode


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumePartner:
    """By name; resuming who is not suspended changes nothing."""

    units: Units
    ids: Ids
    registrar: Registrar

    def __call__(self, name: str, actor: str) -> None:
        """Raises Refusal NOT_FOUND; PartnerFaultError when another owns its domain meanwhile."""
        with self.units() as uow:
            partner = uow.partners.by_name(name)
            if partner is None:
                raise Refusal(RefusalCode.NOT_FOUND)
            if partner.state is PartnerState.ACTIVE:
                return
            resumed = replace(partner, state=PartnerState.ACTIVE)
            self.registrar.refuse_clash(resumed, uow.partners.all())
            uow.partners.save(resumed)
            uow.audit.add(
                audit_event(
                    self.ids,
                    self.registrar.clock.now(),
                    AuditKind.PARTNER_CHANGED,
                    actor,
                    partner.id,
                    change="resumed",
                )
            )
            uow.commit()
