"""What a merge changed is kept until it can no more be undone."""

from datetime import datetime

from fairs.core.i18n import N_
from fairs.core.retention import Rule
from fairs.core.rows import fetch_value, fetch_values
from fairs.files.services import let_go

_DUE = "undo_until < :before AND (images <> '' OR photo IS NOT NULL)"


async def _count(before: datetime) -> int:
    return await fetch_value(int, f"SELECT count(*) FROM person_merge WHERE {_DUE}", before=before)  # noqa: S608 - a constant


async def _apply(before: datetime) -> int:
    photos = await fetch_values(
        str,
        f"SELECT photo::text FROM person_merge WHERE {_DUE} AND photo IS NOT NULL",  # noqa: S608 - a constant
        before=before,
    )
    sql = f"WITH gone AS (UPDATE person_merge SET images = '', photo = NULL WHERE {_DUE} RETURNING 1) SELECT count(*) FROM gone"  # noqa: S608 - a constant
    emptied = await fetch_value(int, sql, before=before)
    for photo in photos:
        await let_go(photo)
    return emptied


RULES = (
    Rule(N_("what merges of people changed"), N_("the end of the time in which they can be undone"), _count, _apply),
)
