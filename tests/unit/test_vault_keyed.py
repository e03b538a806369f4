"""Keyed digests, tokens and codes: stable, apart from each other, and fakes that agree in kind."""

from __future__ import annotations

from uuid import UUID

import pytest

from secure_mail.application.ports.vault import (
    BlindIndex,
    DedupeKey,
    LinkTokens,
    OwnMail,
    StopCodes,
)
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.ids import CROCKFORD, LinkId, Mailbox
from secure_mail.domain.messages import Channel
from secure_mail.infrastructure.vault.keyed import (
    AddressIndex,
    ArrivalDigests,
    DerivedStopCodes,
    DerivedTokens,
    MailMarks,
)
from tests.fakes.vault import (
    FakeBlindIndex,
    FakeDedupeKey,
    FakeLinkTokens,
    FakeOwnMail,
    FakeStopCodes,
)

KEY = b"k" * 32
ONE = EmailAddress.parse("Maija.Koe@Example.com")
SAME = EmailAddress.parse("maija.koe@example.COM")
ANOTHER = EmailAddress.parse("maija@example.com")


@pytest.mark.parametrize("dedupe", [ArrivalDigests(KEY), FakeDedupeKey()])
def test_a_delivery_is_recognised_by_all_of_its_facts(dedupe: DedupeKey) -> None:
    facts = (Channel.SMTP, Mailbox("recovery"), "a@b|192.0.2.0", b"h" * 32)
    digests = {
        dedupe.digest(*facts),
        dedupe.digest(Channel.FORM, *facts[1:]),
        dedupe.digest(facts[0], Mailbox("other"), *facts[2:]),
        dedupe.digest(*facts[:2], "c@b|192.0.2.0", facts[3]),
        dedupe.digest(*facts[:3], b"i" * 32),
    }
    assert len(digests) == 5
    assert {len(digest) for digest in digests} == {32}
    assert dedupe.digest(*facts) in digests


def test_fields_of_a_delivery_do_not_run_together() -> None:
    dedupe = ArrivalDigests(KEY)
    left = dedupe.digest(Channel.SMTP, Mailbox("ab"), "c", b"")
    assert left != dedupe.digest(Channel.SMTP, Mailbox("a"), "bc", b"")


@pytest.mark.parametrize("dedupe", [ArrivalDigests(KEY), FakeDedupeKey()])
def test_clients_of_one_network_share_a_digest(dedupe: DedupeKey) -> None:
    assert dedupe.network("192.0.2.1") == dedupe.network("192.0.2.254")
    assert dedupe.network("192.0.2.1") != dedupe.network("192.0.3.1")


def test_a_network_is_a_48_in_ipv6_and_a_24_behind_mapping() -> None:
    dedupe = ArrivalDigests(KEY)
    assert dedupe.network("2001:db8:1::1") == dedupe.network("2001:db8:1:ffff::9")
    assert dedupe.network("2001:db8:1::1") != dedupe.network("2001:db8:2::1")
    assert dedupe.network("::ffff:192.0.2.7") == dedupe.network("192.0.2.1")
    assert dedupe.network("no address") != dedupe.network("")


@pytest.mark.parametrize("index", [AddressIndex(KEY, 1), FakeBlindIndex()])
def test_two_spellings_of_an_address_are_one_row(index: BlindIndex) -> None:
    assert index.of(ONE) == index.of(SAME) != index.of(ANOTHER)
    assert index.of(ONE)[:2] == b"\x00\x01"
    assert len(index.of(ONE)) == 34
    assert b"maija" not in index.of(ONE)


def test_another_version_of_the_index_key_is_told_apart() -> None:
    assert AddressIndex(KEY, 1).of(ONE) != AddressIndex(KEY, 2).of(ONE)
    assert AddressIndex(KEY, 258).of(ONE)[:2] == b"\x01\x02"


@pytest.mark.parametrize("tokens", [DerivedTokens(KEY), FakeLinkTokens()])
def test_a_token_is_a_function_of_its_link(tokens: LinkTokens) -> None:
    link, other = LinkId(UUID(int=1)), LinkId(UUID(int=2))
    assert tokens.token(link) == tokens.token(link) != tokens.token(other)
    assert len(tokens.token(link)) == 43


def test_a_token_is_the_hmac_of_the_id() -> None:
    # Computed with `openssl dgst -sha256 -mac HMAC`.
    token = DerivedTokens(KEY).token(LinkId(UUID(int=1)))
    assert token == "8QpHLegyu33F0mWClb_ZRa8qIEbI5Z8TwK9KLMh5eAA"


@pytest.mark.parametrize("codes", [DerivedStopCodes(KEY), FakeStopCodes()])
def test_a_stop_code_is_eight_symbols(codes: StopCodes) -> None:
    assert codes.code(ONE) == codes.code(SAME) != codes.code(ANOTHER)
    assert len(codes.code(ONE)) == 8
    assert set(codes.code(ONE)) <= set(CROCKFORD)


@pytest.mark.parametrize("own", [MailMarks(KEY), FakeOwnMail()])
def test_our_own_mail_is_recognised(own: OwnMail) -> None:
    mark = own.mark("<1@mail.example>")
    assert own.is_ours("<1@mail.example>", mark)
    assert not own.is_ours("<2@mail.example>", mark)
    assert not own.is_ours("<1@mail.example>", "")
    assert not own.is_ours("<1@mail.example>", "möärk")
    assert not MailMarks(b"x" * 32).is_ours("<1@mail.example>", mark)
