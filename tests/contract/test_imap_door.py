"""The IMAP door empties a real Dovecot: each message once, and none holds up the others."""

from __future__ import annotations

from collections import Counter

import pytest

from secure_mail.domain.fetching import FetchState
from secure_mail.domain.messages import Channel
from tests.conftest import required
from tests.imap_rig import Rig, account, letter, until
from tests.services import dovecot
from tests.services.dovecot import Dovecot

USER, OTHER = "perintakeskus@kela.test", "velka@kela.test"


@pytest.fixture
def server():
    with dovecot.running(required(dovecot.binary(), "Dovecot"), USER, OTHER) as running:
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


def test_every_message_is_taken_once_and_put_away_as_read(server, rig):
    letters = [letter(number) for number in range(5)]
    server.deliver(USER, *letters)
    with rig.fetching(account(server, USER)):
        assert rig.waits_for(5) == Counter(letters)
        assert sorted(moved(server, 5)) == letters
    assert {message.channel for message in rig.messages} == {Channel.IMAP}
    assert {message.mailbox for message in rig.messages} == {"perintakeskus"}
    assert {fetch.tries for fetch in rig.fetches} == {1}
    assert {fetch.message_id for fetch in rig.fetches} == {each.id for each in rig.messages}
    assert all("S" in flags for flags in server.flags(USER, "Processed"))


def test_what_nobody_proves_is_taken_as_unproved(server, rig):
    server.deliver(USER, letter(1))
    with rig.fetching(
        account(server, USER, authserv_id="mx.kela.test", received_by="mx.kela.test")
    ):
        rig.waits_for(1)
    evidence = rig.evidence(rig.messages[0])
    assert evidence.header_from == ("clerk@institution.example",)
    assert (evidence.checks, evidence.partner, evidence.tls) == ((), None, False)
    assert evidence.envelope_sender is None


def test_a_letter_larger_than_a_slice_comes_whole(server, rig):
    large = letter(1, "0123456789abcdef" * 60 + "\r\n" + "abcdefghijklmnop\r\n" * 150_000)
    exact = letter(2)
    exact += b"x" * (1024 * 1024 - len(exact) - 2) + b"\r\n"
    server.deliver(USER, large, exact)
    with rig.fetching(account(server, USER)):
        assert rig.waits_for(2) == Counter([large, exact])


def test_a_message_that_comes_while_the_server_idles_is_told_at_once(server, rig):
    with rig.fetching(account(server, USER)) as pollers:
        until(lambda: pollers.progress()[0].last_success, "the empty folder was searched")
        for number in range(3):
            server.deliver(USER, letter(number))
            rig.waits_for(number + 1)
    assert rig.opened() == Counter(map(letter, range(3)))


def test_a_server_that_is_restarted_during_idle_is_found_again(server, rig):
    with rig.fetching(account(server, USER)) as pollers:
        until(lambda: pollers.progress()[0].last_success, "it idles")
        server.stop()
        until(lambda: not pollers.progress()[0].connected, "the end is noticed")
        server.deliver(USER, letter(1))
        server.start()
        assert rig.waits_for(1) == Counter([letter(1)])
        until(lambda: pollers.progress()[0].connected, "it is connected again")
        assert pollers.progress()[0].failures > 0


def test_a_message_that_ends_the_connection_is_set_aside_and_the_others_come(server, rig):
    server.deliver_unreadable(USER)
    server.deliver(USER, letter(1), letter(2))
    with rig.fetching(account(server, USER)) as pollers:
        assert rig.waits_for(2) == Counter([letter(1), letter(2)])
        until(lambda: pollers.progress()[0].set_aside == 1, "it is set aside")
        server.deliver(USER, letter(3))
        assert rig.waits_for(3)[letter(3)] == 1
        until(lambda: pollers.progress()[0].last_success, "the folder was worked through")
    (failed,) = [fetch for fetch in rig.fetches if fetch.state is FetchState.FAILED]
    assert (failed.tries, failed.reason) == (3, "tries")
    (event,) = rig.alarms()
    assert (event.subject, event.facts["uid"]) == ("perintakeskus", str(failed.uid))


def test_a_message_that_is_too_large_is_put_apart_unfetched(server):
    rig = Rig(max_size=2000)
    large = letter(1, "x" * 900 + "\r\n" + "y" * 2000)
    server.deliver(USER, large, letter(2))
    with rig.fetching(account(server, USER, failed="Too large")):
        assert rig.waits_for(1) == Counter([letter(2)])
        until(lambda: server.held(USER, "Too large") == [large], "it is put apart")
        until(lambda: server.held(USER, "Processed") == [letter(2)], "the other is put away")
    assert "S" not in "".join(server.flags(USER, "Too large"))
    (failed,) = [fetch for fetch in rig.fetches if fetch.state is FetchState.FAILED]
    assert (failed.reason, failed.tries) == ("too-large", 1)
    assert [event.facts["reason"] for event in rig.alarms()] == ["too-large"]
    rig.threads.shutdown()


