"""Wishes of a person and about a person, and the numbers computed from the profile's text."""

from fairs.core import personal
from fairs.core.i18n import N_
from fairs.core.personal import Kind

KINDS = (
    Kind(
        "wishes",
        N_("What you and employers wished of each other"),
        ("preference.talent",),
        personal.reader(
            "SELECT p.side, p.level, p.updated_at, p.told_at, p.listing, l.title_zh, l.title_en FROM preference p"
            " JOIN listing l ON l.id = p.listing WHERE p.talent = ANY(:talents::bigint[])"
            " AND (p.side = 'talent' OR p.told_at IS NOT NULL) ORDER BY p.id"
        ),
        personal.deleter("DELETE FROM preference WHERE talent = ANY(:talents::bigint[])"),
    ),
    Kind(
        "vectors",
        N_("Numbers computed from your profile for suggestions"),
        ("text_vector.owner_id",),
        personal.reader(
            "SELECT lang, model, updated_at, octet_length(vector) AS bytes FROM text_vector WHERE owner_kind = 'talent'"
            " AND owner_id = ANY(:talents::bigint[]) ORDER BY id"
        ),
        personal.deleter("DELETE FROM text_vector WHERE owner_kind = 'talent' AND owner_id = ANY(:talents::bigint[])"),
    ),
)
