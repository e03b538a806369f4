"""Passwords and authenticator codes, held against the texts that define them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import parse_qs, urlsplit

import pytest
from argon2 import PasswordHasher
from argon2.profiles import RFC_9106_LOW_MEMORY

from secure_mail.application.ports.people import Passwords, Totp
from secure_mail.infrastructure.sign_in.passwords import Argon2Passwords
from secure_mail.infrastructure.sign_in.totp import AuthenticatorCodes

# RFC 6238, appendix B: the secret 12345678901234567890 in base32, and codes cut to six digits.
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
VECTORS = [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")]
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    return Argon2Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture(scope="module")
def totp() -> Totp:
    return AuthenticatorCodes()


def test_a_password_matches_its_own_hash_only(passwords: Passwords) -> None:
    encoded = passwords.hash("correct horse äö")
    assert passwords.matches("correct horse äö", encoded)
    assert not passwords.matches("correct horse ao", encoded)
    assert not passwords.matches("", encoded)
    assert "horse" not in encoded


def test_two_hashes_of_a_password_differ(passwords: Passwords) -> None:
    assert passwords.hash("one") != passwords.hash("one")


@pytest.mark.parametrize("encoded", [None, "", "not a hash", "$argon2id$broken"])
def test_what_is_no_hash_matches_nothing(passwords: Passwords, encoded: str | None) -> None:
    assert not passwords.matches("anything", encoded)
    assert not passwords.matches("", encoded)


def test_the_parameters_are_those_of_rfc_9106() -> None:
    assert Argon2Passwords().hash("x").startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert RFC_9106_LOW_MEMORY.memory_cost == 65536


def test_a_missing_hash_is_worked_on_like_a_real_one() -> None:
    worked = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
            worked.append(hash)
            return super().verify(hash, password)

    passwords = Argon2Passwords(Counting(time_cost=1, memory_cost=64, parallelism=1))
    passwords.matches("x", None)
    assert len(worked) == 1
    assert str(worked[0]).startswith("$argon2id$v=19$m=64,t=1,p=1$")


@pytest.mark.parametrize(("second", "code"), VECTORS)
def test_codes_are_those_of_rfc_6238(totp: Totp, second: int, code: str) -> None:
    instant = datetime.fromtimestamp(second, UTC)
    assert totp.step(SECRET, code, instant) == second // 30


@pytest.mark.parametrize(
    ("drift", "accepted"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)]
)
def test_one_step_either_side_is_accepted(totp: Totp, drift: int, accepted: bool) -> None:  # noqa: FBT001
    code = AuthenticatorCodes().code(SECRET, START)
    step = totp.step(SECRET, code, START + timedelta(seconds=drift))
    assert step == (int(START.timestamp()) // 30 if accepted else None)


def test_a_code_may_be_typed_with_a_space(totp: Totp) -> None:
    code = AuthenticatorCodes().code(SECRET, START)
    assert totp.step(SECRET, f" {code[:3]} {code[3:]} ", START) is not None


@pytest.mark.parametrize("code", ["", "1", "abcdef", "١٢٣٤٥٦", "0" * 400])
def test_what_is_no_code_is_none(totp: Totp, code: str) -> None:
    assert totp.step(SECRET, code, START) is None


def test_secrets_are_160_bits_and_new_each_time(totp: Totp) -> None:
    secrets = {totp.new_secret() for _ in range(20)}
    assert len(secrets) == 20
    assert {len(secret) for secret in secrets} == {32}


def test_an_authenticator_reads_the_uri(totp: Totp) -> None:
    uri = urlsplit(totp.uri(SECRET, "a.b@example.org", "Recovery & co"))
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert parse_qs(uri.query)["secret"] == [SECRET]
    assert parse_qs(uri.query)["issuer"] == ["Recovery & co"]


def test_the_uri_is_drawn_as_a_picture_of_its_own(totp: Totp) -> None:
    codes = AuthenticatorCodes()
    one, other = (
        codes.image(totp.uri(SECRET, who, "Body")) for who in ("a@b.example", "c@d.example")
    )
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in one
    assert one != other
    assert SECRET not in one
    assert "style" not in one
