"""What `doctor imap` looks at: a forged word in a real mailbox, and what its server can do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from secure_mail.application.intake.judge_fetched import JudgeFetched
from secure_mail.infrastructure.chance import SystemClock
from secure_mail.interfaces.imap.accounts import parse_accounts
from secure_mail.interfaces.imap.probe import FORGER, Probed, probe
from secure_mail.interfaces.imap.session import LostError
from tests.conftest import required
from tests.fakes.rules import reference_rules
from tests.imap_rig import account, letter
from tests.services import dovecot
from tests.services.dovecot import Dovecot

USER = "perintakeskus@kela.test"
PROVED = (
    b"Authentication-Results: mx.kela.test; dmarc=pass header.from=institution.example\r\n"
    b"Received: from a.example by mx.kela.test with ESMTPS id 1; Mon, 2 Mar 2026 08:00:00 +0000\r\n"
)


def probed(server: Dovecot, **more: str) -> Probed:
    (one,) = parse_accounts([account(server, USER, **more)])
    judge = JudgeFetched(rules=reference_rules(), clock=SystemClock())
    return probe(one, judge, {}, domain="kela.fi", at=datetime.now(UTC))


def test_a_forged_message_is_not_believed_and_does_not_stay():
    with dovecot.running(required(dovecot.binary(), "Dovecot"), USER) as server:
        server.deliver(USER, letter(1))
        trust = {"authserv_id": "mx.kela.test", "received_by": "mx.kela.test"}
        found = probed(server, **trust)
        assert (found.proves, found.forged_believed, found.waiting) == (True, False, 1)
        assert (found.can_idle, found.can_move, found.can_expunge) == (True, True, True)
        assert server.held(USER, "Processed") == server.flags(USER, "Processed") == []
        # Who names the forger's own host would believe it: so the probe can fail.
        fooled = probed(server, authserv_id=FORGER, received_by=FORGER)
        assert fooled.forged_believed
        assert not probed(server).proves


def test_it_tells_how_many_of_the_last_letters_the_host_has_a_word_on():
    with dovecot.running(required(dovecot.binary(), "Dovecot"), USER) as server:
        probed(server)
        server.deliver(USER, letter(1), PROVED + letter(2), folder="Processed")
        found = probed(server, authserv_id="mx.kela.test", received_by="mx.kela.test")
        assert (found.looked_at, found.with_results, found.over_tls) == (2, 1, 1)
        other = probed(server, authserv_id="kela.test", received_by="kela.test")
        assert (other.looked_at, other.with_results, other.over_tls) == (2, 0, 0)


def test_a_server_that_is_not_there():
    with dovecot.running(required(dovecot.binary(), "Dovecot"), USER) as server:
        server.stop()
        with pytest.raises(LostError):
            probed(server)
