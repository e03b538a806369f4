"""What every vault promises: the real one, and the fake that use-case tests run on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secure_mail.application.ports.vault import BrowserVault, Opener, PartOpener, Sealer
from secure_mail.domain.ids import ContentId, PartId
from secure_mail.domain.sealing import (
    INTAKE,
    STAFF,
    WORKER,
    BrowserSecret,
    CannotOpenError,
    ContentKey,
    KeyName,
    Purpose,
    SealedBytes,
    SealedDigest,
    SealedKey,
)
from secure_mail.infrastructure.vault.browser import BrowserSeals
from secure_mail.infrastructure.vault.parts import CobblestoneParts
from secure_mail.infrastructure.vault.roles import KeyRole
from tests import key_folder
from tests.fakes.vault import FakeBrowserVault, FakeOpener, FakePartOpener, FakeSealer

CONTENT, OTHER_CONTENT = ContentId(UUID(int=1)), ContentId(UUID(int=2))
PART, OTHER_PART = PartId(UUID(int=3)), PartId(UUID(int=4))
OWNER, OTHER = UUID(int=5), UUID(int=6)
SECRET, OTHER_SECRET = BrowserSecret(b"s" * 32), BrowserSecret(b"t" * 32)


@dataclass(frozen=True)
class Vault:
    sealer: Sealer
    worker: Opener
    staff: Opener
    parts: PartOpener
    browser: BrowserVault


def _real(folder: Path) -> Vault:
    ring = key_folder.make(folder).ring(KeyRole.WORKER, KeyRole.STAFF)
    worker, staff = (ring.of(role).opener() for role in (KeyRole.WORKER, KeyRole.STAFF))
    return Vault(ring.sealer(), worker, staff, CobblestoneParts(), BrowserSeals())


def _fake() -> Vault:
    staff = FakeOpener(STAFF, key_folder.RECOVERY, key_folder.TRIAGE)
    held = (INTAKE, WORKER, STAFF, key_folder.RECOVERY, key_folder.TRIAGE)
    return Vault(
        FakeSealer(held), FakeOpener(INTAKE, WORKER), staff, FakePartOpener(), FakeBrowserVault()
    )


@pytest.fixture(scope="module", params=["real", "fake"])
def vault(request: pytest.FixtureRequest) -> Iterator[Vault]:
    with TemporaryDirectory() as folder:
        yield _real(Path(folder) / "keys") if request.param == "real" else _fake()


def altered(sealed: bytes) -> Iterator[bytes]:
    """The octets with one bit flipped here and there, cut, and continued."""
    step = max(1, len(sealed) // 40)
    for place in {*range(0, len(sealed), step), 0, 1, 2, 3, len(sealed) - 1}:
        yield sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
    for length in {0, 1, 2, 4, len(sealed) // 2, len(sealed) - 1}:
        yield sealed[:length]
    yield sealed + b"\0"


@given(data=st.binary(max_size=70_000), cuts=st.lists(st.integers(0, 70_000), max_size=8))
def test_a_part_comes_back_whole_however_it_arrived(
    vault: Vault, data: bytes, cuts: list[int]
) -> None:
    key = vault.sealer.new_content_key()
    stream = vault.sealer.part_stream(key, CONTENT, PART)
    edges = [0, *sorted(cuts), len(data)]
    pieces = [data[a:b] for a, b in pairwise(edges)]
    assert b"".join(pieces)[: len(data)] == data
    sealed = b"".join(stream.update(piece) for piece in pieces) + stream.finalize()
    digest = SealedDigest(sha256(sealed).digest())
    assert vault.parts.open_part(key, CONTENT, PART, sealed, digest) == data
    if len(data) > 3:
        assert data not in sealed


def test_a_swapped_ciphertext_is_an_alarm(vault: Vault) -> None:
    key = vault.sealer.new_content_key()
    mine = vault.sealer.seal_part(key, CONTENT, PART, b"my words")
    other = vault.sealer.seal_part(key, CONTENT, PART, b"not mine")
    digest = SealedDigest(sha256(mine).digest())
    assert vault.parts.open_part(key, CONTENT, PART, mine, digest) == b"my words"
    with pytest.raises(CannotOpenError):
        vault.parts.open_part(key, CONTENT, PART, other, digest)


@pytest.mark.parametrize(
    ("content", "part", "label"),
    [(OTHER_CONTENT, PART, ""), (CONTENT, OTHER_PART, ""), (CONTENT, PART, "label")],
)
def test_a_part_opens_in_its_own_place_only(
    vault: Vault, content: ContentId, part: PartId, label: str
) -> None:
    key = vault.sealer.new_content_key()
    sealed = vault.sealer.seal_part(key, CONTENT, PART, b"words")
    with pytest.raises(CannotOpenError):
        vault.parts.open_part(key, content, part, sealed, None, label)


def test_a_label_is_sealed_apart_from_its_part(vault: Vault) -> None:
    key = vault.sealer.new_content_key()
    sealed = vault.sealer.seal_part(key, CONTENT, PART, b"name", "label")
    assert vault.parts.open_part(key, CONTENT, PART, sealed, None, "label") == b"name"


def test_a_part_needs_its_key(vault: Vault) -> None:
    sealed = vault.sealer.seal_part(vault.sealer.new_content_key(), CONTENT, PART, b"words")
    with pytest.raises(CannotOpenError):
        vault.parts.open_part(vault.sealer.new_content_key(), CONTENT, PART, sealed, None)


@pytest.mark.parametrize("size", [0, 5, 50_000])
def test_no_altered_part_opens(vault: Vault, size: int) -> None:
    key = vault.sealer.new_content_key()
    for sealed in altered(vault.sealer.seal_part(key, CONTENT, PART, b"x" * size)):
        with pytest.raises(CannotOpenError):
            vault.parts.open_part(key, CONTENT, PART, sealed, None)


def test_a_content_key_moves_from_intake_to_a_queue(vault: Vault) -> None:
    key = vault.sealer.new_content_key()
    arrived = vault.sealer.seal_key(key, INTAKE, CONTENT)
    opened = vault.worker.open_key(arrived, CONTENT)
    moved = vault.sealer.seal_key(opened, key_folder.RECOVERY, CONTENT)
    assert vault.staff.open_key(moved, CONTENT) == key
    for opener, sealed in ((vault.staff, arrived), (vault.worker, moved)):
        with pytest.raises(CannotOpenError):
            opener.open_key(sealed, CONTENT)
    with pytest.raises(CannotOpenError):
        vault.worker.open_key(arrived, OTHER_CONTENT)
    with pytest.raises(CannotOpenError):
        vault.staff.open_key(SealedKey(key_folder.TRIAGE, moved.sealed), CONTENT)


@given(value=st.binary(max_size=3000))
def test_a_value_comes_back(vault: Vault, value: bytes) -> None:
    sealed = vault.sealer.seal_value(value, WORKER, Purpose.REGISTRATION, OWNER)
    assert vault.worker.open_value(sealed, WORKER, Purpose.REGISTRATION, OWNER) == value
    if len(value) > 3:
        assert value not in bytes(sealed)


@pytest.mark.parametrize(
    ("holder", "purpose", "owner"),
    [
        (INTAKE, Purpose.REGISTRATION, OWNER),
        (WORKER, Purpose.EVIDENCE, OWNER),
        (WORKER, Purpose.REGISTRATION, OTHER),
        (STAFF, Purpose.REGISTRATION, OWNER),
    ],
)
def test_a_value_cannot_be_passed_off_as_another(
    vault: Vault, holder: KeyName, purpose: Purpose, owner: UUID
) -> None:
    sealed = vault.sealer.seal_value(b"words", WORKER, Purpose.REGISTRATION, OWNER)
    with pytest.raises(CannotOpenError):
        vault.worker.open_value(sealed, holder, purpose, owner)


def test_no_altered_value_opens(vault: Vault) -> None:
    sealed = vault.sealer.seal_value(b"words", WORKER, Purpose.EVIDENCE, OWNER)
    for octets in altered(sealed):
        with pytest.raises(CannotOpenError):
            vault.worker.open_value(SealedBytes(octets), WORKER, Purpose.EVIDENCE, OWNER)


def test_nothing_is_sealed_to_an_unknown_key(vault: Vault) -> None:
    with pytest.raises(LookupError):
        vault.sealer.seal_value(b"words", KeyName("queue:nobody"), Purpose.NOTE, OWNER)


def test_an_opener_says_which_keys_it_holds(vault: Vault) -> None:
    assert vault.worker.holds(INTAKE)
    assert not vault.worker.holds(key_folder.RECOVERY)
    assert vault.staff.holds(key_folder.RECOVERY)
    assert not vault.staff.holds(INTAKE)


@given(value=st.binary(max_size=3000))
def test_a_browser_opens_its_own_value(vault: Vault, value: bytes) -> None:
    sealed = vault.browser.seal(value, SECRET, Purpose.RECEIPTS, OWNER)
    assert vault.browser.open(sealed, SECRET, Purpose.RECEIPTS, OWNER) == value


@pytest.mark.parametrize(
    ("secret", "purpose", "owner"),
    [
        (OTHER_SECRET, Purpose.RECEIPTS, OWNER),
        (SECRET, Purpose.SESSION, OWNER),
        (SECRET, Purpose.RECEIPTS, OTHER),
    ],
)
def test_a_browser_opens_nothing_else(
    vault: Vault, secret: BrowserSecret, purpose: Purpose, owner: UUID
) -> None:
    sealed = vault.browser.seal(b"words", SECRET, Purpose.RECEIPTS, OWNER)
    with pytest.raises(CannotOpenError):
        vault.browser.open(sealed, secret, purpose, owner)


def test_a_content_key_waits_under_a_browsers_secret(vault: Vault) -> None:
    key = ContentKey(b"k" * 32)
    wrapped = vault.browser.wrap_key(key, SECRET, CONTENT)
    assert vault.browser.unwrap_key(wrapped, SECRET, CONTENT) == key
    with pytest.raises(CannotOpenError):
        vault.browser.unwrap_key(wrapped, OTHER_SECRET, CONTENT)
    with pytest.raises(CannotOpenError):
        vault.browser.unwrap_key(wrapped, SECRET, OTHER_CONTENT)
    for octets in altered(wrapped):
        with pytest.raises(CannotOpenError):
            vault.browser.unwrap_key(SealedBytes(octets), SECRET, CONTENT)
