"""Asking to be left alone: one answer for a right and a wrong code."""

from __future__ import annotations

from dataclasses import dataclass

from secure_mail.application.ports.clock import Clock, Ids
from secure_mail.application.ports.store import Units
from secure_mail.application.ports.vault import DedupeKey, Sealer
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.ids import RegistrationId
from secure_mail.domain.limits import HOUR, LinkLimits
from secure_mail.domain.links import StopAction, StopRequest
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.requests import StopWish
from secure_mail.domain.sealing import WORKER, Purpose
from secure_mail.domain.work import JobKind


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestStop:
    """Seals what was typed to the worker, who alone knows the code (rule 16).

    Only the client network's own limit refuses, with RATE_LIMITED.
    """

    units: Units
    clock: Clock
    ids: Ids
    sealer: Sealer
    dedupe: DedupeKey
    limits: LinkLimits

    def __call__(
        self, *, address: EmailAddress, code: str, action: StopAction, client: str
    ) -> None:
        now = self.clock.now()
        network = self.dedupe.network(client)
        request_id = RegistrationId(self.ids.new())
        wish = StopWish(address=address, code=code, action=action)
        sealed = self.sealer.seal_value(wish.to_json(), WORKER, Purpose.STOP_REQUEST, request_id)
        with self.units() as uow:
            if uow.registrations.stops_of_network(network, now - HOUR) >= self.limits.network_hour:
                raise Refusal(RefusalCode.RATE_LIMITED)
            uow.registrations.add_stop(
                StopRequest(id=request_id, requested_at=now, network=network, sealed=sealed)
            )
            uow.outbox.add(JobKind.APPLY_STOP, request_id, now)
            uow.commit()
