"""Accounts of staff: set up once, proved by two things, paused when guessed at, ended at once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from secure_mail.application.casework.set_up_account import (
    ChoosePassword,
    FinishSetUp,
    LookAtSetUp,
    ShowTotp,
)
from secure_mail.application.casework.sign_in import (
    FAILURES_BEFORE_PAUSE,
    PAUSE,
    SetLanguage,
    SignIn,
    SignOut,
    WhoAmI,
    stand_in,
)
from secure_mail.application.upkeep.staff_accounts import SETUP_LIFE, StaffAccounts
from secure_mail.domain.access import Role, StaffState
from secure_mail.domain.links import SESSION_IDLE, STAFF_SESSION_LIFE
from secure_mail.domain.refusals import Refusal, RefusalCode
from tests.fakes.people import STEP, PlainPasswords, PlainTotp
from tests.usecase.casework_world import ABROAD, Casework

EMAIL, PASSWORD = "clerk@kela.example", "a long sentence is good"
SECOND = timedelta(seconds=1)


class CountingOpener:
    """Opens as staff do, and counts how often."""

    def __init__(self, keys):
        self.keys, self.opened = keys, 0

    def open_value(self, *sealed):
        self.opened += 1
        return self.keys.open_value(*sealed)


class House(Casework):
    def __init__(self):
        super().__init__()
        self.passwords, self.totp = PlainPasswords(), PlainTotp()
        self.opener = CountingOpener(self.staff_keys)
        at = {"units": self.units, "clock": self.clock}
        proof = {"opener": self.opener, "totp": self.totp}
        self.accounts = StaffAccounts(**at, ids=self.ids)
        self.sign_in = SignIn(
            **at,
            **proof,
            ids=self.ids,
            passwords=self.passwords,
            stand_in=stand_in(self.sealer, PlainTotp()),
        )
        self.who, self.sign_out = WhoAmI(**at), SignOut(**at)
        self.language = SetLanguage(units=self.units)
        self.look = LookAtSetUp(**at)
        self.choose = ChoosePassword(
            **at, sealer=self.sealer, passwords=self.passwords, totp=self.totp
        )
        self.show_totp = ShowTotp(**at, **proof, issuer="Kela")
        self.finish = FinishSetUp(**at, **proof, ids=self.ids)

    def set_up(self, token):
        self.secret = self.choose(token, PASSWORD)
        return self.finish(token, self.code())

    def code(self):
        """The code of a new step."""
        self.later(seconds=STEP)
        return self.totp.code(self.secret, self.clock.now())

    def signed_in(self):
        secret, _ = self.sign_in(EMAIL, PASSWORD, self.code())
        return secret

    def stored(self):
        [member] = self.store.state.staff.values()
        return member


@pytest.fixture
def world():
    return House()


@pytest.fixture
def ready(world):
    invitation = world.accounts.init(EMAIL, "Sample Clerk", [ABROAD])
    world.set_up(invitation.token)
    return world


def refused(code, call, *args):
    with pytest.raises(Refusal) as caught:
        call(*args)
    assert caught.value.code is code


def failed(world, *typed):
    refused(RefusalCode.SIGN_IN_FAILED, world.sign_in, *typed)


def test_a_one_time_address_sets_up_an_account_once(world):
    invitation = world.accounts.init(f" {EMAIL.upper()} ", "Sample Clerk", [ABROAD])
    assert world.look(invitation.token).email == EMAIL
    refused(RefusalCode.LINK_DEAD, world.finish, invitation.token, "1")
    member = world.set_up(invitation.token)
    assert member.state is StaffState.ACTIVE
    refused(RefusalCode.LINK_DEAD, world.look, invitation.token)
    refused(RefusalCode.LINK_DEAD, world.choose, invitation.token, "another password")
    assert invitation.token not in repr(world.store.state)
    assert world.secret not in repr([vars(world.store.state)])


def test_a_one_time_address_ends_to_the_second(world):
    token = world.accounts.init(EMAIL, "Sample Clerk", [ABROAD]).token
    world.clock.advance(SETUP_LIFE - SECOND)
    world.look(token)
    world.clock.advance(SECOND)
    refused(RefusalCode.LINK_DEAD, world.look, token)
    refused(RefusalCode.LINK_DEAD, world.choose, token, PASSWORD)


def test_a_wrong_code_at_set_up_may_be_corrected(world):
    token = world.accounts.init(EMAIL, "Sample Clerk", [ABROAD]).token
    world.secret = world.choose(token, PASSWORD)
    refused(RefusalCode.SIGN_IN_FAILED, world.finish, token, "1")
    secret, uri = world.show_totp(token)
    assert (secret, EMAIL in uri) == (world.secret, True)
    assert world.finish(token, world.code()).state is StaffState.ACTIVE


def test_signing_in_opens_a_session_of_the_grants_that_count(ready):
    identity = ready.who(ready.signed_in())
    assert (identity.email, identity.grants) == (EMAIL, ((Role.SUPERVISOR, ABROAD),))
    assert identity.is_supervisor
    assert "staff.signed-in" in ready.audited()


def test_a_code_counts_once(ready):
    code = ready.code()
    ready.sign_in(EMAIL, PASSWORD, code)
    failed(ready, EMAIL, PASSWORD, code)


def test_the_code_that_finished_the_set_up_is_used_up(world):
    token = world.accounts.init(EMAIL, "Sample Clerk", [ABROAD]).token
    world.secret = world.choose(token, PASSWORD)
    code = world.code()
    world.finish(token, code)
    failed(world, EMAIL, PASSWORD, code)


def test_a_wrong_password_does_not_use_a_code_up(ready):
    code = ready.code()
    failed(ready, EMAIL, "wrong", code)
    ready.sign_in(EMAIL, PASSWORD, code)


def test_whatever_was_wrong_looks_the_same_and_takes_as_long(ready):
    before = ready.passwords.asked
    for typed in (
        ("nobody@kela.example", PASSWORD, ready.code()),
        (EMAIL, "wrong", ready.code()),
        (EMAIL, PASSWORD, "000000"),
    ):
        failed(ready, *typed)
    assert ready.passwords.asked == before + 3


@pytest.mark.parametrize("who", ["nobody", "invited", "wrong password", "wrong code"])
def test_an_unknown_e_mail_does_not_skip_the_opening_of_a_secret(ready, who):
    if who == "invited":
        ready.accounts.add("invited@kela.example", "Invited", Role.READER, [ABROAD])
    email = EMAIL if who.startswith("wrong") else f"{who}@kela.example"
    before = ready.opener.opened
    failed(ready, email, "wrong" if who == "wrong password" else PASSWORD, "000000")
    assert ready.opener.opened == before + 1


def test_nobodys_secret_lets_nobody_in(world):
    member = world.accounts.init(EMAIL, "Sample Clerk", [ABROAD]).member
    stored = replace(member, state=StaffState.ACTIVE, password_hash=f"hash of {PASSWORD}")
    world.store.state.staff[member.id] = stored
    world.secret = PlainTotp().new_secret()
    for email in (EMAIL, "nobody@kela.example"):
        failed(world, email, PASSWORD, world.code())


def test_wrong_passwords_of_a_stranger_do_not_pause_the_account(ready):
    for _ in range(FAILURES_BEFORE_PAUSE * 3):
        failed(ready, EMAIL, "wrong", ready.code())
    assert (ready.stored().failures, ready.stored().locked_until) == (0, None)
    ready.signed_in()


def test_a_wrong_password_after_a_pause_does_not_begin_another(ready):
    for _ in range(FAILURES_BEFORE_PAUSE):
        failed(ready, EMAIL, PASSWORD, "1")
    ready.clock.advance(PAUSE)
    failed(ready, EMAIL, "wrong", "1")
    ready.signed_in()


def test_wrong_codes_pause_the_account_and_the_pause_ends_to_the_second(ready):
    for _ in range(FAILURES_BEFORE_PAUSE):
        ready.later(seconds=STEP)
        failed(ready, EMAIL, PASSWORD, "1")
    paused = ready.clock.now()
    failed(ready, EMAIL, PASSWORD, ready.code())
    assert ready.stored().locked_until == paused + PAUSE
    ready.clock.instant = paused + PAUSE - STEP * SECOND - SECOND
    failed(ready, EMAIL, PASSWORD, ready.code())
    ready.clock.instant = paused + PAUSE - STEP * SECOND
    ready.sign_in(EMAIL, PASSWORD, ready.code())
    assert (ready.stored().failures, ready.stored().locked_until) == (0, None)


def test_tries_during_a_pause_do_not_make_it_longer(ready):
    for _ in range(FAILURES_BEFORE_PAUSE + 3):
        failed(ready, EMAIL, PASSWORD, "1")
    assert ready.stored().failures == FAILURES_BEFORE_PAUSE
    assert ready.audited().count("staff.sign-in-failed") == FAILURES_BEFORE_PAUSE + 3


def test_a_session_ends_when_it_is_idle(ready):
    secret = ready.signed_in()
    ready.clock.advance(SESSION_IDLE - SECOND)
    ready.who(secret)
    ready.clock.advance(SESSION_IDLE - SECOND)
    ready.who(secret)
    ready.clock.advance(SESSION_IDLE)
    refused(RefusalCode.SESSION_ENDED, ready.who, secret)


def test_a_session_ends_with_its_day_however_busy(ready):
    secret = ready.signed_in()
    steps = int(STAFF_SESSION_LIFE / timedelta(minutes=20))
    for _ in range(steps - 1):
        ready.later(minutes=20)
        ready.who(secret)
    ready.later(minutes=20)
    refused(RefusalCode.SESSION_ENDED, ready.who, secret)


def test_looking_at_pages_writes_the_session_once_a_minute(ready):
    secret = ready.signed_in()
    commits = ready.store.commit_count
    for _ in range(4):
        ready.clock.advance(timedelta(seconds=30))
        ready.who(secret)
    assert ready.store.commit_count == commits + 2


def test_signing_out_ends_the_session_for_good(ready):
    secret = ready.signed_in()
    ready.sign_out(secret)
    ready.sign_out(secret)
    refused(RefusalCode.SESSION_ENDED, ready.who, secret)


def test_a_disabled_members_sessions_end_at_once(ready):
    secret = ready.signed_in()
    ready.accounts.disable(EMAIL)
    refused(RefusalCode.SESSION_ENDED, ready.who, secret)
    failed(ready, EMAIL, PASSWORD, ready.code())
    assert "staff.disabled" in ready.audited()


def test_a_disabled_member_cannot_use_an_old_set_up_address(world):
    token = world.accounts.init(EMAIL, "Sample Clerk", [ABROAD]).token
    world.accounts.disable(EMAIL)
    refused(RefusalCode.LINK_DEAD, world.look, token)


def test_a_reset_ends_everything_and_waits_for_a_supervisor(ready):
    secret = ready.signed_in()
    invitation = ready.accounts.reset(EMAIL)
    refused(RefusalCode.SESSION_ENDED, ready.who, secret)
    failed(ready, EMAIL, PASSWORD, ready.code())
    ready.set_up(invitation.token)
    failed(ready, EMAIL, PASSWORD, ready.code())
    confirmed = replace(ready.stored(), setup_confirmed=True)
    ready.store.state.staff[confirmed.id] = confirmed
    ready.signed_in()


def test_the_language_is_the_members_own(ready):
    secret = ready.signed_in()
    ready.language(ready.who(secret), "sv")
    assert ready.who(secret).language == "sv"
