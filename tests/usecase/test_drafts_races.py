"""Two pages of one browser on one draft: a file is in the message that was sent, or told of."""

import asyncio

import pytest

from secure_mail.domain.compose import MAX_FILES
from secure_mail.domain.refusals import Refusal, RefusalCode
from tests.usecase.drafts_world import MAX_OCTETS, DraftsWorld

LETTER = b"The words of the letter.\n"


@pytest.fixture
def world():
    world = DraftsWorld()
    yield world
    world.threads.shutdown()


@pytest.fixture
def writing(world):
    """The session's cookie and session, the draft as its browser opened it, and its secret."""
    cookie, session = world.session()
    return cookie, session, *world.draft(session)


def refused(call, *args):
    with pytest.raises(Refusal) as caught:
        call(*args)
    return caught.value.code


def test_a_file_that_came_between_check_and_send_is_not_lost(world, writing):
    cookie, session, opened, secret = writing
    world.attach(opened, "letter.txt", LETTER)
    assert refused(world.send, opened, session, cookie) is RefusalCode.STALE
    assert world.messages() == []
    receipt = world.send(world.again(opened, secret), session, cookie)
    assert [name for name, _ in receipt.files] == ["letter.txt"]


def test_a_file_that_was_removed_before_the_send_is_not_named_in_the_message(world, writing):
    cookie, session, opened, secret = writing
    file, _ = world.attach(opened, "letter.txt", LETTER)
    opened = world.again(opened, secret)
    world.remove_file(opened, file.id)
    assert refused(world.send, opened, session, cookie) is RefusalCode.STALE


def test_a_file_of_a_draft_that_was_sent_meanwhile_is_refused_not_swallowed(world, writing):
    cookie, session, opened, _ = writing
    world.send(opened, session, cookie)
    assert refused(world.attach, opened, "letter.txt", LETTER) is RefusalCode.NOT_FOUND
    assert world.store.state.draft_files == {}
    assert world.link_row().octets == 0


def test_a_sent_file_cannot_be_removed(world, writing):
    cookie, session, opened, secret = writing
    file, _ = world.attach(opened, "letter.txt", LETTER * 10_000)
    opened = world.again(opened, secret)
    world.send(opened, session, cookie)
    octets = world.link_row().octets
    world.remove_file(opened, file.id)
    assert world.blobs.read(file.blob)
    assert world.link_row().octets == octets


def test_uploads_at_once_do_not_pass_the_limits_together(world, writing):
    _, _, opened, _ = writing

    async def at_once(count, octets):
        uploads = [world.add_file.begin(opened, f"{n}.txt") for n in range(count)]
        for upload in uploads:
            await upload.write(octets)
        return await asyncio.gather(*(u.finish() for u in uploads), return_exceptions=True)

    codes = [r.code for r in asyncio.run(at_once(MAX_FILES + 2, LETTER)) if isinstance(r, Refusal)]
    assert codes == [RefusalCode.TOO_MANY_FILES] * 2
    ordinals = [file.ordinal for file in world.store.state.draft_files.values()]
    assert sorted(ordinals) == list(range(1, MAX_FILES + 1))


def test_uploads_at_once_do_not_pass_the_octets_together(world, writing):
    _, _, opened, _ = writing
    half = b"x" * (MAX_OCTETS // 2) + b"\n"

    async def at_once():
        uploads = [world.add_file.begin(opened, f"{n}.txt") for n in range(2)]
        for upload in uploads:
            await upload.write(half)
        return await asyncio.gather(*(u.finish() for u in uploads), return_exceptions=True)

    codes = [r.code for r in asyncio.run(at_once()) if isinstance(r, Refusal)]
    assert codes == [RefusalCode.FILE_TOO_LARGE]


def test_receipts_of_two_drafts_sent_from_one_look_at_the_session_are_both_kept(world, writing):
    cookie, session, opened, _ = writing
    other, _ = world.draft(session)
    first = world.send(opened, session, cookie)
    second = world.send(other, session, cookie)
    assert world.receipts(world.read(cookie).session, cookie) == (first, second)


def test_uploads_leave_the_room_that_database_and_mail_door_need(world, writing):
    """A small file lies in the database: on a disk that is nearly full it is refused as well."""
    _, _, opened, _ = writing
    world.blobs.full = True
    assert refused(world.attach, opened, "letter.txt", LETTER) is RefusalCode.STORAGE_LOW
