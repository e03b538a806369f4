"""Bodies without end and forms without number cost the sender, not the service."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from secure_mail.interfaces.web.forms import MAX_OCTETS
from secure_mail.interfaces.web.multipart import MOST_PARTS
from tests.contract.test_public_web_files import BOUNDARY, add
from tests.web_world import UPLOAD_MAX, WebWorld, composed, field

CHUNK = b"x" * 65536


@pytest.fixture
def world():
    with ThreadPoolExecutor(2) as threads:
        yield WebWorld(threads)


@pytest.fixture
def browser(world):
    return world.browser()


def poured(world, path, headers):
    """Status of the answer to a body that never ends, and how many octets of it were taken."""
    taken, statuses = 0, []

    async def receive():
        nonlocal taken
        taken += len(CHUNK)
        assert taken < 10 * UPLOAD_MAX, "it takes whatever comes"
        return {"type": "http.request", "body": CHUNK, "more_body": True}

    async def send(message):
        statuses.append(message.get("status"))

    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "scheme": "https",
        "client": ("192.0.2.1", 1),
        "headers": [(b"host", b"securemail.example"), *headers],
    }
    asyncio.run(world.site(scope, receive, send))
    return statuses[0], taken


@pytest.mark.parametrize(
    "path", ["/en/drafts/00000000-0000-0000-0000-000000000001/files", "/en/link"]
)
@pytest.mark.parametrize(
    "kind", [b"multipart/form-data; boundary=x", b"application/x-www-form-urlencoded", b"a/b"]
)
def test_a_body_in_chunks_without_end_is_not_taken_in(world, path, kind):
    """Nobody needs a link for it: what comes after the session's end is drained."""
    status, taken = poured(world, path, [(b"content-type", kind)])
    assert status >= 300
    assert taken <= 2 * UPLOAD_MAX + MAX_OCTETS + len(CHUNK)


def test_a_form_of_countless_parts_is_refused(world, browser):
    url = composed(browser, world.link())
    token = field(browser.get(f"{url}/files"), "csrf")
    piece = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    parts = [piece % ("csrf", token), *(piece % (f"n{n}", n) for n in range(MOST_PARTS))]
    body = "".join(parts) + f"--{BOUNDARY}--\r\n"
    kind = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
    assert browser.post(f"{url}/files", content=body.encode(), headers=kind).status_code == 413


def test_many_files_are_each_told_what_is_wrong_with_them(world, browser):
    url = composed(browser, world.link())
    many = [(f"{n}.exe", b"MZ", "text/plain") for n in range(50)]
    answer = add(browser, url, *many)
    assert answer.status_code == 422
    assert "49.exe" in answer.text
