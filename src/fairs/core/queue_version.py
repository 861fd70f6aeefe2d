"""The queue's tables are made by our migrations, as pgqueuer 1.6 wants them: another version may want others.

A later series is taken in three steps: a migration that its own `upgrade` prints, SERIES here, the bounds in pyproject.toml.
"""

from importlib.metadata import PackageNotFoundError, version

SERIES = "1.6"
PACKAGE = "pgqueuer"


def mismatch(installed: str | None = None) -> str:
    """What is wrong with the installed pgqueuer (or with this version), as a sentence; empty when it fits the tables."""
    try:
        found = version(PACKAGE) if installed is None else installed
    except PackageNotFoundError:
        return f"pgqueuer {SERIES} is not installed: install what requirements.txt lists"
    if found.split(".")[:2] == SERIES.split("."):
        return ""
    return (
        f"the queue's tables are those of pgqueuer {SERIES}, installed is {found}: install what requirements.txt lists"
    )
