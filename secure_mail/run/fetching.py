"""The imap role: the threads that empty mailboxes of other servers."""

from __future__ import annotations

import os
from random import SystemRandom

from secure_mail.bootstrap.imap import fetch_app, imap_accounts
from secure_mail.bootstrap.parts import Parts
from secure_mail.interfaces.imap.pollers import Pollers
from secure_mail.settings import PREFIX


def pollers_of(parts: Parts) -> Pollers:
    """Built by the settings; not started. Raises SafetyError."""
    return Pollers(
        imap_accounts(parts.settings, parts.book),
        fetch_app(parts),
        max_size=parts.settings.smtp_max_size,
        # A token command gets none of our settings: keys stand among them.
        environment={
            name: text for name, text in os.environ.items() if not name.startswith(PREFIX)
        },
        chance=SystemRandom().random,
    )
