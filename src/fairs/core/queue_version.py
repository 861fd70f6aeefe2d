"""The queue's tables are made by our migrations, as pgqueuer 1.6 needs them: another version may need other tables.

Steps to a later series: a migration with the SQL that its own `upgrade` prints, SERIES here, the bounds in pyproject.toml.
"""

from importlib.metadata import PackageNotFoundError, version

SERIES = "1.6"
PACKAGE = "pgqueuer"


def mismatch(installed: str | None = None) -> str:
    """Why the installed pgqueuer (or this version) does not fit the tables, as a sentence; empty when it fits."""
    try:
        found = version(PACKAGE) if installed is None else installed
    except PackageNotFoundError:
        return f"pgqueuer {SERIES} is not installed: install what requirements.txt lists"
    if found.split(".")[:2] == SERIES.split("."):
        return ""
    return (
        f"the queue's tables are those of pgqueuer {SERIES}, installed is {found}: install what requirements.txt lists"
    )
