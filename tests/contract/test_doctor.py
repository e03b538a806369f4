"""`secure-mail doctor`: every finding by a deployment that deserves it, on loopback alone."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from secure_mail.domain.examination import Finding
from secure_mail.domain.ids import PartnerId
from secure_mail.domain.partners import Certificate, Check, PartnerOrganisation
from secure_mail.run.doctor.examine import examine
from tests.doctor_rig import FAIL, OK, UNKNOWN, WARN, found, patient, states
from tests.program import Program
from tests.services.processes import free_port
from tests.smtp_rig import Rig, play


@pytest.fixture
def apart(program: Program) -> Program:
    """Wrapping keys moved away, and the root key: what docs/how-to/keys.md asks for."""
    away = program.folder / "away"
    away.mkdir()
    for wrap in (program.folder / "keys").glob("*.wrap"):
        shutil.move(wrap, away)
    shutil.move(program.folder / "keys" / "root.key", away)
    wraps = ",".join(f"{path.stem}={path.read_text().strip()}" for path in away.glob("*.wrap"))
    return replace(program, settings={**program.settings, "KEY_WRAP": wraps})


class TestSettings:
    def test_what_forbids_a_start_fails(self, program):
        assert states(patient(program, BASE_URL="http://mail.example"), "settings") == {
            "safe to start": FAIL,
            "separation of processes": WARN,
            "mail over TLS only": OK,
        }

    def test_a_role_of_its_own_is_separate(self, program):
        told = found(patient(program, ("smtp",), SMTP_REQUIRE_TLS="false"), "settings")
        assert told["separation of processes"].state is OK
        assert told["mail over TLS only"].state is WARN


class TestKeys:
    def test_keys_that_were_parted_are_sound(self, apart):
        told = found(patient(apart), "keys")
        assert {finding.state for finding in told.values()} == {OK}, told

    def test_keys_as_they_were_made_are_not(self, program):
        told = states(patient(program), "keys")
        assert told["wrapping keys apart"] is WARN
        assert told["root key away"] is WARN

    def test_a_file_open_to_others_fails(self, apart):
        (apart.folder / "keys" / "worker.key").chmod(0o640)
        told = found(patient(apart), "keys")
        assert told["key file of worker"].state is FAIL
        assert "chmod 600" in told["key file of worker"].remedy
        assert told["key file of smtp"].state is OK

    def test_a_folder_open_to_writers_fails(self, apart):
        (apart.folder / "keys").chmod(0o777)
        assert states(patient(apart), "keys")["key folder"] is FAIL

    def test_another_roles_file_that_can_be_read_fails(self, apart):
        told = states(patient(apart, ("smtp",)), "keys")
        assert told["keys of other roles"] is FAIL

    def test_keys_in_the_data_folder_fail(self, apart):
        told = states(patient(apart, DATA_DIR=apart.folder), "keys")
        assert told["keys apart from data"] is FAIL

    def test_a_missing_wrapping_key_fails(self, apart):
        told = states(patient(apart, KEY_WRAP=apart.settings["KEY_WRAP"].split(",")[0]), "keys")
        assert FAIL in {state for name, state in told.items() if name.startswith("key file of")}


class TestStore:
    def test_a_sound_one(self, program):
        told = states(patient(program), "store")
        assert told.pop("clock") in {OK, UNKNOWN}
        assert told.pop("room") in {OK, WARN}
        assert told == {"database": OK, "tables": OK, "ledger": OK}

    def test_no_database(self, program):
        (program.folder / "data" / "secure-mail.db").unlink()
        assert states(patient(program), "store")["database"] is FAIL
        assert not (program.folder / "data" / "secure-mail.db").exists()

    def test_a_file_that_is_no_database(self, program):
        (program.folder / "data" / "secure-mail.db").write_bytes(b"nonsense" * 1000)
        assert states(patient(program), "store")["database"] is FAIL

    def test_a_clock_that_went_back(self, program):
        examined = replace(patient(program), now=datetime.now(UTC) - timedelta(days=1))
        assert states(examined, "store")["clock"] is FAIL

    def test_a_database_away_in_the_clear_is_not_asked(self, program):
        url = "postgresql+psycopg://u:p@db.example/mail"
        told = found(patient(program, DATABASE_URL=url), "store")
        assert told["examination"].state is FAIL
        assert "verified TLS" in told["examination"].what


def door_of(folder: Path, program: Program, **settings: object) -> dict[str, Finding]:
    """What is found at a real SMTP door."""
    told: dict[str, Finding] = {}

    async def story(rig: Rig) -> None:
        bind = "{}:{}".format(*rig.door.address)
        examined = patient(program, ("smtp",), SMTP_BIND=bind, **settings)
        told.update(await asyncio.to_thread(found, examined, "smtp"))

    play(folder, story)
    return told


class TestSmtpDoor:
    def test_it_greets_and_speaks_tls(self, tmp_path, program):
        told = door_of(tmp_path, program)
        assert {name: finding.state for name, finding in told.items()} == {
            "greeting": OK,
            "STARTTLS": OK,
            "TLS 1.1 refused": OK,
            "certificate's name": OK,
            "certificate's end": WARN,
            "certificate's issuer": WARN,
        }
        assert "1 days left" in told["certificate's end"].what
        assert told["STARTTLS"].what.startswith("TLSv1.3")

    def test_a_certificate_that_this_machine_trusts(self, tmp_path, program, monkeypatch):
        monkeypatch.setenv("SSL_CERT_FILE", f"{tmp_path}/certificate.pem")
        assert door_of(tmp_path, program)["certificate's issuer"].state is OK

    def test_a_certificate_for_another_name(self, tmp_path, program):
        told = door_of(tmp_path, program, BASE_URL="https://mail.example.org")
        assert told["certificate's name"].state is FAIL

    def test_nobody_there(self, program):
        examined = patient(program, ("smtp",), SMTP_BIND=f"127.0.0.1:{free_port()}")
        assert states(examined, "smtp") == {"greeting": FAIL}


def registered(program: Program, **facts: object) -> dict[str, Finding]:
    examined = patient(program)
    ends: timedelta | None = facts.pop("ends", None)
    certificates = ()
    if ends is not None:
        certificates = (Certificate(fingerprint="a" * 64, pem="", not_after=examined.now + ends),)
    values = {"require": (Check.NETWORK,), "certificates": certificates, **facts}
    partner = PartnerOrganisation(
        id=PartnerId(examined.parts.ids.new()),
        name="Court",
        domains=("court.example",),
        created_at=examined.now,
        **values,
    )
    with examined.parts.units() as uow:
        uow.partners.add(partner)
        uow.commit()
    return found(examined, "partners")


class TestPartners:
    def test_none(self, program):
        assert states(patient(program), "partners") == {"partners": OK}

    def test_one_that_goes_on(self, program):
        assert registered(program)["Court"].state is OK

    @pytest.mark.parametrize(("days", "state"), [(-1, WARN), (29, WARN), (31, OK)])
    def test_an_agreement_that_ends(self, program, days, state):
        until = datetime.now(UTC).date() + timedelta(days=days)
        assert registered(program, until=until)["Court"].state is state

    @pytest.mark.parametrize(("days", "state"), [(-1, FAIL), (29, WARN), (31, OK)])
    def test_a_certificate_that_ends(self, program, days, state):
        told = registered(program, require=(Check.SMIME,), ends=timedelta(days=days))
        assert told["Court"].state is state

    def test_smime_without_openssl(self, program, monkeypatch):
        monkeypatch.setenv("PATH", "/nonexistent")
        told = registered(program, require=(Check.SMIME,), ends=timedelta(days=99))
        assert told["S/MIME"].state is FAIL

    def test_a_client_certificate_that_no_door_asks_for(self, program):
        told = registered(program, require=(Check.CLIENT_CERTIFICATE,), ends=timedelta(days=99))
        assert told["client certificates"].state is FAIL


def test_a_fault_of_one_group_hides_no_other(program):
    (program.folder / "data" / "secure-mail.db").write_bytes(b"nonsense" * 1000)
    examined = patient(program, RULES="/nonexistent", DNS_SERVERS="127.0.0.1:1")
    groups = {finding.group for finding in examine(examined)}
    examined.close()
    assert groups == {"settings", "keys", "store", "smtp", "relay", "dns", "partners"}


class TestCommand:
    def test_a_table_and_exit_1_when_something_fails(self, program):
        told = program("doctor", "settings", BASE_URL="http://mail.example")
        assert told.code == 1
        assert "safe to start" in told.out
        assert "1 fail" in told.err

    def test_exit_0_when_nothing_fails(self, apart):
        told = apart("doctor", "keys", "store", "--json")
        assert told.code == 0, told.out
        assert set(told.json["findings"][0]) == {"group", "name", "state", "what", "remedy"}

    def test_a_group_that_is_none(self, program):
        assert "there is no group nonsense" in program("doctor", "nonsense").line

    def test_a_role_that_is_none(self, program):
        assert "there is no role nonsense" in program("doctor", "--role", "nonsense").line
