"""CHECK constraints that are written from an enumeration, so that its values stand in one place."""

from collections.abc import Iterable

from piccolo.constraints import Check


def listed(values: Iterable[str]) -> str:
    """`'draft', 'published'`: values of the code as SQL has them in a list."""
    return ", ".join(f"'{value}'" for value in values)


def one_of(column: str, values: Iterable[str]) -> Check:
    """The column holds one of the values; usually those of an enumeration, which is an iterable of them."""
    return Check(f"{column} IN ({listed(values)})")
