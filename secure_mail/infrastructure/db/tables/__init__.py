"""What lies in the database, one module per capability.

Next: `repositories` fill and read it; `migrations` make it.
"""

from secure_mail.infrastructure.db.tables import (
    casework,
    fetching,
    intake,
    links,
    partners,
    replies,
    upkeep,
)
from secure_mail.infrastructure.db.tables.columns import Row

METADATA = Row.metadata

__all__ = ["METADATA", "casework", "fetching", "intake", "links", "partners", "replies", "upkeep"]
