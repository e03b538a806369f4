"""The demo's outbox: there in the demo, nowhere else; a name leads to no other file."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.web_world import WebWorld

MAIL = (
    b"From: Kela <securemail@kela.fi>\nTo: maija@example.com\nSubject: Your link\n"
    b"Content-Type: text/plain; charset=utf-8\n\n"
    b"Write here:\n\nhttps://securemail.example/l/the-token\n\nUntil Friday.\n"
)


@pytest.fixture
def outbox(tmp_path):
    (tmp_path / "outbox" / "new").mkdir(parents=True)
    (tmp_path / "outbox" / "new" / "link-1@kela.fi").write_bytes(MAIL)
    (tmp_path / "outside").write_text("not a mail")
    return tmp_path / "outbox"


@pytest.mark.parametrize(("demo", "status"), [(True, 200), (False, 404)])
def test_the_outbox_is_there_in_the_demo_only(outbox, demo, status):
    with ThreadPoolExecutor(2) as threads:
        browser = WebWorld(threads, demo=demo, outbox=outbox).browser()
        answer = browser.get("/demo/outbox")
        assert answer.status_code == status
        assert ("maija@example.com" in answer.text) is demo
        mail = browser.get("/demo/outbox/link-1@kela.fi")
        assert mail.status_code == status
        assert ('href="https://securemail.example/l/the-token"' in mail.text) is demo
        for other in ("../outside", "..%2foutside", "nothing"):
            assert browser.get(f"/demo/outbox/{other}").status_code == 404
