"""Who wants to meet whom, and how much. Used by tables, statements, rules and pages of several modules alike."""

from enum import StrEnum

from fairs.core.checks import listed


class Side(StrEnum):
    """Who speaks or reads: the person, or the employer."""

    TALENT = "talent"
    EMPLOYER = "employer"

    @property
    def other(self) -> "Side":
        """The one across the table."""
        return Side.EMPLOYER if self is Side.TALENT else Side.TALENT


class Level(StrEnum):
    """What one side says of the other: before all others, gladly, or no thanks."""

    MUST = "must"
    MEET = "meet"
    NO = "no"


POSITIVE = frozenset({Level.MUST, Level.MEET})
WANTED = f"({listed((Level.MUST, Level.MEET))})"  # for statements: the levels of who wants to meet
