"""The signing ledger 签约台账: one agreement as a row of the official layout. Pure; in Chinese, as it is submitted."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from fairs.agreements.rows import LedgerRow
from fairs.agreements.tables import AgreementState
from fairs.core.i18n import EVENT_ZONE
from fairs.units import catalogues

_WIDE = {"employer": 30, "content": 36, "event": 30, "status": 14, "landing_evidence": 30, "unit_report": 22}


@dataclass(frozen=True)
class LedgerColumn:
    """A column of the ledger; by default only `public` ones are given out."""

    key: str
    zh: str
    public: bool

    @property
    def width(self) -> int:
        return _WIDE.get(self.key, 14)


def columns(*, everything: bool) -> list[LedgerColumn]:
    """The columns in official order: all for organiser and bureau, the public ones for others."""
    found = [LedgerColumn(row["key"], row["zh"], row["public"]) for row in catalogues.raw("ledger_columns")["items"]]
    return [column for column in found if everything or column.public]


def _kind_of_employer(key: str) -> str:
    return next((kind.ledger_zh for kind in catalogues.organisation_kinds() if kind.key == key), "")


def _steps(row: LedgerRow) -> dict[str, tuple[date, str, str]]:
    """State → (day of the fact, evidence, number)."""
    steps = json.loads(row.steps) if row.steps else {}
    return {state: (date.fromisoformat(on), proof, number) for state, (on, proof, number) in steps.items()}


def values(seq: int, row: LedgerRow) -> dict[str, Any]:
    """Known values of an agreement by ledger key; other keys stay empty. Amounts in 10,000 yuan."""
    steps = _steps(row)
    nothing: tuple[None, str, str] = (None, "", "")
    since = steps[row.state][0] if row.state in steps else row.state_since.astimezone(ZoneInfo(EVENT_ZONE)).date()
    permit = steps.get(AgreementState.PERMIT, nothing)
    amount = row.amount_cny
    return {
        "seq": seq,
        "agreement_no": row.number,
        "event": row.event_zh,
        "session": catalogues.label("event_families", row.family, "zh") if row.family else "",
        "sign_date": steps.get(AgreementState.SIGNED_INTENT, nothing)[0],
        "unit_report": row.unit_zh,
        "employer": row.organisation_zh,
        "uscc": row.uscc,
        "employer_type": _kind_of_employer(row.organisation_kind),
        "talent": row.name_native or row.name_passport,
        "nationality": catalogues.label("countries", row.nationality, "zh"),
        "degree": catalogues.label("degrees", row.degree, "zh"),
        "institution": row.institution,
        "overseas_unit": row.current_employer,
        "discipline": catalogues.label("disciplines", row.discipline, "zh"),
        "industry": catalogues.label("industries", row.industry, "zh"),
        "engagement": catalogues.label("engagement_types", row.engagement, "zh"),
        "content": row.title_zh,
        "amount_10k_cny": amount / 10_000 if amount is not None else None,
        "months_per_year": row.months_per_year,
        "status": catalogues.label("agreement_states", row.state, "zh"),
        "status_date": since,
        "contract_date": steps.get(AgreementState.CONTRACT, nothing)[0],
        "permit_no": permit[2] or permit[1],
        "arrival_date": steps.get(AgreementState.ARRIVED, nothing)[0],
        "landing_evidence": steps.get(AgreementState.LANDED, nothing)[1],
        "fund_programme": steps.get(AgreementState.FUNDED, nothing)[1],
        "obstacle": steps.get(AgreementState.TERMINATED, nothing)[1],
        "owner": row.contact_name,
        "phone": row.contact_phone,
    }
