"""The door with the real vault, database and blob folder: no plain octet rests, one role reads."""

from __future__ import annotations

import pytest

from secure_mail.domain.messages import Message
from secure_mail.domain.sealing import CannotOpenError
from secure_mail.infrastructure.blobs.local import LocalBlobs
from secure_mail.infrastructure.vault.parts import CobblestoneParts
from secure_mail.infrastructure.vault.roles import KeyRole
from tests import key_folder
from tests.arrivals import evidence_at_door
from tests.smtp_rig import LETTER, PARTNER, US, Rig, play

SECRETS = [b"The words of the letter", b"Case 7", b"clerk", b"client.example", b"filler"]


@pytest.mark.parametrize("lines", [0, 20_000])
def test_only_the_worker_reads_what_the_door_took(tmp_path, lines):
    keys = key_folder.make(tmp_path / "keys")
    letter = LETTER.replace(b"\r\n..", b"\r\n.") + b"filler\r\n" * lines
    blobs = LocalBlobs(tmp_path / "blobs", keep_free=0)

    async def story(rig: Rig) -> None:
        async with rig.client() as client:
            await client.secured()
            await client.envelope(PARTNER, US)
            reply = await client.data(letter.replace(b"\r\n.", b"\r\n.."), b".\r\n")
            assert reply.startswith("250 ")
        (message,) = rig.stored
        assert opened(rig, message) == letter
        with pytest.raises(CannotOpenError):
            ring.of(KeyRole.STAFF).opener().open_key(message.sealed_key, message.content_id)
        stored = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert any(path.is_relative_to(tmp_path / "blobs") for path in stored) is (lines > 0)
        octets = b"".join(path.read_bytes() for path in stored)
        assert [words for words in SECRETS if words in octets] == []

    def opened(rig: Rig, message: Message) -> bytes:
        with rig.units.reading() as uow:
            (part,) = uow.contents.parts(message.content_id)
        worker = ring.of(KeyRole.WORKER).opener()
        evidence = evidence_at_door(message, worker, CobblestoneParts())
        assert evidence.envelope_sender == PARTNER
        key = worker.open_key(message.sealed_key, message.content_id)
        sealed = blobs.read(part.blob) if part.blob else part.inline
        return CobblestoneParts().open_part(key, message.content_id, part.id, sealed, part.digest)

    ring = keys.ring(KeyRole.WORKER, KeyRole.STAFF)
    play(tmp_path, story, sqlite=True, sealer=ring.sealer(), blobs=blobs)
