"""Events that organisations publish for the slices above."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EmployerApproved:
    """A bureau has approved an employer, in the transaction that says so."""

    organisation_id: int
