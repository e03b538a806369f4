"""Attachments: several in one form, each judged for itself, sealed as they stream in."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from secure_mail.domain.messages import INLINE_LIMIT
from tests.web_world import UPLOAD_MAX, WebWorld, composed, field, send

LETTER = ("letter.txt", b"The words of the letter.\n", "text/plain")
BOUNDARY = "----boundary"


@pytest.fixture
def world():
    with ThreadPoolExecutor(2) as threads:
        yield WebWorld(threads)


@pytest.fixture
def browser(world):
    return world.browser()


def add(browser, url, *files, go="upload", csrf=None):
    token = field(browser.get(f"{url}/files"), "csrf") if csrf is None else csrf
    fields = [("csrf", (None, token)), *(("files", file) for file in files), ("go", (None, go))]
    return browser.post(f"{url}/files", files=fields)


def test_two_files_of_one_form_are_added_and_one_is_removed(world, browser):
    url = composed(browser, world.link())
    large = ("photo of a letter.txt", b"0123456789abcde\n" * 8192, "text/plain")
    answer = add(browser, url, LETTER, large)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{url}/files")
    page = browser.get(f"{url}/files")
    assert "letter.txt" in page.text
    assert len(large[1]) > INLINE_LIMIT
    assert len(world.blobs.kept) == 1
    (link,) = world.links()
    assert link.octets == len(LETTER[1]) + len(large[1])
    for file in world.store.state.draft_files.values():
        assert b"words of the letter" not in (file.inline or b"")
    second = page.text.rindex("/delete")
    remove = page.text[page.text.rindex('action="', 0, second) + 8 : second] + "/delete"
    assert browser.post(remove, data={"csrf": "forged"}).status_code == 403
    token = field(page, "csrf")
    assert browser.post(remove, data={"csrf": token}).headers["location"] == f"{url}/files"
    assert world.blobs.kept == {}
    assert len(world.store.state.draft_files) == 1


def test_files_travel_with_the_message(world, browser):
    url = composed(browser, world.link())
    assert add(browser, url, LETTER, go="next").headers["location"] == f"{url}/check"
    assert "letter.txt" in browser.get(f"{url}/check").text
    receipt = browser.get(send(browser, url).headers["location"])
    assert "letter.txt" in receipt.text
    kinds = sorted(part.kind for part in world.store.state.parts.values())
    assert kinds == ["file", "form"]


def test_each_file_has_its_own_error_and_the_others_stay(world, browser):
    url = composed(browser, world.link())
    answer = add(
        browser,
        url,
        ("program.exe", b"MZ...", "application/octet-stream"),
        LETTER,
        ("empty.txt", b"", "text/plain"),
        ("photo.jpg", b"this is no photo at all, but text", "image/jpeg"),
    )
    assert answer.status_code == 422
    for name in ("program.exe", "empty.txt", "photo.jpg"):
        assert answer.text.count(f"{name}") >= 1
    assert 'href="#files"' in answer.text
    assert "letter.txt" in answer.text
    assert len(world.store.state.draft_files) == 1


def test_a_file_that_is_too_large_is_refused_alone(world, browser):
    url = composed(browser, world.link())
    big = ("big.txt", b"x" * 50 + b"\n" + b"words " * (UPLOAD_MAX // 6), "text/plain")
    answer = add(browser, url, big, LETTER)
    assert answer.status_code == 422
    assert "big.txt" in answer.text
    assert world.blobs.kept == {}
    assert len(world.store.state.draft_files) == 1


def test_an_identity_code_in_a_files_name_is_caught(world, browser):
    url = composed(browser, world.link())
    answer = add(browser, url, ("decision 131052-308T.txt", b"Words.\n", "text/plain"))
    assert answer.status_code == 422
    assert "henkilötunnus" in answer.text
    assert world.store.state.draft_files == {}


def test_no_file_at_all(world, browser):
    url = composed(browser, world.link())
    assert add(browser, url, ("", b"", "application/octet-stream")).status_code == 422
    answer = add(browser, url, ("", b"", "application/octet-stream"), go="next")
    assert answer.headers["location"] == f"{url}/check"


def test_a_form_from_elsewhere_adds_nothing(world, browser):
    url = composed(browser, world.link())
    assert add(browser, url, LETTER, csrf="forged").status_code == 403
    assert world.store.state.draft_files == {}


def test_a_body_that_is_far_too_large_is_413(world, browser):
    url = composed(browser, world.link())
    answer = browser.post(
        f"{url}/files",
        content=b"",
        headers={
            "content-type": f"multipart/form-data; boundary={BOUNDARY}",
            "content-length": str(UPLOAD_MAX * 4),
        },
    )
    assert answer.status_code == 413
    too_long = browser.post(f"{url}/message", data={"text": "x" * 600_000})
    assert too_long.status_code == 413


def test_a_full_disk_is_a_503_and_loses_only_that_file(world, browser):
    url = composed(browser, world.link())
    add(browser, url, LETTER)
    world.blobs.full = True
    large = ("large.txt", b"0123456789abcde\n" * 8192, "text/plain")
    assert add(browser, url, large).status_code == 503
    assert len(world.store.state.draft_files) == 1


def test_an_interrupted_upload_loses_only_that_file(world, browser):
    url = composed(browser, world.link())
    token = field(browser.get(f"{url}/files"), "csrf")
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    parts = [
        part("csrf", None, token.encode()),
        part("files", "letter.txt", LETTER[1]),
        part("files", "half.txt", b"0123456789abcde\n" * 8192)[:100_000],
    ]
    incoming = [*map(chunk, parts), {"type": "http.disconnect"}]
    assert asyncio.run(answered(world.site, f"{url}/files", cookies, iter(incoming))) == []
    assert len(world.store.state.draft_files) == 1
    assert world.blobs.kept == {}
    assert "letter.txt" in browser.get(f"{url}/files").text
    assert "half.txt" not in browser.get(f"{url}/files").text


def test_a_draft_sent_from_another_page_while_a_file_comes_up_shows_its_receipt(world, browser):
    url = composed(browser, world.link())
    token = field(browser.get(f"{url}/files"), "csrf")
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    late = part("files", "late.txt", b"Late words.\n") + f"--{BOUNDARY}--\r\n".encode()
    receipts = []

    def incoming():
        yield chunk(part("csrf", None, token.encode()))
        yield chunk(late[:-70])
        receipts.append(send(browser, url).headers["location"])
        yield chunk(late[-70:], more=False)

    start, *_ = asyncio.run(answered(world.site, f"{url}/files", cookies, incoming()))
    assert start["status"] == 303
    location = dict(start["headers"])[b"location"].decode()
    assert location == f"{receipts[0].partition('?')[0]}?again=1"
    assert world.store.state.draft_files == {}


def part(name, filename, octets):
    file = f'; filename="{filename}"' if filename else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
    return head.encode() + octets + b"\r\n"


def chunk(body, *, more=True):
    return {"type": "http.request", "body": body, "more_body": more}


async def answered(site, path, cookies, incoming):
    """What a POST is answered whose messages come one by one."""
    messages = []

    async def receive():
        return next(incoming)

    async def send_back(message):
        messages.append(message)

    headers = {
        "host": "securemail.example",
        "cookie": cookies,
        "content-type": f"multipart/form-data; boundary={BOUNDARY}",
    }
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("192.0.2.7", 1234),
        "scheme": "https",
        "server": ("securemail.example", 443),
    }
    await site(scope, receive, send_back)
    return messages