def test_a_service_that_cannot_take_mail_counts_no_try(server, rig):
    rig.blobs.full = True
    server.deliver(USER, letter(1))
    with rig.fetching(account(server, USER)) as pollers:
        until(lambda: pollers.progress()[0].failures >= 4, "it was put off again and again")
        assert (rig.messages, rig.fetches) == ([], [])
        assert server.held(USER) == [letter(1)]
        rig.blobs.full = False
        assert rig.waits_for(1) == Counter([letter(1)])
    assert [fetch.tries for fetch in rig.fetches] == [1]


def test_a_store_that_fails_during_the_message_counts_no_further_try(server, rig):
    """The gate itself says no, after the fetch: four times, and the message is still wanted."""
    large = letter(1, "abcdefghijklmnop\r\n" * 20_000)
    rig.blobs.down = True
    server.deliver(USER, large)
    with rig.fetching(account(server, USER)) as pollers:
        until(lambda: pollers.progress()[0].failures >= 4, "it was put off again and again")
        assert [fetch.tries for fetch in rig.fetches] == [1]
        rig.blobs.down = False
        assert rig.waits_for(1) == Counter([large])
        until(lambda: server.held(USER, "Processed") == [large], "it is put away")


def test_a_store_that_is_down_is_waited_for(server, rig):
    server.deliver(USER, letter(1))
    rig.store.down = True
    with rig.fetching(account(server, USER)) as pollers:
        until(lambda: pollers.progress()[0].failures >= 3, "it is postponed")
        rig.store.down = False
        assert rig.waits_for(1) == Counter([letter(1)])


def test_two_accounts_do_not_meet(server, rig):
    ours = [letter(number) for number in range(3)]
    theirs = [letter(number) for number in range(3, 6)]
    server.deliver(USER, *ours, letter(9))
    server.deliver(OTHER, *theirs, letter(9))
    urls = account(server, USER), account(server, OTHER, "velkajarjestelyt")
    with rig.fetching(*urls) as pollers:
        counted = rig.waits_for(8)
        assert counted == Counter([*ours, *theirs, letter(9), letter(9)])
        until(lambda: sum(each.fetched for each in pollers.progress()) == 8, "all are counted")
    assert Counter(message.mailbox for message in rig.messages) == {
        "perintakeskus": 4,
        "velkajarjestelyt": 4,
    }


def test_one_account_that_cannot_sign_in_keeps_no_other_from_working(server, rig):
    wrong = account(server, OTHER, "velkajarjestelyt").replace("correct", "wrong")
    server.deliver(USER, letter(1))
    with rig.fetching(wrong, account(server, USER)) as pollers:
        assert rig.waits_for(1) == Counter([letter(1)])
        until(lambda: pollers.progress()[0].failures >= 2, "it is tried again")
        assert [each.connected for each in pollers.progress()] == [False, True]


def test_a_certificate_that_nobody_vouches_for_is_refused(server, rig):
    url = account(server, USER).replace("ca_file=", "processed=Done&failed=")
    server.deliver(USER, letter(1))
    with rig.fetching(url) as pollers:
        until(lambda: pollers.progress()[0].failures >= 2, "the server is not believed")
    assert rig.messages == []
    assert "Login:" not in server.log


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_dies_is_begun_anew(server, rig):
    deaths = iter([True, False])

    def chance() -> float:
        if next(deaths, False):
            raise SystemExit
        return 0.0

    rig.chance = chance
    server.deliver(USER, letter(1))
    server.stop()
    with rig.fetching(account(server, USER)) as pollers:
        until(lambda: pollers.progress()[0].failures >= 2, "it died and lives")
        server.start()
        assert rig.waits_for(1) == Counter([letter(1)])


def test_it_stops_while_it_idles_and_while_it_waits(server, rig):
    with rig.fetching(account(server, USER)) as pollers:
        until(lambda: pollers.progress()[0].last_success, "it idles")
    assert not any(thread.is_alive() for thread in pollers._threads)
    server.stop()
    with rig.fetching(account(server, USER)) as pollers:
        until(lambda: pollers.progress()[0].failures >= 3, "it waits for the server")
    assert not any(thread.is_alive() for thread in pollers._threads)
