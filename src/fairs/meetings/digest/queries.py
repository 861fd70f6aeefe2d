"""Reads the content and the receiver of a digest of wishes."""

from fairs.core.rows import fetch_as, fetch_one_as
from fairs.core.wishes import WANTED, Side
from fairs.meetings.digest.rows import Receiver, UntoldWish
from fairs.meetings.tables import WishMailOff

# Wishes of one side that the other has neither answered nor been notified of, if both may still see each other.
_UNTOLD = f"""
FROM preference p JOIN listing l ON l.id = p.listing JOIN organisation o ON o.id = l.organisation
JOIN talent t ON t.id = p.talent
WHERE p.side = :other AND p.level IN {WANTED} AND p.told_at IS NULL AND l.state = 'published' AND o.state = 'approved'
AND t.visibility <> 'private' AND NOT EXISTS (
    SELECT 1 FROM preference q WHERE q.side <> p.side AND q.listing = p.listing AND q.talent = p.talent)
"""  # noqa: S608 - constants: states and levels


async def receiver(side: Side, owner: int) -> Receiver | None:
    """The receiver, with a verified address and digests not turned off: the person (`owner` a talent), or the first such
    member of an employer (`owner` an organisation)."""
    whose = (
        "FROM talent t JOIN account a ON a.id = t.account WHERE t.id = :owner"
        if side == Side.TALENT
        else "FROM membership s JOIN account a ON a.id = s.account WHERE s.organisation_id = :owner AND s.role = 'employer'"
    )
    order = "1" if side == Side.TALENT else "s.id"
    return await fetch_one_as(
        Receiver,
        f"SELECT a.id AS account_id, a.email, a.name, a.lang, a.timezone {whose} AND a.active"  # noqa: S608 - one of two sides, both written above
        " AND a.email_confirmed_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM wish_mail_off f WHERE f.account = a.id)"
        f" ORDER BY {order} LIMIT 1",
        owner=owner,
    )


async def untold(side: Side, owner: int) -> list[UntoldWish]:
    """The other side's wishes about `owner`, most wanted first, locked until the transaction ends. `named`: the person's name
    may be shown: only when both want to meet, or the person is visible to employers."""
    own = "p.talent = :owner" if side == Side.TALENT else "l.organisation = :owner"
    return await fetch_as(
        UntoldWish,
        "SELECT p.id, p.level, l.id AS listing, l.title_zh, l.title_en, o.name_zh AS organisation_zh,"
        " o.name_en AS organisation_en, t.name_passport, t.name_native, t.nationality, t.discipline,"
        f" t.visibility = 'employers' AS named {_UNTOLD} AND {own}"
        " ORDER BY (p.level = 'must') DESC, p.updated_at, p.id FOR UPDATE OF p",
        owner=owner,
        other=side.other,
    )


async def wants_mail(account_id: int) -> bool:
    """Whether the account gets digests of wishes."""
    return not await WishMailOff.exists().where(WishMailOff.account == account_id)
