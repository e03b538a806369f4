"""`secure-mail doctor imap`: a real mailbox, and a forged mail in it."""

from __future__ import annotations

from tests.conftest import required
from tests.doctor_rig import FAIL, OK, UNKNOWN, WARN, bare, patient, states
from tests.imap_rig import account, letter
from tests.services import dovecot

USER = "perintakeskus@kela.test"
TRUST = {"authserv_id": "mx.kela.test", "received_by": "mx.kela.test"}


def test_accounts_as_they_should_be_and_not(tmp_path):
    with dovecot.running(required(dovecot.binary(), "Dovecot"), USER) as server:

        def told(**more):
            one = account(server, USER, **more)
            return states(patient(bare(tmp_path), ("imap",), IMAP_ACCOUNTS=one), "imap")

        assert told(**TRUST) == {
            "account 1": OK,
            "account 1, proof": UNKNOWN,
            "account 1, server": OK,
        }
        assert told()["account 1, proof"] is WARN
        assert (
            told(authserv_id="probe.invalid", received_by="probe.invalid")["account 1, proof"]
            is FAIL
        )
        server.deliver(USER, letter(1), folder="Processed")
        assert told(**TRUST)["account 1, proof"] is WARN
        server.stop()
        assert told(**TRUST) == {"account 1": FAIL}


def test_none(tmp_path):
    assert states(patient(bare(tmp_path), ("smtp",)), "imap") == {"mailboxes": OK}


def test_an_account_for_no_mailbox_of_ours(tmp_path):
    one = "imaps://u:p@127.0.0.1:1/INBOX?mailbox=nobody"
    told = states(patient(bare(tmp_path), ("imap",), IMAP_ACCOUNTS=one), "imap")
    assert told == {"examination": FAIL}
