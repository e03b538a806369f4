"""Settings: the environment, prefix `SECURE_MAIL_`; any of them also as `…_FILE`.

Read by the composition root only. Every fault is one line: what, where, what to do.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

PREFIX = "SECURE_MAIL_"
Network = IPv4Network | IPv6Network


class SettingsError(Exception):
    """A setting is wrong; the text is the one line for the operator."""


def _words(value: object) -> object:
    return value.replace(",", " ").split() if isinstance(value, str) else value


def _bind(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not colon or not host or not port.isdigit() or not 0 <= int(port) <= 65535:
        msg = "must be HOST:PORT"
        raise ValueError(msg)
    return value


Words = BeforeValidator(_words)
Bind = Annotated[str, AfterValidator(_bind)]
Role = Literal["web", "reading", "staff", "smtp", "lmtp", "imap", "worker", "scheduler"]
ROLES: tuple[Role, ...] = get_args(Role)
LATER_SETTINGS = {
    "CLAMD": "the malware scanner",
    "OIDC_ISSUER": "sign-in by OIDC",
    "OIDC_CLIENT_ID": "sign-in by OIDC",
    "OIDC_CLIENT_SECRET": "sign-in by OIDC",
    "AUDIT_ANCHOR": "the audit chain",
}
"""Named in the interface, not there yet: setting one is refused, never ignored."""


class Settings(BaseModel):
    """What the environment says, checked. Field names are the setting names in lower case."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    demo: bool = Field(default=False, exclude=True)
    data_dir: Path = Path("var")
    """Folder of what this process keeps: database, blobs and lock, unless they are named apart."""
    database_url: SecretStr = SecretStr("")
    """`sqlite:///FILE` or `postgresql+psycopg://…`; off this machine with `sslmode=verify-full`."""
    broker_url: SecretStr = SecretStr("memory://")
    """`memory://` in one process; between several `redis://…` or `amqp://…` (TLS: an `s` more)."""
    blob_url: str = ""
    """`file://FOLDER`, or `s3://BUCKET/PREFIX` (endpoint and credentials by their AWS names)."""
    base_url: str = "http://127.0.0.1:8080"
    """Address of the public pages; HTTPS outside the demo."""
    allowed_hosts: Annotated[tuple[str, ...], Words] = ()
    """Further host names that the pages answer to, besides the one of BASE_URL."""
    http_trusted_proxies: Annotated[tuple[Network, ...], Words] = ()
    """Networks of proxies: the client is the right-most forwarded address outside them."""
    staff_bind: Bind | None = None
    """Where the staff pages listen, HOST:PORT; required outside the demo."""
    staff_base_url: str = ""
    """Address of the staff pages; required outside the demo, HTTPS."""
    key_dir: Path = Path()
    """Folder of the key files."""
    key_pin: str = ""
    """What `keys init` printed; public keys are believed by it alone. Required outside the demo."""
    key_wrap: SecretStr = SecretStr("")
    """Wrapping key of the roles: 32 octets in base64, or `role=BASE64,role=BASE64`."""
    key_wrap_command: Annotated[tuple[str, ...], Words] = ()
    """Instead of KEY_WRAP: words of a command that, given a role, prints its wrapping key."""
    metrics_bind: Bind | None = None
    """Where metrics are served, HOST:PORT; off without it."""
    http_bind: Bind = "127.0.0.1:8080"
    """Where the public pages listen, HOST:PORT."""
    smtp_bind: Bind = "127.0.0.1:8025"
    """Where mail is taken, HOST:PORT."""
    smtp_tls_cert: Path | None = None
    """Certificate chain of the SMTP door, PEM; the demo makes one. SIGHUP reads it again."""
    smtp_tls_key: Path | None = None
    """Its private key, PEM."""
    smtp_require_tls: bool = True
    """Whether mail without STARTTLS is refused."""
    smtp_max_size: int = Field(default=36 * 1024 * 1024, ge=1024)
    """Octets of one message."""
    smtp_max_connections: int = Field(default=200, ge=1)
    """Connections at once, on each listener of mail."""
    smtp_max_connections_per_address: int = Field(default=60, ge=1)
    """Of them from one address."""
    smtp_trusted_relays: Annotated[tuple[Network, ...], Words] = ()
    """Networks of relays in front: their connections prove no partner."""
    smtp_partner_bind: Bind | None = None
    """Where partners' servers show a registered client certificate, HOST:PORT; off without it."""
    smtp_proxies: Annotated[tuple[Network, ...], Words] = ()
    """Networks of load balancers: they must speak the PROXY protocol, and nobody else may."""
    smtp_reuse_port: bool = False
    """Whether several processes listen on the one SMTP address (SO_REUSEPORT)."""
    lmtp_bind: str = ""
    """Where a mail server on this machine delivers: `/path/of/socket` or loopback HOST:PORT."""
    authserv_id: str = ""
    """Whose Authentication-Results are believed, from SMTP_TRUSTED_RELAYS only (RFC 8601)."""
    relay_enforces_tls: bool = False
    """Whether the trusted relays take mail over TLS only; `doctor` tests it."""
    arc_forwarders: Annotated[tuple[str, ...], Words] = ()
    """Domains whose ARC seals are believed: forwarders that break signatures on their way."""
    dns_servers: Annotated[tuple[str, ...], Words] = ()
    """Resolvers for sender authentication, `ADDRESS` or `ADDRESS:PORT`; else the system's."""
    imap_accounts: Annotated[tuple[SecretStr, ...], Words] = ()
    """Mailboxes to be emptied: `imaps://USER@HOST/INBOX?mailbox=NAME…`; see docs/how-to/imap.md."""
    policy_bind: str = ""
    """Where a relay in front asks before taking a mail: `/path/of/socket` or loopback HOST:PORT."""
    smime_key: Path | None = None
    """Private key that partners' mail may be encrypted to, PEM; read by the worker."""
    smime_cert: Path | None = None
    """Its certificate, PEM."""
    dkim_key: Path | None = None
    """Private key that signs outgoing mail (RSA or Ed25519, PEM); without it the relay signs."""
    dkim_selector: str = ""
    """Its selector: the public half stands at SELECTOR._domainkey.DOMAIN."""
    mta_sts_mx: Annotated[tuple[str, ...], Words] = ()
    """MX host names; set, the pages serve `/.well-known/mta-sts.txt` (RFC 8461)."""
    mta_sts_mode: Literal["testing", "enforce"] = "testing"
    """Begin with `testing`, and read the TLS reports."""
    link_days: int = Field(default=10, ge=1, le=10)
    """Days that a secure link works."""
    link_limits: int = Field(default=1, ge=1)
    """Factor on the limits of secure links and reading codes; above 1 for trials only."""
    upload_max: int = Field(default=100 * 1024 * 1024, ge=1024)
    """Octets of the files of one letter together."""
    worker_threads: int = Field(default=4, ge=1, le=64)
    """Jobs that one worker runs at once."""
    backup_days: int = Field(default=35, ge=1)
    """Days until a backup is destroyed; stands in the privacy notice."""
    relay_url: SecretStr = SecretStr("")
    """Way out for mail: `smtp://USER:PASSWORD@HOST:25` (STARTTLS is required) or `smtps://…`."""
    rules: Path | None = None
    """The rules file; without it, the packaged `routing_rules.yaml`."""
    log_format: Literal["console", "json"] | None = None
    """`console` or `json`; without it, console on a terminal."""

    @model_validator(mode="after")
    def _fill(self) -> Self:
        filled: dict[str, object] = {
            "database_url": self.database_url.get_secret_value()
            or f"sqlite:///{self.data_dir / 'secure-mail.db'}",
            "blob_url": self.blob_url or f"file://{self.data_dir / 'blobs'}",
            "staff_base_url": self.staff_base_url or (self.base_url if self.demo else ""),
            "key_dir": self.key_dir
            if self.key_dir != Path()
            else self.data_dir / "keys"
            if self.demo
            else Path("/etc/secure-mail/keys"),
            "relay_url": self.relay_url.get_secret_value()
            or (f"maildir:{self.data_dir / 'outbox'}" if self.demo else ""),
        }
        for name, value in filled.items():
            wrapped = SecretStr(str(value)) if name in {"database_url", "relay_url"} else value
            object.__setattr__(self, name, wrapped)
        return self


