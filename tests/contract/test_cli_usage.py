"""The console script: exit codes, one line for what is wrong, refusals while the service runs."""

from __future__ import annotations

import json

import pytest

from secure_mail import __version__
from secure_mail.application.ports.safety import SafetyError
from secure_mail.run.lock import alone, hold
from tests.program import Program


@pytest.fixture
def bare(tmp_path):
    """No keys, no tables."""
    return Program(tmp_path, {"DATA_DIR": f"{tmp_path}/data", "KEY_DIR": f"{tmp_path}/keys"})


def test_the_version(bare):
    assert bare("--version").out == f"secure-mail {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["serve", "--role", "lmtp"], "the role lmtp needs SECURE_MAIL_LMTP_BIND"),
        (["serve", "--role", "imap"], "the role imap needs SECURE_MAIL_IMAP_ACCOUNTS"),
        (["serve", "--role", "printer"], "there is no role printer"),
        (["ingest"], "Missing argument"),
        (["cases", "list", "--state", "lost"], "'lost' is not one of"),
        (["nonsense"], "No such command"),
        (["rules", "check", "absent.yaml"], "absent.yaml"),
    ],
)
def test_wrong_usage_is_one_line(bare, arguments, said):
    assert said in bare(*arguments).line


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CLAMD", "tcp:127.0.0.1:3310", "CLAMD: the malware scanner is not available yet"),
        ("COLOUR", "red", "COLOUR: there is no such setting"),
        ("LINK_DAYS", "11", "LINK_DAYS: "),
        ("KEY_PIN_FILE", "absent", "KEY_PIN_FILE: cannot read absent"),
    ],
)
def test_a_wrong_setting_is_one_line(bare, name, value, said):
    assert said in bare("queues", "list", **{name: value}).line


@pytest.mark.parametrize("command", [["keys", "list"], ["rules", "check"], ["migrate"], ["health"]])
def test_an_unknown_setting_is_an_error_for_every_command(bare, command):
    assert "COLOUR: there is no such setting" in bare(*command, COLOUR="red").line


def test_the_effective_settings_are_shown_without_secrets(bare):
    shown = bare("serve", "--print-settings", RELAY_URL="smtp://user:secret@relay.example").out
    assert "SECURE_MAIL_RELAY_URL=***" in shown
    assert "secret" not in shown
    assert f"SECURE_MAIL_DATA_DIR={bare.data}" in shown


def test_what_is_missing_is_said_with_what_makes_it(bare):
    line = bare("queues", "list").line
    assert "there is no database" in line
    assert "secure-mail migrate" in line
    assert not bare.data.exists(), "a listing made something"
    assert "Run secure-mail keys init" in bare("keys", "list", KEY_PIN="A" * 43 + "=").line


def test_a_database_of_another_version_is_refused(bare):
    bare.data.mkdir()
    (bare.data / "secure-mail.db").touch()
    assert "Run secure-mail migrate" in bare("ledger", "verify").line


def test_a_database_off_this_machine_needs_verified_tls(bare):
    url = "postgresql+psycopg://u:hidden@db.example/secure_mail"
    for command in (["queues", "list"], ["migrate"]):
        line = bare(*command, DATABASE_URL=url).line
        assert "sslmode=verify-full" in line
        assert "hidden" not in line


def test_a_database_that_does_not_answer_is_one_line(bare):
    line = bare("migrate", DATABASE_URL="postgresql+psycopg://u@127.0.0.1:1/secure_mail").line
    assert "the database does not answer" in line
    assert "SECURE_MAIL_DATABASE_URL" in line


def test_migrations_are_compared_without_any_setting(bare):
    checked = bare("migrate", "--check", COLOUR="red")
    assert (checked.code, checked.out, checked.err) == (0, "", "")


