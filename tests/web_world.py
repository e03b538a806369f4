"""The public and the reading pages on fakes, real templates, and browsers that visit them."""

from __future__ import annotations

import re
from concurrent.futures import Executor
from dataclasses import replace
from html import unescape

from starlette.testclient import TestClient

from secure_mail.application.apps import PublicApp, ReadingApp
from secure_mail.application.intake.add_file import AddFile
from secure_mail.application.intake.read_draft import ReadDraft
from secure_mail.application.intake.read_receipt import ReadReceipts
from secure_mail.application.intake.remove_file import RemoveFile
from secure_mail.application.intake.save_step import SaveStep
from secure_mail.application.intake.send_draft import SendDraft
from secure_mail.application.intake.start_draft import StartDraft
from secure_mail.application.upkeep.current_notices import CurrentNotices
from secure_mail.domain.sealing import INTAKE
from secure_mail.infrastructure.files.screen import StreamingScreen
from secure_mail.interfaces.web.config import WebConfig
from secure_mail.interfaces.web.frame import Frame
from secure_mail.interfaces.web.pool import ThreadPool
from secure_mail.interfaces.web.probes import Probes
from secure_mail.interfaces.web.public.app import create_public
from secure_mail.interfaces.web.reading.app import create_reading
from secure_mail.interfaces.web.site import create_site
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.rules import reference_rules
from tests.fakes.vault import (
    FakeBrowserVault,
    FakeDedupeKey,
    FakeOpener,
    FakePartOpener,
    FakeSealer,
)
from tests.unit.texts_setup import BASE_URL, pages, texts
from tests.usecase.links_world import LinksWorld
from tests.usecase.replies_world import RepliesWorld

UPLOAD_MAX = 1024 * 1024
NAME, IDENTITY = "Maija Meri", "24.11.1980"
SUBJECT, TEXT = "Payment plan", "I can pay 50 euros a month.\nFrom May on."


class WebWorld(LinksWorld):
    """`browser()` is one person's browser. `answers` has the cases and codes of reading, in a store
    of its own with a clock of its own.
    """

    def __init__(self, threads: Executor, **web):
        super().__init__()
        self.blobs = MemoryBlobs(self.clock)
        self.answers = RepliesWorld()
        self.pool = ThreadPool(threads)
        self.web = WebConfig(base_url=BASE_URL, upload_max=UPLOAD_MAX, **web)
        self.frame = Frame(
            pages=pages(),
            texts=texts(),
            notices=CurrentNotices(units=self.store.units, clock=self.clock),
            pool=self.pool,
            web=self.web,
        )
        self.public = self.public_app(threads)
        self.reading = self.reading_app()
        self.site = self.served()

    def served(self, **instead):
        """The site, with other use cases in place of its own."""
        return create_site(
            self.frame,
            Probes(
                web=self.web,
                pool=self.pool,
                clock=self.clock,
                check=lambda: self.public.notices("en"),
            ),
            public=create_public(replace(self.public, **instead), self.frame),
            reading=create_reading(self.reading, self.frame),
        )

    def browser(self, site=None):
        return TestClient(
            site or self.site,
            base_url=BASE_URL,
            follow_redirects=False,
            raise_server_exceptions=False,
        )

    def public_app(self, threads):
        units, clock, ids = self.store.units, self.clock, self.ids
        sealer, browser, parts = FakeSealer(), FakeBrowserVault(), FakePartOpener()
        files = StreamingScreen()
        return PublicApp(
            clock=clock,
            rules=reference_rules(),
            notices=CurrentNotices(units=units, clock=clock),
            request_link=self.request_link,
            look_at_link=self.look,
            redeem_link=self.redeem,
            read_session=self.read,
            end_session=self.end_session,
            request_stop=self.request_stop,
            start_draft=StartDraft(
                units=units, clock=clock, ids=ids, sealer=sealer, browser=browser
            ),
            read_draft=ReadDraft(units=units, clock=clock, browser=browser, parts=parts),
            save_step=SaveStep(units=units, clock=clock, sealer=sealer),
            add_file=AddFile(
                units=units,
                clock=clock,
                ids=ids,
                sealer=sealer,
                blobs=self.blobs,
                files=files,
                threads=threads,
                max_octets=UPLOAD_MAX,
            ),
            remove_file=RemoveFile(units=units, blobs=self.blobs),
            send_draft=SendDraft(
                commits=self.store.commits,
                clock=clock,
                ids=ids,
                sealer=sealer,
                browser=browser,
                dedupe=FakeDedupeKey(),
                rules=reference_rules(),
                tls=True,
            ),
            read_receipts=ReadReceipts(browser=browser),
            file_extensions=files.extensions,
        )

    def reading_app(self):
        world = self.answers
        return ReadingApp(
            clock=world.clock,
            rules=reference_rules(),
            notices=CurrentNotices(units=self.store.units, clock=self.clock),
            request_code=world.request,
            enter_code=world.enter,
            read_session=world.read,
            end_session=world.end,
            list_answers=world.answers,
            show_answer=world.show,
        )

    def messages(self):
        return list(self.store.state.messages.values())

    def drafts(self):
        return list(self.store.state.drafts.values())

    def opener(self):
        return FakeOpener(INTAKE)


def redeemed(browser, token):
    """Presses the button of an opened link; where it leads to."""
    response = browser.post(f"/l/{token}")
    assert response.status_code == 303
    return response.headers["location"]


def field(response, name):
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', response.text)
    return unescape(found.group(1)) if found else ""


def step(browser, url, **fields):
    """Opens a page of the session and sends its form; the answer to the form."""
    page = browser.get(url)
    assert page.status_code == 200, (url, page.status_code, page.headers.get("location"))
    return browser.post(url, data={"csrf": field(page, "csrf"), **fields})


def onward(browser, url, **fields):
    """As `step`, for a form that leads on: where to."""
    response = step(browser, url, **fields)
    assert response.status_code == 303, response.text
    return response.headers["location"]


def composed(browser, token, *, topic="benefit_recovery", text=TEXT):
    """A message written up to its check; the draft's address."""
    language = redeemed(browser, token)[1:3]
    return written(browser, language, topic=topic, text=text)


def written(browser, language="fi", *, topic="benefit_recovery", text=TEXT):
    """As `composed`, in a session that is open."""
    url = onward(browser, f"/{language}/drafts/new/topic", topic=topic)
    url = onward(browser, url, purpose="payment_plan")
    url = onward(browser, url, who="self")
    url = onward(browser, url, name=NAME, identity=IDENTITY, letter_reference="")
    url = onward(browser, url, subject=SUBJECT, text=text)
    assert url.endswith("/files")
    return url.removesuffix("/files")


def send(browser, draft_url, notify="yes"):
    """Opens the check and sends; the answer."""
    page = browser.get(f"{draft_url}/check")
    assert page.status_code == 200, page.text
    return browser.post(f"{draft_url}/send", data=check_form(page, notify))


def check_form(page, notify="yes"):
    return {"csrf": field(page, "csrf"), "nonce": field(page, "nonce"), "notify": notify}
