"""What must hold before anything starts: exit 2, one line that says what, where, what to do."""

from __future__ import annotations

import shutil
import socket
from base64 import b64decode
from pathlib import Path

import pytest

from secure_mail.infrastructure.vault.key_files import read_key_file
from secure_mail.infrastructure.vault.public_keys import read_public
from secure_mail.infrastructure.vault.roles import KeyRole, SecretKind
from tests.journey.deployment import SITE, STAFF_SITE, Deployment
from tests.journey.program import Operator, locked, surroundings

RELAY = "smtp://127.0.0.1:9"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """With keys and tables, over SQLite; nothing of it runs."""
    return Deployment(tmp_path_factory.mktemp("deployment"), {}, {}).make()


def refused(settings: dict[str, object], *words: str) -> str:
    """The one line in which the program says why it does not start."""
    done = Operator(surroundings(settings)).run(*words, code=2)
    assert not done.stdout
    assert done.stderr.count("\n") == 1, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize(
    ("settings", "words", "says"),
    [
        ({}, (), "SECURE_MAIL_BASE_URL"),
        ({"BASE_URL": "http://mail.example"}, ("--role", "web"), "HTTPS"),
        ({"BASE_URL": SITE}, (), "SECURE_MAIL_STAFF_BIND"),
        ({"BASE_URL": SITE}, ("--role", "web"), "SECURE_MAIL_KEY_PIN"),
        ({"BASE_URL": SITE, "KEY_PIN": "x"}, ("--role", "web"), "SECURE_MAIL_KEY_WRAP"),
        ({}, ("--role", "imap"), "SECURE_MAIL_IMAP_ACCOUNTS"),
        ({}, ("--role", "lmtp"), "SECURE_MAIL_LMTP_BIND"),
        ({}, ("--role", "nonsense"), "nonsense"),
        ({"CLAMD": "unix:/run/clamd"}, (), "SECURE_MAIL_CLAMD"),
        ({"OIDC_ISSUER": "https://id.example"}, (), "not available yet"),
        ({"SMTP_PARTNER_BIND": "2525"}, (), "SECURE_MAIL_SMTP_PARTNER_BIND"),
        (
            {"KEY_PIN": "x", "KEY_WRAP": "x", "LMTP_BIND": "0.0.0.0:24"},
            ("--role", "lmtp"),
            "LMTP is for mail servers of this machine",
        ),
        ({"DATA_DIRECTORY": "elsewhere"}, (), "SECURE_MAIL_DATA_DIRECTORY"),
        ({"LINK_DAYS": "11"}, (), "SECURE_MAIL_LINK_DAYS"),
        ({"KEY_WRAP_FILE": "/nowhere/wrap"}, (), "/nowhere/wrap"),
        (
            {"DATABASE_URL": "postgresql+psycopg://db.example/mail", "BASE_URL": SITE},
            ("--role", "scheduler"),
            "SECURE_MAIL_",
        ),
    ],
)
def test_settings_that_do_not_hold(
    tmp_path: Path, settings: dict[str, object], words: tuple[str, ...], says: str
) -> None:
    assert says in refused({"DATA_DIR": tmp_path / "data", **settings}, "serve", *words)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"DATABASE_URL": "postgresql+psycopg://db.example/mail"}, "SECURE_MAIL_DATABASE_URL"),
        ({"BROKER_URL": "redis://broker.example/0"}, "SECURE_MAIL_BROKER_URL"),
        ({"RELAY_URL": "maildir:/tmp/outbox"}, "SECURE_MAIL_RELAY_URL"),
        ({"RELAY_URL": "http://relay.example"}, "SECURE_MAIL_RELAY_URL"),
        ({"KEY_WRAP_FILE": ""}, "KEY_WRAP"),
        ({"KEY_PIN": "A" * 43 + "="}, "public.json"),
        ({"KEY_DIR": "/nowhere"}, "/nowhere"),
    ],
)
def test_a_worker_whose_peers_or_keys_are_not_right(
    deployment: Deployment, settings: dict[str, object], says: str
) -> None:
    whole = {**deployment.settings("worker"), "RELAY_URL": RELAY, **settings}
    given = {name: value for name, value in whole.items() if value}
    assert says in refused(given, "serve", "--role", "worker")


