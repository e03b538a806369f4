"""Takes an attachment off a draft."""

from __future__ import annotations

from dataclasses import dataclass

from secure_mail.application.ports.blobs import Blobs
from secure_mail.application.ports.store import Units
from secure_mail.domain.compose import OpenDraft
from secure_mail.domain.ids import PartId


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveFile:
    """Forgets the file and gives its octets back to the link.

    A file already gone is no error; one that was sent meanwhile is the message's, and stays.
    """

    units: Units
    blobs: Blobs

    def __call__(self, opened: OpenDraft, file_id: PartId) -> None:
        with self.units() as uow:
            draft = uow.drafts.get(opened.draft.id)
            sent = draft is None or draft.sent_message is not None
            removed = None if sent else uow.drafts.remove_file(opened.draft.id, file_id)
            if removed is not None:
                uow.links.reserve(opened.draft.link_id, -removed.size)
            uow.commit()
        if removed is not None and removed.blob is not None:
            self.blobs.delete(removed.blob)
