"""Who has used up an allowance waits until the window has moved on."""

from __future__ import annotations

import pytest

from secure_mail.interfaces import allowance
from secure_mail.interfaces.allowance import Allowance, place_of


@pytest.mark.parametrize(("later", "spent"), [(59.0, True), (60.0, False), (61.0, False)])
def test_a_sliding_window(later, spent):
    now = 0.0
    limited = Allowance(2, 60, now=lambda: now)
    assert not limited.spent("a")
    limited.spend("a")
    now = 30.0
    limited.spend("a")
    assert limited.spent("a")
    assert not limited.spent("b")
    now = later
    assert limited.spent("a") is spent


def test_it_remembers_only_so_many_names():
    limited = Allowance(1, 60, now=lambda: 0.0)
    for number in range(allowance.MAX_NAMES + 1):
        limited.spend(str(number))
    assert not limited.spent("0")
    assert limited.spent(str(allowance.MAX_NAMES))


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::7", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_one_host_has_every_address_of_its_ipv6_64(address, place):
    assert place_of(address) == place
