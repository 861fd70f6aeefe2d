"""What of suggestions is kept is made good at night: vectors of unread texts, and of records that are gone.

Scores and prices are not kept: each page computes them from the present records.
"""

from datetime import time

from fairs.core.i18n import N_
from fairs.core.rows import execute
from fairs.core.schedule import Daily, periodic
from fairs.matching import encoding

_ORPHANS = """
DELETE FROM text_vector v
WHERE (v.owner_kind = 'talent' AND NOT EXISTS (SELECT 1 FROM talent t WHERE t.id = v.owner_id))
OR (v.owner_kind = 'listing' AND NOT EXISTS (SELECT 1 FROM listing l WHERE l.id = v.owner_id))
"""


@periodic(
    "matching-renew",
    Daily(time(3, 30)),
    title=N_("Renewal of suggestions"),
    does=N_(
        "Reads every profile and listing that was not read, or by an older encoder, and forgets those that are gone."
    ),
    counts=N_("Texts"),
)
async def renew() -> int:
    """The number of texts that were read or forgotten."""
    gone = await execute(_ORPHANS)
    return gone + await encoding.encode_missing()
