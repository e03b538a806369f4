"""`keys init` makes everything or nothing, and never over what is there."""

from __future__ import annotations

import stat
from pathlib import Path
from uuid import UUID

import pytest

from secure_mail.application.ports.safety import SafetyError
from secure_mail.domain.sealing import INTAKE, STAFF, KeyName, Purpose, queue_key
from secure_mail.infrastructure.vault.key_making import add_queue_keys, add_role_files, init_keys
from secure_mail.infrastructure.vault.key_ring import KeyRing
from secure_mail.infrastructure.vault.roles import KeyRole
from secure_mail.infrastructure.vault.wrapping import GivenKeys, KeysBeside, wrapping_keys_beside
from tests import key_folder
from tests.key_folder import RECOVERY

NEW = queue_key("new")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_one_file_per_role_and_its_wrapping_key_beside(tmp_path: Path) -> None:
    made = key_folder.make(tmp_path / "deep" / "keys")
    files = {path.name: mode(path) for path in made.path.iterdir()}
    private = {f"{role}.{kind}": 0o600 for role in KeyRole for kind in ("key", "wrap")}
    assert files == private | {"public.json": 0o644}
    assert mode(made.path) == 0o700
    assert set(made.new.wrapping_files) == set(made.path.glob("*.wrap"))
    assert wrapping_keys_beside(made.path) == tuple(sorted(made.new.wrapping_files))
    assert len({path.read_bytes() for path in made.new.wrapping_files}) == len(KeyRole)


def test_the_demo_has_a_single_wrapping_key(tmp_path: Path) -> None:
    made = key_folder.make(tmp_path / "keys", demo=True)
    assert [path.name for path in made.new.wrapping_files] == ["demo.wrap"]
    made.ring(*KeyRole).of(KeyRole.WORKER).opener()
    one = GivenKeys((made.path / "demo.wrap").read_text())
    KeyRing.load(made.path, made.new.pin, KeyRole, one)


def test_public_keys_are_listed_with_fingerprints(tmp_path: Path) -> None:
    public = key_folder.make(tmp_path / "keys").ring().public
    names = {key.name for key in public.keys}
    pairs = {"intake", "worker", "replies", "staff", "queue:recovery", "queue:triage"}
    assert names == pairs | {"receipt", "audit"}
    assert len({key.fingerprint for key in public.keys}) == len(names)
    assert all(len(key.fingerprint) == 16 and key.version == 1 for key in public.keys)


@pytest.mark.parametrize("left", ["worker.key", "public.json", "web.wrap"])
def test_keys_are_never_made_over_keys(tmp_path: Path, left: str) -> None:
    (tmp_path / left).write_text("here")
    with pytest.raises(SafetyError, match="already"):
        init_keys(tmp_path, [RECOVERY])
    assert [path.name for path in tmp_path.iterdir()] == [left]
    assert (tmp_path / left).read_text() == "here"


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SafetyError, match=r"keys cannot be written \(NotADirectoryError\)"):
        init_keys(tmp_path / "file" / "keys", [])


def test_a_failure_half_way_leaves_nothing(tmp_path: Path) -> None:
    # The last file cannot be made after all others were.
    (tmp_path / "public.json").symlink_to(tmp_path / "nowhere")
    with pytest.raises(SafetyError, match="keys cannot be written"):
        init_keys(tmp_path, [RECOVERY])
    assert list(tmp_path.glob("*.key")) == list(tmp_path.glob("*.wrap")) == []


def test_a_later_queue_gets_a_pair_and_all_others_keep_theirs(tmp_path: Path) -> None:
    made = key_folder.make(tmp_path / "keys")
    before = made.ring().sealer().seal_value(b"old", RECOVERY, Purpose.NOTE, UUID(int=1))
    queues = [RECOVERY, NEW, NEW]
    wrapping = KeysBeside(made.path)
    assert add_queue_keys(made.path, made.new.pin, queues, wrapping) == (NEW,)
    assert add_queue_keys(made.path, made.new.pin, queues, wrapping) == ()
    ring = made.ring(*KeyRole)
    ring.refuse_missing([INTAKE, RECOVERY, NEW])
    opener = ring.of(KeyRole.STAFF).opener()
    after = ring.sealer().seal_value(b"new", NEW, Purpose.NOTE, UUID(int=1))
    assert opener.open_value(before, RECOVERY, Purpose.NOTE, UUID(int=1)) == b"old"
    assert opener.open_value(after, NEW, Purpose.NOTE, UUID(int=1)) == b"new"
    assert opener.holds(STAFF)
    assert mode(made.path / "staff.key") == 0o600
    assert mode(made.path / "public.json") == 0o644
    assert [path.name for path in made.path.glob(".*")] == []


def test_adding_goes_on_where_an_interrupted_run_stopped(tmp_path: Path) -> None:
    made = key_folder.make(tmp_path / "keys")
    old_public = (made.path / "public.json").read_bytes()
    add_queue_keys(made.path, made.new.pin, [NEW], KeysBeside(made.path))
    (made.path / "public.json").write_bytes(old_public)
    assert add_queue_keys(made.path, made.new.pin, [NEW], KeysBeside(made.path)) == (NEW,)
    ring = made.ring(KeyRole.STAFF)
    sealed = ring.sealer().seal_value(b"new", NEW, Purpose.NOTE, UUID(int=1))
    assert (
        ring.of(KeyRole.STAFF).opener().open_value(sealed, NEW, Purpose.NOTE, UUID(int=1)) == b"new"
    )


def test_adding_needs_the_root_key(tmp_path: Path) -> None:
    made = key_folder.make(tmp_path / "keys")
    (made.path / "root.wrap").unlink()
    with pytest.raises(SafetyError, match=r"root\.wrap"):
        add_queue_keys(made.path, made.new.pin, [KeyName("queue:x")], KeysBeside(made.path))


def test_a_door_of_a_later_version_gets_the_secrets_that_every_door_shares(tmp_path: Path) -> None:
    made = key_folder.make(tmp_path / "keys")
    later = (KeyRole.LMTP, KeyRole.IMAP)
    for role in later:
        (made.path / f"{role}.key").unlink()
        (made.path / f"{role}.wrap").unlink()
    assert add_role_files(made.path, made.new.pin, KeysBeside(made.path)) == later
    assert add_role_files(made.path, made.new.pin, KeysBeside(made.path)) == ()
    ring = made.ring(*KeyRole)
    digests = [ring.of(role).dedupe_key().network("203.0.113.9") for role in (KeyRole.WEB, *later)]
    assert len(set(digests)) == 1
    assert {mode(made.path / f"{role}.{kind}") for role in later for kind in ("key", "wrap")} == {
        0o600
    }
