"""links.md rules 1, 9, 11-13: the neutral answer, the worker's decision, mail at least once."""

from datetime import timedelta
from itertools import count

import pytest

from secure_mail.application.ports.mail import MailRefusedError, MailTemporaryError
from secure_mail.application.ports.store import StoreDownError
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.limits import LinkLimits
from secure_mail.domain.links import Audience, Declaration, LinkState, StopAction
from secure_mail.domain.partners import PartnerState
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.work import LEASE, FencedError, JobKind
from secure_mail.infrastructure.rules.loader import examine
from secure_mail.infrastructure.rules.standing import RulesInForce
from tests.fakes.rules import REFERENCE
from tests.fakes.texts import value_in
from tests.usecase.links_world import (
    ABROAD,
    HOME,
    MAIJA,
    PARTNER,
    STRANGER,
    LinksWorld,
    token_of,
)

OFFICE = EmailAddress.parse("clerk@institution.example")
HOUR = timedelta(hours=1)
NETWORKS = [f"203.0.{number}.1" for number in range(100)]


@pytest.fixture
def world():
    return LinksWorld()


def rows(world):
    """How many of everything are stored."""
    return {name: len(shelf) for name, shelf in vars(world.store.state).items()}


def test_rule_11_the_same_writes_for_every_address(world):
    world.register_partner()
    world.link()
    world.stop(StopAction.NEVER)
    world.work()
    grown = []
    for address, declaration in [
        (MAIJA, ABROAD),  # blocked
        (EmailAddress.parse("new@example.com"), ABROAD),
        (EmailAddress.parse("resident@example.com"), Declaration(audience=Audience.NONE)),
        (OFFICE, PARTNER),
    ]:
        before = rows(world)
        answer = world.ask(address, declaration, client=NETWORKS[len(grown)])
        assert answer.expires_at - answer.requested_at == timedelta(days=10)
        grown.append({name: rows(world)[name] - before[name] for name in before})
    assert grown == [
        {name: int(name in {"registrations", "outbox", "audit"}) for name in grown[0]}
    ] * len(grown)


def test_rule_11_a_door_cannot_read_the_address_back(world):
    world.ask()
    (registration,) = world.store.state.registrations.values()
    assert registration.address_index is None
    assert b"maija" not in registration.sealed
    assert "maija" not in repr(registration)


@pytest.mark.parametrize(
    ("declaration", "code"),
    [
        (Declaration(audience=Audience.E_SERVICE), RefusalCode.USE_E_SERVICE),
        (Declaration(audience=Audience.EIDAS, country="PL"), RefusalCode.USE_EIDAS),
        (Declaration(audience=Audience.ABROAD, country="AX"), RefusalCode.NOT_ABROAD),
        (Declaration(audience=Audience.NONE), RefusalCode.NOT_ABROAD),
    ],
)
def test_rule_11_the_mail_tells_the_right_channel(world, declaration, code):
    world.ask(declaration=declaration)
    (mail,) = world.work()
    assert mail.subject == "refusal fi"
    assert value_in(mail.text, "code") == code.value
    assert value_in(mail.text, "what") == "link"
    assert world.links() == []
    assert world.outcomes() == [code.value]
    assert world.events() == ["link.requested", "link.not-sent", "refusal.mailed"]


def test_rule_11_the_right_channel_is_told_once_in_24_hours(world):
    resident = Declaration(audience=Audience.NONE)
    world.ask(declaration=resident)
    assert len(world.work()) == 1
    for hours in (1, 22):
        world.clock.advance(HOUR * hours)
        world.ask(declaration=resident)
        assert world.work() == []
    world.clock.advance(HOUR - timedelta(seconds=1))
    world.ask(declaration=Declaration(audience=Audience.E_SERVICE))
    assert world.work() == []
    world.clock.advance(timedelta(seconds=1))
    world.ask(declaration=resident)
    assert len(world.work()) == 1
    world.ask()  # who then answers otherwise gets the link
    assert world.work()[0].subject == "link fi"


def test_rule_12_one_network_asks_ten_times_an_hour_and_is_told(world):
    for number in range(10):
        world.ask(EmailAddress.parse(f"a{number}@example.com"), client="192.0.2.77")
    with pytest.raises(Refusal, match=RefusalCode.RATE_LIMITED.value):
        world.ask(client=HOME)  # the same /24
    world.ask(client=STRANGER)
    world.clock.advance(HOUR + timedelta(seconds=1))
    world.ask(client=HOME)


def test_rule_12_three_an_hour_for_an_address_and_nobody_is_told(world):
    for _ in range(4):
        world.ask()
    assert len(world.work()) == 3
    assert world.outcomes() == ["link", "link", "link", "limited"]
    assert world.events().count("link.not-sent") == 1


def test_rule_12_a_stranger_locks_nobody_out(world):
    for hour in range(24):
        for _ in range(10):
            world.ask(client=STRANGER)
        assert len(world.work()) <= 3, hour
        world.clock.advance(HOUR + timedelta(seconds=1))
    for _ in range(10):
        world.ask(client=STRANGER)
    world.work()
    world.ask(client=HOME)
    assert len(world.work()) == 1


def test_rule_12_ten_a_day_from_however_many_networks(world):
    mailed = 0
    for network in NETWORKS[:40]:
        world.ask(client=network)
        mailed += len(world.work())
        world.clock.advance(timedelta(minutes=30))
    assert mailed == 10


