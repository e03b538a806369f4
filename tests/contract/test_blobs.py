"""Blob stores: in memory, on disk and in S3-compatible storage, all with one promise."""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import subprocess
import sys
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from email.message import Message
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from secure_mail.application.ports.blobs import (
    BlobMissingError,
    Blobs,
    BlobsUnavailableError,
    StorageFullError,
)
from secure_mail.application.ports.safety import SafetyError
from secure_mail.domain.ids import BlobKey
from secure_mail.domain.sealing import SealedBytes
from secure_mail.infrastructure.blobs.local import LocalBlobs
from secure_mail.infrastructure.blobs.opening import open_blobs
from tests.fakes.blobs import MemoryBlobs
from tests.services.objects import Bucket

WORDS, LATER = SealedBytes(b"sealed words"), timedelta(hours=1)


@pytest.fixture(params=["memory", "file", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    match request.param:
        case "memory":
            return MemoryBlobs()
        case "file":
            return open_blobs(f"file://{tmp_path}/blobs", {})
        case _:
            bucket: Bucket = request.getfixturevalue("s3")
            return open_blobs(bucket.url, bucket.environment)


def keep(blobs: Blobs, *pieces: bytes) -> BlobKey:
    writer = blobs.writer()
    for piece in pieces:
        writer.write(SealedBytes(piece))
    return writer.commit()


def now() -> datetime:
    return datetime.now(UTC)


@pytest.mark.parametrize(
    "pieces", [[], [b""], [WORDS], [b"a" * 70_000] * 3, [os.urandom(1 << 20)] * 21]
)
def test_what_was_written_is_read(blobs: Blobs, pieces: list[bytes]) -> None:
    key = keep(blobs, *pieces)
    assert blobs.read(key) == b"".join(pieces)
    assert set(key) <= set("0123456789abcdef/")


def test_two_blobs_never_share_a_name(blobs: Blobs) -> None:
    keys = {keep(blobs, WORDS) for _ in range(5)}
    assert len(keys) == 5


def test_nothing_is_visible_before_the_commit(blobs: Blobs) -> None:
    writer = blobs.writer()
    writer.write(WORDS)
    assert list(blobs.older_than(now() - LATER)) == []
    key = writer.commit()
    assert list(blobs.older_than(now() + LATER)) == [key]


def test_what_was_aborted_is_gone(blobs: Blobs) -> None:
    writer = blobs.writer()
    writer.write(WORDS)
    writer.abort()
    writer.abort()
    assert list(blobs.older_than(now() + LATER)) == []


def test_deleting_is_idempotent(blobs: Blobs) -> None:
    key, other = keep(blobs, WORDS), keep(blobs, WORDS)
    blobs.delete(key)
    blobs.delete(key)
    with pytest.raises(BlobMissingError):
        blobs.read(key)
    assert blobs.read(other) == WORDS


def test_old_blobs_are_told_from_new(blobs: Blobs) -> None:
    keys = {keep(blobs, WORDS), keep(blobs, WORDS)}
    assert list(blobs.older_than(now() - LATER)) == []
    assert set(blobs.older_than(now() + LATER)) == keys


@pytest.mark.parametrize("key", ["00/00/" + "0" * 32, "../etc/passwd", "", "/etc/passwd", "00/.."])
def test_a_name_that_is_no_blob_is_missing(blobs: Blobs, key: str) -> None:
    with pytest.raises(BlobMissingError):
        blobs.read(BlobKey(key))


def test_the_first_who_asks_owns_the_store(blobs: Blobs) -> None:
    assert blobs.owned_by("first")
    assert not blobs.owned_by("second")
    assert blobs.owned_by("first")
    assert list(blobs.older_than(now() + timedelta(hours=1))) == []


def test_there_is_room(blobs: Blobs) -> None:
    assert blobs.room()


class Counted:
    """Counts what reaches the disk, by kind."""

    def __init__(self) -> None:
        self.files = self.folders = 0

    def __call__(self, descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            self.folders += 1
        else:
            self.files += 1
        os.fsync(descriptor)


def test_a_commit_syncs_the_file_and_every_name_on_the_way(tmp_path: Path) -> None:
    counted = Counted()
    blobs = LocalBlobs(tmp_path, fsync=counted)
    keep(blobs, WORDS)
    # The file and its folder; before them, once, the folder of all folders.
    assert (counted.files, counted.folders) == (1, 2)
    for number in range(2, 12):
        keep(blobs, WORDS)
        assert (counted.files, counted.folders) == (number, number + 1)


def test_a_second_process_trusts_no_folder_that_may_not_be_on_the_disk(tmp_path: Path) -> None:
    keep(LocalBlobs(tmp_path), WORDS)
    counted = Counted()
    keep(LocalBlobs(tmp_path, fsync=counted), WORDS)
    assert (counted.files, counted.folders) == (1, 2)


def test_blobs_of_earlier_releases_are_read_swept_and_deleted(tmp_path: Path) -> None:
    name = "abcd" + "0" * 28
    old = tmp_path / "ab" / "cd" / name
    old.parent.mkdir(parents=True)
    old.write_bytes(WORDS)
    blobs, key = LocalBlobs(tmp_path), BlobKey(f"ab/cd/{name}")
    new = keep(blobs, WORDS)
    assert blobs.read(key) == WORDS
    assert set(blobs.older_than(now() + LATER)) == {key, new}
    blobs.delete(key)
    assert list(blobs.older_than(now() + LATER)) == [new]


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_the_system_sees_the_syncs_in_order(tmp_path: Path) -> None:
    program = (
        "from pathlib import Path\n"
        "from secure_mail.infrastructure.blobs.local import LocalBlobs\n"
        f"writer = LocalBlobs(Path({str(tmp_path / 'blobs')!r})).writer()\n"
        "writer.write(b'sealed'); writer.commit()"
    )
    log, trace = tmp_path / "calls", "trace=fsync,rename,renameat,renameat2"
    traced = subprocess.run(
        ["strace", "-f", "-o", log, "-e", trace, sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": str(Path.cwd()), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        check=False,
    )
    if b"ptrace" in traced.stderr:
        pytest.skip("tracing is not allowed here")
    assert traced.returncode == 0, traced.stderr
    calls = re.findall(r"(?m)^\d+ +(fsync|rename)", log.read_text())
    assert calls == ["fsync", "fsync", "rename", "fsync"]


def test_files_are_for_this_user_alone(tmp_path: Path) -> None:
    key = keep(LocalBlobs(tmp_path / "blobs"), WORDS)
    path = tmp_path / "blobs" / key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (path.parent, tmp_path / "blobs" / "unfinished"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("number", "failure"),
    [
        (errno.ENOSPC, StorageFullError),
        (errno.EDQUOT, StorageFullError),
        (errno.EIO, BlobsUnavailableError),
    ],
)
def test_a_disk_that_fails_at_the_sync_is_told(
    tmp_path: Path, number: int, failure: type[Exception]
) -> None:
    def failing(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(number, os.strerror(number))

    writer = LocalBlobs(tmp_path, fsync=failing).writer()
    writer.write(WORDS)
    with pytest.raises(failure):
        writer.commit()
    writer.abort()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_too_little_left_is_no_room(tmp_path: Path) -> None:
    assert not LocalBlobs(tmp_path, keep_free=1 << 62).room()


def test_an_unfinished_write_is_swept(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    writer = blobs.writer()
    writer.write(WORDS)
    assert list(blobs.older_than(now() - LATER)) == []
    assert len(list((tmp_path / "unfinished").iterdir())) == 1
    assert list(blobs.older_than(now() + LATER)) == []
    assert list((tmp_path / "unfinished").iterdir()) == []
    writer.abort()


def test_a_store_that_is_gone_is_unavailable(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path / "blobs")
    shutil.rmtree(tmp_path / "blobs")
    with pytest.raises(BlobsUnavailableError):
        blobs.writer()


def aws(endpoint: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "hush",
        "AWS_REGION": "us-east-1",
    }


def test_storage_that_cannot_be_reached_is_unavailable() -> None:
    unreachable = open_blobs("s3://bucket/parts", aws("http://127.0.0.1:9"))
    with pytest.raises(BlobsUnavailableError) as failure:
        keep(unreachable, WORDS)
    assert "127.0.0.1" not in str(failure.value)
    with pytest.raises(BlobsUnavailableError):
        unreachable.read(BlobKey("00/00/" + "0" * 32))


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("s3://bucket/parts", "http://storage.example"),
        ("s3://bucket/parts", "http://127.0.0.1.example"),
        ("s3://bucket/parts", "ftp://127.0.0.1"),
        ("s3:///parts", "https://storage.example"),
        ("https://bucket", "https://storage.example"),
        ("file://", ""),
        ("", ""),
    ],
)
def test_a_store_without_tls_or_name_is_refused(url: str, endpoint: str) -> None:
    with pytest.raises(SafetyError):
        open_blobs(url, {"AWS_ENDPOINT_URL": endpoint})


def test_an_upload_carries_a_checksum_and_never_overwrites() -> None:
    seen: list[Message] = []

    class Storage(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            seen.append(self.headers)
            self.send_response(200)
            self.send_header("ETag", '"1"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Storage) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        keep(open_blobs("s3://bucket/parts", aws(f"http://127.0.0.1:{server.server_port}")), WORDS)
        thread.join()
    assert seen[0]["x-amz-checksum-sha256"] == b64encode(sha256(WORDS).digest()).decode()
    assert [headers["If-None-Match"] for headers in seen] == ["*"]
