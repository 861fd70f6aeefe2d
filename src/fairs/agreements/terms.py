"""The terms and the parties of an agreement, as stored and as parts of its text. Pure."""

from typing import Any

from fairs.agreements.forms import AgreementForm
from fairs.agreements.rows import Parties
from fairs.units import catalogues


def stored_terms(form: AgreementForm) -> dict[str, Any]:
    """The terms as columns."""
    names = ("title_zh", "title_en", "content_zh", "content_en", "engagement", "heads", "amount_cny")
    return {name: getattr(form, name) for name in (*names, "months_per_year", "next_step_by")}


def terms(form: AgreementForm) -> dict[str, Any]:
    """The terms as parts of the text."""
    way = {lang: catalogues.label("engagement_types", form.engagement, lang) for lang in ("zh", "en")}
    return {
        "title": {"zh": form.title_zh, "en": form.title_en},
        "content": {"zh": form.content_zh, "en": form.content_en},
        "engagement": {"key": form.engagement, **way},
        "heads": form.heads,
        "amount_cny": form.amount_cny,
        "months_per_year": form.months_per_year,
        "next_step_by": form.next_step_by.isoformat() if form.next_step_by else None,
    }


def parties(row: Parties) -> dict[str, Any]:
    """The parties as parts of the text."""
    country = {lang: catalogues.label("countries", row.nationality, lang) for lang in ("zh", "en")}
    return {
        "event": {"zh": row.event_title_zh, "en": row.event_title_en},
        "employer": {"zh": row.organisation_zh, "en": row.organisation_en, "uscc": row.uscc},
        "talent": {
            "passport": row.name_passport,
            "native": row.name_native,
            "nationality": {"code": row.nationality, **country},
        },
        "witness": {"zh": row.unit_zh, "en": row.unit_en},
    }
