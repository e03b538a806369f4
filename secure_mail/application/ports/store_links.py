"""Registrations, links, sessions, drafts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from secure_mail.domain.compose import Draft, DraftFile
from secure_mail.domain.ids import DraftId, LinkId, PartId, RegistrationId, SessionId
from secure_mail.domain.links import (
    AddressBlock,
    Registration,
    SecureLink,
    Session,
    SessionKind,
    StopRequest,
)
from secure_mail.domain.sealing import SealedBytes


class Registrations(Protocol):
    def add(self, registration: Registration) -> None: ...
    def get(self, registration: RegistrationId) -> Registration | None: ...
    def save(self, registration: Registration) -> None: ...

    def of_network(self, network: bytes, since: datetime) -> int:
        """Requests from one client network since then (limits, rule 12)."""
        ...

    def of_address(self, address_index: bytes, since: datetime) -> Sequence[Registration]:
        """Decided requests for one address since then, oldest first."""
        ...

    def of_domain(self, domain_index: bytes, since: datetime) -> int: ...
    def total(self, since: datetime) -> int: ...

    def delete_unused(self, ended_before: datetime) -> int:
        """Deletes registrations (and their links) whose link ended before then, or that got no link
        and were requested before then, and from which no message came; how many.
        """
        ...

    def add_stop(self, request: StopRequest) -> None: ...
    def get_stop(self, request: RegistrationId) -> StopRequest | None: ...
    def forget_stop(self, request: RegistrationId) -> None:
        """Wipes what was typed; the row still counts for its network's limit."""
        ...

    def delete_stops(self, before: datetime) -> int:
        """Deletes those that are forgotten and were asked before then; how many."""
        ...

    def stops_of_network(self, network: bytes, since: datetime) -> int: ...
    def block(self, block: AddressBlock) -> None:
        """Adds or replaces."""
        ...

    def unblock(self, address_index: bytes) -> None: ...
    def blocked(self, address_index: bytes, now: datetime) -> bool: ...


class Links(Protocol):
    def add(self, link: SecureLink) -> None: ...
    def get(self, link: LinkId) -> SecureLink | None: ...
    def by_token_hash(self, token_hash: bytes) -> SecureLink | None: ...

    def live_of(self, address_index: bytes, now: datetime) -> Sequence[SecureLink]:
        """Live, unexpired links of an address, oldest first."""
        ...

    def redeem(self, link: LinkId, now: datetime) -> bool:
        """One conditional UPDATE while live, requested_at <= now < expires_at."""
        ...

    def use(self, link: LinkId, now: datetime, *, grace_from: datetime | None) -> bool:
        """One conditional UPDATE: counts a sent message while alive and below the cap (rule 17);
        with `grace_from` (form served, inside the life) also up to 60 min after the end.
        """
        ...

    def reserve(self, link: LinkId, octets: int) -> bool:
        """One conditional UPDATE: adds (a negative number gives back) octets under octets_cap."""
        ...

    def revoke(self, link: LinkId, reason: str) -> bool:
        """Live -> revoked; False if it was not live."""
        ...


class Sessions(Protocol):
    def add(self, session: Session) -> None: ...

    def by_secret(self, secret_hash: bytes, kind: SessionKind) -> Session | None:
        """In a unit that writes nobody else changes it until the unit ends."""
        ...

    def touch(self, session: SessionId, now: datetime) -> None: ...
    def seal(self, session: SessionId, sealed: SealedBytes) -> None:
        """Replaces what the session's pages show."""
        ...

    def end(self, session: SessionId, now: datetime) -> None: ...
    def end_all(self, kind: SessionKind, subject: str, now: datetime) -> int: ...
    def delete_ended(self, before: datetime) -> int: ...


class Drafts(Protocol):
    def add(self, draft: Draft) -> None: ...
    def get(self, draft: DraftId) -> Draft | None:
        """In a unit that writes nobody else sends, deletes or changes it until the unit ends."""
        ...

    def open_of(self, link: LinkId) -> Sequence[Draft]:
        """Unsent drafts of a link, newest first."""
        ...

    def save(self, draft: Draft) -> bool:
        """Stores `draft` if the stored version is `draft.version - 1` and it is unsent."""
        ...

    def served(self, draft: DraftId, at: datetime) -> None:
        """A page of the draft was served: sets served_at, leaves version alone."""
        ...

    def sent(self, draft: DraftId, message: str) -> bool:
        """One conditional UPDATE: unsent -> sent as this message; wipes composition and keys
        and forgets the files, which are parts of the message now.
        """
        ...

    def delete(self, draft: DraftId) -> bool:
        """Forgets it and its files while it is unsent; False: it was sent, or is gone already."""
        ...

    def stale(self, before: datetime, limit: int) -> Sequence[Draft]:
        """Unsent drafts not touched since then."""
        ...

    def add_file(self, file: DraftFile) -> None: ...
    def files(self, draft: DraftId) -> Sequence[DraftFile]:
        """By ordinal."""
        ...

    def remove_file(self, draft: DraftId, file: PartId) -> DraftFile | None: ...
