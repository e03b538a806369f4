"""Start-up refusals cannot be talked away by how an address is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from secure_mail.application.ports.safety import SafetyError
from secure_mail.bootstrap.safety import refuse_plain_peers, refuse_unsafe
from secure_mail.run.serve import serve
from secure_mail.settings import (
    PREFIX,
    ROLES,
    Settings,
    SettingsError,
    configured_roles,
    read_settings,
)

PG = "postgresql+psycopg://"


def settings(*, demo: bool = False, **values: str) -> Settings:
    return read_settings({PREFIX + name: text for name, text in values.items()}, demo=demo)


@pytest.mark.parametrize(
    "url",
    [
        f"{PG}u:p@db.example/mail",
        f"{PG}u:p@db.example/mail?sslmode=require",
        f"{PG}u:p@db.example/mail?sslmode=verify-full&sslmode=disable",
        f"{PG}u:p@/mail?host=db.example",
        f"{PG}u:p@/mail?host=127.0.0.1:5432,db.example:5432",
        f"{PG}u:p@/mail?host=::5",
        f"{PG}u:p@localhost/mail?hostaddr=192.0.2.7",
        f"{PG}u:p@localhost/mail?host=db.example",
        f"{PG}u:p@/mail?service=elsewhere",
    ],
)
def test_a_database_off_this_machine_needs_verified_tls_however_it_is_named(url: str) -> None:
    with pytest.raises(SafetyError, match="database is spoken to without verified TLS"):
        refuse_plain_peers(settings(DATABASE_URL=url))


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////var/lib/mail.db",
        f"{PG}u:p@127.0.0.1/mail",
        f"{PG}u:p@[::1]/mail",
        f"{PG}u:p@/mail?host=/run/postgresql",
        f"{PG}u:p@db.example/mail?sslmode=verify-full&sslrootcert=/ca",
    ],
)
def test_a_database_here_or_verified_is_taken(url: str) -> None:
    refuse_plain_peers(settings(DATABASE_URL=url))


def test_the_surroundings_lead_no_database_away_in_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "db.example")
    refuse_plain_peers(settings(DATABASE_URL="sqlite:////var/lib/mail.db"))
    with pytest.raises(SafetyError):
        refuse_plain_peers(settings(DATABASE_URL=f"{PG}u:p@/mail"))


@pytest.mark.parametrize(
    "url",
    [
        "redis://broker.example/0",
        "rediss://broker.example/0?ssl_cert_reqs=none",
        "rediss://broker.example/0?ssl_check_hostname=false",
        "amqp://broker.example",
        "amqps://broker.example?ssl_options={'protocol':2}",
    ],
)
def test_a_broker_off_this_machine_needs_verified_tls(url: str) -> None:
    with pytest.raises(SafetyError, match="broker is spoken to without verified TLS"):
        refuse_plain_peers(settings(BROKER_URL=url))


def test_a_worker_writes_no_link_over_http() -> None:
    plain = settings(BASE_URL="http://mail.example", KEY_PIN="p", RELAY_URL="smtp://relay.example")
    with pytest.raises(SafetyError, match="HTTPS"):
        refuse_unsafe(plain, ["worker"])


@pytest.mark.parametrize("name", ["HTTP_BIND", "SMTP_BIND", "STAFF_BIND", "METRICS_BIND"])
@pytest.mark.parametrize("bind", ["0.0.0.0:8080", "[::]:8080", "192.0.2.1:8080"])
def test_the_demo_listens_on_loopback_only(name: str, bind: str) -> None:
    with pytest.raises(SafetyError, match="the demo is reached from other machines"):
        refuse_unsafe(settings(demo=True, **{name: bind}), ROLES)


@pytest.mark.parametrize(
    "url", [f"{PG}u:p@127.0.0.1/mail", "sqlite:////var/lib/secure-mail/secure-mail.db"]
)
def test_the_demo_brings_no_samples_into_a_database_of_a_service(url: str) -> None:
    with pytest.raises(SafetyError, match="SECURE_MAIL_DATABASE_URL"):
        refuse_unsafe(settings(demo=True, DATABASE_URL=url), ROLES)


def test_the_demo_mails_nobody() -> None:
    with pytest.raises(SafetyError, match="SECURE_MAIL_RELAY_URL"):
        refuse_unsafe(settings(demo=True, RELAY_URL="smtp://relay.example"), ROLES)


def test_staff_pages_do_not_share_the_address_of_the_public_ones() -> None:
    site = {"BASE_URL": "https://mail.example", "STAFF_BIND": "127.0.0.1:8081"}
    shared = settings(**site, STAFF_BASE_URL="https://mail.example/")
    with pytest.raises(SafetyError, match="SECURE_MAIL_STAFF_BASE_URL"):
        refuse_unsafe(shared, ["staff"])


def test_a_setting_that_is_given_twice_is_told(tmp_path: Path) -> None:
    file = tmp_path / "pin"
    file.write_text("other")
    with pytest.raises(SettingsError, match="SECURE_MAIL_KEY_PIN: is set twice"):
        settings(KEY_PIN="one", KEY_PIN_FILE=str(file))
    file.write_bytes(b"\xff")
    with pytest.raises(SettingsError, match="no text in UTF-8"):
        settings(KEY_PIN_FILE=str(file))


def test_the_demo_on_loopback_starts() -> None:
    demo = settings(demo=True, HTTP_BIND="[::1]:0", SMTP_BIND="localhost:0")
    refuse_unsafe(demo, configured_roles(demo))


def test_a_marker_in_its_data_folder_does_not_make_a_service_a_demo() -> None:
    with pytest.raises(SafetyError, match="a demo made this folder"):
        serve(settings(demo=True), ROLES)


WELL = {
    "BASE_URL": "https://mail.example",
    "KEY_PIN": "pin",
    "KEY_WRAP": "wrap",
    "KEY_DIR": "/nowhere",
}


@pytest.mark.parametrize("bind", ["", "0.0.0.0:2424", "192.0.2.1:24", "[2001:db8::1]:24", "x.sock"])
def test_lmtp_off_this_machine_is_refused(bind: str) -> None:
    with pytest.raises(SafetyError, match="LMTP is for mail servers of this machine"):
        refuse_unsafe(settings(**WELL, LMTP_BIND=bind), ["lmtp"])


@pytest.mark.parametrize("bind", ["/run/secure-mail/lmtp.sock", "127.0.0.1:2424", "[::1]:2424"])
def test_lmtp_on_this_machine_is_taken(bind: str) -> None:
    refuse_unsafe(settings(**WELL, LMTP_BIND=bind), ["lmtp"])


@pytest.mark.parametrize("name", ["SMTP_PROXIES", "SMTP_TRUSTED_RELAYS"])
@pytest.mark.parametrize("everybody", ["0.0.0.0/0", "192.0.2.1/32 ::/0"])
def test_not_everybody_is_believed(name: str, everybody: str) -> None:
    with pytest.raises(SafetyError, match=f"everybody would be believed: SECURE_MAIL_{name}"):
        refuse_unsafe(settings(**WELL, **{name: everybody}), ["smtp"])


@pytest.mark.parametrize("bind", ["0.0.0.0:8400", "192.0.2.7:8400", "policy.sock", "127.0.0.1:x"])
def test_the_policy_service_is_asked_from_this_machine_only(tmp_path: Path, bind: str) -> None:
    with pytest.raises(SafetyError, match="policy service"):
        refuse_unsafe(settings(DATA_DIR=str(tmp_path), demo=True, POLICY_BIND=bind), ["smtp"])


@pytest.mark.parametrize("bind", ["/run/secure-mail/policy.sock", "127.0.0.1:8400", "[::1]:8400"])
def test_a_policy_service_of_this_machine_is_taken(tmp_path: Path, bind: str) -> None:
    refuse_unsafe(settings(DATA_DIR=str(tmp_path), demo=True, POLICY_BIND=bind), ["smtp"])
