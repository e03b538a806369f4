"""links.md rules 1, 2, 4-10, 17: a token, its life, its sessions."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from secure_mail.domain.events import AuditKind
from secure_mail.domain.links import GRACE, Audience, SessionKind
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.sealing import BrowserSecret
from tests.fakes.chance import START
from tests.fakes.texts import value_in
from tests.usecase.links_world import HOME, LIFE, MAIJA, STRANGER, LinksWorld, token_of

SECOND = timedelta(seconds=1)


@pytest.fixture
def world():
    return LinksWorld()


def refused(code):
    return pytest.raises(Refusal, match=code.value)


def test_rule_1_the_token_is_stored_as_its_hash_only(world):
    token = world.link()
    (link,) = world.links()
    assert link.token_hash == sha256(token.encode()).digest()
    assert token not in repr(vars(world.store.state))
    assert len(link.reference) == 6


@pytest.mark.parametrize(
    ("after", "alive"),
    [
        (timedelta(0), True),
        (SECOND, True),
        (LIFE - SECOND, True),
        (LIFE, False),
        (LIFE + SECOND, False),
    ],
)
def test_rule_2_a_link_lives_864000_seconds_from_the_request(world, after, alive):
    asked = world.ask()
    world.clock.advance(timedelta(seconds=40))  # the worker is late; the life is not longer
    token = token_of(world.work()[0])
    assert asked.expires_at == asked.requested_at + timedelta(seconds=864_000)
    world.clock.instant = asked.requested_at + after
    if alive:
        assert world.look(token).expires_at == asked.expires_at
        assert world.redeem(token).session.kind is SessionKind.LINK
    else:
        with refused(RefusalCode.LINK_DEAD):
            world.look(token)
        with refused(RefusalCode.LINK_DEAD):
            world.redeem(token)


def test_rule_2_redeeming_does_not_prolong_the_life(world):
    token = world.link()
    world.clock.advance(LIFE - SECOND)
    world.redeem(token)
    world.clock.advance(SECOND)
    with refused(RefusalCode.LINK_DEAD):
        world.redeem(token)


def test_rule_3_a_used_up_link_says_how_often(world):
    token = world.link()
    (link,) = world.links()
    world.store.state.links[link.id] = replace(link, uses=20)
    for verb in (world.look, world.redeem):
        with pytest.raises(Refusal) as raised:
            verb(token)
        assert (raised.value.code, raised.value.facts) == (RefusalCode.LINK_CAP, {"count": 20})


def test_rule_4_looking_changes_nothing_and_says_the_same_every_time(world):
    token = world.link()
    before = world.store.state.copy()
    assert world.look(token) == world.look(token)
    assert replace(world.store.state.copy(), audit=before.audit) == before


def test_rule_18_a_fetch_is_evidence_of_no_person(world):
    token = world.link()
    known = set(world.store.state.audit)
    world.look(token)
    with pytest.raises(Refusal):
        world.look("unknown")
    [fetched] = [event for id_, event in world.store.state.audit.items() if id_ not in known]
    assert (fetched.kind, fetched.actor) == (AuditKind.LINK_FETCHED, "unknown")
    assert fetched.subject == str(world.links()[0].id)


def test_rule_5_the_page_names_the_masked_address_and_the_words(world):
    asked = world.ask()
    token = token_of(world.work()[0])
    facts = world.look(token)
    assert facts.masked == MAIJA.masked
    assert (facts.check_words, facts.requested_at) == (asked.check_words, START)
    assert (facts.language, facts.unfinished) == ("fi", False)
    opened = world.read(world.redeem(token).secret)
    assert (opened.masked, opened.check_words) == (MAIJA.masked, asked.check_words)
    assert opened.link.audience is Audience.ABROAD
    assert opened.link.country == "PL"


def test_rule_5_the_session_is_stored_as_its_cookie_s_hash_only(world):
    redeemed = world.redeem(world.link())
    assert redeemed.session.secret_hash == sha256(redeemed.secret.octets).digest()
    assert "masked" not in repr(redeemed)
    assert redeemed.secret.octets.hex() not in repr(redeemed)


def test_rule_7_every_press_of_the_button_is_a_session_of_its_own(world):
    token = world.link()
    phone, computer = world.redeem(token), world.redeem(token)
    world.end_session(phone.secret)
    with refused(RefusalCode.SESSION_ENDED):
        world.read(phone.secret)
    assert world.read(computer.secret).session.id == computer.session.id
    (link,) = world.links()
    assert link.redeemed_at == START


def test_rule_8_idle_for_thirty_minutes(world):
    secret = world.redeem(world.link()).secret
    world.clock.advance(timedelta(minutes=30) - SECOND)
    world.read(secret)  # a use extends it
    world.clock.advance(timedelta(minutes=30) - SECOND)
    world.read(secret)
    world.clock.advance(timedelta(minutes=30))
    with refused(RefusalCode.SESSION_ENDED):
        world.read(secret)


def test_rule_8_twelve_hours_at_most_then_the_link_is_redeemed_again(world):
    token = world.link()
    secret = world.redeem(token).secret
    for _ in range(12 * 60 // 20 - 1):
        world.clock.advance(timedelta(minutes=20))
        world.read(secret)
    world.clock.advance(timedelta(minutes=20) - SECOND)
    world.read(secret)
    world.clock.advance(SECOND)
    with refused(RefusalCode.SESSION_ENDED):
        world.read(secret)
    world.read(world.redeem(token).secret)


def test_rule_8_a_session_outlives_its_link_by_the_grace_only(world):
    token = world.link()
    world.clock.instant = START + LIFE - SECOND
    secret = world.redeem(token).secret
    for minutes in (25, 25):
        world.clock.advance(timedelta(minutes=minutes))
        opened = world.read(secret)
        assert not opened.link.alive_at(world.clock.now())
        assert opened.link.in_grace_at(world.clock.now(), START + LIFE - SECOND)
    world.clock.instant = START + LIFE + GRACE - SECOND
    world.read(secret)
    world.clock.advance(SECOND)
    with refused(RefusalCode.SESSION_ENDED):
        world.read(secret)


def test_rule_9_whichever_mail_arrives_first_works(world):
    tokens = [world.link() for _ in range(3)]
    for token in tokens:
        world.redeem(token)


def test_rule_9_the_fourth_link_revokes_the_oldest_unredeemed(world):
    tokens = []
    for _ in range(3):
        tokens.append(world.link())
        world.clock.advance(timedelta(minutes=1))
    world.redeem(tokens[0])
    world.clock.advance(timedelta(hours=1))
    tokens += [world.link(), world.link()]
    world.look(tokens[0])  # redeemed: never revoked by a re-issue
    with refused(RefusalCode.LINK_DEAD):
        world.look(tokens[1])
    for token in tokens[2:]:
        world.look(token)
    (revoked,) = [link for link in world.links() if link.revoked_reason]
    assert revoked.revoked_reason == "replaced"
    assert world.events().count("link.revoked") == 1


def test_three_requests_by_a_stranger_do_not_end_a_session(world):
    token = world.link()
    secret = world.redeem(token).secret
    for _ in range(3):
        world.ask(client=STRANGER)
    world.work()
    world.clock.advance(timedelta(minutes=1))
    assert world.read(secret).masked == MAIJA.masked
    world.look(token)


def test_rule_9_a_repeated_request_of_the_same_browser_keeps_its_words(world):
    first = world.ask()
    world.clock.advance(timedelta(minutes=15) - SECOND)
    second = world.ask(previous=first.registration_id)
    assert second.check_words == first.check_words
    world.clock.advance(timedelta(minutes=15))
    third = world.ask(previous=second.registration_id)
    assert third.check_words != second.check_words
    mails = world.work()
    assert [value_in(mail.text, "check_words") for mail in mails] == [
        first.check_words,
        first.check_words,
        third.check_words,
    ]


def test_rule_9_another_browser_gets_words_of_its_own(world):
    assert world.ask().check_words != world.ask(client=HOME).check_words


@pytest.mark.parametrize("token", ["", "x", "\udcff", "ä" * 43, "token-" + "0" * 32])
def test_rule_10_an_unknown_token_is_as_dead_as_an_expired_one(world, token):
    for verb in (world.look, world.redeem):
        with pytest.raises(Refusal) as raised:
            verb(token)
        assert (raised.value.code, raised.value.facts) == (RefusalCode.LINK_DEAD, {})


def test_rule_17_redeeming_a_revoked_link_writes_nothing(world):
    token = world.link()
    (link,) = world.links()
    with world.store.units() as uow:
        uow.links.revoke(link.id, "test")
        uow.commit()
    before = world.store.state.copy()
    with refused(RefusalCode.LINK_DEAD):
        world.redeem(token)
    assert world.store.state == before


def test_rule_18_the_trail_tells_issued_mailed_and_redeemed_apart(world):
    world.redeem(world.link())
    assert world.events() == ["link.requested", "link.issued", "link.mailed", "link.redeemed"]
    mailed = list(world.store.state.audit.values())[2]
    assert (mailed.actor, mailed.facts) == ("worker", {"reply": "250 2.0.0"})


def test_a_session_of_another_kind_opens_nothing(world):
    with refused(RefusalCode.SESSION_ENDED):
        world.read(BrowserSecret(b"unknown"))
    world.end_session(BrowserSecret(b"unknown"))
