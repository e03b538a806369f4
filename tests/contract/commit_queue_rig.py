"""Units for the commit queue, and what the database says of them afterwards."""

from __future__ import annotations

import asyncio

from sqlalchemy import text

from secure_mail.domain.work import JobKind
from tests.fakes.chance import START
from tests.fakes.store import samples


def accepting(message=None, *, work=False):
    """A unit that accepts one message and answers it."""
    message = message or samples.message()

    def unit(unit):
        unit.contents.add(message.content_id, [])
        unit.messages.add(message, None, None)
        if work:
            unit.outbox.add(JobKind.PROCESS_MESSAGE, message.id, START)
        return message

    return unit


def numbers(store, messages):
    with store.units.reading() as unit:
        return [unit.ledger.number(message.id) for message in messages]


def ledger(database):
    with database.reading() as connection:
        rows = connection.execute(text("SELECT number FROM ledger_entry ORDER BY number"))
        return [row[0] for row in rows]


async def all_of(queue, units):
    return await asyncio.gather(*(queue.run(unit) for unit in units), return_exceptions=True)
