"""Throwaway Postfix servers from Debian: own configuration, queue and port, loopback only."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.services.processes import end, free_port, start, wait_for_port

DAEMONS = Path("/usr/lib/postfix/sbin")
SYSTEM_FILES = Path("/etc/postfix")

MAIN: Mapping[str, str] = {
    "compatibility_level": "3.6",
    "command_directory": "/usr/sbin",
    "daemon_directory": str(DAEMONS),
    "shlib_directory": "/usr/lib/postfix",
    "meta_directory": str(SYSTEM_FILES),
    "mail_owner": "postfix",
    "setgid_group": "postdrop",
    "myhostname": "relay.test",
    "mydestination": "",
    "local_recipient_maps": "",
    "alias_maps": "",
    "alias_database": "",
    "inet_interfaces": "127.0.0.1",
    "inet_protocols": "ipv4",
    "mynetworks": "",
    "smtpd_relay_restrictions": "reject_unauth_destination",
    "smtpd_recipient_restrictions": "reject_unauth_destination",
    "smtpd_client_connection_rate_limit": "0",
    "smtpd_client_connection_count_limit": "0",
    "smtpd_peername_lookup": "no",
    "smtp_tls_security_level": "may",
    "smtp_dns_support_level": "disabled",
    "smtp_host_lookup": "native",
    "message_size_limit": "52428800",
    "minimal_backoff_time": "1s",
    "maximal_backoff_time": "2s",
    "queue_run_delay": "1s",
    "maximal_queue_lifetime": "1h",
    "bounce_queue_lifetime": "1h",
    # A test that stops what is behind the relay must not wait for it to be believed alive again.
    "default_destination_concurrency_failed_cohort_limit": "1000",
    "smtpd_forbid_bare_newline": "reject",
    "smtpd_forbid_bare_newline_exclusions": "",
    "smtpd_forbid_unauth_pipelining": "yes",
}

SERVICES = """\
pickup    unix  n - n 60    1   pickup
cleanup   unix  n - n -     0   cleanup
qmgr      unix  n - n 1     1   qmgr
tlsmgr    unix  - - n 1000? 1   tlsmgr
rewrite   unix  - - n -     -   trivial-rewrite
bounce    unix  - - n -     0   bounce
defer     unix  - - n -     0   bounce
trace     unix  - - n -     0   bounce
verify    unix  - - n -     1   verify
flush     unix  n - n 1000? 0   flush
proxymap  unix  - - n -     -   proxymap
smtp      unix  - - n -     -   smtp
relay     unix  - - n -     -   smtp
lmtp      unix  - - n -     -   lmtp
showq     unix  n - n -     -   showq
error     unix  - - n -     -   error
retry     unix  - - n -     -   error
discard   unix  - - n -     -   discard
anvil     unix  - - n -     1   anvil
scache    unix  - - n -     1   scache
postlog   unix-dgram n - n - 1  postlogd
"""


def binary() -> Path | None:
    """Find `postfix`, or None where it is absent or cannot run: its master must be root."""
    found = shutil.which("postfix", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    usable = os.geteuid() == 0 and (DAEMONS / "master").exists()
    return Path(found) if found and usable else None


@dataclass
class Postfix:
    """One instance; `port` is its SMTP door on 127.0.0.1."""

    port: int
    folder: Path
    pid: int | None = field(default=None)

    @property
    def configuration(self) -> Path:
        return self.folder / "etc"

    def start(self) -> None:
        """Return once it answers. Raise RuntimeError with the log when it gave up."""
        self.command("postfix", "check")
        log = self.folder / "master.log"
        process = start([DAEMONS / "master", "-c", self.configuration, "-s"], log)
        self.pid = process.pid
        try:
            wait_for_port(self.port, process, log, 20)
        except RuntimeError as error:
            self.stop()
            raise RuntimeError(f"{error}\n{self.maillog()[-2000:]}") from None

    def stop(self) -> None:
        """End it; the queue stays, `start` goes on with it."""
        if self.pid is not None:
            end(self.pid, signal.SIGTERM)
            self.pid = None

    def command(self, name: str, *arguments: str, given: str = "") -> str:
        """Run one of Postfix's own commands on this instance; give what it printed."""
        done = subprocess.run(
            [name, "-c", str(self.configuration), *arguments],
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
            env={**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin"},
        )
        if done.returncode:
            raise RuntimeError(f"{name} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def flush(self) -> None:
        """Try every queued message now, whatever its back-off says."""
        self.command("postqueue", "-f")

    def reload(self) -> None:
        self.command("postfix", "reload")

    def queued(self) -> list[str]:
        """Give the queue ids of what is not delivered yet."""
        wanted = ("incoming", "active", "deferred")
        return sorted(
            path.name
            for queue in wanted
            for path in (self.folder / "spool" / queue).rglob("*")
            if path.is_file()
        )

    def maillog(self) -> str:
        log = self.folder / "maillog"
        return log.read_text(errors="replace") if log.exists() else ""

    def wait(self, condition: Callable[[], bool], what: str, seconds: float = 30) -> None:
        """Return when the condition holds; raise with the end of the maillog when it never did."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{what} did not happen:\n{self.maillog()[-3000:]}")
            time.sleep(0.05)

    def wait_for_log(self, words: str, seconds: float = 30) -> None:
        self.wait(lambda: words in self.maillog(), f"{words!r} in the maillog", seconds)

    def wait_until_empty(self, seconds: float = 30) -> None:
        """Return when everything is delivered or bounced, trying again at once in between."""

        def empty() -> bool:
            if not self.queued():
                return True
            self.flush()
            return False

        self.wait(empty, "an empty queue", seconds)


def begin(
    scratch: Path,
    *,
    relay_to: tuple[str, int] | Path,
    lmtp: bool = False,
    extra_main: Mapping[str, str] | None = None,
    extra_master: str = "",
    main: Mapping[str, str] | None = None,
) -> Postfix:
    """Start one that relays every domain to `relay_to`: host and port, or a socket for LMTP.

    `extra_main` overrides `MAIN` by name; `main` replaces it.
    """
    postfix = prepare(
        scratch,
        {**(MAIN if main is None else main), **relaying(relay_to, lmtp=lmtp), **(extra_main or {})},
        extra_master,
    )
    postfix.start()
    return postfix


@contextmanager
def running(scratch: Path, **given: object) -> Iterator[Postfix]:
    """Give what `begin` gives, and end it."""
    postfix = begin(scratch, **given)
    try:
        yield postfix
    finally:
        postfix.stop()


def relaying(relay_to: tuple[str, int] | Path, *, lmtp: bool) -> dict[str, str]:
    where = f"unix:{relay_to}" if isinstance(relay_to, Path) else "inet:[{}]:{}".format(*relay_to)
    target = f"lmtp:{where}" if lmtp else f"smtp:{where.removeprefix('inet:')}"
    return {"relay_domains": "static:ALL", "transport_maps": f"static:{target}"}


def place() -> Path:
    """Make a folder that Postfix's own users may enter; it is gone when Python ends.

    Not one of pytest's: each run of it, another's too, closes their parent to everybody else.
    """
    folder = Path(tempfile.mkdtemp(prefix="postfix-"))
    folder.chmod(0o755)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def prepare(
    scratch: Path,
    main: Mapping[str, str],
    extra_master: str = "",
    *,
    files: tuple[str, str] | None = None,
) -> Postfix:
    """Lay out the folder of an instance, linked from `scratch`, without starting it.

    `files` are a main.cf and a master.cf of one's own; `main` then overrides names of the first.
    """
    folder = place()
    (scratch / folder.name).symlink_to(folder)
    for part in ("etc", "spool", "data"):
        (folder / part).mkdir()
    shutil.chown(folder / "data", "postfix")
    postfix = Postfix(free_port(), folder)
    own = {
        "queue_directory": f"{folder}/spool",
        "data_directory": f"{folder}/data",
        "maillog_file": f"{folder}/maillog",
        "maillog_file_prefixes": str(folder),
    }
    entries = {**main, **own}
    lines = "".join(f"{name} = {value}\n" for name, value in entries.items())
    door = f"127.0.0.1:{postfix.port} inet n - n - - smtpd\n"
    given, services = files or ("", door + SERVICES)
    services = re.sub(r"(?m)^smtp +inet .*\n", door, services)
    # An entry goes on in the lines behind it that begin with a blank. Each name must stand once:
    # postlogd would warn itself of a second, and wait for itself to read it.
    overridden = "|".join(map(re.escape, entries))
    given = re.sub(rf"(?m)^(?:{overridden}) *=.*\n(?:[ \t].*\n)*", "", given)
    (folder / "etc" / "main.cf").write_text(f"{given}\n{lines}")
    (folder / "etc" / "master.cf").write_text(services + extra_master)
    return postfix
