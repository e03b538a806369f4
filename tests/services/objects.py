"""An S3-compatible server (moto) in a process of its own, and a bucket per test."""

from __future__ import annotations

import signal
import sys
import urllib.request
import uuid
from dataclasses import dataclass
from pathlib import Path

from tests.services.processes import Server, free_port, start, wait_for_port


@dataclass(frozen=True)
class Bucket:
    """An empty bucket: its URL, and where and as whom to reach it, by the usual AWS names."""

    url: str
    environment: dict[str, str]


def begin(scratch: Path) -> Server:
    port, log = free_port(), scratch / "moto.log"
    process = start([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], log)
    wait_for_port(port, process, log, 60)
    return Server(port, ((process.pid, signal.SIGTERM),))


def fresh_bucket(server: Server) -> Bucket:
    name, endpoint = f"test-{uuid.uuid4().hex[:12]}", f"http://127.0.0.1:{server.port}"
    request = urllib.request.Request(f"{endpoint}/{name}", method="PUT")
    with urllib.request.urlopen(request):
        pass
    return Bucket(
        f"s3://{name}/parts",
        {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
        },
    )
