"""IMAP_ACCOUNTS: what an operator may write, and faults that repeat no secret."""

from __future__ import annotations

import pytest

from secure_mail.application.ports.safety import SafetyError
from secure_mail.bootstrap.imap import imap_accounts
from secure_mail.bootstrap.safety import refuse_unsafe
from secure_mail.interfaces.imap.accounts import parse_accounts
from secure_mail.settings import PREFIX, read_settings
from tests.fakes.rules import reference_book

GOOD = "imaps://kela%40example.org:s3cret%2Fword@imap.example/INBOX?mailbox=perintakeskus"
SECRET = "s3cret"


def test_a_url_is_read_in_all_its_parts():
    url = (
        "imaps://desk@example.org@mail.Example:1993/Shared/In%20box?mailbox=Perintakeskus"
        "&token_command=/opt/token&token_command=--user%20name&token_command=a+b%2Cc"
        "&authserv_id=mx.example&received_by=MX.example&ca_file=/etc/ca.pem"
        "&processed=Done&failed=Not%20done"
    )
    (account,) = parse_accounts([url])
    assert account.user == "desk@example.org"
    assert (account.host, account.port, account.tls) == ("mail.example", 1993, True)
    assert (account.folder, account.mailbox) == ("Shared/In box", "perintakeskus")
    assert account.token_command == ("/opt/token", "--user name", "a+b,c")
    assert (account.authserv_id, account.received_by) == ("mx.example", "mx.example")
    assert str(account.ca_file) == "/etc/ca.pem"
    assert (account.processed, account.failed) == ("Done", "Not done")
    assert account.identity == "desk@example.org@mail.example:1993"


def test_what_is_not_said_has_a_usual_value():
    (account,) = parse_accounts([GOOD.replace("INBOX", "")])
    assert (account.user, account.password) == ("kela@example.org", "s3cret/word")
    assert (account.port, account.folder) == (993, "INBOX")
    assert (account.processed, account.failed) == ("Processed", "Failed")
    (plain,) = parse_accounts([GOOD.replace("imaps", "imap").replace("imap.example", "[::1]")])
    assert (plain.port, plain.tls) == (143, False)


def test_the_key_of_an_account_names_nobody_and_tells_servers_apart():
    keys = {
        account.key
        for account in parse_accounts(
            [
                GOOD,
                GOOD.replace("imap.example", "two.example"),
                GOOD.replace("/INBOX", ":994/INBOX"),
            ]
        )
    }
    assert len(keys) == 3
    assert not any("kela" in key or "example" in key for key in keys)


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("pop3://u:s3cret@h/INBOX?mailbox=m", "not an IMAP address"),
        ("imaps://h/INBOX?mailbox=m&password_file=/s3cret", "not an IMAP address"),
        ("imaps://u:s3cret@/INBOX?mailbox=m", "not an IMAP address"),
        ("imaps://u:s3cret@h:99999/INBOX?mailbox=m", "not an IMAP address"),
        ("imaps://u:s3/cret@h/INBOX?mailbox=m", "not an IMAP address"),
        ("imaps://u:x#s3cret@h/INBOX?mailbox=m", "not an IMAP address"),
        ("imaps://u:x?s3cret@h/INBOX?mailbox=m", "not an IMAP address"),
        ("imap://u:s3cret@mail.example/INBOX?mailbox=m", "without TLS"),
        ("imap://u:s3cret@127.0.0.1.example/INBOX?mailbox=m", "without TLS"),
        ("imaps://u:s3cret@h/INBOX", "no mailbox is named"),
        ("imaps://u:s3cret@h/INBOX?mailbox=m&mailbox=n", "given twice"),
        ("imaps://u:s3cret@h/INBOX?mailbox=", "empty"),
        ("imaps://u:s3cret@h/INBOX?mailbox=m&s3cret=1", "not known"),
        ("imaps://u@h/INBOX?mailbox=m", "one way to sign in"),
        ("imaps://u:s3cret@h/INBOX?mailbox=m&password_file=/p", "one way to sign in"),
        ("imaps://u:s3cret@h/INBOX?mailbox=m&token_command=/t", "one way to sign in"),
        ("imaps://u:s3cret@h/INBOX?mailbox=m&authserv_id=a", "together only"),
        ("imaps://u:s3cret@h/INBOX?mailbox=m&received_by=a", "together only"),
        ("imaps://u:s3cret@h/Failed?mailbox=m", "three folders"),
        ("imaps://u:s3cret@h/INBOX?mailbox=m&processed=INBOX", "three folders"),
        ("imaps://u%0D%0Ax:s3cret@h/INBOX?mailbox=m", "control sign"),
        ("imaps://u:s3cret@h/IN%0ABOX?mailbox=m", "control sign"),
    ],
)
def test_a_fault_is_one_line_that_tells_which_account_and_no_secret(url, what):
    with pytest.raises(SafetyError, match=what) as told:
        parse_accounts([GOOD, url])
    line = str(told.value)
    assert "SECURE_MAIL_IMAP_ACCOUNTS, account 2. " in line
    assert "\n" not in line
    assert SECRET not in line
    assert "s3" not in line


def test_one_folder_is_emptied_once():
    with pytest.raises(SafetyError, match="the same folder"):
        parse_accounts([GOOD, GOOD.replace("perintakeskus", "velkajarjestelyt")])
    assert len(parse_accounts([GOOD, GOOD.replace("INBOX", "Other")])) == 2


def settings(*accounts):
    return read_settings({f"{PREFIX}IMAP_ACCOUNTS": " ".join(accounts)}, demo=True)


def test_the_mailbox_must_be_one_of_the_rules_file():
    known = "perintakeskus"
    (account,) = imap_accounts(settings(GOOD), reference_book())
    assert account.mailbox == known
    with pytest.raises(SafetyError, match=f"has no such mailbox.*{known}"):
        imap_accounts(settings(GOOD.replace(known, "nobody")), reference_book())


def test_files_are_looked_at_before_the_start(tmp_path):
    file = tmp_path / "password"
    url = f"{GOOD.replace(':s3cret%2Fword', '')}&password_file={file}"
    for make in (lambda: None, lambda: file.write_text("s3cret\n"), lambda: file.chmod(0o640)):
        make()
        with pytest.raises(SafetyError, match="password_file cannot be used") as told:
            imap_accounts(settings(url), reference_book())
        assert SECRET not in str(told.value)
    file.chmod(0o600)
    assert imap_accounts(settings(url), reference_book())
    with pytest.raises(SafetyError, match="ca_file names no file"):
        imap_accounts(settings(f"{GOOD}&ca_file={tmp_path}/none"), reference_book())


def test_imap_off_this_machine_without_tls_is_refused_at_the_start():
    plain = settings(GOOD.replace("imaps://", "imap://"))
    with pytest.raises(SafetyError, match="IMAP off this machine without TLS"):
        refuse_unsafe(plain, ["web", "imap"])
    refuse_unsafe(plain, ["web"])
