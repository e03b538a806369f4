"""Links, sessions, registrations, drafts: counters and states change by conditional updates."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from secure_mail.domain.ids import BlobKey
from secure_mail.domain.links import (
    BLOCK_LIFE,
    GRACE,
    AddressBlock,
    LinkState,
    SessionKind,
    StopRequest,
)
from secure_mail.domain.sealing import SealedBytes
from tests.fakes.chance import START
from tests.fakes.store import samples

SECOND = timedelta(seconds=1)
END = START + timedelta(days=10)


def add_link(unit, **changes):
    registration = samples.registration()
    link = samples.link(registration_id=registration.id, **changes)
    unit.registrations.add(registration)
    unit.links.add(link)
    return link


def add_draft(unit, **changes):
    draft = samples.draft(link_id=add_link(unit).id, **changes)
    unit.drafts.add(draft)
    return draft


def test_what_was_added_is_what_is_found(store):
    with store.writing() as unit:
        link = add_link(unit)
        registration = samples.registration(address_index=b"a", outcome="link", mailed_at=START)
        unit.registrations.add(registration)
        session = samples.session(sealed=SealedBytes(b"\x00s"))
        unit.sessions.add(session)
    with store.units.reading() as unit:
        assert unit.links.get(link.id) == link
        assert unit.links.by_token_hash(link.token_hash) == link
        assert unit.registrations.get(registration.id) == registration
        assert unit.sessions.by_secret(session.secret_hash, SessionKind.LINK) == session
        assert unit.sessions.by_secret(session.secret_hash, SessionKind.STAFF) is None


@pytest.mark.parametrize(
    ("now", "alive"),
    [
        (START - SECOND, False),
        (START, True),
        (END - SECOND, True),
        (END, False),
        (END + SECOND, False),
    ],
)
def test_a_link_lives_from_its_request_to_the_second_of_its_end(store, now, alive):
    with store.writing() as unit:
        link = add_link(unit)
        assert unit.links.redeem(link.id, now) is alive
        assert unit.links.use(link.id, now, grace_from=None) is alive
        kept = unit.links.get(link.id)
        assert (kept.uses, kept.redeemed_at) == ((1, now) if alive else (0, None))


@pytest.mark.parametrize(
    ("served", "now", "counted"),
    [
        (END - SECOND, END, True),
        (END - SECOND, END + GRACE - SECOND, True),
        (END - SECOND, END + GRACE, False),
        (END, END + SECOND, False),
        (START - SECOND, END + SECOND, False),
        (START, END + SECOND, True),
    ],
)
def test_a_form_served_in_the_life_may_be_sent_for_an_hour_after_it(store, served, now, counted):
    with store.writing() as unit:
        link = add_link(unit)
        assert unit.links.use(link.id, now, grace_from=served) is counted
        assert unit.links.get(link.id).uses == counted


def test_the_first_redemption_is_the_one_that_is_remembered(store):
    with store.writing() as unit:
        link = add_link(unit)
        assert unit.links.redeem(link.id, START)
        assert unit.links.redeem(link.id, START + SECOND)
        assert unit.links.get(link.id).redeemed_at == START


def test_the_caps_of_messages_and_octets_hold(store):
    with store.writing() as unit:
        link = add_link(unit, cap=2, octets_cap=100)
        assert [unit.links.use(link.id, START, grace_from=None) for _ in range(3)] == [1, 1, 0]
        assert unit.links.reserve(link.id, 60)
        assert not unit.links.reserve(link.id, 41)
        assert unit.links.reserve(link.id, 40)
        assert unit.links.reserve(link.id, -60)
        assert unit.links.get(link.id).octets == 40


def test_a_revoked_link_is_dead_in_grace_too(store):
    with store.writing() as unit:
        link = add_link(unit)
        assert unit.links.revoke(link.id, "stolen")
        assert not unit.links.revoke(link.id, "again")
        assert not unit.links.redeem(link.id, START)
        assert not unit.links.use(link.id, START, grace_from=START)
        assert not unit.links.use(link.id, END, grace_from=START)
        kept = unit.links.get(link.id)
        assert (kept.state, kept.revoked_reason) == (LinkState.REVOKED, "stolen")


def test_live_links_of_an_address_come_oldest_first(store):
    with store.writing() as unit:
        later = add_link(unit, requested_at=START + SECOND, expires_at=END + SECOND)
        first = add_link(unit)
        add_link(unit, address_index=b"other")
        unit.links.revoke(add_link(unit).id, "reason")
        assert unit.links.live_of(b"address", START) == [first, later]
        assert unit.links.live_of(b"address", END) == [later]


def test_sessions_end_once_and_are_swept(store):
    with store.writing() as unit:
        sessions = [samples.session(subject="one") for _ in range(3)]
        for session in sessions:
            unit.sessions.add(session)
        unit.sessions.touch(sessions[0].id, START + SECOND)
        unit.sessions.seal(sessions[0].id, SealedBytes(b"page"))
        unit.sessions.end(sessions[1].id, START + SECOND)
        unit.sessions.end(sessions[1].id, START + 2 * SECOND)
        assert unit.sessions.end_all(SessionKind.LINK, "one", START + 3 * SECOND) == 2
        assert unit.sessions.end_all(SessionKind.STAFF, "one", START) == 0
        found = [unit.sessions.by_secret(s.secret_hash, SessionKind.LINK) for s in sessions]
        assert found[0].last_used_at == START + SECOND
        assert found[0].sealed == b"page"
        assert [s.ended_at - START for s in found] == [3 * SECOND, SECOND, 3 * SECOND]
        assert unit.sessions.delete_ended(START + 2 * SECOND) == 1
        assert unit.sessions.delete_ended(START + timedelta(days=1)) == 2


def test_limits_count_requests_since(store):
    with store.writing() as unit:
        early = samples.registration(address_index=b"a", domain_index=b"d")
        later = replace(samples.registration(), requested_at=START + SECOND, address_index=b"a")
        for registration in (later, early):
            unit.registrations.add(registration)
        assert unit.registrations.of_address(b"a", START) == [early, later]
        assert unit.registrations.of_address(b"a", START + SECOND) == [later]
        assert unit.registrations.of_network(b"network", START) == 2
        assert unit.registrations.of_network(b"network", START + 2 * SECOND) == 0
        assert unit.registrations.of_domain(b"d", START) == 1
        assert unit.registrations.total(START + SECOND) == 1
        decided = replace(early, outcome="link", mailed_at=START)
        unit.registrations.save(decided)
        assert unit.registrations.get(early.id) == decided


def test_registrations_without_message_are_deleted_after_their_links_end(store):
    def unit(unit):
        asked = samples.registration()
        recent = samples.registration(requested_at=END)
        for registration in (asked, recent):
            unit.registrations.add(registration)
        unused, used = add_link(unit), add_link(unit)
        draft = samples.draft(link_id=unused.id)
        unit.drafts.add(draft)
        message = samples.message(link_id=used.id)
        unit.contents.add(message.content_id, [])
        unit.messages.add(message, None, None)
        assert unit.registrations.delete_unused(START) == 0
        assert unit.registrations.delete_unused(END + SECOND) == 3
        assert unit.registrations.get(used.registration_id) is not None
        gone = unit.registrations.get(unused.registration_id), unit.links.get(unused.id)
        assert (*gone, unit.drafts.get(draft.id)) == (None, None, None)

    store.accept(unit)


def test_a_block_lasts_half_open_and_can_be_lifted(store):
    with store.writing() as unit:
        block = AddressBlock(address_index=b"a", since=START, until=START + BLOCK_LIFE)
        unit.registrations.block(block)
        unit.registrations.block(replace(block, since=START + SECOND))
        assert not unit.registrations.blocked(b"a", START)
        assert unit.registrations.blocked(b"a", START + SECOND)
        assert not unit.registrations.blocked(b"a", block.until)
        unit.registrations.unblock(b"a")
        assert not unit.registrations.blocked(b"a", START + SECOND)


def test_stop_requests_wait_for_the_worker(store):
    with store.writing() as unit:
        stop = StopRequest(
            id=samples.registration().id,
            requested_at=START,
            network=b"n",
            sealed=SealedBytes(b"\x01"),
        )
        unit.registrations.add_stop(stop)
        assert unit.registrations.get_stop(stop.id) == stop
        assert unit.registrations.stops_of_network(b"n", START) == 1
        assert unit.registrations.stops_of_network(b"n", START + SECOND) == 0
        assert unit.registrations.delete_stops(START + SECOND) == 0
        unit.registrations.forget_stop(stop.id)
        assert unit.registrations.get_stop(stop.id).sealed == b""
        assert unit.registrations.stops_of_network(b"n", START) == 1
        assert unit.registrations.delete_stops(START) == 0
        assert unit.registrations.delete_stops(START + SECOND) == 1
        assert unit.registrations.get_stop(stop.id) is None


def test_a_draft_is_saved_over_the_version_that_was_read(store):
    with store.writing() as unit:
        draft = add_draft(unit)
        changed = replace(draft, version=1, composition=SealedBytes(b"new"))
        assert unit.drafts.save(changed)
        assert not unit.drafts.save(changed)
        unit.drafts.served(draft.id, START + SECOND)
        assert unit.drafts.get(draft.id) == replace(changed, served_at=START + SECOND)


def test_a_draft_is_sent_once_and_then_opens_to_nobody(store):
    with store.writing() as unit:
        draft = add_draft(unit)
        unit.drafts.add_file(samples.draft_file(draft_id=draft.id))
        assert unit.drafts.sent(draft.id, "message")
        assert not unit.drafts.sent(draft.id, "another")
        assert not unit.drafts.delete(draft.id)
        assert not unit.drafts.save(replace(draft, version=1))
        kept = unit.drafts.get(draft.id)
        assert (kept.sent_message, kept.composition) == ("message", None)
        assert (kept.wrapped_key, kept.escrow) == (b"", b"")
        assert unit.drafts.files(draft.id) == []
        assert unit.drafts.open_of(draft.link_id) == []
        assert unit.drafts.stale(END, 10) == []


def test_open_drafts_come_newest_first_and_old_ones_are_swept(store):
    with store.writing() as unit:
        first = add_draft(unit)
        second = samples.draft(
            link_id=first.link_id, created_at=START + SECOND, updated_at=START + SECOND
        )
        unit.drafts.add(second)
        assert unit.drafts.open_of(first.link_id) == [second, first]
        assert unit.drafts.stale(START + SECOND, 10) == [first]
        assert unit.drafts.stale(END, 1) == [first]
        assert unit.drafts.delete(first.id)
        assert not unit.drafts.delete(first.id)
        assert unit.drafts.stale(END, 10) == [second]


def test_files_of_a_draft_stay_in_order_and_name_their_blobs(store):
    with store.writing() as unit:
        draft = add_draft(unit)
        blob = BlobKey("aa/bb/cc")
        second = samples.draft_file(draft_id=draft.id, ordinal=1, inline=None, blob=blob)
        first = samples.draft_file(draft_id=draft.id, ordinal=0)
        unit.drafts.add_file(second)
        unit.drafts.add_file(first)
        assert unit.drafts.files(draft.id) == [first, second]
        assert unit.contents.named_blobs([blob, BlobKey("dd")]) == {blob}
        assert unit.drafts.remove_file(samples.draft().id, first.id) is None
        assert unit.drafts.remove_file(draft.id, second.id) == second
        assert unit.drafts.files(draft.id) == [first]
        assert unit.drafts.delete(draft.id)
        assert unit.drafts.files(draft.id) == []
