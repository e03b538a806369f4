"""What the door refuses of a partner's mail is counted in its passport, and nothing else of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from secure_mail.application.partners.note_refusal import NoteRefusal
from secure_mail.application.ports.store import StoreDownError
from secure_mail.domain.partners import Check
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.interfaces.smtp import refusal_notes
from tests.smtp_rig import LETTER, PARTNER, US, Helsinki, Rig, play, until

ELSEWHERE = {"require": (Check.NETWORK,), "partner_networks": ("192.0.2.0/28",)}


def counting(rig: Rig, units: object = None) -> None:
    rig.door.count_refusals(
        NoteRefusal(units=units or rig.units, clock=rig.clock, calendar=Helsinki())
    )


def rows(rig: Rig) -> dict[Check, tuple[int, int]]:
    with rig.units.reading() as uow:
        return {row.check: (row.held, row.missed) for row in uow.passports.of(rig.partner.id)}


async def sent(rig: Rig, letter: bytes = LETTER, sender: str = PARTNER, times: int = 1) -> None:
    async with rig.client() as client:
        await client.secured()
        for _ in range(times):
            await client.envelope(sender, US)
            refused = await client.data(letter)
            assert refused.startswith("550"), refused


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(refusal_notes, "PAUSE", 0.2)


def test_many_refusals_are_one_row_for_each_check(tmp_path):
    async def story(rig: Rig) -> None:
        counting(rig)
        await sent(rig, times=5)
        await sent(rig, times=2)
        await until(lambda: rows(rig) == {Check.TLS: (7, 0), Check.NETWORK: (0, 7)})
        with rig.units.reading() as uow:
            [last] = {row.last_missed_at for row in uow.passports.of(rig.partner.id)} - {None}
        assert rig.clock.now() - last < timedelta(minutes=1)

    play(tmp_path, story, **ELSEWHERE)


def test_mail_with_a_strangers_from_counts_for_nobody(tmp_path):
    async def story(rig: Rig) -> None:
        counting(rig)
        await sent(rig, LETTER.replace(b"institution.example", b"elsewhere.example"))
        await sent(rig)
        await until(lambda: rows(rig) == {Check.TLS: (1, 0), Check.NETWORK: (0, 1)})

    play(tmp_path, story, **ELSEWHERE)


def test_a_store_that_is_down_troubles_no_sender(tmp_path):
    class Down:
        asked = 0

        def __call__(self) -> object:
            Down.asked += 1
            raise StoreDownError

    async def story(rig: Rig) -> None:
        counting(rig, Down())
        await sent(rig)
        await until(lambda: Down.asked)
        await sent(rig)
        await until(lambda: Down.asked == 2)
        assert rows(rig) == {}

    play(tmp_path, story, **ELSEWHERE)


def test_a_closed_pool_troubles_no_sender(tmp_path):
    """The process ends while counts are gathered."""

    async def story(rig: Rig) -> None:
        pool = ThreadPoolExecutor(1)
        pool.shutdown()
        notes = refusal_notes.RefusalNotes(lambda _: None, pool)
        notes.add(rig.partner, Refusal(RefusalCode.USE_SECURE_LINK, check="network"))
        notes._hand_over()

    play(tmp_path, story)
