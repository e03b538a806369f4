"""The octets of every sealed object are fixed: recorded ones must open for ever."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from secure_mail.domain.ids import ContentId, PartId
from secure_mail.domain.sealing import (
    INTAKE,
    BrowserSecret,
    CannotOpenError,
    ContentKey,
    KeyName,
    Purpose,
    SealedBytes,
    SealedDigest,
)
from secure_mail.infrastructure.vault.browser import BrowserSeals
from secure_mail.infrastructure.vault.formats import hpke_info, length_prefixed
from secure_mail.infrastructure.vault.key_pairs import PrivatePair, public_key
from secure_mail.infrastructure.vault.parts import CobblestoneParts
from secure_mail.infrastructure.vault.sealing import HpkeOpener, HpkeSealer
from secure_mail.infrastructure.vault.signing import Signer, is_signed

VECTORS = Path(__file__).parent / "vectors"
INFO = json.loads((VECTORS / "hpke_info.json").read_text())
SEALED = json.loads((VECTORS / "sealed.json").read_text())
DEPLOYMENT = UUID(int=7)
PAIR = PrivatePair.generate()


@pytest.mark.parametrize("vector", INFO)
def test_the_info_of_hpke_is_as_recorded(vector: dict[str, Any]) -> None:
    info = hpke_info(
        UUID(vector["deployment"]),
        Purpose(vector["purpose"]),
        KeyName(vector["key"]),
        vector["version"],
        UUID(vector["owner"]),
    )
    assert info.hex() == vector["info"]


def test_every_purpose_has_a_vector() -> None:
    assert {vector["purpose"] for vector in INFO} == set(Purpose)


def test_no_two_lists_of_fields_join_alike() -> None:
    assert length_prefixed(b"ab", b"c") != length_prefixed(b"a", b"bc")
    assert length_prefixed(b"a", b"") != length_prefixed(b"a")


def test_a_recorded_value_opens_with_its_recorded_key() -> None:
    vector = SEALED["hpke"]
    pair = PrivatePair(bytes.fromhex(vector["test_private_key"]))
    name = KeyName(vector["key"])
    assert sha256(pair.public()).hexdigest() == vector["public_key_sha256"]
    opener = HpkeOpener(UUID(vector["deployment"]), {(name, vector["version"]): pair.key()})
    value = opener.open_value(
        SealedBytes(bytes.fromhex(vector["sealed"])),
        name,
        Purpose(vector["purpose"]),
        UUID(vector["owner"]),
    )
    assert value.hex() == vector["value"]


def test_a_recorded_part_opens() -> None:
    vector = SEALED["part"]
    opened = CobblestoneParts().open_part(
        ContentKey(bytes.fromhex(vector["key"])),
        ContentId(UUID(vector["content"])),
        PartId(UUID(vector["part"])),
        bytes.fromhex(vector["sealed"]),
        SealedDigest(bytes.fromhex(vector["digest"])),
        vector["label"],
    )
    assert opened.hex() == vector["value"]


def test_a_recorded_browser_value_opens() -> None:
    vector = SEALED["browser"]
    opened = BrowserSeals().open(
        SealedBytes(bytes.fromhex(vector["sealed"])),
        BrowserSecret(bytes.fromhex(vector["secret"])),
        Purpose(vector["purpose"]),
        UUID(vector["owner"]),
    )
    assert opened.hex() == vector["value"]


def sealer(version: int = 1) -> HpkeSealer:
    return HpkeSealer(DEPLOYMENT, {INTAKE: (version, public_key(PAIR.public()))})


def test_every_sealed_object_begins_with_format_and_suite() -> None:
    key, zero = sealer().new_content_key(), UUID(int=0)
    part = sealer().seal_part(key, ContentId(zero), PartId(zero), b"words")
    value = sealer(0x0102).seal_value(b"words", INTAKE, Purpose.NOTE, zero)
    browser = BrowserSeals().seal(b"words", BrowserSecret(b"s" * 32), Purpose.NOTE, zero)
    assert value[:4].hex() == "01010102"
    assert part[:2].hex() == "0102"
    assert browser[:2].hex() == "0103"


@pytest.mark.parametrize(("written", "held"), [(1, 2), (2, 1)])
def test_another_key_version_opens_nothing(written: int, held: int) -> None:
    sealed = sealer(written).seal_value(b"words", INTAKE, Purpose.NOTE, UUID(int=0))
    opener = HpkeOpener(DEPLOYMENT, {(INTAKE, held): PAIR.key()})
    relabelled = SealedBytes(sealed[:2] + held.to_bytes(2, "big") + sealed[4:])
    for octets in (sealed, relabelled):
        with pytest.raises(CannotOpenError):
            opener.open_value(octets, INTAKE, Purpose.NOTE, UUID(int=0))


def test_old_and_new_key_versions_open_side_by_side() -> None:
    opener = HpkeOpener(DEPLOYMENT, {(INTAKE, 1): PAIR.key(), (INTAKE, 2): PAIR.key()})
    for version in (1, 2):
        sealed = sealer(version).seal_value(b"words", INTAKE, Purpose.NOTE, UUID(int=0))
        assert opener.open_value(sealed, INTAKE, Purpose.NOTE, UUID(int=0)) == b"words"


def test_a_value_of_another_deployment_does_not_open() -> None:
    sealed = sealer().seal_value(b"words", INTAKE, Purpose.NOTE, UUID(int=0))
    with pytest.raises(CannotOpenError):
        HpkeOpener(UUID(int=8), {(INTAKE, 1): PAIR.key()}).open_value(
            sealed, INTAKE, Purpose.NOTE, UUID(int=0)
        )


def test_a_signature_holds_for_its_statement_key_and_domain_only() -> None:
    signer, other = Signer("receipt-1", b"1" * 32), Signer("receipt-1", b"2" * 32)
    signature = signer.sign("receipt", {"b": 1, "a": 2})
    assert is_signed(signer.public(), "receipt", {"a": 2, "b": 1}, signature)
    assert not is_signed(signer.public(), "receipt", {"a": 2, "b": 2}, signature)
    assert not is_signed(signer.public(), "audit", {"a": 2, "b": 1}, signature)
    assert not is_signed(other.public(), "receipt", {"a": 2, "b": 1}, signature)
    assert not is_signed(b"short", "receipt", {"a": 2, "b": 1}, signature)


def test_nothing_secret_prints_itself() -> None:
    secret = BrowserSecret(b"visible-secret")
    shown = f"{PAIR!r} {secret!r} {ContentKey(b'visible-key')!r} {Signer('a-1', b'1' * 32)!r}"
    assert "visible" not in shown
    assert repr(PAIR.octets) not in shown
