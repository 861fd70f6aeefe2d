"""Roles of accounts: what a membership allows. Used by tables, guards, navigation and forms."""

from enum import StrEnum


class Role(StrEnum):
    """What a membership allows. Its scope: bureau at a unit, employer at an organisation; staff (who may be limited to
    some gates), reviewer and interpreter at an event."""

    ADMIN = "admin"
    ORGANISER = "organiser"
    BUREAU = "bureau"
    EMPLOYER = "employer"
    CANDIDATE = "candidate"
    STAFF = "staff"
    REVIEWER = "reviewer"
    INTERPRETER = "interpreter"
