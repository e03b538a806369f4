"""What the web door is told of its place: addresses, proxies, limits."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class WebConfig:
    """One address of the service. Every link we write begins with `base_url`, never with Host."""

    base_url: str
    """Scheme and authority, such as `https://mail.example`; plain http on loopback only."""
    allowed_hosts: tuple[str, ...] = ()
    """Host names that are answered besides that of `base_url`."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    upload_max: int = 100 * 1024 * 1024
    """Octets of all files of a message together."""
    link_days: int = 10
    backup_days: int = 35
    """How long a backup may hold what was deleted; told in the privacy notice."""
    static: Path | None = None
    """The folder served at `/static`."""
    demo: bool = False
    mta_sts: str | None = None
    """The policy file of the mail domain (RFC 8461); None: it is not served."""
    outbox: Path | None = None
    """The maildir shown at `/demo/outbox`; in the demo only."""

    def __post_init__(self) -> None:
        if not self.secure and not _is_loopback(self.host):
            raise ValueError("base_url must begin with https:// (http on loopback only)")

    @property
    def secure(self) -> bool:
        return urlsplit(self.base_url).scheme == "https"

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or ""

    @property
    def hosts(self) -> frozenset[str]:
        """Lower-case names, without ports, that a request may be addressed to."""
        return frozenset(host.lower() for host in (self.host, *self.allowed_hosts))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
