from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from secure_mail.infrastructure.rules.findings import InvalidRulesError
from secure_mail.infrastructure.rules.loader import examine, json_schema, load
from secure_mail.infrastructure.rules.standing import Standing, choose, compare
from tests.fakes.rules import REFERENCE, reference_book
from tests.unit.rules_faults import FAULTS

TEXT = REFERENCE.read_text()


def changed(*pairs: tuple[str, str]) -> str:
    text = TEXT
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def faults(text: str | bytes) -> str:
    with pytest.raises(InvalidRulesError) as caught:
        load(text if isinstance(text, bytes) else text.encode(), "rules.yaml")
    return "\n".join(caught.value.lines)


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_the_reference_file_loads_and_passes_its_own_tests():
    loaded = load(REFERENCE.read_bytes())
    assert len(loaded.trials) >= 35
    assert all(trial.passed for trial in loaded.trials)
    assert loaded.text.encode() == REFERENCE.read_bytes()
    assert loaded.book.hash == hashlib.sha256(REFERENCE.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("name: {en: Kela,", "name: &kela {en: Kela,", "an anchor"),
        ("domain: kela.fi", "domain: *kela", "an alias"),
        ("domain: kela.fi", "domain: !!str kela.fi", "a tag"),
        ("domain: kela.fi", "domain: ! kela.fi", "a tag"),
        ("version: 1", "version: 1\nversion: 1", "the key version stands twice"),
        ("  mail_from: securemail", "  mail_from: a\n  mail_from: b", "mail_from stands twice"),
        ("domain: kela.fi", "domain: [kela.fi", "not YAML"),
        ("version: 1", "---\nversion: 1\n---\n", "a second document"),
        ("version: 1", "? [a]\n: b\nversion: 1", "a key that is no word"),
        ("domain: kela.fi", f"domain: {'[' * 40}{']' * 40}", "nested deeper than 32"),
    ],
)
def test_forms_that_two_readers_understand_differently(old: str, new: str, what: str):
    assert what in faults(changed((old, new)))


def test_a_file_of_more_than_a_mebibyte():
    assert "larger than 1 MiB" in faults(TEXT + "#" * 1024 * 1024)


@pytest.mark.parametrize("octets", [b"", b"# nothing\n", b"\xff\xfe", b"a: \x00", b"- 1", b"null"])
def test_what_is_no_rules_file(octets: bytes):
    assert faults(octets).startswith("rules.yaml:1: ")


@given(st.binary(max_size=200))
@example(b"[" * 5000)
@example(b"a: !!python/object:os.system x")
def test_no_octets_break_the_loader(octets: bytes):
    with pytest.raises(InvalidRulesError):
        load(octets)


@pytest.mark.parametrize("word", ["no", "yes", "on", "off", "'true'", "1"])
def test_only_true_and_false_are_booleans(word: str):
    assert "boolean" in faults(changed(("finnish_e_id: true", f"finnish_e_id: {word}")))


def test_times_and_norway_stay_text():
    hours = "fi: ma–pe klo 10–15 (Suomen aikaa)"
    book = load(
        changed((hours, "fi: 12:30"), ("sv: mån–fre kl. 10–15 (finsk tid)", "sv: no")).encode()
    )
    words = book.book.organisation_words()
    assert (words["fi"]["org_hours"], words["sv"]["org_hours"]) == ("12:30", "no")


@pytest.mark.parametrize(
    ("old", "new", "what"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS]
)
def test_a_fault_is_told(old: str, new: str, what: str):
    assert what in faults(changed((old, new)))


def test_a_fault_names_file_and_line():
    text = changed(("then: {queue: student_loans}", "then: {queue: loans}"))
    line = line_of(text, "{queue: loans}")
    assert (
        f"rules.yaml:{line}: rule student-loan then.queue: no queue loans: write one of"
        in faults(text)
    )
    text = changed(("then: {tag: [many-files]}", "then: {drop: true}"))
    assert f"rules.yaml:{line_of(text, '{drop: true}')}: " in faults(text)


def test_every_fault_is_told_at_once():
    told = faults(
        changed(
            ("{queue: student_loans}", "{queue: x}"), ("timezone: Europe/Helsinki", "timezone: X")
        )
    )
    assert len(told.splitlines()) == 2


def test_failing_tests_are_listed_for_rules_test():
    text = changed(
        ("expect: {verdict: held, reason: infected", "expect: {verdict: filed, reason: infected")
    )
    loaded = examine(text.encode())
    assert [trial.name for trial in loaded.trials if not trial.passed] == [
        "an infected message is held"
    ]
    assert loaded.failures[0].line == line_of(text, "- name: an infected message is held")


def test_the_schema_for_editors_knows_every_key():
    schema = json.loads(json_schema())
    assert set(schema["properties"]) >= {"version", "mailboxes", "eligibility", "rules", "tests"}
    assert schema["additionalProperties"] is False
    assert "for" in schema["$defs"]["TopicModel"]["properties"]
    assert "in" in schema["$defs"]["QuestionModel"]["properties"]


def test_the_first_file_is_approved_and_a_later_one_is_a_candidate():
    first, later = TEXT.encode(), changed(("case_prefix: PK", "case_prefix: XY")).encode()
    assert compare(None, first) is Standing.FIRST
    assert compare(reference_book().hash, first) is Standing.IN_FORCE
    assert compare(reference_book().hash, later) is Standing.CANDIDATE
    assert choose(None, later, "rules.yaml").rules.book.case_prefix == "XY"
    chosen = choose(TEXT, later, "rules.yaml")
    assert (chosen.standing, chosen.rules.book.case_prefix) == (Standing.CANDIDATE, "PK")
    assert chosen.candidate == ()
    broken = choose(TEXT, b"version: 2", "rules.yaml")
    assert broken.rules.book.case_prefix == "PK"
    assert all(line.startswith("rules.yaml:1: ") for line in broken.candidate)
    assert choose(TEXT, first, "rules.yaml").standing is Standing.IN_FORCE
