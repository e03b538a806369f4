"""The judges of the other tests: shown a page that breaks every rule, they say so."""

import pytest

from tests.browser.audit import PHONE, WIDE, Audit
from tests.browser.hands import Keyboard

BAD = """<!doctype html><html lang="fi"><head><title>Nothing wrong</title>
<style>.a:focus { outline: none } .w { width: 900px }</style></head><body>
<h3>Level</h3><p style="color: #bbb" class="w">Pale</p><img src="https://elsewhere.example/x.png">
<a class="a" href="#x">.</a> <button onclick="go()" class="a">go</button>
<input type="email" id="field"><table><tr><th>Head</th></tr></table>
<script>console.error("inline")</script></body></html>"""
TOLD = (
    "html lang is fi",
    "h1: 3",
    "style: <p style",
    "onclick: <button",
    "inline style or script",
    "autocomplete: <input",
    "no caption: <table",
    "no scope: <th",
    "color-contrast: <p style",
    "image-alt: <img",
    "scrolls sideways: [9",
    "https://elsewhere.example/x.png",
    "inline: the console",
)


@pytest.fixture
def page(new_page, demo):
    page = new_page()
    page.route("**/bad", lambda route: route.fulfill(body=BAD, content_type="text/html"))
    page.route("https://elsewhere.example/*", lambda route: route.fulfill(status=204))
    return page


@pytest.mark.parametrize("told", TOLD)
def test_an_audit_tells_what_is_wrong(page, demo, told):
    audit = Audit(page, "en", demo.site, (WIDE, PHONE))
    page.goto(f"{demo.site}/bad")
    audit.look("bad")
    with pytest.raises(AssertionError) as failure:
        audit.expect_none()
    assert told in str(failure.value)


def test_a_stop_that_cannot_be_seen_is_told(page, demo):
    page.goto(f"{demo.site}/bad")
    hands = Keyboard(page)
    hands.type("field", "x")
    assert [stop for stop in hands.unseen if "<button" in stop]
