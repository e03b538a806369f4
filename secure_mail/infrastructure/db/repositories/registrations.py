"""Requests for links, stop requests, blocked addresses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, delete, exists, or_, update

from secure_mail.domain.ids import RegistrationId
from secure_mail.domain.links import AddressBlock, Registration, StopRequest
from secure_mail.infrastructure.db.mapping import Mapped
from secure_mail.infrastructure.db.repositories.intake import MESSAGE
from secure_mail.infrastructure.db.repositories.links import LINK
from secure_mail.infrastructure.db.tables import links as tables
from secure_mail.infrastructure.db.transaction import Transaction

REGISTRATION = Mapped(tables.Registration, Registration)
STOP = Mapped(tables.StopRequest, StopRequest)
BLOCK = Mapped(tables.AddressBlock, AddressBlock)


class SqlRegistrations:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def add(self, registration: Registration) -> None:
        self._tx.add(REGISTRATION, registration)

    def get(self, registration: RegistrationId) -> Registration | None:
        return self._tx.first(REGISTRATION, REGISTRATION.c.id == registration)

    def save(self, registration: Registration) -> None:
        self._tx.store(REGISTRATION, registration)

    def of_network(self, network: bytes, since: datetime) -> int:
        c = REGISTRATION.c
        return self._tx.count(REGISTRATION.table, c.network == network, c.requested_at >= since)

    def of_address(self, address_index: bytes, since: datetime) -> Sequence[Registration]:
        c = REGISTRATION.c
        return self._tx.all(
            REGISTRATION,
            c.address_index == address_index,
            c.requested_at >= since,
            order=(c.requested_at, c.id),
        )

    def of_domain(self, domain_index: bytes, since: datetime) -> int:
        c = REGISTRATION.c
        return self._tx.count(
            REGISTRATION.table, c.domain_index == domain_index, c.requested_at >= since
        )

    def total(self, since: datetime) -> int:
        return self._tx.count(REGISTRATION.table, REGISTRATION.c.requested_at >= since)

    def delete_unused(self, ended_before: datetime) -> int:
        link = LINK.c.registration_id == REGISTRATION.c.id
        written = exists().where(link, MESSAGE.c.link_id == LINK.c.id)
        ended = exists().where(link, LINK.c.expires_at < ended_before)
        linkless = ~exists().where(link)
        # Links and drafts go with their registration (ON DELETE CASCADE).
        return self._tx.change(
            delete(REGISTRATION.table).where(
                or_(
                    and_(ended, ~written),
                    and_(linkless, REGISTRATION.c.requested_at < ended_before),
                )
            )
        )

    def add_stop(self, request: StopRequest) -> None:
        self._tx.add(STOP, request)

    def get_stop(self, request: RegistrationId) -> StopRequest | None:
        return self._tx.first(STOP, STOP.c.id == request)

    def forget_stop(self, request: RegistrationId) -> None:
        self._tx.change(update(STOP.table).where(STOP.c.id == request).values(sealed=b""))

    def delete_stops(self, before: datetime) -> int:
        return self._tx.change(
            delete(STOP.table).where(STOP.c.sealed == b"", STOP.c.requested_at < before)
        )

    def stops_of_network(self, network: bytes, since: datetime) -> int:
        return self._tx.count(STOP.table, STOP.c.network == network, STOP.c.requested_at >= since)

    def block(self, block: AddressBlock) -> None:
        self.unblock(block.address_index)
        self._tx.add(BLOCK, block)

    def unblock(self, address_index: bytes) -> None:
        self._tx.change(delete(BLOCK.table).where(BLOCK.c.address_index == address_index))

    def blocked(self, address_index: bytes, now: datetime) -> bool:
        c = BLOCK.c
        return bool(
            self._tx.count(
                BLOCK.table, c.address_index == address_index, c.since <= now, c.until > now
            )
        )
