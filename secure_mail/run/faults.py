"""One line on stderr for whatever goes wrong: what, where, what to do. Never a traceback."""

from __future__ import annotations

import os

FULL = "the disk is full: SECURE_MAIL_DATA_DIR. Make room, then try again."


def line_of(error: Exception) -> str:  # noqa: C901, PLR0911  one answer per kind of failure
    """The operator's line for an error of any ring."""
    from secure_mail.application.partners.registering import PartnerFaultError
    from secure_mail.application.ports.blobs import BlobsUnavailableError, StorageFullError
    from secure_mail.application.ports.safety import SafetyError
    from secure_mail.application.ports.store import ConflictError, StoreDownError, StoreFullError
    from secure_mail.domain.refusals import Refusal, RefusalCode
    from secure_mail.infrastructure.rules.findings import InvalidRulesError
    from secure_mail.settings import SettingsError

    match error:
        case SettingsError() | SafetyError() | PartnerFaultError():
            return str(error)
        case InvalidRulesError():
            more = len(error.lines) - 1
            rest = f" (and {more} more: run secure-mail rules check)" if more else ""
            return error.lines[0] + rest
        case StoreFullError() | StorageFullError():
            return FULL
        case StoreDownError():
            return _down("the database", str(error), "SECURE_MAIL_DATABASE_URL")
        case BlobsUnavailableError():
            return _down("the blob store", type(error).__name__, "SECURE_MAIL_BLOB_URL")
        case ConflictError():
            return "there is one of this name already. Choose another."
        case Refusal(code=RefusalCode.NOT_FOUND):
            return "there is none of this name, number or reference. See the listing."
        case Refusal(code=RefusalCode.STORAGE_LOW):
            return FULL
        case Refusal(code=code):
            return f"refused: {code.value}. Try again later."
        case OSError():
            why = os.strerror(error.errno) if error.errno else type(error).__name__
            where = f": {error.filename}" if error.filename else ""
            return f"{why.lower()}{where}. Correct it, then try again."
        case _:
            return (
                f"a defect of the program: {type(error).__name__} at {place_of(error)}. Report it."
            )


def _down(what: str, how: str, where: str) -> str:
    return f"{what} does not answer ({how}): {where}. See that it runs, then try again."


def place_of(error: BaseException) -> str:
    """File and line: enough to report, and nothing of what was worked on."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "?"
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"
