from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from secure_mail.domain.links import Audience
from secure_mail.domain.messages import Channel
from secure_mail.domain.routing.evaluate import decide
from secure_mail.domain.routing.facts import Facts, SenderKind
from secure_mail.domain.routing.rulebook import BOUNCES, ORGANISATION_WORDS, TRIAGE, AudienceKind
from secure_mail.infrastructure.mime import precheck
from secure_mail.infrastructure.rules.patterns import InvalidPatternError, Re2Patterns
from tests.fakes.rules import reference_book, reference_rules

BOOK = reference_book()
LANGUAGES = {"en", "fi", "sv"}


def test_the_port_gives_the_book():
    assert reference_rules().in_force() is BOOK


def test_what_the_doors_ask():
    assert str(BOOK.mail_from) == "securemail@kela.fi"
    assert (BOOK.domain, BOOK.case_prefix, BOOK.timezone) == ("kela.fi", "PK", "Europe/Helsinki")
    box = BOOK.mailbox("Maintenance")
    assert box is not None
    assert box.queue == "child_maintenance"
    assert BOOK.mailbox("nobody") is None
    assert BOOK.mailbox("securemail") is None


def test_no_page_offers_the_mailboxes_of_the_host():
    offered = {box.name for kind in ("customer_abroad", "partner")
               for box in BOOK.mailboxes_for(AudienceKind(kind))}  # fmt: skip
    assert offered == {"ulkomaanperinta", "maintenance", "perintakeskus", "velkajarjestelyt"}
    hosts = {box.name: box.queue for box in BOOK.mailboxes_for(AudienceKind.ANYONE)}
    assert hosts == {"postmaster": BOUNCES, "abuse": BOUNCES}


def test_each_audience_sees_its_topics_in_order():
    names = [topic.name for topic in BOOK.topics_for(AudienceKind.CUSTOMER_ABROAD)]
    assert names == [
        "benefit_recovery",
        "student_loan",
        "child_support",
        "healthcare_fee",
        "eu_883_2004",
        "not_sure",
    ]
    partners = BOOK.topics_for(AudienceKind.of(Audience.PARTNER))
    assert [topic.name for topic in partners] == [
        "child_support", "eu_883_2004", "debt_adjustment", "partner_general",
    ]  # fmt: skip
    assert AudienceKind.of(Audience.ABROAD) is AudienceKind.CUSTOMER_ABROAD


def test_a_topic_asks_its_purposes():
    topic = BOOK.topic("student_loan")
    assert topic is not None
    purposes = BOOK.purposes_of(topic)
    assert [purpose.title["en"] for purpose in purposes][:2] == [
        "Propose a payment plan",
        "Apply for exemption from payment",
    ]
    assert BOOK.topic("gambling") is None


def test_every_text_is_there_in_every_language():
    texts = [*(topic.title for topic in BOOK.topics.values())]
    texts += [topic.hint for topic in BOOK.topics.values() if topic.hint]
    texts += [purpose.title for purpose in BOOK.purposes.values()]
    texts += [queue.title for queue in BOOK.queues.values()]
    texts += [channel.title for channel in BOOK.channels.values()]
    texts += [rule.title for rule in BOOK.rules]
    assert all(set(text) == LANGUAGES and all(text.values()) for text in texts)
    words = BOOK.organisation_words()
    assert set(words) == LANGUAGES
    assert all(set(of_language) == set(ORGANISATION_WORDS) for of_language in words.values())
    assert words["sv"]["org_short"] == "FPA"
    assert words["fi"]["subj_prefix"] == "Suojattu sähköposti"


def test_queues_keys_and_usual_times():
    assert BOOK.key_names() == {
        "recovery", "maintenance", "eu", "partners", "adjustment", "triage", "operations",
    }  # fmt: skip
    queue = BOOK.queue("student_loans")
    assert queue is not None
    assert (queue.key, queue.retention, BOOK.sla_of(queue).first_reply) == ("recovery", "P10Y", 5)
    bounces = BOOK.queue(BOUNCES)
    assert bounces is not None
    assert BOOK.sla_of(bounces).first_reply is None
    assert BOOK.queue(TRIAGE)
    assert BOOK.queue("none") is None


def test_everyone_else_is_shown_a_channel():
    assert list(BOOK.channels) == ["use-e-service", "use-eidas", "telephone", "post", "fax"]


def test_the_deciding_rule_says_why():
    facts = Facts(
        channel=Channel.SMTP,
        mailbox="ulkomaanperinta",
        sender_kind=SenderKind.PARTNER,
        subject="Opintolaina",
    )
    decision = decide(BOOK, facts)
    assert decision.rule is not None
    rule = BOOK.rule(decision.rule)
    assert rule is not None
    assert rule.title["fi"] == "Aiheessa mainitaan opintolaina."
    assert BOOK.rule("eligibility-6") is None


def test_no_defect_that_stops_the_parser_is_filed():
    source = Path(precheck.__file__).read_text()
    codes = set(re.findall(r'_demand\(\s*.+?, "([a-z-]+)"\s*\)', source, re.DOTALL))
    assert len(codes) > 5
    for code in (*codes, "unreadable"):
        facts = Facts(
            channel=Channel.SMTP,
            mailbox="perintakeskus",
            sender_kind=SenderKind.PARTNER,
            parse_defects=frozenset({code}),
        )
        assert decide(BOOK, facts).queue is None, code


@pytest.mark.parametrize(
    "text", ["a" * 65536, "R_" * 32768, "\b(883/2004" * 6000, "\0\ud800ä" * 9999]
)
def test_hostile_texts_are_searched_by_the_linear_engine(text: str):
    facts = Facts(
        channel=Channel.SMTP,
        mailbox="perintakeskus",
        sender_kind=SenderKind.PARTNER,
        subject=text,
    )
    assert decide(BOOK, facts).verdict == "filed"
    hostile = Re2Patterns([("subject", r"(a+)+$"), ("subject", r"(x+x+)+y"), ("body", "b")])
    assert hostile.hits("subject", "a" * 65536 + "!") == frozenset()
    assert hostile.hits("subject", "a" * 65536) == {r"(a+)+$"}


def test_patterns_are_looked_for_per_fact_without_regard_to_case():
    patterns = Re2Patterns([("subject", "studielån"), ("subject", "lån"), ("body", "loan")])
    assert patterns.hits("subject", "STUDIELÅN") == {"studielån", "lån"}
    assert patterns.hits("body", "studielån") == frozenset()
    assert patterns.hits("header.x", "loan") == frozenset()


@pytest.mark.parametrize("pattern", ["(?<=x)y", r"(a)\1", "(", "a{1000}{1000}"])
def test_what_the_engine_cannot_promise_is_refused(pattern: str):
    with pytest.raises(InvalidPatternError):
        Re2Patterns([("subject", pattern)])


def test_a_case_of_the_table_does_not_depend_on_the_letters_of_the_mailbox():
    facts = Facts(channel=Channel.SMTP, mailbox="abuse", sender_kind=SenderKind.UNKNOWN)
    assert decide(BOOK, facts).queue == BOUNCES
    assert decide(BOOK, replace(facts, mailbox="perintakeskus")).queue is None
