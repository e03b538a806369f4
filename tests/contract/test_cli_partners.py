"""partners: registered, shown with their passports, renewed; on a real database."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.smime_made import identity

NETWORK = ("--require", "network", "--network", "192.0.2.0/28", "--exclusive")


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    folder = tmp_path_factory.mktemp("people")
    now = datetime.now(UTC)
    return {
        "clerk": identity(folder, "clerk"),
        "next": identity(folder, "next", ends=now + timedelta(days=400)),
        "ended": identity(folder, "ended", ends=now - timedelta(days=1)),
    }


def test_a_partner_is_registered_listed_and_suspended(program):
    added = program("partners", "add", "District Court", "--domain", "Court.Example", *NETWORK)
    assert added.code == 0, added.err
    (partner,) = program("partners", "list", "--json").json["partners"]
    assert partner["name"] == "District Court"
    assert partner["domains"] == ["court.example"]
    assert partner["require"] == ["tls", "network"]
    assert partner["networks"] == ["192.0.2.0/28"]
    assert partner["state"] == "active"
    assert re.fullmatch(r"[0-9a-f-]{36}", partner["id"])
    assert program("partners", "suspend", "District Court").code == 0
    assert program("partners", "show", "District Court", "--json").json["state"] == "suspended"
    assert "District Court" in program("partners", "list").out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--require", "spf"], "there is no check 'spf': use one of tls, network, dmarc"),
        (["--require", "tls"], "require at least one check besides tls"),
        (["--require", "smime"], "the check smime needs --certificate FILE.pem"),
        ([*NETWORK, "--certificate", "x.pem"], "'x.pem' does not exist"),
        ([*NETWORK, "--allow-spf"], "belong to the check dmarc"),
        ([*NETWORK, "--hourly", "0"], "greater than or equal to 1"),
        (["--require", "network", "--network", "nowhere", "--exclusive"], "no network"),
        ([*NETWORK, "--until", "soon"], "soon"),
    ],
)
def test_a_registration_that_cannot_stand_is_refused_in_a_line(program, options, said):
    assert said in program("partners", "add", "Court", "--domain", "court.example", *options).line


def test_a_name_is_given_once(program):
    add = ("partners", "add", "Court", "--domain", "court.example", *NETWORK)
    assert program(*add).code == 0
    assert "there is a partner 'Court' already" in program(*add).line
    assert "there is none of this name" in program("partners", "suspend", "Nobody").line


def test_a_list_of_partners_comes_in_whole_or_not_at_all(program, tmp_path):
    file = tmp_path / "partners.csv"
    file.write_text(
        "name,domains,require,networks,exclusive\n"
        "Court,court.example court.test,network,192.0.2.0/28,yes\n"
        "Office,office.example,network,192.0.2.16/28,no\n"
    )
    assert "Office: the check network alone needs --exclusive" in (
        program("partners", "import", file).line
    )
    assert program("partners", "list", "--json").json == {"partners": []}
    file.write_text(file.read_text().replace(",no\n", ",perhaps\n"))
    assert f"{file}:3: exclusive must be yes or no" in program("partners", "import", file).line
    file.write_text(file.read_text().replace(",perhaps\n", ",yes\n"))
    assert program("partners", "import", file).out == "Registered 2 partners.\n"
    court, _ = program("partners", "list", "--json").json["partners"]
    assert court["domains"] == ["court.example", "court.test"]


def test_every_check_can_be_required_and_is_shown(program, people):
    added = program(
        "partners",
        "add",
        "Court",
        "--domain",
        "court.example",
        "--require",
        "dmarc",
        "--require",
        "smime",
        "--certificate",
        people["clerk"].file,
        "--certificate",
        people["next"].file,
        "--signing-domain",
        "Sender.Example",
        "--allow-spf",
        "--hourly",
        "60",
        "--since",
        "2026-01-01",
        "--until",
        "2099-12-31",
        "--json",
    )
    assert added.code == 0, added.err
    assert added.json["require"] == ["tls", "dmarc", "smime"]
    shown = program("partners", "show", "Court", "--json").json
    assert {key: shown[key] for key in ("signing_domains", "allow_spf", "hourly", "since")} == {
        "signing_domains": ["sender.example"],
        "allow_spf": True,
        "hourly": 60,
        "since": "2026-01-01",
    }
    fingerprints = [people["clerk"].fingerprint, people["next"].fingerprint]
    assert [one["fingerprint"] for one in shown["certificates"]] == fingerprints
    passport = shown["passport"]
    assert passport["days"] == []
    assert passport["checks"][0] == {
        "check": "tls",
        "required": True,
        "held": 0,
        "missed": 0,
        "last_held_at": None,
        "last_missed_at": None,
    }
    assert [one["what"] for one in passport["expires"]] == ["agreement"] + ["certificate"] * 2
    assert passport["expires"][1]["days"] in range(88, 92)
    told = program("partners", "show", "Court").out
    for words in ("runs out", *fingerprints, "2099-12-31", "required"):
        assert words in told


def test_what_cannot_hold_with_these_settings_is_said_beside_the_answer(program, people):
    added = program(
        "partners",
        "add",
        "Court",
        "--domain",
        "court.example",
        "--require",
        "client_certificate",
        "--certificate",
        people["clerk"].file,
    )
    assert added.code == 0
    assert "Court: no listener asks for its certificate" in added.err
    assert "SMTP_PARTNER_BIND" in added.err


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda people: people["ended"].file.read_bytes(), "ended on"),
        (lambda people: b"no certificate", "is no certificate in PEM"),
        (lambda people: people["clerk"].key_file.read_bytes(), "holds a private key"),
    ],
)
def test_a_file_that_is_no_good_certificate_is_refused_in_a_line(
    program, people, tmp_path, make, said
):
    file = tmp_path / "x.pem"
    file.write_bytes(make(people))
    add = ("partners", "add", "Court", "--domain", "court.example", "--require", "smime")
    refused = program(*add, "--certificate", file)
    assert said in refused.line
    assert str(file) in refused.line
    assert "PRIVATE KEY" not in refused.err


def test_a_certificate_is_renewed_and_the_old_one_dropped(program, people):
    add = ("partners", "add", "Court", "--domain", "court.example", "--require", "smime")
    assert program(*add, "--certificate", people["clerk"].file).code == 0
    assert "say what to renew" in program("partners", "renew", "Court").line
    renew = ("partners", "renew", "Court", "--certificate", people["next"].file)
    assert program(*renew, "--until", "2099-12-31").out == "Renewed Court.\n"
    old = people["clerk"].fingerprint.upper()
    pairs = ":".join(re.findall("..", old))
    assert program("partners", "renew", "Court", "--drop", pairs).code == 0
    shown = program("partners", "show", "Court", "--json").json
    assert [one["fingerprint"] for one in shown["certificates"]] == [people["next"].fingerprint]
    assert shown["until"] == "2099-12-31"
    last = ("partners", "renew", "Court", "--drop", people["next"].fingerprint)
    assert "smime needs --certificate" in program(*last).line
    assert (
        "there is none of this name"
        in program("partners", "renew", "Nobody", "--until", "2099-12-31").line
    )


def test_a_suspended_partner_is_resumed_unless_another_has_its_domain(program):
    add = ("--domain", "court.example", *NETWORK)
    assert program("partners", "add", "Court", *add).code == 0
    assert "the domain court.example is of the partner 'Court' already" in (
        program("partners", "add", "New court", *add).line
    )
    assert program("partners", "suspend", "Court").code == 0
    assert program("partners", "resume", "Court").out == "Resumed Court.\n"
    assert program("partners", "suspend", "Court").code == 0
    assert program("partners", "add", "New court", *add).code == 0
    assert "of the partner 'New court' already" in program("partners", "resume", "Court").line


def test_a_list_has_every_column_and_finds_certificates_beside_it(program, people, tmp_path):
    folder = tmp_path / "list"
    (folder / "certificates").mkdir(parents=True)
    (folder / "certificates/court.pem").write_bytes(people["clerk"].file.read_bytes())
    file = folder / "partners.csv"
    header = (
        "name,domains,require,networks,exclusive,addresses,certificates,signing_domains,"
        "allow_spf,hourly,since,until\n"
    )
    row = (
        "Court,court.example,dmarc smime,,,,certificates/court.pem,sender.example,yes,60,"
        "2026-01-01,2099-12-31\n"
    )
    for wrong, said in {
        row.replace("court.pem", "none.pem"): "certificates/none.pem cannot be read",
        row.replace(",60,", ",many,"): "hourly must be a number",
        row.replace(",60,", ",0,"): "hourly must be a number",
        row.replace(",yes,", ",maybe,"): "allow_spf must be yes or no",
        row.replace("2099-12-31", "soon"): "soon",
    }.items():
        file.write_text(header + wrong)
        assert said in program("partners", "import", file).line
    second = row.replace("Court,court", "Office,office").replace("dmarc smime", "dmarc")
    file.write_text(header + row + second)
    assert "Office: a certificate is of the partner 'Court' already" in (
        program("partners", "import", file).line
    )
    assert program("partners", "list", "--json").json == {"partners": []}
    file.write_text(header + row)
    assert program("partners", "import", file).code == 0
    shown = json.loads(program("partners", "show", "Court", "--json").out)
    assert shown["certificates"][0]["fingerprint"] == people["clerk"].fingerprint
    assert (shown["allow_spf"], shown["hourly"]) == (True, 60)