def test_keys_are_made_once_and_told_in_a_line(bare):
    made = bare("keys", "init")
    assert made.code == 0
    pins = [line for line in made.out.splitlines() if line.startswith("SECURE_MAIL_KEY_PIN=")]
    assert len(pins) == 1
    assert "worker.wrap" in made.out
    assert "there are keys already" in bare("keys", "init").line
    pin = pins[0].partition("=")[2]
    listed = bare("keys", "list", "--json", KEY_PIN=pin)
    assert {"name", "kind", "version", "fingerprint"} == set(listed.json["keys"][0])
    assert {"intake", "replies", "queue:triage"} <= {key["name"] for key in listed.json["keys"]}
    assert "root.wrap" in listed.err, "wrapping keys beside the keys are warned of"
    assert bare("keys", "init", "--add", KEY_PIN=pin).out == "Nothing to add.\n"


def test_a_queue_of_a_later_rules_file_gets_its_key(program, tmp_path):
    schema = json.loads(program("rules", "schema").out)
    assert schema["title"]
    rules = tmp_path / "rules.yaml"
    packaged = (tmp_path / program("rules", "check", "--json").json["file"]).read_text()
    rules.write_text(packaged.replace("key: recovery", "key: recovery_two", 1))
    assert "queue:recovery_two" in program("keys", "init", "--add", RULES=str(rules)).out


def test_migrate_and_keys_init_refuse_while_the_service_runs(program):
    with hold(program.data), hold(program.data):
        for command in (["migrate"], ["keys", "init"], ["keys", "init", "--add"]):
            assert "the service is running on this folder" in program(*command).line
        assert program("queues", "list").code == 0
    assert program("migrate").code == 0


def test_the_service_does_not_start_while_a_command_has_its_folder(tmp_path):
    taken = pytest.raises(SafetyError, match="a command works on this folder alone")
    with alone(tmp_path), taken, hold(tmp_path):
        pass


def test_a_folder_with_the_demos_marker_uses_the_demos_settings(program):
    (program.data / ".demo").touch()
    settings = {name: text for name, text in program.settings.items() if name != "KEY_PIN"}
    demo = Program(program.folder, {**settings, "HTTP_BIND": "127.0.0.1:9"})
    shown = demo("serve", "--print-settings").out
    assert "SECURE_MAIL_LINK_LIMITS=100" in shown
    assert "SECURE_MAIL_BASE_URL=http://127.0.0.1:9\n" in shown
    assert f"SECURE_MAIL_KEY_PIN={program.settings['KEY_PIN']}" in shown


def test_health_tells_who_does_not_answer(program):
    ill = program(
        "health",
        "--role",
        "web",
        "--role",
        "smtp",
        HTTP_BIND="127.0.0.1:1",
        SMTP_BIND="127.0.0.1:1",
    )
    assert (ill.code, ill.err) == (1, "web does not answer\nsmtp does not answer\n")


def test_a_faulty_rules_file_is_told_line_by_line(bare, tmp_path):
    rules = tmp_path / "rules.yaml"
    rules.write_text("version: 1\nnonsense: 2\n")
    checked = bare("rules", "check", rules)
    assert checked.code == 1
    assert f"{rules}:2: nonsense: unknown key" in checked.err
    assert bare("rules", "test", rules, "--json").json["faults"]
    refused = bare("keys", "init", RULES=str(rules)).line
    assert f"{rules}:" in refused
    assert "run secure-mail rules check" in refused


def test_a_failing_test_of_the_rules_file_ends_with_1(bare, tmp_path):
    file = bare("rules", "check", "--json").json["file"]
    rules = tmp_path / "rules.yaml"
    text = (tmp_path / file).read_text()
    never = "{name: never so, given: {channel: smtp}, expect: {verdict: filed, queue: triage}}"
    rules.write_text(f"{text}  - {never}\n")
    tested = bare("rules", "test", rules, "--json")
    assert tested.code == 1
    (failed,) = [test for test in tested.json["tests"] if test["faults"]]
    assert failed["name"] == "never so"
