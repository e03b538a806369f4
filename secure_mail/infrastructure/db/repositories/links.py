"""Links, sessions. Counters and states change by one conditional UPDATE (links.md rule 17)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, delete, func, or_, update

from secure_mail.domain.ids import LinkId, SessionId
from secure_mail.domain.links import GRACE, LinkState, SecureLink, Session, SessionKind
from secure_mail.domain.sealing import SealedBytes
from secure_mail.infrastructure.db.mapping import Mapped
from secure_mail.infrastructure.db.tables import links as tables
from secure_mail.infrastructure.db.transaction import Transaction

LINK = Mapped(tables.SecureLink, SecureLink)
SESSION = Mapped(tables.Session, Session)


class SqlLinks:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def add(self, link: SecureLink) -> None:
        self._tx.add(LINK, link)

    def get(self, link: LinkId) -> SecureLink | None:
        return self._tx.first(LINK, LINK.c.id == link)

    def by_token_hash(self, token_hash: bytes) -> SecureLink | None:
        return self._tx.first(LINK, LINK.c.token_hash == token_hash)

    def live_of(self, address_index: bytes, now: datetime) -> Sequence[SecureLink]:
        return self._tx.all(
            LINK,
            LINK.c.address_index == address_index,
            LINK.c.state == LinkState.LIVE,
            LINK.c.expires_at > now,
            order=(LINK.c.requested_at, LINK.c.id),
        )

    def redeem(self, link: LinkId, now: datetime) -> bool:
        statement = (
            update(LINK.table)
            .where(
                LINK.c.id == link,
                LINK.c.state == LinkState.LIVE,
                LINK.c.requested_at <= now,
                LINK.c.expires_at > now,
            )
            .values(redeemed_at=func.coalesce(LINK.c.redeemed_at, now))
        )
        return self._tx.change(statement) == 1

    def use(self, link: LinkId, now: datetime, *, grace_from: datetime | None) -> bool:
        alive = and_(LINK.c.requested_at <= now, LINK.c.expires_at > now)
        if grace_from is not None:
            in_grace = and_(
                LINK.c.requested_at <= grace_from,
                LINK.c.expires_at > grace_from,
                LINK.c.expires_at <= now,
                LINK.c.expires_at > now - GRACE,
            )
            alive = or_(alive, in_grace)
        statement = (
            update(LINK.table)
            .where(
                LINK.c.id == link,
                LINK.c.state == LinkState.LIVE,
                LINK.c.uses < LINK.c.cap,
                alive,
            )
            .values(uses=LINK.c.uses + 1)
        )
        return self._tx.change(statement) == 1

    def reserve(self, link: LinkId, octets: int) -> bool:
        after = LINK.c.octets + octets
        statement = (
            update(LINK.table)
            .where(LINK.c.id == link, after <= LINK.c.octets_cap)
            .values(octets=after)
        )
        return self._tx.change(statement) == 1

    def revoke(self, link: LinkId, reason: str) -> bool:
        statement = (
            update(LINK.table)
            .where(LINK.c.id == link, LINK.c.state == LinkState.LIVE)
            .values(state=LinkState.REVOKED, revoked_reason=reason)
        )
        return self._tx.change(statement) == 1


class SqlSessions:
    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def add(self, session: Session) -> None:
        self._tx.add(SESSION, session)

    def by_secret(self, secret_hash: bytes, kind: SessionKind) -> Session | None:
        theirs = (SESSION.c.secret_hash == secret_hash, SESSION.c.kind == kind)
        return self._tx.first(SESSION, *theirs, lock=True)

    def touch(self, session: SessionId, now: datetime) -> None:
        self._tx.change(
            update(SESSION.table).where(SESSION.c.id == session).values(last_used_at=now)
        )

    def seal(self, session: SessionId, sealed: SealedBytes) -> None:
        self._tx.change(update(SESSION.table).where(SESSION.c.id == session).values(sealed=sealed))

    def end(self, session: SessionId, now: datetime) -> None:
        self._tx.change(
            update(SESSION.table)
            .where(SESSION.c.id == session, SESSION.c.ended_at.is_(None))
            .values(ended_at=now)
        )

    def end_all(self, kind: SessionKind, subject: str, now: datetime) -> int:
        return self._tx.change(
            update(SESSION.table)
            .where(
                SESSION.c.subject == subject,
                SESSION.c.kind == kind,
                SESSION.c.ended_at.is_(None),
            )
            .values(ended_at=now)
        )

    def delete_ended(self, before: datetime) -> int:
        return self._tx.change(
            delete(SESSION.table).where(
                or_(SESSION.c.ended_at < before, SESSION.c.expires_at < before)
            )
        )
