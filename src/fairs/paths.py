"""Locations of templates, static files and migrations: beside the source tree, or inside the installed package."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = PACKAGE.parent.parent
_ASSETS = PACKAGE / "_assets"


def _find(name: str) -> Path:
    installed = _ASSETS / name
    return installed if installed.is_dir() else _CHECKOUT / name


TEMPLATES = _find("templates")
STATIC = _find("static")
MIGRATIONS = _find("migrations")
LOCALE = PACKAGE / "locale"
