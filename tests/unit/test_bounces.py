"""Names of mails, the tags that carry them, and the addresses that they bounce to."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secure_mail.application.ports.vault import BounceTags
from secure_mail.domain.addresses import EmailAddress
from secure_mail.domain.bounces import (
    MailKind,
    MailName,
    bounce_address,
    bounce_pattern,
    tag_in,
    tag_octets,
)
from secure_mail.infrastructure.vault.keyed import MailMarks, TaggedBounces
from tests.fakes.vault import FakeBounceTags

KEY = b"k" * 32
ABOUT = UUID("01900000-0000-7000-8000-0000000000ab")
NAMES = [MailName(kind, ABOUT) for kind in MailKind]
both = pytest.mark.parametrize("tags", [TaggedBounces(KEY), FakeBounceTags()])


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_read_as_it_was_written(name: MailName) -> None:
    assert MailName.parse(str(name)) == name
    assert MailName.unpack(name.pack()) == name
    assert len(name.pack()) == 17


@pytest.mark.parametrize(
    "text",
    [
        "",
        str(ABOUT),
        f"link{ABOUT}",
        f"greeting-{ABOUT}",
        f"link-{ABOUT}x",
        f"link-{str(ABOUT).upper()}",
        f"link-{ABOUT.hex}",
        f" link-{ABOUT}",
        f"link-{ABOUT}\n",
        f"link-{{{ABOUT}}}",
    ],
)
def test_what_is_no_name_is_not_taken_for_one(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        MailName.parse(text)


@pytest.mark.parametrize("octets", [b"", b"l", b"x" + ABOUT.bytes, b"l" + ABOUT.bytes + b"1"])
def test_what_is_no_packed_name(octets: bytes) -> None:
    assert MailName.unpack(octets) is None


@both
@pytest.mark.parametrize("name", NAMES)
def test_a_tag_names_its_mail_in_any_case_of_its_letters(tags: BounceTags, name: MailName) -> None:
    tag = tags.tag(name)
    assert re.fullmatch("[a-z2-7]{48}", tag)
    assert tags.mail_of(tag) == tags.mail_of(tag.upper()) == name
    assert tags.tag(name) == tag


@both
@given(place=st.integers(0, 47), sign=st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_no_sign_of_a_tag_can_be_another(tags: BounceTags, place: int, sign: str) -> None:
    tag = tags.tag(NAMES[0])
    changed = tag[:place] + sign + tag[place + 1 :]
    assert (tags.mail_of(changed) is None) == (changed != tag)


@both
@pytest.mark.parametrize("tag", ["", "a", "a" * 47, "a" * 48, "a" * 49, "é" * 48, "1" * 48, "="])
def test_a_tag_that_was_not_made_here_is_nobodys(tags: BounceTags, tag: str) -> None:
    assert tags.mail_of(tag) is None


def test_the_tag_of_one_mail_does_not_fit_another() -> None:
    tags = TaggedBounces(KEY)
    one, other = (tag_octets(tags.tag(name)) or b"" for name in NAMES[:2])
    assert len({octets[17:] for octets in (one, other)}) == 2
    assert TaggedBounces(b"x" * 32).mail_of(tags.tag(NAMES[0])) is None


def test_the_marks_of_our_mail_give_no_tags_away() -> None:
    """Both come of one key: a Message-ID, whatever stands in it, has another digest."""
    tags, marks = TaggedBounces(KEY), MailMarks(KEY)
    digest = (tag_octets(tags.tag(NAMES[0])) or b"")[17:]
    for text in (str(NAMES[0]), f"bounce{NAMES[0]}", NAMES[0].pack().decode("latin-1")):
        assert digest.hex() not in marks.mark(text).encode().hex()


def test_an_address_carries_its_tag_through_servers_that_change_its_case() -> None:
    tag = TaggedBounces(KEY).tag(NAMES[0])
    address = bounce_address(tag, "body.example")
    assert tag_in(address) == tag
    assert tag_in(EmailAddress.parse(str(address).upper())) == tag
    assert len(address.local) == 56
    assert EmailAddress.parse(str(address)) == address


@pytest.mark.parametrize("local", ["bounces", "bounce+a", "xbounces+a", "postmaster"])
def test_other_addresses_have_no_tag(local: str) -> None:
    assert tag_in(EmailAddress.parse(f"{local}@body.example")) is None


def test_an_empty_tag_is_one_that_is_not_valid() -> None:
    assert tag_in(EmailAddress.parse("bounces+@body.example")) == ""


def test_the_relays_pattern_lets_our_addresses_through_and_no_others() -> None:
    pattern = re.compile(bounce_pattern("body.example"), re.IGNORECASE)
    tag = TaggedBounces(KEY).tag(NAMES[0])
    assert pattern.search(f"bounces+{tag}@body.example")
    assert pattern.search(f"bounces+{tag.upper()}@body.example")
    for address in (
        f"bounces+{tag}@body.example.org",
        f"bounces+{tag}@bodyxexample",
        f"bounces+{tag}a@body.example",
        f"bounces+{tag[1:]}@body.example",
        f"x-bounces+{tag}@body.example",
        f"bounces{tag}@body.example",
    ):
        assert not pattern.search(address)
