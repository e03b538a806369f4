from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secure_mail.domain.eligibility import (
    SENDER_REFUSALS,
    Applicant,
    Party,
    VerdictKind,
    declared,
    judge,
    lives_abroad,
)
from secure_mail.domain.links import Audience, Declaration
from secure_mail.domain.messages import Channel, HoldReason
from secure_mail.domain.refusals import RefusalCode
from secure_mail.infrastructure.rules.loader import load
from tests.fakes.rules import REFERENCE, reference_book
from tests.unit.eligibility_cases import CASES, Case

applicants = st.builds(
    Applicant,
    party=st.sampled_from(Party),
    channel=st.sampled_from(Channel),
    finnish_e_id=st.booleans(),
    eidas_usable=st.booleans(),
    abroad=st.booleans(),
    proved=st.booleans(),
    another_proof=st.booleans(),
    behind_relay=st.booleans(),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_table_says_what_the_design_says(case: Case):
    verdict = judge(reference_book().eligibility, case.applicant)
    assert (verdict.kind, verdict.code, verdict.row) == (case.kind, case.code, case.row)
    assert verdict.mailboxes == case.mailboxes


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.declaration], ids=lambda case: case.name
)
def test_the_answers_of_the_pages_lead_to_the_applicant(case: Case):
    assert case.declaration is not None
    assert declared(case.declaration, registered=case.registered) == case.applicant


def test_every_row_has_a_case():
    assert {case.row for case in CASES} == {row.verdict.row for row in reference_book().eligibility}


@given(applicants)
def test_everybody_gets_a_verdict_that_can_be_told(applicant: Applicant):
    verdict = judge(reference_book().eligibility, applicant)
    assert verdict.row
    assert (verdict.kind is VerdictKind.ELIGIBLE) == bool(verdict.mailboxes)
    if verdict.kind is VerdictKind.REFUSED:
        assert verdict.code in SENDER_REFUSALS


@given(applicants)
def test_only_a_page_or_an_open_smtp_session_refuses(applicant: Applicant):
    verdict = judge(reference_book().eligibility, applicant)
    if verdict.kind is VerdictKind.REFUSED:
        assert applicant.channel is Channel.FORM or applicant.at_door


@given(st.sampled_from(Audience), st.sampled_from(["SE", "FI", "AX", None]), st.booleans())
def test_a_registered_address_is_a_partners_whatever_was_chosen(audience, country, failed):
    declaration = Declaration(audience=audience, country=country, eidas_failed=failed)
    verdict = judge(reference_book().eligibility, declared(declaration, registered=True))
    assert (verdict.kind, verdict.row) == (VerdictKind.ELIGIBLE, 5)


def test_a_key_of_the_file_refuses_unregistered_partners():
    text = REFERENCE.read_text()
    text = text.replace(
        "unregistered_partner_by_link: hold", "unregistered_partner_by_link: refuse"
    )
    text = text.replace(
        "expect: {verdict: held, reason: not-proved, rule: eligibility-7, acknowledge: true}",
        "expect: {verdict: refused, reason: not-a-partner, rule: eligibility-7}",
    )
    book = load(text.encode()).book
    applicant = declared(Declaration(audience=Audience.PARTNER), registered=False)
    assert judge(book.eligibility, applicant).code is RefusalCode.NOT_A_PARTNER


def test_a_table_with_a_gap_holds():
    applicant = Applicant(party=Party.CUSTOMER, channel=Channel.FORM)
    verdict = judge((), applicant)
    assert (verdict.kind, verdict.code) == (VerdictKind.HELD, HoldReason.NOT_ELIGIBLE)


@pytest.mark.parametrize(
    ("country", "abroad"),
    [("FI", False), ("AX", False), ("ax", False), ("SE", True), (None, False)],
)
def test_finland_has_two_codes(country, abroad):
    assert lives_abroad(country) is abroad
