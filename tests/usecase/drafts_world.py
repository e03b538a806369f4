"""Drafts on fakes: a redeemed link, a browser's secrets, and the key of the intake."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from secure_mail.application.intake.add_file import AddFile
from secure_mail.application.intake.read_draft import ReadDraft
from secure_mail.application.intake.read_receipt import ReadReceipts
from secure_mail.application.intake.remove_file import RemoveFile
from secure_mail.application.intake.save_step import SaveStep
from secure_mail.application.intake.send_draft import SendDraft
from secure_mail.application.intake.start_draft import StartDraft
from secure_mail.domain.compose import Composition
from secure_mail.domain.sealing import INTAKE, WORKER
from secure_mail.infrastructure.files.screen import StreamingScreen
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.rules import reference_rules
from tests.fakes.vault import (
    FakeBrowserVault,
    FakeDedupeKey,
    FakeOpener,
    FakePartOpener,
    FakeSealer,
)
from tests.usecase.links_world import LinksWorld

MAX_OCTETS = 1024 * 1024
TYPED = Composition(
    topic="benefit_recovery",
    purpose="question",
    acts_for=False,
    name="Maija Meri",
    identity="24.11.1980",
    subject="Payment plan",
    text="I can pay 50 euros a month.",
    notify=True,
    language="fi",
)


class DraftsWorld(LinksWorld):
    def __init__(self):
        super().__init__()
        units, clock, ids = self.store.units, self.clock, self.ids
        sealer, browser, parts = FakeSealer([INTAKE, WORKER]), FakeBrowserVault(), FakePartOpener()
        self.parts, self.opener = parts, FakeOpener(INTAKE)
        self.escrow = FakeOpener(WORKER)
        self.blobs = MemoryBlobs(clock)
        self.threads = ThreadPoolExecutor(1)
        self.start = StartDraft(units=units, clock=clock, ids=ids, sealer=sealer, browser=browser)
        self.read_draft = ReadDraft(units=units, clock=clock, browser=browser, parts=parts)
        self.save = SaveStep(units=units, clock=clock, sealer=sealer)
        self.add_file = AddFile(
            units=units,
            clock=clock,
            ids=ids,
            sealer=sealer,
            blobs=self.blobs,
            files=StreamingScreen(),
            threads=self.threads,
            max_octets=MAX_OCTETS,
        )
        self.remove_file = RemoveFile(units=units, blobs=self.blobs)
        self.send_draft = SendDraft(
            commits=self.store.commits,
            clock=clock,
            ids=ids,
            sealer=sealer,
            browser=browser,
            dedupe=FakeDedupeKey(),
            rules=reference_rules(),
            tls=True,
        )
        self.receipts = ReadReceipts(browser=browser)

    def session(self, token=None):
        """The cookie's secret and the session of a link that was just opened."""
        redeemed = self.redeem(token or self.link())
        return redeemed.secret, self.read(redeemed.secret)

    def draft(self, session, typed=None):
        """A new draft with answers in it, as its browser opens it, and the browser's secret."""
        draft, secret = self.start(session.link, "fi")
        opened = self.read_draft(draft.id, session.link.id, secret, serve=True)
        return self.save(opened, typed or TYPED), secret

    def again(self, opened, secret, *, serve=False):
        """The draft, opened anew."""
        return self.read_draft(opened.draft.id, opened.draft.link_id, secret, serve=serve)

    def attach(self, opened, name, octets):
        """Uploads one file; it is sealed while it comes in pieces."""

        async def uploaded():
            upload = self.add_file.begin(opened, name)
            try:
                for start in range(0, len(octets), 50_000):
                    await upload.write(octets[start : start + 50_000])
                return await upload.finish()
            except Exception:
                upload.abort()
                raise

        return asyncio.run(uploaded())

    def send(self, opened, session, secret):
        return asyncio.run(self.send_draft(opened, session.link, session.session, secret))

    def messages(self):
        return list(self.store.state.messages.values())

    def link_row(self):
        (link,) = self.links()
        return link

    def change_link(self, **changes):
        link = self.link_row()
        self.store.state.links[link.id] = replace(link, **changes)
