"""One browser and one demo for each worker of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from tests.browser import program
from tests.browser.clerk import Clerk
from tests.browser.hands import Pointer
from tests.browser.outbox import Outbox
from tests.browser.program import Demo

ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-sandbox",
]

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with program.running(tmp_path_factory.mktemp("demo")) as started:
        yield started


@pytest.fixture(scope="session")
def outbox(demo: Demo) -> Outbox:
    return Outbox(demo.outbox)


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def signed_in(browser: Browser, demo: Demo) -> StorageState:
    """The cookie of a supervisor who signed in without JavaScript."""
    with browser.new_context(java_script_enabled=False) as context:
        Clerk(Pointer(context.new_page()), demo).sign_in()
        return context.storage_state()


@pytest.fixture
def staff_page(new_page: OpenPage, signed_in: StorageState) -> OpenPage:
    """A page in a browser whose owner has signed in; all of them share one session."""
    return partial(new_page, storage_state=signed_in)


@pytest.fixture
def new_page(browser: Browser) -> Iterator[OpenPage]:
    """A page in a browser profile of its own; the options are Playwright's for a context."""
    with ExitStack() as opened:

        def open_page(**options: object) -> Page:
            context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
            opened.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(10_000)
            return page

        yield open_page
