"""Reading an answer (links.md, last chapter): the code and its limits."""

from datetime import timedelta

import pytest

from secure_mail.application.ports.mail import MailRefusedError, MailTemporaryError
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.answers import CODE_LIFE, CodeState
from secure_mail.domain.cases import READABLE_AFTER_CLOSE, CaseState
from secure_mail.domain.links import SessionKind
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.sealing import BrowserSecret
from secure_mail.domain.work import LEASE, FencedError
from tests.fakes.chance import START
from tests.fakes.texts import value_in
from tests.usecase.replies_world import HOME, MAIJA, SECOND, STRANGER, RepliesWorld, code_of

HOUR = timedelta(hours=1)


@pytest.fixture
def world():
    world = RepliesWorld()
    world.file_case()
    return world


def refused(code):
    return pytest.raises(Refusal, match=code.value)


def other_than(code):
    digits = code.replace(" ", "")
    return str((int(digits) + 1) % 10 ** len(digits)).zfill(len(digits))


def test_the_same_answer_and_the_same_writes_for_every_address(world):
    grown = []
    for address in (MAIJA, EmailAddress.parse("nobody@example.com")):
        before = {name: len(shelf) for name, shelf in vars(world.store.state).items()}
        asked = world.ask(address)
        assert asked.expires_at - asked.requested_at == CODE_LIFE
        after = {name: len(shelf) for name, shelf in vars(world.store.state).items()}
        grown.append({name for name in after if after[name] != before[name]})
    assert grown == [{"codes", "outbox", "audit"}] * 2
    mail, *others = world.work()
    assert (mail.to, others) == (MAIJA, [])
    known, unknown = world.codes()
    assert len(known.cookie_hash) == len(unknown.cookie_hash)
    assert unknown.code_hmac is None
    assert unknown.usable_at(world.clock.now())


def test_the_mail_has_code_words_and_nothing_typed(world):
    asked = world.ask()
    (mail,) = world.work()
    assert mail.subject == "code fi"
    assert value_in(mail.text, "check_words") == asked.check_words
    assert value_in(mail.text, "minutes") == "20"
    assert value_in(mail.text, "stop_code") == world.stop_codes.code(MAIJA)
    code = code_of(mail)
    assert len(code) == len("1234 5678")
    assert mail.message_id.startswith("code-")
    assert "maija" not in mail.text


def test_the_code_is_stored_as_an_hmac_under_the_browser_s_secret(world):
    secret, code = world.code()
    (stored,) = world.codes()
    digits = code.replace(" ", "")
    for told in (secret.octets, secret.octets.hex().encode(), digits.encode()):
        assert told not in stored.sealed
        assert told.decode("latin-1") not in repr(stored)
    assert len(stored.code_hmac) == 32


@pytest.mark.parametrize(
    ("state", "closed", "answered", "after", "mailed"),
    [
        (CaseState.NEW, None, None, timedelta(days=400), True),
        (CaseState.WAITING, None, None, timedelta(days=400), True),
        (CaseState.CLOSED, START, None, READABLE_AFTER_CLOSE, True),
        (CaseState.CLOSED, START, None, READABLE_AFTER_CLOSE + SECOND, False),
        (CaseState.CLOSED, START - HOUR, START, READABLE_AFTER_CLOSE, True),
        (CaseState.CLOSED, START - HOUR, START, READABLE_AFTER_CLOSE + SECOND, False),
    ],
)
def test_a_code_is_mailed_when_there_is_a_case_to_read(state, closed, answered, after, mailed):
    world = RepliesWorld()
    world.file_case(state=state, closed_at=closed, answered_at=answered)
    world.clock.advance(after)
    world.ask()
    assert bool(world.work()) is mailed


def test_a_right_code_opens_a_session_of_the_cases_and_works_once(world):
    secret, code = world.code()
    entered = world.enter(secret, f" {code} ")
    assert entered.session.kind is SessionKind.READING
    assert entered.secret != secret
    opened = world.read(entered.secret)
    assert opened.cases == tuple(world.store.state.cases)
    with refused(RefusalCode.CODE_DEAD):
        world.enter(secret, code)
    assert world.events()[-1] == "code.used"


def test_digits_of_every_script_are_digits(world):
    secret, code = world.code()
    world.enter(secret, "".join(chr(0x660 + int(d)) for d in code.replace(" ", "")))


@pytest.mark.parametrize(("after", "alive"), [(CODE_LIFE - SECOND, True), (CODE_LIFE, False)])
def test_a_code_lives_twenty_minutes(world, after, alive):
    secret, code = world.code()
    world.clock.advance(after)
    if alive:
        world.enter(secret, code)
    else:
        with refused(RefusalCode.CODE_DEAD):
            world.enter(secret, code)


def test_five_tries_then_the_right_code_is_dead_too(world):
    secret, code = world.code()
    for left in (4, 3, 2, 1):
        with pytest.raises(Refusal) as raised:
            world.enter(secret, other_than(code))
        assert (raised.value.code, raised.value.facts) == (
            RefusalCode.CODE_WRONG,
            {"left": left},
        )
    for typed in (other_than(code), code):
        with refused(RefusalCode.CODE_DEAD):
            world.enter(secret, typed)
    assert world.events().count("code.wrong") == 5


