"""What must hold before anything starts: each refusal is one line, what, where, what to do."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, urlsplit

from secure_mail.application.ports.safety import SafetyError
from secure_mail.infrastructure.db.engine import Database, safety_faults
from secure_mail.infrastructure.db.migrate import pending
from secure_mail.infrastructure.vault.key_files import readable_foreign_keys
from secure_mail.infrastructure.vault.roles import KeyRole
from secure_mail.interfaces.imap.accounts import parse_accounts
from secure_mail.settings import Role, Settings, configured_roles

_TLS_BROKERS = {"rediss", "amqps"}


def refuse_unsafe(settings: Settings, roles: Collection[Role]) -> None:
    """Raises SafetyError for the first property that is missing, by settings and key files."""
    if settings.demo:
        _refuse_open_demo(settings)
    else:
        _refuse_plain_pages(settings, roles)
        _refuse_missing(settings, roles)
        _refuse_foreign_keys(settings, roles)
    _refuse_half_a_signature(settings)
    _refuse_open_mail(settings, roles)
    _refuse_open_policy(settings)
    refuse_plain_peers(settings)
    if "imap" in roles:
        # Off this machine by verified TLS only; told before anything is opened.
        parse_accounts([one.get_secret_value() for one in settings.imap_accounts])


def refuse_unsafe_store(database: Database) -> None:
    """Raises SafetyError when commits would not last, or the tables are of another version."""
    for fault in safety_faults(database):
        raise SafetyError(fault, "the database", "Correct its configuration")
    if pending(database):
        raise SafetyError(
            "the database is of another version", "DATABASE_URL", "Run secure-mail migrate"
        )


def _refuse_open_demo(settings: Settings) -> None:
    """Codes lie in its outbox in the clear, and its partners are whoever comes from loopback.

    Settings of a service, left in the environment, must not bring its samples into real data.
    """
    scheme, _, file = settings.database_url.get_secret_value().partition(":///")
    inside = Path(file).resolve().is_relative_to(settings.data_dir.resolve())
    if scheme != "sqlite" or not inside:
        raise SafetyError(
            "the demo keeps its data in a file of its own", "SECURE_MAIL_DATABASE_URL", "Unset it"
        )
    if not settings.relay_url.get_secret_value().startswith("maildir:"):
        raise SafetyError("the demo mails nobody", "SECURE_MAIL_RELAY_URL", "Unset it")
    for name in ("http_bind", "smtp_bind", "smtp_partner_bind", "staff_bind", "metrics_bind"):
        bind: str | None = getattr(settings, name)
        if bind is not None and not _loopback(bind.rpartition(":")[0].strip("[]")):
            raise SafetyError(
                "the demo is reached from other machines",
                f"SECURE_MAIL_{name.upper()}",
                "Let it listen on 127.0.0.1",
            )


def _refuse_plain_pages(settings: Settings, roles: Collection[Role]) -> None:
    # The worker writes the address into mails, with a token behind it.
    if {"web", "reading", "worker"} & set(roles) and not settings.base_url.startswith("https://"):
        raise SafetyError(
            "pages must be served over HTTPS",
            "SECURE_MAIL_BASE_URL",
            "Set it to https://HOST (a proxy in front ends TLS), or run secure-mail demo",
        )
    if "staff" in roles:
        for name, value in (
            ("STAFF_BIND", settings.staff_bind),
            ("STAFF_BASE_URL", settings.staff_base_url),
        ):
            if not value:
                raise SafetyError(
                    "staff pages need an address of their own",
                    f"SECURE_MAIL_{name}",
                    "Set it, and keep it off the public network",
                )
        if not settings.staff_base_url.startswith("https://"):
            raise SafetyError(
                "staff pages must be served over HTTPS",
                "SECURE_MAIL_STAFF_BASE_URL",
                "Set it to https://HOST",
            )
        if urlsplit(settings.staff_base_url).netloc == urlsplit(settings.base_url).netloc:
            raise SafetyError(
                "staff pages need an address of their own",
                "SECURE_MAIL_STAFF_BASE_URL",
                "Set it to another host than the one of SECURE_MAIL_BASE_URL",
            )


def _refuse_missing(settings: Settings, roles: Collection[Role]) -> None:
    wanted = {
        "KEY_PIN": (settings.key_pin, "Set it to the pin that keys init printed"),
        "KEY_WRAP": (
            settings.key_wrap.get_secret_value() or settings.key_wrap_command,
            "Set KEY_WRAP, KEY_WRAP_FILE or KEY_WRAP_COMMAND",
        ),
    }
    if "worker" in roles:
        wanted["RELAY_URL"] = (
            settings.relay_url.get_secret_value(),
            "Set it to smtp://HOST:25 or smtps://HOST",
        )
    for name, (value, remedy) in wanted.items():
        if not value:
            raise SafetyError("a setting is missing", f"SECURE_MAIL_{name}", remedy)
    if settings.relay_url.get_secret_value().startswith("maildir:"):
        raise SafetyError(
            "a folder is no way out for mail",
            "SECURE_MAIL_RELAY_URL",
            "Links and codes would lie there in the clear; name a relay",
        )


def _refuse_open_mail(settings: Settings, roles: Collection[Role]) -> None:
    """LMTP believes whoever reaches it; a load balancer is believed on who its client is."""
    if "lmtp" in roles and not _on_this_machine(settings.lmtp_bind):
        raise SafetyError(
            "LMTP is for mail servers of this machine",
            "SECURE_MAIL_LMTP_BIND",
            "Set it to /path/of/socket, or to 127.0.0.1:PORT",
        )
    for name, networks in (
        ("SMTP_PROXIES", settings.smtp_proxies),
        ("SMTP_TRUSTED_RELAYS", settings.smtp_trusted_relays),
    ):
        if "smtp" in roles and any(network.prefixlen == 0 for network in networks):
            raise SafetyError(
                "everybody would be believed", f"SECURE_MAIL_{name}", "Name the networks of yours"
            )


def _refuse_half_a_signature(settings: Settings) -> None:
    if (settings.dkim_key is None) == (not settings.dkim_selector):
        return
    missing = "DKIM_KEY" if settings.dkim_key is None else "DKIM_SELECTOR"
    raise SafetyError(
        "DKIM needs a key and its selector", f"SECURE_MAIL_{missing}", "Set both, or neither"
    )


def _refuse_open_policy(settings: Settings) -> None:
    """Asked without TLS and without a password, it tells who is a partner."""
    if settings.policy_bind and not _on_this_machine(settings.policy_bind):
        raise SafetyError(
            "the policy service must be asked from this machine only",
            "SECURE_MAIL_POLICY_BIND",
            "Name a socket, such as /run/secure-mail/policy.sock, or 127.0.0.1:PORT",
        )


def _refuse_foreign_keys(settings: Settings, roles: Collection[Role]) -> None:
    """When roles run apart, a process must not be able to read the key file of another."""
    if set(roles) >= set(configured_roles(settings)):
        return
    for path in readable_foreign_keys(settings.key_dir, [KeyRole(role) for role in roles]):
        raise SafetyError(
            "this process can read the keys of another role",
            str(path),
            "Give each role a user and a key folder of its own, or run all roles together",
        )


def refuse_plain_peers(settings: Settings) -> None:
    """A database or broker off this machine is spoken to over verified TLS only."""
    database = urlsplit(settings.database_url.get_secret_value())
    if not all(map(_here, _database_hosts(database))):
        modes = parse_qs(database.query).get("sslmode", [])
        if set(modes) != {"verify-full"}:
            raise SafetyError(
                "the database is spoken to without verified TLS",
                "SECURE_MAIL_DATABASE_URL",
                "Add ?sslmode=verify-full&sslrootcert=FILE",
            )
    broker = urlsplit(settings.broker_url.get_secret_value())
    far = bool(broker.hostname) and not _loopback(broker.hostname or "")
    if far and (broker.scheme not in _TLS_BROKERS or _unverified(parse_qs(broker.query))):
        raise SafetyError(
            "the broker is spoken to without verified TLS",
            "SECURE_MAIL_BROKER_URL",
            "Use rediss:// or amqps:// with ssl_cert_reqs=required",
        )


def _database_hosts(url: SplitResult) -> list[str]:
    """Every host that the driver may be led to: libpq reads more than the one after the `@`."""
    if url.scheme.startswith("sqlite"):
        return []
    query, surroundings = parse_qs(url.query), os.environ
    named = [text for name in ("host", "hostaddr", "service") for text in query.get(name, [])]
    named += [surroundings.get("PGHOSTADDR", ""), surroundings.get("PGSERVICE", "")]
    named.append(url.hostname or ("" if "host" in query else surroundings.get("PGHOST", "")))
    hosts = [host for text in named for host in text.split(",")]
    return [host.partition(":")[0] if host.count(":") == 1 else host for host in hosts]


def _here(host: str) -> bool:
    """Loopback, or the folder of a socket."""
    return not host or host.startswith(("/", "@")) or _loopback(host)


def _unverified(query: Mapping[str, list[str]]) -> bool:
    """Whether the broker's URL takes the verification of its certificate back."""
    return (
        set(query.get("ssl_cert_reqs", ["required"])) != {"required"}
        or query.get("ssl_check_hostname", ["true"])[0].lower() not in {"true", "1", "yes", "on"}
        or any("protocol" in options for options in query.get("ssl_options", []))
    )


def _on_this_machine(bind: str) -> bool:
    """The path of a socket, or HOST:PORT of loopback."""
    host, colon, port = bind.rpartition(":")
    return bind.startswith("/") or bool(colon and port.isdigit() and _loopback(host.strip("[]")))


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
