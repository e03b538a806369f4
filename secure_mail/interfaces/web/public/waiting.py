"""The `words` cookie: what the waiting page shows, for 15 minutes, in the browser that asked."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self
from uuid import UUID

from secure_mail.application.links.request_link import WORDS_KEPT, RequestedLink
from secure_mail.domain.ids import RegistrationId
from secure_mail.domain.links import Declaration
from secure_mail.interfaces.web.cookies import octets_of, octets_text
from secure_mail.interfaces.web.public.declaration import carried


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The browser's own last request. The mail takes nothing from here but the id."""

    registration_id: RegistrationId
    address: str = field(repr=False)
    words: str
    requested_at: datetime
    expires_at: datetime
    declared: dict[str, str]

    @classmethod
    def of(cls, requested: RequestedLink, address: str, declaration: Declaration) -> Self:
        return cls(
            registration_id=requested.registration_id,
            address=address,
            words=requested.check_words,
            requested_at=requested.requested_at,
            expires_at=requested.expires_at,
            declared=carried(declaration),
        )

    @property
    def again_at(self) -> datetime:
        return self.requested_at + WORDS_KEPT

    def to_cookie(self) -> str:
        shown = {
            "id": str(self.registration_id),
            "address": self.address,
            "words": self.words,
            "requested_at": self.requested_at.isoformat(),
            "expires_at": self.expires_at.isoformat(),
            "declared": self.declared,
        }
        return octets_text(json.dumps(shown, ensure_ascii=False).encode())

    @classmethod
    def from_cookie(cls, text: str) -> Self | None:
        """None for anything that we did not write."""
        try:
            shown = json.loads(octets_of(text) or b"")
            return cls(
                registration_id=RegistrationId(UUID(shown["id"])),
                address=str(shown["address"]),
                words=str(shown["words"]),
                requested_at=_aware(shown["requested_at"]),
                expires_at=_aware(shown["expires_at"]),
                declared={str(key): str(value) for key, value in shown["declared"].items()},
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without its zone")
    return moment
