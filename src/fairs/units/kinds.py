"""Levels of reporting units and of places. Used by the table, the catalogues and the pages alike."""

from enum import StrEnum


class UnitKind(StrEnum):
    """The level of a unit or a place: the province, its cities and counties, and zones that have a bureau of their own."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    ZONE = "zone"
