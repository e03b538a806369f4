"""Blobs in S3-compatible storage, through obstore. Nothing is kept on a node."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

from secure_mail.application.ports.blobs import BlobMissingError, BlobsUnavailableError
from secure_mail.application.ports.safety import SafetyError
from secure_mail.domain.ids import BlobKey
from secure_mail.domain.sealing import SealedBytes
from secure_mail.infrastructure.blobs.names import OWNER, checked, is_key, new_key

if TYPE_CHECKING:
    from obstore.store import S3Config

LARGE = 8 * 1024 * 1024
"""Above it a blob waits on disk (sealed) until it is whole, and goes up in pieces of this size."""

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class S3Blobs:
    """Objects of a bucket below a prefix; each upload carries a SHA-256 that the store checks."""

    def __init__(self, store: S3Store) -> None:
        self._store = store

    def writer(self) -> S3Writer:
        return S3Writer(self._store)

    def read(self, key: BlobKey) -> bytes:
        with _failures():
            return bytes(obstore.get(self._store, checked(key)).bytes())

    def delete(self, key: BlobKey) -> None:
        try:
            with _failures():
                obstore.delete(self._store, checked(key))
        except BlobMissingError:
            return

    def older_than(self, instant: datetime) -> Iterator[BlobKey]:
        """Unfinished uploads are invisible here: a lifecycle rule of the bucket ends them."""
        with _failures():
            for page in obstore.list(self._store, chunk_size=1000):
                for found in page:
                    if found["last_modified"] < instant and is_key(found["path"]):
                        yield BlobKey(found["path"])

    def owned_by(self, owner: str) -> bool:
        with _failures():
            with suppress(AlreadyExistsError):
                obstore.put(self._store, OWNER, owner.encode(), mode="create")
            return bytes(obstore.get(self._store, OWNER).bytes()) == owner.encode()

    def room(self) -> bool:
        """The storage is taken to grow; when it does not, a write fails and the door says so."""
        return True


class S3Writer:
    """Gathers sealed octets, in memory while small, and uploads them at the commit."""

    def __init__(self, store: S3Store) -> None:
        self._store = store
        self._gathered = tempfile.SpooledTemporaryFile(max_size=LARGE)  # noqa: SIM115 - a field
        self._size = 0

    def write(self, sealed: SealedBytes) -> None:
        with _failures():
            self._size += self._gathered.write(sealed)

    def commit(self) -> BlobKey:
        key = new_key()
        with _failures(), self._gathered as gathered:
            gathered.seek(0)
            if self._size > LARGE:
                obstore.put(
                    self._store,
                    key,
                    gathered,
                    use_multipart=True,
                    chunk_size=LARGE,
                    max_concurrency=4,
                )
            else:
                obstore.put(self._store, key, gathered.read(), mode="create")
        return key

    def abort(self) -> None:
        self._gathered.close()


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise BlobMissingError("no such blob") from None
    except (BaseError, OSError) as failure:
        # The library's text may hold addresses and request ids; the class is enough.
        raise BlobsUnavailableError(type(failure).__name__) from None


def open_store(url: str, environment: Mapping[str, str]) -> S3Store:
    """The store behind `s3://bucket/prefix`; endpoint and credentials by the usual AWS names.

    Roles and instance credentials are found by the library. Raises SafetyError when the endpoint is
    off loopback without TLS, or the URL names no bucket.
    """
    if not urlsplit(url).hostname:
        raise SafetyError("no bucket", "BLOB_URL", "Write s3://bucket/prefix")
    endpoint = environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL")
    config: S3Config = {"checksum_algorithm": "SHA256"}
    if endpoint:
        config["endpoint"] = endpoint
    if user := environment.get("AWS_ACCESS_KEY_ID"):
        config["access_key_id"] = user
    if secret := environment.get("AWS_SECRET_ACCESS_KEY"):
        config["secret_access_key"] = secret
    if token := environment.get("AWS_SESSION_TOKEN"):
        config["session_token"] = token
    if region := environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION"):
        config["region"] = region
    return S3Store.from_url(
        url,
        config=config,
        client_options={
            "allow_http": _plain(endpoint),
            "allow_invalid_certificates": False,
            "timeout": timedelta(seconds=60),
            "connect_timeout": timedelta(seconds=5),
        },
        retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=20)},
    )


def _plain(endpoint: str | None) -> bool:
    """Whether the endpoint is HTTP on loopback; elsewhere it must be HTTPS."""
    parts = urlsplit(endpoint or "https:")
    if parts.scheme == "https":
        return False
    if parts.scheme == "http" and parts.hostname in _LOOPBACK:
        return True
    raise SafetyError("object storage without TLS", "AWS_ENDPOINT_URL", "Write an https address")
