"""Which tests one worker runs together: those of a file whose fixture costs more than the tests.

xdist's own mark for this, `xdist_group`, says nothing to it with pytest 9.2: https://github.com/pytest-dev/pytest-xdist/issues/1386
"""

from xdist.scheduler import LoadScopeScheduling

TOGETHER = frozenset(
    {
        "tests/commands/test_backup.py",
        "tests/demo/test_alive.py",
        "tests/install/test_locks.py",
        "tests/matching/test_rank_all.py",
        "tests/matching/evaluation/test_judgements.py",
        "tests/web/test_design_system_in_browser.py",
    }
)


class FilesTogether(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Every test on its own to the next free worker, except these files."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return file if file in TOGETHER else nodeid
