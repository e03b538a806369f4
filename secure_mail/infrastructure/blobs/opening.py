"""The blob store that `BLOB_URL` names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from secure_mail.application.ports.blobs import Blobs
from secure_mail.application.ports.safety import SafetyError
from secure_mail.infrastructure.blobs.local import LocalBlobs


def open_blobs(url: str, environment: Mapping[str, str]) -> Blobs:
    """`file:///path` or `s3://bucket/prefix`. Raises SafetyError for any other, or without TLS."""
    scheme, _, rest = url.partition("://")
    match scheme:
        case "file" if rest:
            return LocalBlobs(Path(rest))
        case "s3":
            # Large, and needed by whom it is configured for only.
            from secure_mail.infrastructure.blobs.s3 import S3Blobs, open_store  # noqa: PLC0415

            return S3Blobs(open_store(url, environment))
        case _:
            raise SafetyError("not a blob store", "BLOB_URL", "Write file:///path or s3://bucket")
