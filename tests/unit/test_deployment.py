"""docker/compose.yaml says what the program understands: settings, roles, one key file per role."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from secure_mail.settings import PREFIX, ROLES, Settings

DOCKER = Path(__file__).resolve().parents[2] / "docker"
COMPOSE = yaml.safe_load((DOCKER / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]


def test_every_setting_is_known():
    named = re.findall(rf"{PREFIX}([A-Z_]+)", (DOCKER / "compose.yaml").read_text())
    assert {name.removesuffix("_FILE").lower() for name in named} <= set(Settings.model_fields)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_has_its_own_container_key_file_and_wrapping_key(role):
    service = SERVICES[role]
    assert service["command"] == ["serve", "--role", role]
    mounted = [volume.split(":")[0] for volume in service["volumes"] if volume.endswith(":ro")]
    assert mounted == ["./secrets/keys/public.json", f"./secrets/keys/{role}.key"]
    wrapping = [secret for secret in service["secrets"] if isinstance(secret, dict)]
    assert wrapping == [{"source": f"wrap_{role}", "target": "key_wrap"}]


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_is_confined(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "healthcheck" in service


def test_no_secret_stands_in_an_environment():
    inline = [
        f"{name}: {key}"
        for name, service in SERVICES.items()
        for key, value in service.get("environment", {}).items()
        if re.search(r"URL|PASSWORD|WRAP|KEY$", key)
        and not (key.endswith("_FILE") or value.startswith(("https://", "/run/secrets/")))
    ]
    assert not inline


def test_every_secret_is_given_to_a_container():
    given = {
        secret["source"] if isinstance(secret, dict) else secret
        for service in SERVICES.values()
        for secret in service.get("secrets", [])
    }
    assert given == set(COMPOSE["secrets"])


def test_reading_pages_go_to_the_container_that_holds_the_key_for_answers():
    route = re.search(r"location ~ (\S+) \{ proxy_pass \$reading; \}", nginx())
    assert route
    for path in ("/en/read", "/fi/read/code", "/sv/messages", "/en/messages/PK-7K4Q-9M3X"):
        assert re.search(route[1], path)
    for path in ("/en/", "/en/readme", "/l/read", "/staff/messages"):
        assert not re.search(route[1], path)


@pytest.mark.parametrize("path", ["/l/", "/staff/set-up/"])
def test_an_address_with_a_token_in_it_is_not_logged(path):
    location = re.search(rf"location {path} \{{(.*?)\n    \}}", nginx(), re.DOTALL)
    assert location
    assert "access_log off;" in location[1]
    # Errors below this level quote the request.
    assert re.findall(r"error_log \S+ (\w+);", nginx()) == ["crit"]


def nginx():
    return (DOCKER / "nginx.conf").read_text()