def read_settings(environment: Mapping[str, str], *, demo: bool = False) -> Settings:
    """Settings from the environment.

    Raises SettingsError: an unknown name, a wrong value, or what is not available yet.
    """
    values: dict[str, object] = {"demo": demo}
    for name, value in environment.items():
        if not name.startswith(PREFIX):
            continue
        key, text = _with_file(name.removeprefix(PREFIX), value)
        if key in LATER_SETTINGS:
            msg = f"{PREFIX}{key}: {LATER_SETTINGS[key]} is not available yet; unset it"
            raise SettingsError(msg)
        if key.lower() not in Settings.model_fields or key == "DEMO":
            msg = f"{name}: there is no such setting; see docs/reference/settings.md"
            raise SettingsError(msg)
        if key.lower() in values:
            msg = f"{PREFIX}{key}: is set twice, also as {PREFIX}{key}_FILE; unset one"
            raise SettingsError(msg)
        values[key.lower()] = text
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = str(first["loc"][0]).upper() if first["loc"] else "?"
        msg = f"{PREFIX}{where}: {first['msg'].removeprefix('Value error, ')}"
        raise SettingsError(msg) from None


def _with_file(key: str, value: str) -> tuple[str, str]:
    if not key.endswith("_FILE"):
        return key, value
    try:
        return key.removesuffix("_FILE"), Path(value).read_text(encoding="utf-8").strip()
    except OSError as error:
        msg = f"{PREFIX}{key}: cannot read {value}: {os.strerror(error.errno or 0)}"
        raise SettingsError(msg) from None
    except UnicodeDecodeError:
        msg = f"{PREFIX}{key}: {value} is no text in UTF-8"
        raise SettingsError(msg) from None


def configured_roles(settings: Settings) -> tuple[Role, ...]:
    """Every role but the doors that have nothing to listen to or to fetch."""
    absent = {
        role
        for role, setting in (("lmtp", settings.lmtp_bind), ("imap", settings.imap_accounts))
        if not setting
    }
    return tuple(role for role in ROLES if role not in absent)


def shown(settings: Settings) -> dict[str, str]:
    """The effective settings for `--print-settings`; secrets masked."""
    return {PREFIX + name.upper(): _spelled(value) for name, value in settings if name != "demo"}


def _spelled(value: object) -> str:
    """As it would stand in the environment."""
    match value:
        case SecretStr():
            return "***" if value.get_secret_value() else ""
        case (SecretStr(), *_):
            return " ".join("***" for _ in value)
        case None:
            return ""
        case bool():
            return str(value).lower()
        case tuple():
            return " ".join(map(str, value))
        case _:
            return str(value)
