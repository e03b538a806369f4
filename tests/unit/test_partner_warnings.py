"""What an operator is told of a registration that stands but cannot hold."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from secure_mail.bootstrap import partner_warnings as warned
from secure_mail.domain.partners import Check
from secure_mail.settings import Settings
from tests.fakes.store import samples

PARTNER = {"domains": ("court.example",), "networks": (), "require": (Check.DMARC,)}


@pytest.mark.parametrize(
    ("partner", "settings", "said"),
    [
        ({}, {}, ""),
        ({"domains": ("co.uk",)}, {}, "under co.uk everybody can register"),
        ({"domains": ("co.uk",), "addresses": ("a@b.co.uk",)}, {}, ""),
        ({"require": (Check.CLIENT_CERTIFICATE,)}, {}, "set SMTP_PARTNER_BIND"),
        (
            {"require": (Check.CLIENT_CERTIFICATE,)},
            {"smtp_partner_bind": "127.0.0.1:2526"},
            "",
        ),
        ({"require": (Check.NETWORK,)}, {}, ""),
        (
            {"require": (Check.NETWORK,)},
            {"smtp_trusted_relays": (ip_network("192.0.2.0/30"),)},
            "by a trusted relay never shows its network",
        ),
    ],
)
def test_a_warning(partner, settings, said):
    made = Settings.model_construct(**settings)
    told = warned.partner_warnings(made, samples.partner(**PARTNER | partner))
    assert len(told) == bool(said)
    assert said in "".join(told)


def test_a_machine_without_openssl_says_so(monkeypatch):
    partner = samples.partner(**PARTNER | {"require": (Check.SMIME,)})
    for there, count in ((True, 0), (False, 1)):
        monkeypatch.setattr(warned, "openssl_available", lambda there=there: there)
        assert len(warned.partner_warnings(Settings.model_construct(), partner)) == count
