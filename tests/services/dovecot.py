"""Dovecot from Debian, as any user: IMAPS and IMAP on loopback, maildirs that tests write into."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.certificates import self_signed
from tests.services.processes import end, free_port, start, wait_for_port

PASSWORD = "correct horse ä"
CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
listen = 127.0.0.1
protocols = imap
ssl = yes
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login{mechanisms}
auth_failure_delay = 0
mail_fsync = never
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
{capability}
{passdb}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={mail} gid={mail_group} home={folder}/mail/%u
}}
service imap-login {{
  {chroot}
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service anvil {{
  {chroot}
}}
service stats {{
  {chroot}
}}
namespace inbox {{
  inbox = yes
}}
"""
TOKENS = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2.conf
}}
"""


def binary() -> Path | None:
    found = shutil.which("dovecot") or shutil.which("/usr/sbin/dovecot")
    return Path(found) if found else None


@dataclass
class Dovecot:
    """One server with a folder of its own; `running` makes it and ends it."""

    binary: Path
    folder: Path
    users: tuple[str, ...]
    capability: str = ""
    """What it says it can; empty for all that it can."""
    introspection: str = ""
    """URL that judges XOAUTH2 tokens; off without it."""
    imap: int = field(default_factory=free_port)
    imaps: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    delivered: int = 0

    @property
    def certificate(self) -> Path:
        return self.folder / "certificate.pem"

    @property
    def log(self) -> str:
        path = self.folder / "dovecot.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def prepare(self) -> None:
        self_signed(self.folder)
        (self.folder / "users").write_text(
            "".join(f"{user}:{{PLAIN}}{PASSWORD}\n" for user in self.users)
        )
        for user in self.users:
            for part in ("cur", "new", "tmp"):
                (self.maildir(user) / part).mkdir(parents=True)
        self._hand_over(self.folder / "mail")

    def maildir(self, user: str, folder: str = "") -> Path:
        home = self.folder / "mail" / user
        return home / f".{folder}" if folder else home

    def start(self) -> None:
        """Returns when both ports answer."""
        self._configure()
        log = self.folder / "master.log"
        process = start(
            [self.binary, "-F", "-c", self.folder / "dovecot.conf"],
            log,
            environment={"HOME": str(self.folder)},
        )
        self.process = process
        for port in (self.imap, self.imaps):
            wait_for_port(port, process, log, 30)

    def stop(self) -> None:
        """Every connection is closed."""
        if self.process is not None:
            end(self.process.pid, signal.SIGTERM)
            self.process.poll()  # so that Python knows, too
            self.process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def deliver(self, user: str, *messages: bytes, folder: str = "") -> None:
        """Puts messages into INBOX, or a folder that is there, as a delivery agent does."""
        box = self.maildir(user, folder)
        for message in messages:
            self.delivered += 1
            name = f"{time.time_ns()}.{self.delivered:06d}.test"
            unfinished = box / "tmp" / name
            unfinished.write_bytes(message)
            self._hand_over(unfinished)
            unfinished.rename(box / "new" / name)

    def deliver_unreadable(self, user: str) -> None:
        """A message of which the server knows, and at which it ends the connection."""
        self.delivered += 1
        path = self.maildir(user) / "new" / f"{time.time_ns()}.{self.delivered:06d}.unreadable"
        path.touch(mode=0o000)

    def held(self, user: str, folder: str = "") -> list[bytes]:
        """What lies in a folder, without what is marked as deleted."""
        return [path.read_bytes() for path in self._files(user, folder)]

    def empty(self, user: str) -> bool:
        """Whether nothing lies in INBOX but what is marked as deleted, or cannot be read."""
        return not self._files(user, "")

    def _files(self, user: str, folder: str) -> list[Path]:
        box = self.maildir(user, folder)
        files = [path for part in ("new", "cur") for path in (box / part).glob("*")]
        return [
            path
            for path in files
            if "T" not in path.name.partition(":2,")[2] and "unreadable" not in path.name
        ]

    def flags(self, user: str, folder: str = "") -> list[str]:
        """Of each message in `cur`: S for seen, T for deleted."""
        box = self.maildir(user, folder)
        return [path.name.partition(":2,")[2] for path in (box / "cur").glob("*")]

    def forget_uids(self, user: str) -> None:
        """INBOX gets another UIDVALIDITY, and each message a new UID. Only while it is stopped."""
        box = self.maildir(user)
        listed = box / "dovecot-uidlist"
        old = int(listed.read_text().split(" V", 1)[1].split(" ", 1)[0])
        for path in box.glob("dovecot*"):
            path.unlink()
        listed.write_text(f"3 V{old + 1000} N1 G{os.urandom(16).hex()}\n")
        self._hand_over(listed)

    def _configure(self) -> None:
        root = os.geteuid() == 0
        ourselves = pwd.getpwuid(os.geteuid())
        nobody = pwd.getpwnam("nobody")
        owner = nobody if root else ourselves
        values: Mapping[str, object] = {
            "folder": self.folder,
            "imap": self.imap,
            "imaps": self.imaps,
            "internal": "dovecot" if root else ourselves.pw_name,
            "group": "dovecot" if root else grp.getgrgid(os.getegid()).gr_name,
            "login": "dovenull" if root else ourselves.pw_name,
            "mail": owner.pw_uid,
            "mail_group": owner.pw_gid,
            "chroot": "" if root else "chroot =",
            "capability": f"imap_capability = {self.capability}" if self.capability else "",
            "mechanisms": " xoauth2" if self.introspection else "",
            "passdb": TOKENS.format(folder=self.folder) if self.introspection else "",
        }
        (self.folder / "dovecot.conf").write_text(CONFIGURATION.format(**values))
        if self.introspection:
            (self.folder / "oauth2.conf").write_text(
                "introspection_mode = get\n"
                f"introspection_url = {self.introspection}\n"
                "username_attribute = username\n"
                "active_attribute = active\n"
                "active_value = true\n"
            )

    def _hand_over(self, path: Path) -> None:
        """Mail is another user's than the master's when that is root."""
        if os.geteuid() != 0:
            return
        owner = pwd.getpwnam("nobody")
        for each in [path, *path.rglob("*")] if path.is_dir() else [path]:
            os.chown(each, owner.pw_uid, owner.pw_gid)


@contextmanager
def running(binary: Path, *users: str, **differently: str) -> Iterator[Dovecot]:
    """A started server; its folder is short, because names of sockets must be."""
    with tempfile.TemporaryDirectory(prefix="dovecot-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        server = Dovecot(binary, folder, users, **differently)
        server.prepare()
        server.start()
        try:
            yield server
        finally:
            server.stop()
