"""Valid objects without surprises. Each returns the new row's id."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from fairs.core import clock, db

_serial = count(1)
STARTS = datetime(
    datetime.now(UTC).year + 1, 10, 27, 1, 0, tzinfo=UTC
)  # 09:00 in Zhengzhou; to come: people may register
PAST = datetime(2018, 10, 27, 1, 0, tzinfo=UTC)  # the first edition's; over
USCCS = ("91410100MA40000000", "914101000000000000")


async def _insert(table: str, values: dict[str, Any]) -> int:
    names = ", ".join(values)
    marks = ", ".join(f"${position}" for position in range(1, len(values) + 1))
    return int(await db.fetchval(f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING id", *values.values()))


async def unit_id(code: str = "410100") -> int:
    """Zhengzhou, unless said otherwise."""
    return int(await db.fetchval("SELECT id FROM unit WHERE code = $1", code))


async def event(**given: Any) -> int:
    """A published conference of two days."""
    now = clock.now()
    values = {
        "slug": f"fair-{next(_serial)}",
        "kind": "conference",
        "state": "published",
        "unit": await unit_id("410000"),
        "title_zh": "招才引智大会",
        "title_en": "Talent conference",
        "summary_zh": "",
        "summary_en": "",
        "place_zh": "郑州国际会展中心",
        "place_en": "Zhengzhou International Convention Centre",
        "timezone": "Asia/Shanghai",
        "starts_at": STARTS,
        "ends_at": STARTS + timedelta(days=1, hours=8),
        "capacity": None,
        "demo": False,
        "created_at": now,
        "updated_at": now,
    }
    return await _insert("event", values | given)


async def gate(event_id: int, **given: Any) -> int:
    """The main entry."""
    values = {"event": event_id, "code": "main-in", "kind": "entry", "name_zh": "主入口", "name_en": "Main entrance"}
    return await _insert("gate", values | given)


def uscc(serial: int) -> str:
    """A valid unified social credit code."""
    from stdnum.cn import uscc as checker

    body = f"91410100MA4{serial:06d}"
    return body + str(checker.calc_check_digit(body))


async def organisation(**given: Any) -> int:
    """An approved university in Zhengzhou."""
    serial = next(_serial)
    values = {
        "uscc": uscc(serial),
        "name_zh": f"中原理工学院{serial}",
        "name_en": f"Zhongyuan Institute of Technology {serial}",
        "kind": "university",
        "unit": await unit_id(),
        "industry": "P83",
        "intro_zh": "",
        "intro_en": "",
        "contact_name": "王老师",
        "contact_phone": "",
        "state": "approved",
        "decision_note": "",
        "search_key": "",
        "demo": False,
        "created_at": clock.now(),
    }
    return await _insert("organisation", values | given)


async def talent(**given: Any) -> int:
    """A doctor of computer science, visible to employers."""
    serial = next(_serial)
    now = clock.now()
    values = {
        "email": f"talent{serial}@example.org",
        "name_passport": f"Maria Fernandez {serial}",
        "name_native": "",
        "nationality": "ES",
        "residence_country": "ES",
        "phone": "",
        "degree": "doctor",
        "institution": "Universitat Politècnica de Catalunya",
        "grad_year": 2012,
        "current_employer": "",
        "discipline": "0812",
        "headline": "Machine learning for medical images",
        "summary": "Deep learning methods that find tumours in computed tomography.",
        "summary_lang": "en",
        "skills": ["deep learning"],
        "languages": ["en"],
        "engagement": ["full_time"],
        "cities": ["410100"],
        "available_from": None,
        "pay_min": 30,
        "has_project": False,
        "visibility": "employers",
        "consent_version": "2026-11",
        "consent_at": now,
        "search_key": "",
        "demo": False,
        "created_at": now,
        "updated_at": now,
    }
    return await _insert("talent", values | given)


async def listing(organisation_id: int, event_id: int, **given: Any) -> int:
    """A published post for a doctor of computer science in Zhengzhou."""
    now = clock.now()
    values = {
        "organisation": organisation_id,
        "event": event_id,
        "kind": "people",
        "state": "published",
        "title_zh": "医学影像人工智能研究员",
        "title_en": "",
        "description_zh": "研究深度学习在肿瘤CT影像诊断中的应用。",
        "description_en": "",
        "discipline": "0812",
        "degree": "doctor",
        "engagement": ["full_time"],
        "city": "410100",
        "languages": [],
        "headcount": 2,
        "pay_min": 30,
        "pay_max": 50,
        "urgent": False,
        "urgent_reason": "",
        "search_key": "",
        "demo": False,
        "created_at": now,
        "updated_at": now,
        "published_at": now,
    }
    return await _insert("listing", values | given)


async def registration(event_id: int, **given: Any) -> int:
    """A confirmed candidate."""
    serial = next(_serial)
    now = clock.now()
    values = {
        "number": f"T{serial:06d}",
        "event": event_id,
        "category": "candidate",
        "state": "confirmed",
        "email": f"person{serial}@example.org",
        "name_passport": f"Maria Fernandez {serial}",
        "name_native": "",
        "nationality": "ES",
        "organisation_name": "",
        "phone": "",
        "lang": "en",
        "search_key": "",
        "demo": False,
        "created_at": now,
        "updated_at": now,
    }
    return await _insert("registration", values | given)