@pytest.mark.parametrize("role", ["web", "smtp"])
def test_a_public_process_has_no_private_key(deployment: Deployment, role: str) -> None:
    folder = deployment.key_dir(role)
    assert sorted(path.name for path in folder.iterdir()) == sorted(["public.json", f"{role}.key"])
    wrap = (deployment.scratch / "wrap" / f"{role}.wrap").read_text()
    of = read_public(folder, str(deployment.shared["KEY_PIN"])).deployment
    secrets = read_key_file(folder, KeyRole(role), of, b64decode(wrap))
    assert {secret.kind for secret in secrets} == {SecretKind.MAC}
    assert {secret.name for secret in secrets} == {"dedupe", "own-mail"}


def test_a_door_that_can_read_the_keys_of_another(deployment: Deployment) -> None:
    settings = {**deployment.settings("web"), "KEY_DIR": deployment.all_keys}
    said = refused(settings, "serve", "--role", "web")
    assert "another role" in said
    assert not deployment.answers("web")


def test_a_key_file_that_others_can_read(deployment: Deployment, tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    shutil.copytree(deployment.key_dir("web"), folder)
    (folder / "web.key").chmod(0o644)
    assert "web.key" in refused(
        {**deployment.settings("web"), "KEY_DIR": folder}, "serve", "--role", "web"
    )


def test_a_wrapping_key_of_another_role(deployment: Deployment) -> None:
    other = deployment.settings("smtp")["KEY_WRAP_FILE"]
    settings = {**deployment.settings("web"), "KEY_WRAP_FILE": other}
    assert "key file of role web" in refused(settings, "serve", "--role", "web")


def test_a_database_that_was_not_migrated(deployment: Deployment, tmp_path: Path) -> None:
    settings = {**deployment.settings("web"), "DATA_DIR": tmp_path}
    assert "secure-mail migrate" in refused(settings, "serve", "--role", "web")


def test_rules_that_are_not_valid(deployment: Deployment, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("version: 1\nqueues: nonsense\n")
    data = tmp_path / "data"
    settings = {**deployment.settings("web"), "DATA_DIR": data, "RULES": rules}
    Operator(surroundings(settings)).run("migrate")
    said = refused(settings, "serve", "--role", "web")
    assert f"{rules}:" in said


def test_a_locked_database(deployment: Deployment, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(deployment.shared_data, data)
    settings = {**deployment.settings("web"), "DATA_DIR": data}
    with locked(data / "secure-mail.db"):
        refused(settings, "serve", "--role", "web")


def test_staff_pages_need_an_address_of_their_own(deployment: Deployment) -> None:
    settings = deployment.settings("staff")
    for name in ("STAFF_BIND", "STAFF_BASE_URL"):
        without = {key: value for key, value in settings.items() if key != name}
        assert f"SECURE_MAIL_{name}" in refused(without, "serve", "--role", "staff")
    plain = {**settings, "STAFF_BASE_URL": STAFF_SITE.replace("https", "http")}
    assert "HTTPS" in refused(plain, "serve", "--role", "staff")


def test_a_demo_does_not_begin_on_data_that_is_not_a_demos(deployment: Deployment) -> None:
    said = refused({"DATA_DIR": deployment.shared_data}, "demo")
    assert str(deployment.shared_data) in said


@pytest.mark.parametrize("role", ["web", "smtp"])
def test_an_address_that_is_taken(deployment: Deployment, role: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        bind = f"127.0.0.1:{other.getsockname()[1]}"
        name = {"web": "HTTP_BIND", "smtp": "SMTP_BIND"}[role]
        said = refused({**deployment.settings(role), name: bind}, "serve", "--role", role)
    assert f"in use: {bind}" in said
