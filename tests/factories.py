"""Valid objects without surprises. Each returns the new row's id."""

from datetime import UTC, date, datetime, timedelta
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


async def session(event_id: int, code: str = "forum", **given: Any) -> int:
    """Two hours that people may sign up to, with room for everybody."""
    values = {"event": event_id, "code": code, "kind": "forum", "title_zh": "论坛", "title_en": f"Forum {code}"}
    values |= {"starts_at": STARTS, "ends_at": STARTS + timedelta(hours=2), "sign_up": True, "capacity": None}
    return await _insert("event_session", values | given)


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


async def preference(event_id: int, talent_id: int, listing_id: int, side: str, level: str = "meet") -> int:
    """What one side says of the other, without a word to anybody."""
    values = {"event": event_id, "talent": talent_id, "listing": listing_id, "side": side, "level": level}
    return await _insert("preference", values | {"updated_at": clock.now()})


async def meeting_table(event_id: int, **given: Any) -> int:
    """A table for everybody, with the next number that is free."""
    number = await db.fetchval("SELECT coalesce(max(number), 0) + 1 FROM meeting_table WHERE event = $1", event_id)
    return await _insert("meeting_table", {"event": event_id, "number": number} | given)


async def meeting(event_id: int, listing_id: int, organisation_id: int, talent_id: int, **given: Any) -> int:
    """Twenty minutes that were held and led to an intent; each at a table of its own, unless one is given."""
    now = clock.now()
    starts_at = given.get("starts_at", STARTS)
    values = {
        "event": event_id,
        "listing": listing_id,
        "organisation": organisation_id,
        "talent": talent_id,
        "hall_table": given.get("hall_table") or await meeting_table(event_id),
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=20),
        "state": "held",
        "outcome": "intent",
        "note": "",
        "created_at": now,
        "updated_at": now,
    }
    return await _insert("meeting", values | given)


async def badge_key(number: int, public_key: bytes, **given: Any) -> int:
    """A key whose private half is not kept."""
    values = {"number": number, "public_key": public_key, "private_key_sealed": b"", "created_at": clock.now()}
    return await _insert("badge_key", values | given)


async def badge(registration_id: int, key_id: int, uid: bytes, code: str, **given: Any) -> int:
    """A badge in force."""
    values = {"uid": uid, "registration": registration_id, "key": key_id, "code": code, "issued_at": clock.now()}
    return await _insert("badge", values | {"revoked_at": None, "revoked_reason": ""} | given)


async def admission(registration_id: int, gate_id: int, day: date, at: datetime) -> int:
    """Came in on a day, through a gate."""
    values = {"gate": gate_id, "registration": registration_id, "day": day, "first_scanned_at": at}
    return await _insert("admission", values)


async def lead(
    event_id: int, organisation_id: int, registration_id: int, *, answer: str = "given", **given: Any
) -> int:
    """A visitor of a booth who has agreed, unless said otherwise; `answer` empty: was not asked yet."""
    now = clock.now()
    if answer:
        consent = {
            "registration": registration_id,
            "organisation": organisation_id,
            "answer": answer,
            "contact": answer == "given",
        }
        await _insert("lead_consent", consent | {"answered_at": now})
    values = {"event": event_id, "organisation": organisation_id, "registration": registration_id}
    return await _insert("lead", values | {"seen_at": now, "last_seen_at": now, "updated_at": now} | given)
