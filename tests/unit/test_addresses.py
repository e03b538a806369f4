"""Addresses at the door: what would deceive a reader, or a header, is none."""

from __future__ import annotations

import pytest

from secure_mail.domain.addresses import EmailAddress, InvalidAddressError


@pytest.mark.parametrize(
    "text",
    [
        "maija@example.com",
        "  Maija.Koe+perinta@Example.COM. ",
        "mäija@example.com",
        "用户@example.com",
        "maija@ääkköset.example",
        "maija@xn--strae-oqa.example",
    ],
)
def test_addresses_of_people_are_taken(text: str) -> None:
    assert EmailAddress.parse(text).domain.isascii()


@pytest.mark.parametrize(
    "sign",
    [
        pytest.param("\u2028", id="line separator"),
        pytest.param("\x85", id="next line"),
        pytest.param("\x9f", id="control"),
        pytest.param("\u202e", id="right to left"),
        pytest.param("\u200b", id="zero width"),
        pytest.param("\xa0", id="no-break space"),
        pytest.param("\udc80", id="surrogate"),
        pytest.param("\n", id="line feed"),
        pytest.param('"', id="quote"),
    ],
)
def test_signs_that_deceive_or_end_a_line_make_no_address(sign: str) -> None:
    with pytest.raises(InvalidAddressError):
        EmailAddress.parse(f"mai{sign}ja@example.com")


@pytest.mark.parametrize("domain", ["straße.example", "STRAẞE.example", "σπας.example"])
def test_a_domain_that_old_rules_read_as_another_is_not_guessed(domain: str) -> None:
    with pytest.raises(InvalidAddressError):
        EmailAddress.parse(f"maija@{domain}")


def test_the_case_of_ascii_letters_makes_no_other_mailbox() -> None:
    assert EmailAddress.parse("Maija@Example.com").folded == "maija@example.com"


@pytest.mark.parametrize("other", ["ſtefan", "\N{KELVIN SIGN}irsi", "straße", "ﬁnn"])
def test_no_other_persons_mailbox_folds_into_mine(other: str) -> None:
    """The holder of one would be mailed the code that opens the answers of the other."""
    mine = EmailAddress(other.casefold(), "example.com")
    assert mine.local.isascii()
    assert EmailAddress(other, "example.com").folded != mine.folded


def test_a_domain_that_is_too_long_is_not_encoded_first() -> None:
    """To encode the labels of a To of 200 KiB took seconds, once for each signature."""
    soft = "\N{SOFT HYPHEN}"  # IDNA leaves it out
    assert EmailAddress.parse(f"maija@exam{soft}ple.com").domain == "example.com"
    with pytest.raises(InvalidAddressError):
        EmailAddress.parse(f"maija@exam{soft * 250}ple.com")
