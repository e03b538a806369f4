"""The demo's data folder: told by its marker, and used with the demo's settings ever after."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from secure_mail.settings import Settings

MARKER = ".demo"
DEFAULTS = {"DATA_DIR": "var/demo", "LINK_LIMITS": "100"}


def is_demo(data_dir: Path) -> bool:
    """Whether a demo made this folder."""
    return (data_dir / MARKER).is_file()


def demo_settings(environment: Mapping[str, str]) -> Settings:
    """The environment over the demo's own defaults; its pin lies beside its keys.

    The pages' address follows HTTP_BIND. Raises SettingsError, SafetyError.
    """
    from secure_mail.settings import PREFIX, read_settings

    given = {name.removesuffix("_FILE") for name in environment}
    defaults = {PREFIX + name: value for name, value in DEFAULTS.items()}
    bind = environment.get(f"{PREFIX}HTTP_BIND")
    if bind:
        defaults[f"{PREFIX}BASE_URL"] = f"http://{bind}"
    own = {name: value for name, value in defaults.items() if name not in given}
    settings = read_settings({**environment, **own}, demo=True)
    return settings if settings.key_pin else _pinned(settings)


def effective_settings(environment: Mapping[str, str]) -> Settings:
    """What every command works with: the demo's settings in a demo's folder, else the given ones.

    Raises SettingsError, SafetyError.
    """
    from secure_mail.settings import read_settings

    settings = read_settings(environment)
    return demo_settings(environment) if is_demo(settings.data_dir) else settings


def _pinned(settings: Settings) -> Settings:
    from secure_mail.infrastructure.vault.public_keys import FILE, pin_beside

    if not (settings.key_dir / FILE).exists():
        return settings
    return settings.model_copy(update={"key_pin": pin_beside(settings.key_dir)})
