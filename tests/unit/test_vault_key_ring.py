"""Each role gets its own keys and no other; what is not as it was made stops the start."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from secure_mail.application.ports.safety import SafetyError
from secure_mail.domain.ids import ContentId
from secure_mail.domain.sealing import (
    INTAKE,
    REPLIES,
    STAFF,
    WORKER,
    CannotOpenError,
    Purpose,
    queue_key,
)
from secure_mail.infrastructure.vault.key_files import readable_foreign_keys
from secure_mail.infrastructure.vault.key_ring import KeyRing, RoleKeys
from secure_mail.infrastructure.vault.public_keys import pin_beside
from secure_mail.infrastructure.vault.roles import KeyRole
from secure_mail.infrastructure.vault.wrapping import GivenKeys, KeysBeside
from tests import key_folder
from tests.key_folder import RECOVERY, TRIAGE, KeyFolder

ALL_NAMES = (INTAKE, WORKER, REPLIES, STAFF, RECOVERY, TRIAGE)
THINGS: dict[str, Callable[[RoleKeys], object]] = {
    "opener": RoleKeys.opener,
    "dedupe": RoleKeys.dedupe_key,
    "own mail": RoleKeys.own_mail,
    "bounces": RoleKeys.bounce_tags,
    "index": RoleKeys.blind_index,
    "link": RoleKeys.link_tokens,
    "stop": RoleKeys.stop_codes,
    "receipt": RoleKeys.receipt_signer,
    "audit": RoleKeys.audit_signer,
}
HELD = {
    KeyRole.WEB: {"dedupe", "own mail", "bounces"},
    KeyRole.SMTP: {"dedupe", "own mail", "bounces"},
    KeyRole.LMTP: {"dedupe", "own mail", "bounces"},
    KeyRole.IMAP: {"dedupe", "own mail", "bounces"},
    KeyRole.READING: {"opener", "dedupe"},
    KeyRole.WORKER: {"opener", "own mail", "bounces", "index", "link", "stop", "receipt"},
    KeyRole.STAFF: {"opener", "index"},
    KeyRole.SCHEDULER: {"audit"},
    KeyRole.ROOT: set[str](),
}


@pytest.fixture
def folder(tmp_path: Path) -> KeyFolder:
    return key_folder.make(tmp_path / "keys")


@pytest.mark.parametrize("role", KeyRole)
def test_a_role_gets_what_the_table_says(folder: KeyFolder, role: KeyRole) -> None:
    keys = folder.ring(role).of(role)
    got = set()
    for name, ask in THINGS.items():
        try:
            ask(keys)
        except SafetyError as refusal:
            assert f"role {role} holds no" in str(refusal)  # noqa: PT017 - either way is looked at
        else:
            got.add(name)
    assert got == HELD[role]


@pytest.mark.parametrize(
    ("role", "held"),
    [
        (KeyRole.READING, {REPLIES}),
        (KeyRole.WORKER, {INTAKE, WORKER}),
        (KeyRole.STAFF, {STAFF, RECOVERY, TRIAGE}),
    ],
)
def test_an_opener_holds_its_roles_pairs(folder: KeyFolder, role: KeyRole, held: set[str]) -> None:
    ring = folder.ring(*KeyRole)
    opener = ring.of(role).opener()
    assert {name for name in ALL_NAMES if opener.holds(name)} == held
    for name in ALL_NAMES:
        sealed = ring.sealer().seal_value(b"words", name, Purpose.NOTE, UUID(int=1))
        if name in held:
            assert opener.open_value(sealed, name, Purpose.NOTE, UUID(int=1)) == b"words"
        else:
            with pytest.raises(CannotOpenError):
                opener.open_value(sealed, name, Purpose.NOTE, UUID(int=1))


@pytest.mark.parametrize("role", [KeyRole.WEB, KeyRole.SMTP])
def test_a_public_process_has_no_private_key(folder: KeyFolder, role: KeyRole) -> None:
    """Given the whole key folder but its own wrapping key only, it seals and opens nothing."""
    own = (folder.path / f"{role}.wrap").read_text()
    for wrap in folder.path.glob("*.wrap"):
        wrap.unlink()
    wrapping = GivenKeys(own)
    ring = KeyRing.load(folder.path, folder.new.pin, [role], wrapping)
    sealed = ring.sealer().seal_key(ring.sealer().new_content_key(), INTAKE, ContentId(UUID(int=1)))
    assert sealed.holder == INTAKE
    with pytest.raises(SafetyError, match="holds no private key"):
        ring.of(role).opener()
    for other in set(KeyRole) - {role}:
        with pytest.raises(SafetyError, match="does not open"):
            KeyRing.load(folder.path, folder.new.pin, [other], wrapping)
        with pytest.raises(SafetyError, match="were not loaded"):
            ring.of(other)


def test_roles_that_must_agree_share_their_keyed_digests(folder: KeyFolder) -> None:
    ring = folder.ring(*KeyRole)
    doors = [ring.of(role).dedupe_key() for role in (KeyRole.WEB, KeyRole.SMTP, KeyRole.READING)]
    assert len({door.network("192.0.2.1") for door in doors}) == 1
    mark = ring.of(KeyRole.WORKER).own_mail().mark("<1@x.example>")
    assert ring.of(KeyRole.SMTP).own_mail().is_ours("<1@x.example>", mark)


def test_a_missing_queue_key_stops_the_start(folder: KeyFolder) -> None:
    folder.ring().refuse_missing(ALL_NAMES)
    with pytest.raises(SafetyError, match=r"queue:new.*keys init --add"):
        folder.ring().refuse_missing([queue_key("new"), RECOVERY])


def refused(folder: KeyFolder, role: KeyRole = KeyRole.WEB) -> str:
    with pytest.raises(SafetyError) as refusal:
        folder.ring(role)
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_a_key_file_too_open_is_refused(folder: KeyFolder, mode: int) -> None:
    (folder.path / "web.key").chmod(mode)
    assert f"key file too open (mode {mode:04o})" in refused(folder)
    assert "chmod 600" in refused(folder)
    folder.ring(KeyRole.SMTP)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_key_file_of_another_user_is_refused(folder: KeyFolder) -> None:
    os.chown(folder.path / "web.key", 65534, 65534)
    assert "key file of another user (uid 65534)" in refused(folder)


def test_a_key_folder_open_to_writers_is_refused(folder: KeyFolder) -> None:
    folder.path.chmod(0o770)
    assert "key folder open to writers" in refused(folder)


def test_a_wrong_wrapping_key_is_one_clear_line(folder: KeyFolder) -> None:
    shutil.copy(folder.path / "smtp.wrap", folder.path / "web.wrap")
    assert "key file of role web does not open" in refused(folder)
    assert "KEY_WRAP" in refused(folder)


@pytest.mark.parametrize("cut", [0, 1, 12, 40])
def test_a_cut_key_file_is_refused(folder: KeyFolder, cut: int) -> None:
    path = folder.path / "web.key"
    path.write_bytes(path.read_bytes()[:cut])
    assert "does not open" in refused(folder)


def test_a_key_file_of_another_role_is_refused(folder: KeyFolder) -> None:
    for kind in ("key", "wrap"):
        shutil.copy(folder.path / f"worker.{kind}", folder.path / f"web.{kind}")
    assert "does not open" in refused(folder)


def test_a_key_file_of_another_deployment_is_refused(folder: KeyFolder, tmp_path: Path) -> None:
    other = key_folder.make(tmp_path / "other")
    for kind in ("key", "wrap"):
        shutil.copy(other.path / f"worker.{kind}", folder.path / f"worker.{kind}")
    assert "does not open" in refused(folder, KeyRole.WORKER)


@pytest.mark.parametrize("field", ["public", "version", "name", "kind", "signature"])
def test_a_tampered_public_key_is_refused(folder: KeyFolder, field: str) -> None:
    path = folder.path / "public.json"
    found = json.loads(path.read_text())
    first, second = found["keys"][:2]
    if first[field] == second[field]:
        second[field] = first[field] + 1 if field == "version" else "ed25519"
    first[field] = second[field]
    path.write_text(json.dumps(found))
    assert "is not signed by the pinned root key" in refused(folder)


def test_public_keys_of_another_deployment_are_refused(folder: KeyFolder, tmp_path: Path) -> None:
    other = key_folder.make(tmp_path / "other")
    shutil.copy(other.path / "public.json", folder.path / "public.json")
    assert "is not signed by the pinned root key" in refused(folder)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"keys": 1, "deployment": "x"}'])
def test_unreadable_public_keys_are_refused(folder: KeyFolder, content: str) -> None:
    (folder.path / "public.json").write_text(content)
    assert "public keys cannot be read" in refused(folder)


@pytest.mark.parametrize("pin", ["", "x", "AAAA", "ä"])
def test_a_pin_that_is_none_is_refused(folder: KeyFolder, pin: str) -> None:
    with pytest.raises(SafetyError, match="KEY_PIN"):
        KeyRing.load(folder.path, pin, [], KeysBeside(folder.path))


def test_a_missing_folder_or_file_is_one_clear_line(folder: KeyFolder, tmp_path: Path) -> None:
    (folder.path / "web.key").unlink()
    assert "key file cannot be read (FileNotFoundError)" in refused(folder)
    with pytest.raises(SafetyError, match="no key folder"):
        KeyRing.load(tmp_path / "none", folder.new.pin, [], KeysBeside(tmp_path))


def test_the_demo_finds_its_pin_beside(folder: KeyFolder) -> None:
    assert pin_beside(folder.path) == folder.new.pin


def test_foreign_key_files_that_can_be_read_are_named(folder: KeyFolder) -> None:
    for role in (KeyRole.STAFF, KeyRole.ROOT):
        (folder.path / f"{role}.key").unlink()
    others = set(KeyRole) - {KeyRole.WEB, KeyRole.STAFF, KeyRole.ROOT}
    assert set(readable_foreign_keys(folder.path, [KeyRole.WEB])) == others
    assert readable_foreign_keys(folder.path, KeyRole) == ()
