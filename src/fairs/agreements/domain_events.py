"""Events that agreements publish for the slices above."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AgreementStepped:
    """An agreement has moved from one state to another; `verified` is no state but a step too."""

    agreement_id: int
    number: str
    event_id: int
    before: str
    after: str
