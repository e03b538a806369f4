"""Catalogues in three languages and the template environment.

Next: `interfaces/web` and `mailer` show them.
"""

from secure_mail.infrastructure.texts.catalogue import Catalogue, CatalogueError
from secure_mail.infrastructure.texts.mails import CatalogueTexts
from secure_mail.infrastructure.texts.pages import JinjaPages

__all__ = ["Catalogue", "CatalogueError", "CatalogueTexts", "JinjaPages"]
