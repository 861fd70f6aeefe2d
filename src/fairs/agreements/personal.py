"""Agreements of a person. A signed one is kept as long as the law says, with the names in its text; one that nobody signed goes."""

from datetime import datetime, timedelta

from fairs.core import personal
from fairs.core.i18n import N_
from fairs.core.personal import Fate, Kind, Outcome, Person, Stay
from fairs.core.rows import Row, fetch_as, fetch_values
from fairs.units import catalogues

KEY = "agreements"
_OWN = (
    "(a.talent = ANY(:talents::bigint[]) OR EXISTS"
    " (SELECT 1 FROM agreement_signature x WHERE x.agreement = a.id AND x.account = :account))"
)
_UNSIGNED = (
    "SELECT a.id FROM agreement a WHERE a.talent = ANY(:talents::bigint[])"
    " AND NOT EXISTS (SELECT 1 FROM agreement_signature x WHERE x.agreement = a.id)"
)


class _Kept(Row, frozen=True):
    """An agreement that stays."""

    number: str
    created_at: datetime


def _period() -> timedelta:
    return timedelta(days=next(one.days for one in catalogues.retention() if one.key == KEY))


async def stays(person: Person) -> list[Stay]:
    """Signed agreements of the person, each until its period ends."""
    rows = await fetch_as(
        _Kept,
        f"SELECT a.number, a.created_at FROM agreement a WHERE {_OWN}"  # noqa: S608 - constants
        " AND EXISTS (SELECT 1 FROM agreement_signature s WHERE s.agreement = a.id) ORDER BY a.id",
        talents=list(person.talents),
        account=person.account or 0,
    )
    return [Stay(row.number, KEY, row.created_at + _period()) for row in rows]


async def _forget(person: Person) -> Outcome:
    await personal.allow_emptying()
    ids = await fetch_values(int, f"{_UNSIGNED} ORDER BY a.id FOR UPDATE", talents=list(person.talents))
    for table in ("agreement_transition", "agreement_revision"):
        await personal.change(f"DELETE FROM {table} WHERE agreement = ANY(:ids::bigint[])", person, ids=ids)  # noqa: S608 - constants
    gone = await personal.change("DELETE FROM agreement WHERE id = ANY(:ids::bigint[])", person, ids=ids)
    return Outcome(deleted=gone, kept=len(await stays(person)))


KINDS = (
    Kind(
        "agreements",
        N_("Your agreements and signatures"),
        ("agreement.talent", "agreement_signature.account"),
        personal.reader(
            "SELECT a.number, e.slug AS event, o.name_zh AS organisation, a.state, a.engagement, a.title_zh, a.title_en,"  # noqa: S608 - constants
            " a.content_zh, a.content_en, a.amount_cny, a.created_at,"
            " (SELECT json_agg(json_build_object('revision', v.revision, 'made_at', v.made_at, 'document', v.document)"
            " ORDER BY v.revision) FROM agreement_revision v WHERE v.agreement = a.id) AS texts,"
            " (SELECT json_agg(json_build_object('party', s.party, 'revision', s.revision, 'name', s.name_signed,"
            " 'signed_at', s.signed_at, 'ip', s.ip, 'you', s.account = :account) ORDER BY s.id) FROM agreement_signature s"
            " WHERE s.agreement = a.id AND (s.account = :account OR a.talent = ANY(:talents::bigint[]))) AS signatures,"
            " (SELECT json_agg(json_build_object('to', t.to_state, 'on', t.fact_on, 'at', t.at) ORDER BY t.id)"
            " FROM agreement_transition t WHERE t.agreement = a.id) AS steps"
            " FROM agreement a JOIN event e ON e.id = a.event JOIN organisation o ON o.id = a.organisation"
            f" WHERE {_OWN} ORDER BY a.id"
        ),
        _forget,
        Fate.KEPT,
        N_(
            "Signed ones are kept by law, with the names in their text; they bind the other side too. Unsigned ones are deleted."
        ),
        stays,
    ),
)