def test_where_nothing_was_mailed_a_code_is_wrong_in_the_same_way(world):
    secret = world.ask(EmailAddress.parse("nobody@example.com")).secret
    assert world.work() == []
    for left in (4, 3, 2, 1):
        with pytest.raises(Refusal) as raised:
            world.enter(secret, "00000000")
        assert raised.value.facts == {"left": left}
    with refused(RefusalCode.CODE_DEAD):
        world.enter(secret, "00000000")


def test_a_code_works_in_the_browser_that_asked_for_it_only(world):
    _, code = world.code()
    for secret in (None, BrowserSecret(b"another"), BrowserSecret(b"")):
        with refused(RefusalCode.CODE_OTHER_BROWSER):
            world.enter(secret, code)
    elsewhere, its_own = world.code(client=STRANGER)
    if its_own != code:
        with refused(RefusalCode.CODE_WRONG):
            world.enter(elsewhere, code)


def test_an_earlier_code_dies_when_a_later_is_used(world):
    earlier, first = world.code()
    later, second = world.code()
    world.enter(later, second)
    with refused(RefusalCode.CODE_DEAD):
        world.enter(earlier, first)


def test_an_earlier_code_works_while_a_later_is_not_used(world):
    earlier, first = world.code()
    world.code()
    world.enter(earlier, first)


def test_code_limits_hold_over_many_requests(world):
    mailed = 0
    for hour in range(24):
        for number in range(8):
            world.ask(client=f"203.0.{hour}.1" if number % 2 else f"198.51.{hour}.1")
        sent = len(world.work())
        assert sent <= 6
        mailed += sent
        world.clock.advance(HOUR - SECOND)
    assert mailed == 9
    world.clock.instant = START + 24 * HOUR
    world.ask()
    assert len(world.work()) == 1


def test_a_stranger_who_uses_up_an_address_s_codes_does_not_lock_its_reader_out(world):
    for hour in range(4):
        for _ in range(4):
            world.ask(client=STRANGER)
        assert len(world.work()) == (3, 3, 0, 0)[hour]
        world.clock.advance(HOUR)
    secret, code = world.code(client=HOME)
    world.enter(secret, code)
    world.ask(client=HOME)
    assert world.work() == []


def test_one_network_asks_ten_times_an_hour_and_is_told(world):
    for number in range(10):
        world.ask(EmailAddress.parse(f"a{number}@example.com"), client="192.0.2.99")
    with refused(RefusalCode.RATE_LIMITED):
        world.ask(client=HOME)
    world.ask(client=STRANGER)


def test_more_than_ten_wrong_tries_in_24_hours_make_the_next_codes_longer(world):
    for _ in range(2):
        secret, code = world.code()
        for _ in range(5):
            with pytest.raises(Refusal):
                world.enter(secret, other_than(code))
        world.clock.advance(2 * HOUR)
    secret, code = world.code()
    assert len(code) == len("1234 5678")
    with pytest.raises(Refusal):
        world.enter(secret, other_than(code))
    secret, code = world.code()
    assert len(code) == len("1234 5678 1234 5678")
    world.enter(secret, code)
    world.clock.instant = START + 30 * HOUR
    assert len(world.code()[1]) == len("1234 5678")


def test_a_right_try_is_not_a_wrong_one(world):
    for _ in range(3):
        secret, code = world.code()
        for _ in range(3):
            with pytest.raises(Refusal):
                world.enter(secret, other_than(code))
        world.enter(secret, code)
        world.clock.advance(2 * HOUR)
    assert len(world.code()[1]) == len("1234 5678")  # nine wrong, three right


def test_a_rerun_mails_the_same_code_under_the_same_message_id(world):
    secret = world.ask().secret
    (claim,) = world.claim()
    world.mailer.failure, world.mailer.late = SystemExit("killed"), True
    with pytest.raises(SystemExit):
        world.send_code(claim)
    world.clock.advance(LEASE)
    world.work()
    first, second = world.mailer.sent
    assert first == second
    world.enter(secret, code_of(second))


def test_a_code_that_was_used_or_is_too_old_is_not_mailed_again(world):
    world.ask()
    (claim,) = world.claim()
    world.mailer.failure = MailTemporaryError("later")
    with pytest.raises(MailTemporaryError):
        world.send_code(claim)
    world.clock.advance(CODE_LIFE)
    assert world.work() == []
    assert world.codes()[0].state is CodeState.MAILED


def test_a_late_worker_mails_nothing(world):
    world.ask()
    (late,) = world.claim()
    world.clock.advance(LEASE)
    world.claim()
    with pytest.raises(FencedError):
        world.send_code(late)
    assert world.mailer.sent == []
    assert world.codes()[0].code_hmac is None


def test_a_relay_that_refuses_for_good_ends_the_job(world):
    world.ask()
    world.mailer.failure = MailRefusedError("550")
    with pytest.raises(MailRefusedError):
        world.work()
    assert world.mailer.sent == []
    assert world.events()[-1] == "mail.undelivered"
    assert world.codes()[0].state is CodeState.DEAD
    (entry,) = world.store.state.outbox.values()
    assert (entry.state.value, entry.last_error) == ("dead", "MailRefusedError")
    assert world.claim() == []
