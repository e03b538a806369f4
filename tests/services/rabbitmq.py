"""RabbitMQ from Debian, as any user, with a pool of virtual hosts so that tests do not meet."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import signal
from pathlib import Path

from tests.services.processes import Server, free_port, locked, start, wait_for_port

USER = PASSWORD = "test"
VHOSTS = 40
"""More than tests that ask for one; made at the start, since AMQP itself cannot make them."""


def binary() -> tuple[Path, Path] | None:
    """Find the server's own script and `epmd`; Debian's wrapper insists on user rabbitmq."""
    debian = Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server")
    script = next(debian, None) or shutil.which("rabbitmq-server")
    mapper = shutil.which("epmd")
    return (Path(script), Path(mapper)) if script and mapper else None


def begin(scratch: Path, script: Path, mapper: Path) -> Server:
    port, distribution, names = free_port(), free_port(), free_port()
    (scratch / "definitions.json").write_text(json.dumps(definitions()))
    (scratch / "rabbitmq.conf").write_text(
        f"listeners.tcp.1 = 127.0.0.1:{port}\n"
        f"load_definitions = {scratch}/definitions.json\n"
        "disk_free_limit.absolute = 50MB\n"
        "vm_memory_high_watermark.absolute = 512MB\n"
    )
    # Erlang starts a name server that outlives the node, unless one of ours is already there.
    log = scratch / "epmd.log"
    epmd = start([mapper, "-address", "127.0.0.1", "-port", str(names)], log)
    wait_for_port(names, epmd, log, 10)
    log = scratch / "rabbitmq.log"
    node = start(
        [script],
        log,
        environment={
            "HOME": str(scratch),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(names),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": str(scratch / "rabbitmq.conf"),
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(scratch / "plugins"),
            "RABBITMQ_LOG_BASE": str(scratch / "log"),
            "RABBITMQ_MNESIA_BASE": str(scratch / "mnesia"),
            "RABBITMQ_NODENAME": f"test{port}@localhost",
            "RABBITMQ_PID_FILE": str(scratch / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "+S 1:1 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}"
            ),
        },
    )
    wait_for_port(port, node, log, 90)
    return Server(port, ((node.pid, signal.SIGTERM), (epmd.pid, signal.SIGTERM)))


def definitions() -> dict[str, object]:
    """One user and the pool, in the form of RabbitMQ's own export."""
    names = [f"test{number}" for number in range(VHOSTS)]
    rights = {"configure": ".*", "read": ".*", "write": ".*"}
    salt = os.urandom(4)
    digest = hashlib.sha256(salt + PASSWORD.encode()).digest()
    user = {
        "name": USER,
        "password_hash": base64.b64encode(salt + digest).decode(),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": "",
    }
    return {
        "users": [user],
        "vhosts": [{"name": name} for name in names],
        "permissions": [{"user": USER, "vhost": name, **rights} for name in names],
    }


def fresh_url(folder: Path, server: Server) -> str:
    """Give a virtual host that no test of this run has used."""
    with locked(folder / "vhosts") as counter:
        counter.seek(0)
        number = int(counter.read() or "0")
        counter.truncate(0)
        counter.write(str(number + 1))
    if number >= VHOSTS:
        raise RuntimeError(f"raise VHOSTS: more than {VHOSTS} tests want RabbitMQ")
    return f"amqp://{USER}:{PASSWORD}@127.0.0.1:{server.port}/test{number}"
