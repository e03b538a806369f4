"""Names of things: one type per kind of id, so that one cannot be handed in for another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType, Self
from uuid import UUID

RegistrationId = NewType("RegistrationId", UUID)
LinkId = NewType("LinkId", UUID)
SessionId = NewType("SessionId", UUID)
DraftId = NewType("DraftId", UUID)
ContentId = NewType("ContentId", UUID)
PartId = NewType("PartId", UUID)
MessageId = NewType("MessageId", UUID)
CaseId = NewType("CaseId", UUID)
EventId = NewType("EventId", UUID)
ReplyId = NewType("ReplyId", UUID)
CodeId = NewType("CodeId", UUID)
StaffId = NewType("StaffId", UUID)
GrantId = NewType("GrantId", UUID)
PartnerId = NewType("PartnerId", UUID)
OutboxId = NewType("OutboxId", UUID)

Mailbox = NewType("Mailbox", str)
"""Local part of a mailbox of the rules file, lower case."""
QueueName = NewType("QueueName", str)
TopicName = NewType("TopicName", str)
BlobKey = NewType("BlobKey", str)
"""Where the blob store keeps sealed bytes; letters, digits, `/` and `-` only."""

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans("ILO", "110")


@dataclass(frozen=True, slots=True)
class Reference:
    """Told to a person and typed back: `PK-7K4Q-9M3X`, seven random symbols and a check."""

    text: str

    @classmethod
    def of(cls, prefix: str, symbols: str) -> Self:
        """Builds it from the deployment's prefix and seven Crockford symbols."""
        body = symbols + _check_symbol(symbols)
        return cls(f"{prefix}-{body[:4]}-{body[4:]}")

    @classmethod
    def parse(cls, typed: str) -> Self | None:
        """Reads what was typed (case, spaces, look-alikes forgiven); None if it cannot be one."""
        prefix, _, rest = typed.strip().upper().replace(" ", "-").partition("-")
        body = rest.replace("-", "").translate(_LOOKALIKES)
        if not prefix.isalnum() or len(body) != 8 or any(c not in CROCKFORD for c in body):
            return None
        return cls.of(prefix, body[:7]) if _check_symbol(body[:7]) == body[7] else None

    def __str__(self) -> str:
        return self.text


def _check_symbol(symbols: str) -> str:
    """Luhn modulo 32: catches every single wrong symbol and every swap of neighbours but 0Z."""
    total = 0
    for place, symbol in enumerate(reversed(symbols)):
        value = CROCKFORD.index(symbol) * (2 if place % 2 == 0 else 1)
        total += value // 32 + value % 32
    return CROCKFORD[-total % 32]
