"""What became of the messages of other servers' mailboxes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger
from sqlmodel import Field

from secure_mail.domain.fetching import FetchState
from secure_mail.infrastructure.db.tables.columns import Instant, Row, choice


class FetchedMessage(Row, table=True):
    """`account` is a digest: no user's name lies here."""

    account: str = Field(primary_key=True)
    folder: str = Field(primary_key=True)
    # Both are 32 bits without a sign (RFC 9051, 2.3.1.1).
    uidvalidity: int = Field(primary_key=True, sa_type=BigInteger)
    uid: int = Field(primary_key=True, sa_type=BigInteger)
    state: FetchState = Field(sa_type=choice(FetchState))
    tries: int
    touched_at: datetime = Field(sa_type=Instant())
    message_id: UUID | None
    reason: str | None
