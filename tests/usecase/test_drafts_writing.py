"""A draft: sealed to the browser that types, kept through steps, files in and out."""

from dataclasses import replace
from datetime import timedelta

import pytest

from secure_mail.domain.compose import MAX_FILES, Composition, Step, first_gap
from secure_mail.domain.ids import DraftId, LinkId, PartId
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.sealing import WORKER, BrowserSecret, Purpose
from tests.usecase.drafts_world import MAX_OCTETS, TYPED, DraftsWorld

LETTER = b"The words of the letter.\n"
LARGE = b"0123456789abcde\n" * 8192


@pytest.fixture
def world():
    world = DraftsWorld()
    yield world
    world.threads.shutdown()


def refused(call, *args, **kwargs):
    with pytest.raises(Refusal) as caught:
        call(*args, **kwargs)
    return caught.value


def test_a_draft_opens_with_the_browsers_secret_and_nothing_else(world):
    _, session = world.session()
    opened, secret = world.draft(session)
    assert world.again(opened, secret).composition == TYPED
    for wrong in (None, BrowserSecret(bytes(32))):
        assert refused(world.again, opened, wrong).code is RefusalCode.DRAFT_ELSEWHERE
    key = world.escrow.open_value(
        opened.draft.escrow, WORKER, Purpose.DRAFT_ESCROW, opened.draft.id
    )
    assert key == opened.key.octets


def test_a_draft_is_of_its_link(world):
    _, session = world.session()
    opened, secret = world.draft(session)
    other = LinkId(world.ids.new())
    for draft, link in ((opened.draft.id, other), (DraftId(world.ids.new()), session.link.id)):
        refusal = refused(world.read_draft, draft, link, secret, serve=False)
        assert refusal.code is RefusalCode.NOT_FOUND


def test_only_what_is_served_counts_as_served(world):
    _, session = world.session()
    opened, secret = world.draft(session)
    first = opened.draft.served_at
    later = world.clock.advance(timedelta(minutes=5))
    world.again(opened, secret)
    assert world.store.state.drafts[opened.draft.id].served_at == first
    world.again(opened, secret, serve=True)
    assert world.store.state.drafts[opened.draft.id].served_at == later


def test_two_windows_do_not_overwrite_each_other(world):
    _, session = world.session()
    opened, secret = world.draft(session)
    world.save(opened, replace(TYPED, name="Other"))
    assert refused(world.save, opened, TYPED).code is RefusalCode.STALE
    assert world.again(opened, secret).composition.name == "Other"


def test_three_drafts_are_open_at_once(world):
    _, session = world.session()
    for _ in range(3):
        world.draft(session)
    refusal = refused(world.start, session.link, "fi")
    assert (refusal.code, refusal.facts) == (RefusalCode.TOO_MANY_DRAFTS, {"count": 3})


def test_files_are_sealed_and_counted_on_the_link(world):
    _, session = world.session()
    opened, secret = world.draft(session)
    small = world.attach(opened, "letter.txt", LETTER)
    opened = world.again(opened, secret)
    large = world.attach(opened, "large.txt", LARGE)
    opened = world.again(opened, secret)
    assert [label.name for _, label in opened.files] == ["letter.txt", "large.txt"]
    assert [file.ordinal for file, _ in opened.files] == [1, 2]
    assert (small[0].blob, large[0].inline) == (None, None)
    assert world.link_row().octets == len(LETTER) + len(LARGE)
    sealed = world.blobs.read(large[0].blob)
    plain = world.parts.open_part(
        opened.key, opened.draft.content_id, large[0].id, sealed, large[0].digest
    )
    assert plain == LARGE
    world.remove_file(opened, large[0].id)
    world.remove_file(opened, large[0].id)
    assert world.link_row().octets == len(LETTER)
    assert world.blobs.kept == {}


@pytest.mark.parametrize(
    ("name", "octets", "code"),
    [
        ("program.exe", b"MZ", RefusalCode.FILE_TYPE),
        ("empty.txt", b"", RefusalCode.FILE_EMPTY),
        ("photo.jpg", b"no photo at all, but text enough", RefusalCode.FILE_TYPE),
        ("large.txt", b"words\n" * (MAX_OCTETS // 6 + 1), RefusalCode.FILE_TOO_LARGE),
    ],
)
def test_a_refused_file_leaves_nothing(world, name, octets, code):
    _, session = world.session()
    opened, _ = world.draft(session)
    assert refused(world.attach, opened, name, octets).code is code
    world.threads.submit(int).result()
    assert world.store.state.draft_files == {}
    assert world.blobs.kept == {}
    assert world.link_row().octets == 0


def test_a_link_that_is_full_takes_no_more_octets(world):
    _, session = world.session()
    opened, _ = world.draft(session)
    world.change_link(octets_cap=10)
    assert refused(world.attach, opened, "large.txt", LARGE).code is RefusalCode.FILE_TOO_LARGE
    world.threads.submit(int).result()
    assert world.blobs.kept == {}


def test_no_more_than_25_files(world):
    _, session = world.session()
    opened, secret = world.draft(session)
    added = world.attach(opened, "letter.txt", LETTER)
    full = replace(opened, files=(added,) * MAX_FILES)
    refusal = refused(world.attach, full, "letter.txt", LETTER)
    assert (refusal.code, refusal.facts) == (RefusalCode.TOO_MANY_FILES, {"max": MAX_FILES})
    assert len(world.again(opened, secret).files) == 1


def test_a_full_or_absent_blob_store_is_temporary(world):
    _, session = world.session()
    opened, _ = world.draft(session)
    world.blobs.full = True
    assert refused(world.attach, opened, "a.txt", LARGE).code is RefusalCode.STORAGE_LOW
    world.blobs.full, world.blobs.down = False, True
    assert refused(world.attach, opened, "a.txt", LARGE).code is RefusalCode.TEMPORARY


def test_removing_what_is_not_there_is_no_error(world):
    _, session = world.session()
    opened, _ = world.draft(session)
    world.remove_file(opened, PartId(world.ids.new()))
    assert world.link_row().octets == 0


@pytest.mark.parametrize(
    ("changes", "gap"),
    [
        ({}, None),
        ({"topic": ""}, Step.TOPIC),
        ({"purpose": ""}, Step.PURPOSE),
        ({"acts_for": None}, Step.ABOUT),
        ({"identity": ""}, Step.ABOUT),
        ({"subject": ""}, Step.MESSAGE),
        ({"text": ""}, Step.MESSAGE),
        ({"notify": None}, None),
    ],
)
def test_the_first_gap_is_the_next_step(changes, gap):
    typed = replace(TYPED, **changes)
    assert first_gap(typed, asks_purpose=True, partner=False) is gap


def test_a_partner_is_asked_for_a_name_only():
    typed = replace(TYPED, purpose="", acts_for=None, identity="")
    assert first_gap(typed, asks_purpose=False, partner=True) is None
    assert first_gap(Composition(), asks_purpose=False, partner=True) is Step.TOPIC
