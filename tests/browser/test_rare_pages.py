"""Pages that a walk does not come to, shown with sample contexts at the demo's own address."""

import pytest

from tests.browser.audit import PHONE, WIDE, Audit
from tests.unit.template_contexts import CONTEXTS
from tests.unit.texts_setup import pages

RARE = (
    "public/closed.html",
    "public/drafts_found.html",
    "public/error.html",
    "public/link_cap.html",
    "reading/answer.html",
    "reading/inbox.html",
    "staff/download_confirm.html",
    "staff/error.html",
    "staff/held_item.html",
    "staff/no_access.html",
    "staff/queue.html",
    "staff/refuse_confirm.html",
    "staff/revoke_confirm.html",
    "staff/stale.html",
)
ENDED = [name for name in CONTEXTS if name.startswith("public/compose/")]


def shown(audit, demo, name, number, context):
    address = f"{demo.site}/static/shown/{name}/{number}"
    html = pages().render(name, audit.language, **context)
    audit.page.route(address, lambda route: route.fulfill(body=html, content_type="text/html"))
    audit.page.goto(address)
    told = "!" if context.get("errors") else ""
    audit.look(f"{name}{told} {number}")


@pytest.mark.parametrize("language", ["en", "fi", "sv"])
def test_rare_pages(new_page, demo, language):
    audit = Audit(new_page(), language, demo.site, (WIDE, PHONE))
    for name in RARE:
        for number, context in enumerate(CONTEXTS[name]):
            audit.titles.clear()
            shown(audit, demo, name, number, context)
    audit.expect_none()


@pytest.mark.parametrize("language", ["en", "fi", "sv"])
def test_steps_of_a_message_whose_session_has_ended(new_page, demo, language):
    audit = Audit(new_page(), language, demo.site, (WIDE, PHONE))
    for name in ENDED:
        context = {**CONTEXTS[name][0], "session_ended": True, "masked": "", "errors": {}}
        shown(audit, demo, name, 0, context)
    audit.expect_none()
