"""What lies in a mailbox, and where it is put: by MOVE or without it, whatever flags people set."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from secure_mail.domain.fetching import FetchState
from tests.conftest import required
from tests.fakes.store import FakeStore
from tests.imap_rig import Rig, account, letter, until
from tests.services import dovecot
from tests.services.dovecot import Dovecot

USER = "perintakeskus@kela.test"
FULL = "IMAP4rev1 SASL-IR LITERAL+ IDLE NAMESPACE UIDPLUS MOVE"


def differently(capability: str = ""):
    return dovecot.running(required(dovecot.binary(), "Dovecot"), USER, capability=capability)


@pytest.fixture
def server():
    with differently() as running:
        yield running


@pytest.fixture
def rig():
    made = Rig()
    yield made
    made.threads.shutdown()


def moved(server: Dovecot, count: int, folder: str = "Processed", user: str = USER) -> list[bytes]:
    """What lies in the folder, once there are as many and none is left in INBOX."""
    until(
        lambda: len(server.held(user, folder)) == count and not server.held(user),
        f"{count} in {folder}",
    )
    return server.held(user, folder)


def test_messages_that_people_have_read_or_deleted_are_taken_all_the_same(server, rig):
    server.deliver(USER, letter(1), letter(2))
    box = server.maildir(USER)
    for path, flags in zip(sorted((box / "new").iterdir()), ("S", "ST"), strict=True):
        path.rename(box / "cur" / f"{path.name}:2,{flags}")
    with rig.fetching(account(server, USER)):
        assert rig.waits_for(2) == Counter([letter(1), letter(2)])


def test_without_move_a_copy_is_made_and_only_this_message_is_expunged(rig):
    with differently(FULL.replace(" MOVE", "")) as server:
        server.deliver(USER, letter(1))
        box = server.maildir(USER)
        (path,) = (box / "new").iterdir()
        path.rename(box / "cur" / f"{path.name}:2,T")
        server.deliver(USER, letter(2))
        with rig.fetching(account(server, USER)):
            assert rig.waits_for(2) == Counter([letter(1), letter(2)])
            assert moved(server, 1) == [letter(2)]
            until(lambda: server.flags(USER) == ["ST"], "only what somebody marked is left")


def test_without_move_and_uidplus_nothing_is_expunged(rig):
    with differently(FULL.replace(" UIDPLUS MOVE", "")) as server:
        server.deliver(USER, letter(1))
        for _ in range(2):
            with rig.fetching(account(server, USER)):
                rig.waits_for(1)
                assert moved(server, 1) == [letter(1)]
                until(lambda: server.flags(USER) == ["ST"], "it is marked")
        # The next message makes a whole round, after which the marked one still lies there.
        with rig.fetching(account(server, USER)):
            server.deliver(USER, letter(2))
            assert rig.waits_for(2) == Counter([letter(1), letter(2)])
            assert sorted(moved(server, 2)) == [letter(1), letter(2)]


def test_other_uids_are_fetched_again_and_absorbed(rig):
    with differently(FULL.replace(" UIDPLUS MOVE", "")) as server:
        letters = [letter(number) for number in range(4)]
        server.deliver(USER, *letters)
        with rig.fetching(account(server, USER)):
            rig.waits_for(4)
            until(lambda: len(server.held(USER, "Processed")) == 4, "they are put away")
            server.stop()
            server.forget_uids(USER)
            server.start()
            until(lambda: len(rig.fetches) == 8, "they are fetched again")
            until(lambda: {fetch.state for fetch in rig.fetches} == {FetchState.STORED}, "stored")
    assert len({fetch.uidvalidity for fetch in rig.fetches}) == 2
    assert rig.opened() == Counter(letters)


def test_after_a_restart_before_the_move_it_is_only_put_away(server, rig):
    """As after kill -9 between ledger and move."""
    server.deliver(USER, letter(1))
    move = Dovecot.maildir(server, USER, "Processed")
    with rig.fetching(account(server, USER)):
        rig.waits_for(1)
        moved(server, 1)
    # Back into INBOX under its old UID it cannot come: the ledger is told of the next one instead.
    assert list((move / "cur").iterdir())
    server.deliver(USER, letter(2))
    (first,) = rig.fetches
    stored = replace(first, uid=first.uid + 1)
    rig.store.state.fetches[stored.key] = stored
    with rig.fetching(account(server, USER)):
        assert sorted(moved(server, 2)) == [letter(1), letter(2)]
    assert rig.opened() == Counter([letter(1)])


def test_rows_of_what_left_long_ago_are_forgotten(server):
    store = FakeStore()
    old = Rig(store=store)
    server.deliver(USER, letter(1))
    with old.fetching(account(server, USER)):
        old.waits_for(1)
        moved(server, 1)
    (row,) = old.fetches
    ancient = replace(row, touched_at=row.touched_at.replace(year=2020))
    store.state.fetches[row.key] = ancient
    fresh = Rig(store=store)
    server.deliver(USER, letter(2))
    with fresh.fetching(account(server, USER)):
        until(lambda: ancient not in fresh.fetches, "the old row is forgotten")
        fresh.waits_for(1)
    old.threads.shutdown()
    fresh.threads.shutdown()
