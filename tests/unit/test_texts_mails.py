"""Mails: three languages, one link or none, short lines, no debt told from outside."""

from datetime import UTC, datetime

import pytest

from secure_mail.infrastructure.texts.mails import WIDTH
from tests.unit.texts_setup import texts

NOW = datetime(2026, 11, 24, 12, 2, tzinfo=UTC)
TOKEN = "Zm9v" * 10 + "abc"
STOP = {"stop_code": "ABCD2345"}
ARRIVED = {"reference": "PK-7K4Q-9M3X", "received_at": NOW, **STOP}
MAILS = {
    "link": {
        "requested_at": NOW,
        "expires_at": NOW,
        "check_words": "KOIVU 48",
        "token": TOKEN,
        **STOP,
    },
    "code": {
        "code": "1234 5678",
        "check_words": "KOIVU 48",
        "minutes": 20,
        "requested_at": NOW,
        **STOP,
    },
    "receipt": ARRIVED,
    "receipt-held": ARRIVED,
    "notice": {"reference": "PK-7K4Q-9M3X", "readable_until": NOW, **STOP},
    "remind": {"reference": "PK-7K4Q-9M3X", "readable_until": NOW, "reply_to": True, **STOP},
    "transfer": {**ARRIVED, "unit": "Unit 4", "transferred_at": NOW},
    "nonreceipt": {"number": 17, "received_at": NOW, "reason": "locked", **STOP},
}
REFUSALS = [
    "use-e-service",
    "use-eidas",
    "not-abroad",
    "use-secure-link",
    "not-a-partner",
    "partner-not-proved",
    "wrong-mailbox",
    "no-such-mailbox",
]
ALL = [
    *MAILS.items(),
    *(
        ("refusal", {"code": c, "what": "link", "at": NOW, "check": "network", **STOP})
        for c in REFUSALS
    ),
]
FINNISH, SWEDISH, ENGLISH = "SUOMEKSI", "PÅ SVENSKA", "IN ENGLISH"


@pytest.mark.parametrize("language", ["en", "fi", "sv"])
@pytest.mark.parametrize(("name", "values"), ALL)
def test_a_mail_is_short_plain_and_says_how_to_stop(name, values, language):
    subject, text = texts().mail(name, language, values)
    assert all(len(line) <= WIDTH for line in text.splitlines())
    assert "\n" not in subject
    assert "\n\n\n" not in text
    assert text.count("ABCD2345") == 3, "in each language"
    assert text.count("://") == (1 if name == "link" else 0)
    assert "<" not in text
    assert "**" not in text


@pytest.mark.parametrize(("name", "values"), ALL)
def test_the_subject_names_neither_centre_nor_debt(name, values):
    for language in ("en", "fi", "sv"):
        subject, _ = texts().mail(name, language, values)
        lowered = subject.lower()
        assert not any(
            word in lowered
            for word in ("recovery", "perintä", "indrivning", "debt", "velka", "skuld")
        )


def test_the_chosen_language_stands_first_and_the_link_above_the_others():
    subject, text = texts().mail("link", "fi", MAILS["link"])
    assert subject == "Suojattu sähköposti: linkkisi (tarkistussanat KOIVU 48)"
    assert text.startswith("Pyysit tämän linkin 24.11.2026 klo 14.02 (Suomen aikaa).")
    assert (
        text.index(f"\nhttps://securemail.example/l/{TOKEN}\n")
        < text.index(SWEDISH)
        < text.index(ENGLISH)
    )
    assert FINNISH not in text
    assert text.count("KOIVU 48") == 3


def test_a_partners_notice_with_reply_to_does_not_forbid_to_answer():
    _, plain = texts().mail("notice", "en", MAILS["notice"])
    _, partner = texts().mail("notice", "en", {**MAILS["notice"], "reply_to": True})
    assert "Do not answer this email" in plain
    assert "Do not answer this email" not in partner


def test_a_missing_value_is_an_error():
    with pytest.raises(Exception, match="check_words"):
        texts().mail("link", "en", {k: v for k, v in MAILS["link"].items() if k != "check_words"})


def test_a_telephone_number_stays_on_one_line():
    for language in ("en", "fi", "sv"):
        _, text = texts().mail("receipt", language, ARRIVED)
        assert "20 634 4940" in text
