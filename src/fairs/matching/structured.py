"""Closeness of the declared fields of two records, each 0 to 1, or None when one side said nothing."""

from collections.abc import Iterable
from enum import StrEnum

from fairs.matching.records import LEVEL_RANK, ListingRecord, ProfileRecord


class Distance(StrEnum):
    """How two disciplines lie in the tree, nearest first."""

    SAME = "same"
    RELATED = "related"
    CATEGORY = "category"
    FAR = "far"


_NEIGHBOURS = """
0201-0202 0201-0714 0202-1202 0202-1203 0202-1201 0301-0308 0301-1012 0302-1407 0302-0305 0302-1402 0303-0304 0303-1204
0305-0307 0306-0838 0306-0308 0401-0402 0402-1001 0403-1009 0501-0502 0501-0503 0502-1407 0503-1205 0601-0602 0602-0307
0602-0603 0601-1301 0701-0714 0701-0711 0701-0811 0702-0803 0702-0827 0702-0809 0702-1406 0703-0817 0703-0805 0703-1007
0703-1406 0704-0702 0704-0825 0705-0833 0705-0816 0705-1404 0705-0713 0706-0707 0706-0705 0706-1404 0707-0824 0707-0908
0708-0709 0708-0818 0709-0818 0710-0713 0710-0836 0710-1001 0710-0901 0711-0811 0711-1201 0713-0907 0713-0903 0713-0830
0713-0909 0714-0812 0801-0802 0801-0814 0801-0825 0802-0804 0802-0811 0802-0807 0802-0823 0803-0804 0803-0809 0804-0811
0805-0806 0805-0817 0805-1406 0805-0821 0807-0808 0807-0827 0807-0817 0808-0809 0808-0811 0809-0810 0809-1401 0810-0812
0810-0839 0811-0812 0811-1405 0812-0835 0812-0839 0812-1405 0813-0814 0813-0833 0813-1403 0814-0815 0814-0823 0815-0910
0815-0818 0816-1404 0816-0818 0817-0820 0817-0822 0817-0830 0817-0836 0818-0819 0818-0820 0819-0837 0822-0829 0822-0832
0823-0811 0824-0825 0825-0826 0828-0901 0828-0903 0829-0907 0830-0903 0830-0910 0831-1002 0831-0805 0831-0812 0832-0836
0832-0828 0837-0838 0901-0902 0901-0904 0901-0903 0902-0904 0905-0906 0905-0909 0906-1001 0907-0910 0907-0902 1001-1002
1001-1007 1002-1003 1002-1006 1002-1011 1002-1004 1004-1011 1005-1006 1005-1008 1006-1008 1007-1008 1201-1202 1201-0202
1202-1204 1203-0901 1204-0302 1205-0812 1301-1403 1401-0805 1405-0811
"""
_ORDER = {distance: place for place, distance in enumerate(Distance)}
_RELATED = frozenset(frozenset(pair.split("-")) for pair in _NEIGHBOURS.split())


def discipline(ours: Iterable[str], theirs: Iterable[str]) -> tuple[Distance, str, str] | None:
    """The nearest pair of disciplines of two records: its distance and both codes; None when one side has none."""
    pairs = [(_distance(a, b), a, b) for a in ours for b in theirs]
    if len(pairs) < 2:
        return pairs[0] if pairs else None
    return min(pairs, key=lambda pair: (_ORDER[pair[0]], pair[1], pair[2]))


def _distance(a: str, b: str) -> Distance:
    if a == b:
        return Distance.SAME
    if frozenset((a, b)) in _RELATED:
        return Distance.RELATED
    return Distance.CATEGORY if a[:2] == b[:2] else Distance.FAR


def industry(profile: ProfileRecord, listing: ListingRecord) -> float | None:
    """1 for a common division, 0.5 for a common section, 0 for neither."""
    if not profile.industries or not listing.industries:
        return None
    if set(profile.industries) & set(listing.industries):
        return 1.0
    return 0.5 if {i[:1] for i in profile.industries} & {i[:1] for i in listing.industries} else 0.0


def engagement(profile: ProfileRecord, listing: ListingRecord) -> float | None:
    """The share of the listing's ways of working together that the person would take."""
    if not profile.engagements or not listing.engagements:
        return None
    return len(profile.engagements & listing.engagements) / len(listing.engagements)


def pay(profile: ProfileRecord, listing: ListingRecord) -> float | None:
    """1 when the top of the offer reaches what the person expects; below, the share, 0 from half downwards."""
    offered = listing.pay_max or listing.pay_min
    if not profile.pay_min or not offered:
        return None
    return min(1.0, max(0.0, 2.0 * offered / profile.pay_min - 1.0))


def level(profile: ProfileRecord, listing: ListingRecord) -> float | None:
    """1 when the person's title reaches the one asked for, 0.4 one step below, else 0."""
    if profile.level not in LEVEL_RANK or listing.level_min not in LEVEL_RANK:
        return None
    missing = LEVEL_RANK[listing.level_min] - LEVEL_RANK[profile.level]
    return 1.0 if missing <= 0 else 0.4 if missing == 1 else 0.0
