"""Stop our messages: a right and a wrong code are answered alike; the worker decides."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.usecase.links_world import MAIJA
from tests.web_world import WebWorld


@pytest.fixture
def world():
    with ThreadPoolExecutor(2) as threads:
        yield WebWorld(threads)


def stop(browser, code, wish="revoke"):
    form = {"address": str(MAIJA), "stop_code": code}
    confirm = browser.post("/en/stop", data=form)
    assert confirm.status_code == 200
    assert f'name="stop_code" value="{code}"' in confirm.text
    return browser.post("/en/stop/confirm", data={**form, "wish": wish})


@pytest.mark.parametrize(("right", "alive"), [(True, 404), (False, 200)])
def test_links_are_ended_by_the_right_code_only(world, right, alive):
    browser, token = world.browser(), world.link()
    answer = stop(browser, world.stop_codes.code(MAIJA) if right else "00000000")
    assert (answer.status_code, answer.headers["location"]) == (303, "/en/stop/done")
    assert browser.get(f"/l/{token}").status_code == 200
    world.work()
    assert browser.get(f"/l/{token}").status_code == alive


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ({}, ["address", "stop_code"]),
        ({"address": "x", "stop_code": "12345678"}, ["address"]),
        ({"address": "a@b.example"}, ["stop_code"]),
    ],
)
def test_422_says_what_is_missing(world, form, fields):
    for path in ("/sv/stop", "/sv/stop/confirm"):
        answer = world.browser().post(path, data=form)
        assert answer.status_code == 422
        for field in fields:
            assert f'href="#{field}"' in answer.text


def test_a_wish_must_be_chosen(world):
    answer = stop(world.browser(), "12345678", wish="burn")
    assert answer.status_code == 422
    assert 'href="#wish"' in answer.text
    assert world.store.state.stops == {}
    assert world.browser().get("/en/stop/confirm").headers["location"] == "/en/stop"


def test_too_many_requests_of_one_network_are_told(world):
    browser = world.browser()
    for _ in range(10):
        assert stop(browser, "12345678").status_code == 303
    assert stop(browser, "12345678").status_code == 429
