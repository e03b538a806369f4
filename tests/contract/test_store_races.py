"""Two hands on one thing: what was acknowledged keeps its files, on every store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from secure_mail.domain.ids import BlobKey
from secure_mail.domain.links import SessionKind
from secure_mail.domain.messages import PartKind
from tests.fakes.chance import START
from tests.fakes.store import samples

BLOB = BlobKey("00/11/" + "0011" + "0" * 28)
PATIENCE = 10


@pytest.fixture
def drafted(store):
    """A draft with one file whose content is a blob."""
    registration = samples.registration()
    link = samples.link(registration_id=registration.id)
    draft = samples.draft(link_id=link.id)
    file = samples.draft_file(draft_id=draft.id, inline=None, blob=BLOB)
    with store.writing() as uow:
        uow.registrations.add(registration)
        uow.links.add(link)
        uow.drafts.add(draft)
        uow.drafts.add_file(file)
    return draft, file


def test_a_file_that_is_being_sent_is_not_handed_to_who_removes_it(store, drafted):
    """Whoever is handed it deletes the blob: the message would have lost it."""
    draft, file = drafted
    sending, seen = Event(), Event()

    def send():
        with store.units() as uow:
            uow.drafts.sent(draft.id, "message")
            sending.set()
            seen.wait(0.3)
            uow.commit()

    def remove():
        sending.wait(PATIENCE)
        with store.units() as uow:
            removed = uow.drafts.remove_file(draft.id, file.id)
            uow.commit()
        seen.set()
        return removed

    with ThreadPoolExecutor(2) as pool:
        sent, removed = pool.submit(send), pool.submit(remove)
        assert removed.result(PATIENCE) is None
        sent.result(PATIENCE)


def test_who_reads_a_draft_to_change_it_sees_what_another_sent(store, drafted):
    draft, _ = drafted
    reading, waiting = Event(), Event()

    def first():
        with store.units() as uow:
            assert uow.drafts.get(draft.id).sent_message is None
            reading.set()
            waiting.wait(0.3)
            uow.drafts.sent(draft.id, "message")
            uow.commit()

    def second():
        reading.wait(PATIENCE)
        with store.units() as uow:
            found = uow.drafts.get(draft.id)
        waiting.set()
        return found.sent_message

    with ThreadPoolExecutor(2) as pool:
        done, told = pool.submit(first), pool.submit(second)
        assert told.result(PATIENCE) == "message"
        done.result(PATIENCE)


def test_two_receipts_earned_at_once_are_both_kept(store, drafted):
    session = samples.session(kind=SessionKind.LINK, sealed=b"")
    with store.writing() as uow:
        uow.sessions.add(session)

    def earn(receipt):
        with store.units() as uow:
            found = uow.sessions.by_secret(session.secret_hash, SessionKind.LINK)
            Event().wait(0.1)
            uow.sessions.seal(session.id, found.sealed + receipt)
            uow.sessions.touch(session.id, START)
            uow.commit()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(earn, [b"a", b"b"]))
    with store.units.reading() as uow:
        found = uow.sessions.by_secret(session.secret_hash, SessionKind.LINK)
    assert sorted(found.sealed) == sorted(b"ab")


def test_two_mailboxes_of_one_mail_worked_on_at_once_have_one_view(store):
    content = samples.message().content_id
    raw = samples.part(content_id=content, kind=PartKind.RAW)
    with store.writing() as uow:
        uow.contents.add(content, [raw])

    def derive(_):
        with store.units() as uow:
            view = samples.part(content_id=content, kind=PartKind.VIEW)
            uow.contents.replace_derived(content, [view])
            Event().wait(0.1)
            uow.commit()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(derive, range(2)))
    with store.units.reading() as uow:
        kinds = [part.kind for part in uow.contents.parts(content)]
    assert kinds == [PartKind.RAW, PartKind.VIEW]
