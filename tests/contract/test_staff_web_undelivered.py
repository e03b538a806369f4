"""What staff see of a mail that did not reach its reader: a line of the thread, a fact on top."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from secure_mail.domain.bounces import MailKind, MailName, Undelivered
from secure_mail.domain.cases import CaseState
from tests.staff_web_world import StaffWeb, post

ANSWER = {"text": "You can pay monthly.", "language": "fi", "identified": "letter", "after": "wait"}
NOTICE = "The notice could not be delivered."
BY_POST = "The notice could not be delivered. Send the answer by post."
RECEIPT = "The receipt could not be delivered to the sender&#39;s address."


@pytest.fixture
def world():
    with ThreadPoolExecutor(4) as threads:
        yield StaffWeb(threads)


@pytest.fixture
def clerk(world):
    return world.browser(world.member())


def comes_back(world, kind, about, why=Undelivered.BOUNCED):
    with world.units() as uow:
        world.process.undelivered(uow, world.clock.now(), MailName(kind, about), why)
        uow.commit()


def page(clerk, case):
    return clerk.get(f"/staff/cases/{case.reference}").text


def answered(world, clerk, case):
    url = f"/staff/cases/{case.reference}"
    version = str(world.case(case).version)
    sent = post(clerk, f"{url}/replies", version=version, confirmed="1", **ANSWER)
    assert sent.status_code == 303
    return max(world.store.state.replies.values(), key=lambda reply: reply.created_at)


@pytest.mark.parametrize("why", Undelivered)
def test_a_receipt_that_did_not_arrive_is_told_on_the_case(world, clerk, why):
    message = world.post()
    world.work()
    case = world.case_of(message)
    assert RECEIPT not in page(clerk, case)
    comes_back(world, MailKind.RECEIPT, message.id, why)
    assert page(clerk, case).count(RECEIPT) == 2


@pytest.mark.parametrize("why", Undelivered)
def test_a_notice_that_did_not_arrive_brings_the_case_back(world, clerk, why):
    case = world.filed()
    reply = answered(world, clerk, case)
    assert world.case(case).state is CaseState.WAITING
    assert NOTICE not in page(clerk, case)
    comes_back(world, MailKind.NOTICE, reply.id, why)
    shown = page(clerk, case)
    assert shown.count(BY_POST) == 1
    assert shown.count(NOTICE) == 2
    assert world.case(case).state is CaseState.OPEN


def test_the_fact_goes_when_a_later_answer_is_on_its_way(world, clerk):
    case = world.filed()
    first = answered(world, clerk, case)
    comes_back(world, MailKind.NOTICE, first.id)
    world.later(minutes=1)
    answered(world, clerk, case)
    shown = page(clerk, case)
    assert shown.count(NOTICE) == shown.count(BY_POST) == 1
