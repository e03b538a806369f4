"""staff, notices: what the operator registers, on a real database."""

from __future__ import annotations

import re

from secure_mail.bootstrap.parts import Parts
from secure_mail.settings import PREFIX, read_settings


def test_staff_from_the_first_supervisor_to_a_leaver(program):
    first = program("staff", "init", "Boss@Staff.example", "--name", "Sample Boss")
    assert re.search(r"^https://staff\.example/staff/set-up/[\w-]{43}$", first.out, re.MULTILINE)
    again = program("staff", "init", "b@staff.example", "--name", "B")
    assert "there are staff already" in again.line
    new = ("staff", "add", "clerk@staff.example", "--name", "C", "--role", "caseworker")
    assert "there is no queue nowhere" in program(*new, "--queue", "nowhere").line
    invited = program(*new, "--queue", "triage", "--json").json
    assert invited["address"].startswith("https://staff.example/staff/set-up/")
    assert "an account with this address already" in program(*new, "--queue", "triage").line
    granted = program(
        "staff", "grant", "clerk@staff.example", "--role", "reader", "--queue", "partners"
    )
    assert granted.code == 0
    boss, clerk = sorted(
        program("staff", "list", "--json").json["staff"], key=lambda each: each["email"]
    )
    assert boss["email"] == "boss@staff.example"
    queues = {queue["name"] for queue in program("queues", "list", "--json").json["queues"]}
    assert {(g["role"], g["queue"], g["state"]) for g in boss["grants"]} == {
        ("supervisor", queue, "confirmed") for queue in queues
    }
    assert [(g["queue"], g["state"]) for g in clerk["grants"]] == [
        ("triage", "pending"),
        ("partners", "pending"),
    ]
    reset = program("staff", "reset", "clerk@staff.example", "--json").json
    assert reset["address"] != invited["address"]
    assert program("staff", "disable", "clerk@staff.example").code == 0
    assert "clerk@staff.example" in program("staff", "list").out
    assert "there is none" in program("staff", "reset", "nobody@staff.example").line


def test_an_account_is_not_made_when_its_address_could_not_be_told(program):
    refused = program("staff", "init", "b@staff.example", "--name", "B", STAFF_BASE_URL="")
    assert "SECURE_MAIL_STAFF_BASE_URL" in refused.line
    assert program("staff", "list", "--json").json == {"staff": []}


def test_notices_are_timed_and_in_three_languages(program):
    words = ("--en", "Closed", "--fi", "Suljettu", "--sv", "Stängt")
    added = program(
        "notices", "add", "--from", "2026-12-24", "--to", "2026-12-27T08:00", *words, "--json"
    )
    (notice,) = program("notices", "list", "--json").json["notices"]
    assert notice == {
        "id": added.json["id"],
        "from": "2026-12-23T22:00:00.000+00:00",
        "to": "2026-12-27T06:00:00.000+00:00",
        "en": "Closed",
        "fi": "Suljettu",
        "sv": "Stängt",
    }
    late = program("notices", "add", "--from", "2026-12-27", "--to", "2026-12-24", *words)
    assert "--to must be later" in late.line
    assert program("notices", "remove", notice["id"]).code == 0
    assert "there is none" in program("notices", "remove", notice["id"]).line


def test_the_first_start_of_a_role_approves_the_rules_and_says_so_in_the_trail(program):
    given = {PREFIX + name: text for name, text in program.settings.items()}
    parts = Parts(read_settings(given), ("web",))
    try:
        approved = parts.book.hash
        with parts.units.reading() as uow:
            in_force, trail = uow.rule_sets.in_force(), uow.audit.of(approved)
    finally:
        parts.close()
    assert (in_force.hash, in_force.approved_by) == (approved, ("first-start",))
    assert [(event.kind, event.actor) for event in trail] == [("rules.approved", "operator")]


def test_no_command_of_the_operator_approves_rules(program, tmp_path):
    """The first start does: until then the file may still be edited."""
    assert program("queues", "list").code == 0
    packaged = tmp_path / program("rules", "check", "--json").json["file"]
    other = tmp_path / "rules.yaml"
    other.write_text(packaged.read_text() + "# edited\n")
    listed = program("queues", "list", RULES=str(other))
    assert (listed.code, listed.err) == (0, "")