def test_rule_12_a_domain_and_the_service_have_an_hourly_limit():
    world = LinksWorld(LinkLimits(domain_hour=2, total_hour=6))
    numbers = count()

    def ask(domain):
        number = next(numbers)
        world.ask(EmailAddress.parse(f"a{number}@{domain}"), client=NETWORKS[number])
        return len(world.work())

    assert [ask("small.example") for _ in range(3)] == [1, 1, 0]
    assert [ask("gmail.com") for _ in range(3)] == [1, 1, 1]  # large providers are exempt
    assert ask("gmail.com") == 0
    world.clock.advance(HOUR + timedelta(seconds=1))
    assert [ask("small.example") for _ in range(3)] == [1, 1, 0]


def test_rule_12_what_was_turned_down_uses_up_nothing_of_the_domain():
    world = LinksWorld(LinkLimits(domain_hour=5))
    for _ in range(9):
        world.ask(client=STRANGER)
    assert len(world.work()) == 3
    for number in range(2):
        world.ask(EmailAddress.parse(f"other{number}@example.com"))
    assert len(world.work()) == 2


def test_rule_13_the_mail_repeats_nothing_that_was_typed(world):
    asked = world.ask()
    (mail,) = world.work()
    assert "maija" not in mail.subject + mail.text
    assert value_in(mail.text, "check_words") == asked.check_words
    assert value_in(mail.text, "stop_code") == world.stop_codes.code(MAIJA)
    assert value_in(mail.text, "expires_at") == str(asked.expires_at)
    assert mail.message_id == f"link-{asked.registration_id}"
    assert "maija" not in repr(mail)


def test_a_registered_domain_gets_the_partner_s_link_whatever_was_chosen(world):
    partner = world.register_partner()
    for declaration in (PARTNER, Declaration(audience=Audience.E_SERVICE), ABROAD):
        world.link(address=OFFICE, declaration=declaration)
    for link in world.links():
        assert (link.audience, link.partner_id) == (Audience.PARTNER, partner.id)
        assert link.country is None


def test_a_suspended_partner_is_a_registered_one_no_more(world):
    world.register_partner(state=PartnerState.SUSPENDED)
    world.link(address=OFFICE, declaration=PARTNER)
    (link,) = world.links()
    assert link.partner_id is None


@pytest.mark.parametrize(("key", "subject"), [("hold", "link fi"), ("refuse", "refusal fi")])
def test_an_unregistered_partner_by_the_rules_file(key, subject):
    text = REFERENCE.read_text().replace(
        "unregistered_partner_by_link: hold", f"unregistered_partner_by_link: {key}"
    )
    world = LinksWorld(rules=RulesInForce(examine(text.encode()).book))
    world.ask(OFFICE, PARTNER)
    (mail,) = world.work()
    assert mail.subject == subject
    if key == "refuse":
        assert value_in(mail.text, "code") == RefusalCode.NOT_A_PARTNER.value


def test_a_rerun_after_a_crash_between_commit_and_mail_sends_the_same_token(world):
    world.ask()
    (claim,) = world.claim()
    world.mailer.failure = SystemExit("killed before the relay had it")
    with pytest.raises(SystemExit):
        world.send_link(claim)
    before = rows(world)
    token_hash = world.links()[0].token_hash
    world.clock.advance(LEASE)
    (mail,) = world.work()
    assert world.links()[0].token_hash == token_hash
    assert rows(world) == {**before, "audit": before["audit"] + 1}
    world.redeem(token_of(mail))


def test_a_rerun_after_a_crash_between_mail_and_commit_repeats_the_mail_to_the_octet(world):
    world.ask()
    (claim,) = world.claim()
    world.mailer.failure, world.mailer.late = SystemExit("killed"), True
    with pytest.raises(SystemExit):
        world.send_link(claim)
    world.clock.advance(LEASE)
    world.work()
    first, second = world.mailer.sent
    assert first == second
    assert len(world.links()) == 1
    assert world.events().count("link.mailed") == 1


def test_a_rerun_does_not_mail_a_link_that_was_revoked_meanwhile(world):
    world.ask()
    (claim,) = world.claim()
    world.mailer.failure = MailTemporaryError("later")
    with pytest.raises(MailTemporaryError):
        world.send_link(claim)
    world.stop(StopAction.REVOKE)
    world.work()
    world.clock.advance(LEASE)
    assert world.work() == []


def test_a_worker_that_is_late_changes_nothing(world):
    world.ask()
    (late,) = world.claim()
    world.clock.advance(LEASE)
    (current,) = world.claim()
    with pytest.raises(FencedError):
        world.send_link(late)
    assert world.mailer.sent == []
    assert world.links() == []
    world.send_link(current)
    with pytest.raises(FencedError):
        world.send_link(current)
    assert len(world.mailer.sent) == 1


def test_a_relay_that_refuses_for_good_ends_the_job(world):
    world.ask()
    world.mailer.failure = MailRefusedError("550")
    with pytest.raises(MailRefusedError):
        world.work()
    assert world.mailer.sent == []
    (entry,) = world.store.state.outbox.values()
    assert (entry.kind, entry.state.value) == (JobKind.SEND_LINK, "dead")
    told = list(world.store.state.audit.values())[-1]
    assert (told.kind.value, told.facts["reason"]) == ("mail.undelivered", "mail-refused")
    (link,) = world.links()
    assert (link.state, link.revoked_reason) == (LinkState.REVOKED, "mail-refused")
    assert next(iter(world.store.state.registrations.values())).mailed_at is None


def test_a_request_that_was_swept_away_is_done(world):
    world.ask()
    world.store.state.registrations.clear()
    assert world.work() == []


def test_a_store_that_is_down_acknowledges_nothing(world):
    world.store.down = True
    with pytest.raises(StoreDownError):
        world.ask()
