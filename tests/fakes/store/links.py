"""Registrations, links, sessions, drafts in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from secure_mail.domain.compose import Draft, DraftFile
from secure_mail.domain.ids import DraftId, LinkId, PartId, RegistrationId, SessionId
from secure_mail.domain.links import (
    AddressBlock,
    LinkState,
    Registration,
    SecureLink,
    Session,
    SessionKind,
    StopRequest,
)
from secure_mail.domain.sealing import SealedBytes
from tests.fakes.store.state import State, drop, one, put


class FakeRegistrations:
    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, registration: Registration) -> None:
        put(self._state.registrations, registration.id, registration)

    def get(self, registration: RegistrationId) -> Registration | None:
        return self._state.registrations.get(registration)

    def save(self, registration: Registration) -> None:
        if registration.id in self._state.registrations:
            self._state.registrations[registration.id] = registration

    def of_network(self, network: bytes, since: datetime) -> int:
        return sum(each.network == network for each in self._since(since))

    def of_address(self, address_index: bytes, since: datetime) -> Sequence[Registration]:
        return [each for each in self._since(since) if each.address_index == address_index]

    def of_domain(self, domain_index: bytes, since: datetime) -> int:
        return sum(each.domain_index == domain_index for each in self._since(since))

    def total(self, since: datetime) -> int:
        return len(self._since(since))

    def _since(self, since: datetime) -> list[Registration]:
        found = [r for r in self._state.registrations.values() if r.requested_at >= since]
        return sorted(found, key=lambda each: (each.requested_at, each.id))

    def delete_unused(self, ended_before: datetime) -> int:
        state = self._state
        links = {link.registration_id: link for link in state.links.values()}
        written = {message.link_id for message in state.messages.values()}

        def unused(registration: Registration) -> bool:
            link = links.get(registration.id)
            if link is None:
                return registration.requested_at < ended_before
            return link.expires_at < ended_before and link.id not in written

        deleted = drop(state.registrations, unused)
        drop(state.links, lambda link: link.registration_id not in state.registrations)
        drop(state.drafts, lambda draft: draft.link_id not in state.links)
        drop(state.draft_files, lambda file: file.draft_id not in state.drafts)
        return deleted

    def add_stop(self, request: StopRequest) -> None:
        put(self._state.stops, request.id, request)

    def get_stop(self, request: RegistrationId) -> StopRequest | None:
        return self._state.stops.get(request)

    def forget_stop(self, request: RegistrationId) -> None:
        stops = self._state.stops
        if request in stops:
            stops[request] = replace(stops[request], sealed=SealedBytes(b""))

    def delete_stops(self, before: datetime) -> int:
        return drop(self._state.stops, lambda each: not each.sealed and each.requested_at < before)

    def stops_of_network(self, network: bytes, since: datetime) -> int:
        stops = self._state.stops.values()
        return sum(each.network == network and each.requested_at >= since for each in stops)

    def block(self, block: AddressBlock) -> None:
        self._state.blocks[block.address_index] = block

    def unblock(self, address_index: bytes) -> None:
        self._state.blocks.pop(address_index, None)

    def blocked(self, address_index: bytes, now: datetime) -> bool:
        block = self._state.blocks.get(address_index)
        return block is not None and block.since <= now < block.until


class FakeLinks:
    def __init__(self, state: State) -> None:
        self._links = state.links

    def add(self, link: SecureLink) -> None:
        put(
            self._links,
            link.id,
            link,
            lambda each: each.token_hash,
            lambda each: each.registration_id,
        )

    def get(self, link: LinkId) -> SecureLink | None:
        return self._links.get(link)

    def by_token_hash(self, token_hash: bytes) -> SecureLink | None:
        return one(link for link in self._links.values() if link.token_hash == token_hash)

    def live_of(self, address_index: bytes, now: datetime) -> Sequence[SecureLink]:
        found = [
            link
            for link in self._links.values()
            if link.address_index == address_index
            and link.state is LinkState.LIVE
            and now < link.expires_at
        ]
        return sorted(found, key=lambda link: (link.requested_at, link.id))

    def redeem(self, link: LinkId, now: datetime) -> bool:
        found = self._links.get(link)
        if found is None or not found.alive_at(now):
            return False
        self._links[link] = replace(found, redeemed_at=found.redeemed_at or now)
        return True

    def use(self, link: LinkId, now: datetime, *, grace_from: datetime | None) -> bool:
        found = self._links.get(link)
        if found is None or found.uses >= found.cap:
            return False
        in_grace = grace_from is not None and found.in_grace_at(now, grace_from)
        if not (found.alive_at(now) or in_grace):
            return False
        self._links[link] = replace(found, uses=found.uses + 1)
        return True

    def reserve(self, link: LinkId, octets: int) -> bool:
        found = self._links.get(link)
        if found is None or found.octets + octets > found.octets_cap:
            return False
        self._links[link] = replace(found, octets=found.octets + octets)
        return True

    def revoke(self, link: LinkId, reason: str) -> bool:
        found = self._links.get(link)
        if found is None or found.state is not LinkState.LIVE:
            return False
        self._links[link] = replace(found, state=LinkState.REVOKED, revoked_reason=reason)
        return True


class FakeSessions:
    def __init__(self, state: State) -> None:
        self._sessions = state.sessions

    def add(self, session: Session) -> None:
        put(self._sessions, session.id, session, lambda each: each.secret_hash)

    def by_secret(self, secret_hash: bytes, kind: SessionKind) -> Session | None:
        return one(
            session
            for session in self._sessions.values()
            if session.secret_hash == secret_hash and session.kind is kind
        )

    def touch(self, session: SessionId, now: datetime) -> None:
        if session in self._sessions:
            self._sessions[session] = replace(self._sessions[session], last_used_at=now)

    def seal(self, session: SessionId, sealed: SealedBytes) -> None:
        if session in self._sessions:
            self._sessions[session] = replace(self._sessions[session], sealed=sealed)

    def end(self, session: SessionId, now: datetime) -> None:
        found = self._sessions.get(session)
        if found is not None and found.ended_at is None:
            self._sessions[session] = replace(found, ended_at=now)

    def end_all(self, kind: SessionKind, subject: str, now: datetime) -> int:
        theirs = [
            session.id
            for session in self._sessions.values()
            if (session.kind, session.subject, session.ended_at) == (kind, subject, None)
        ]
        for session in theirs:
            self.end(session, now)
        return len(theirs)

    def delete_ended(self, before: datetime) -> int:
        return drop(
            self._sessions, lambda each: min(each.ended_at or before, each.expires_at) < before
        )


class FakeDrafts:
    def __init__(self, state: State) -> None:
        self._drafts = state.drafts
        self._files = state.draft_files

    def add(self, draft: Draft) -> None:
        put(self._drafts, draft.id, draft)

    def get(self, draft: DraftId) -> Draft | None:
        return self._drafts.get(draft)

    def open_of(self, link: LinkId) -> Sequence[Draft]:
        found = [draft for draft in self._unsent() if draft.link_id == link]
        return sorted(found, key=lambda draft: (draft.created_at, draft.id), reverse=True)

    def _unsent(self) -> list[Draft]:
        return [draft for draft in self._drafts.values() if draft.sent_message is None]

    def save(self, draft: Draft) -> bool:
        found = self._drafts.get(draft.id)
        if found is None or found.sent_message is not None or found.version != draft.version - 1:
            return False
        self._drafts[draft.id] = draft
        return True

    def served(self, draft: DraftId, at: datetime) -> None:
        if draft in self._drafts:
            self._drafts[draft] = replace(self._drafts[draft], served_at=at)

    def sent(self, draft: DraftId, message: str) -> bool:
        found = self._drafts.get(draft)
        if found is None or found.sent_message is not None:
            return False
        none = SealedBytes(b"")
        self._drafts[draft] = replace(
            found, sent_message=message, composition=None, wrapped_key=none, escrow=none
        )
        drop(self._files, lambda file: file.draft_id == draft)
        return True

    def delete(self, draft: DraftId) -> bool:
        if draft not in {each.id for each in self._unsent()}:
            return False
        del self._drafts[draft]
        drop(self._files, lambda file: file.draft_id == draft)
        return True

    def stale(self, before: datetime, limit: int) -> Sequence[Draft]:
        found = [draft for draft in self._unsent() if draft.updated_at < before]
        return sorted(found, key=lambda draft: (draft.updated_at, draft.id))[:limit]

    def add_file(self, file: DraftFile) -> None:
        put(self._files, file.id, file)

    def files(self, draft: DraftId) -> Sequence[DraftFile]:
        found = [file for file in self._files.values() if file.draft_id == draft]
        return sorted(found, key=lambda file: (file.ordinal, file.id))

    def remove_file(self, draft: DraftId, file: PartId) -> DraftFile | None:
        found = self._files.get(file)
        if found is None or found.draft_id != draft:
            return None
        return self._files.pop(file)
