"""Which addresses a From header names: two are always two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secure_mail.domain.address_lists import addresses_in, recipients_in


@pytest.mark.parametrize(
    ("value", "addresses"),
    [
        ("a@b.example", ("a@b.example",)),
        ("Anna Example <a@b.example>", ("a@b.example",)),
        ('"Example, Anna" <a@b.example>', ("a@b.example",)),
        ('"a@b.example" <a@b.example>', ("a@b.example",)),
        ("a@b.example <a@b.example>", ("a@b.example",)),
        ("< a@b.example >", ("a@b.example",)),
        ("a@b.example (a comment (nested) c@d.example)", ("a@b.example",)),
        ("Court: a@b.example, c@d.example;", ("a@b.example", "c@d.example")),
        ('"a b"@c.example', ('"a b"@c.example',)),
        ("MAILER-DAEMON <>", ()),
        ("root", ()),
        ("", ()),
    ],
)
def test_plain_headers(value, addresses):
    assert addresses_in(value) == addresses


@pytest.mark.parametrize(
    "value",
    [
        "good@body.example <evil@x.example>",
        "<good@body.example> <evil@x.example>",
        "good@body.example(x)evil@x.example",
        "good@body.example\0 <evil@x.example>",
        "good@body.example, evil@x.example",
        "evil@x.example good@body.example",
        "=?utf-8?q?x y@body.example?= <evil@x.example>",
    ],
)
def test_a_second_address_cannot_hide(value):
    assert len(addresses_in(value)) == 2


@pytest.mark.parametrize(
    "value",
    [
        "=?utf-8?q?good=40body.example_=3Cgood=40body.example=3E?= <evil@x.example>",
        "=?utf-8?q?good@body.example?= <evil@x.example>",
        '"good@body.example" <evil@x.example>',
        "(good@body.example) evil@x.example",
    ],
)
def test_a_display_name_is_no_address(value):
    assert addresses_in(value) == ("evil@x.example",)


@pytest.mark.parametrize(
    "value",
    [
        "=?utf-8?q?x?=@body.example",
        "<=?utf-8?q?x=40evil.example=3E?=y@body.example>",
        '"unclosed <a@b.example>',
        "(unclosed a@b.example",
    ],
)
def test_what_can_be_read_two_ways_names_nobody(value):
    assert addresses_in(value) == ()


@given(st.text(alphabet='ab@.<>()",;: \\=?\0\n', max_size=80))
def test_never_raises_and_names_only_what_is_written(value):
    for address in addresses_in(value):
        assert "@" in address
        assert set(address) <= set(value)


@pytest.mark.parametrize(
    ("value", "addresses"),
    [
        ("a@b.example", ("a@b.example",)),
        ("Us <a@b.example>, c@d.example", ("a@b.example", "c@d.example")),
        ("c@d.example, <a@b.example>", ("c@d.example", "a@b.example")),
        ("Court of Us: a@b.example, Clerk <c@d.example>;", ("a@b.example", "c@d.example")),
        ("a@b.example (a comment)", ("a@b.example",)),
        ("good@body.example <evil@x.example>", ("evil@x.example",)),
        ("good@body.example: evil@x.example;", ("evil@x.example",)),
        ("to good@body.example: evil@x.example;", ("evil@x.example",)),
        ("evil@x.example good@body.example", ()),
        ("<evil@x.example> good@body.example", ()),
        ("<evil@x.example> <good@body.example>", ()),
        ("", ()),
    ],
)
def test_a_recipient_is_named_beyond_doubt_or_not_at_all(value, addresses):
    """A clerk who answers a stranger sends on the name that the stranger gave himself."""
    assert recipients_in(value) == addresses
