"""What the SMTP door is told by the settings, and where its patience ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpLimits:
    """Counts per connection unless said otherwise; times in seconds, sizes in octets."""

    max_size: int = 36 * MIB
    """Of one message: what the parser can open."""
    connections: int = 200
    """At once, in all."""
    per_address: int = 60
    """At once, from one address that is no trusted relay."""
    recipients: int = 100
    """RCPT commands answered 250 per message (RFC 5321, 4.5.3.1.8: at least 100)."""
    errors: int = 20
    """Replies of 500 and above; the next is 421."""
    idle_commands: int = 100
    """Commands since the last message that lead to none: NOOP, RSET, repeated EHLO or MAIL."""
    strangers: int = 20
    """Messages an hour from one network whose sender is nobody's partner (postmaster, abuse)."""
    unproved: int = 200
    """Messages an hour from one network for a partner of which only S/MIME is required."""
    bounces: int = 10
    """Messages an hour that one mail of ours may bring back: its tag is known to whoever got it."""
    judgements: int = 4
    """Senders of one network whose DNS is asked at once; a relay brings those of many."""
    command_idle: float = 300
    """RFC 5321, 4.5.3.2.7."""
    unproductive: float = 10
    """Without a message, in a full door: then whoever has it longest gives way to the next."""
    envelope: float = 50
    """More of it for who has begun a message."""
    data_idle: float = 60
    min_rate: float = 500
    """Octets per second of DATA, once `rate_after` seconds were spent waiting for the client."""
    rate_after: float = 30
    data_total: float = 900
    """Longest wait for one message's octets."""
    handshake: float = 30
    introduction: float = 5
    """For a balancer's PROXY header, which comes with the connection."""
    judgement: float = 60
    """For what DNS says of a sender; then 451."""
    commit: float = 30
    """After this a commit is answered 451 and goes on; the retry is a duplicate."""
    linger: float = 5
    """How long a closing connection may take to read its last reply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpConfig:
    bind: str
    """`host:port` or `[address]:port`; port 0 takes a free one. LMTP: or a socket's path."""
    partner_bind: str | None = None
    """Where partners show a client certificate."""
    lmtp: bool = False
    """LMTP in place of SMTP: everybody who reaches it is a mail server of ours."""
    reuse_port: bool = False
    """Whether other processes listen on the same address."""
    hostname: str
    """How the server calls itself."""
    site: str
    """Host (and port) of the public pages, named in refusals."""
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    require_tls: bool = True
    trusted_relays: tuple[IPv4Network | IPv6Network, ...] = ()
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Their connections begin with a PROXY header."""
    limits: SmtpLimits = field(default_factory=SmtpLimits)
