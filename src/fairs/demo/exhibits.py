"""A few exhibits of the conference: what employers and candidates show, a plan with booths, visits, and what visitors ask."""

import uuid
from datetime import datetime, timedelta

from fairs.accounts.actor import Actor
from fairs.badges import codes
from fairs.checkin import services as checkin
from fairs.checkin.rules import Scan
from fairs.checkin.tables import Direction
from fairs.core.rows import fetch_as, fetch_value
from fairs.demo.content import drawings
from fairs.demo.context import DemoContext
from fairs.demo.registrations_and_scans import add_scanner
from fairs.demo.rows import WornBadge
from fairs.exhibits import booths, deciding, queries, services
from fairs.exhibits.forms import CallForm, ExhibitForm, RequestForm, ScoreForm
from fairs.exhibits.owners import owners_of
from fairs.exhibits.rules import gate_code
from fairs.files import services as files
from fairs.files.tables import Purpose

PLAN = "入口 Entrance\t\t\t\t舞台 Stage\nA1\tA2\tA3\tA4\tA5\n\t\t\t\t\nB1\tB2\t\tB3\tB4\n\t\t出口 Exit\t\t"
SHOWN = (  # by whom, kind, titles, texts, stage, wanted
    ("employer", "product", "耐高温陶瓷轴承", "Ceramic bearings for high temperatures", "氮化硅球与自润滑保持架，可在 600 摄氏度下连续运行，无需油脂。", "Silicon nitride balls in a self-lubricating cage run at 600 °C without grease.", "pilot", ["partner"]),
    ("employer", "product", "小麦赤霉病快速检测卡", "Rapid test for wheat scab", "收购现场十分钟出结果，成本为实验室检测的二十分之一。", "Ten minutes at the point of sale, at a twentieth of the price of a laboratory test.", "market", ["investment", "partner"]),
    ("employer", "company", "矿山无人运输系统", "Driverless haulage for mines", "已在两座露天矿运行，期待与传感器团队合作。", "It runs in two open pits; we look for a team that knows sensors.", "market", ["partner"]),
    ("employer", "patent", "废旧锂电池正极材料再生方法", "Renewing cathodes of spent lithium batteries", "一步水热法恢复容量百分之九十五以上。", "One hydrothermal step restores more than 95 % of the capacity.", "prototype", ["investment", "site"]),
    ("candidate", "work", "植入式传感器的无线供能", "Powering implanted sensors without wires", "体外三厘米供能，效率超过百分之四十，已完成动物实验。", "More than 40 % efficiency at three centimetres, proven in animals.", "lab", ["investment", "partner"]),
    ("candidate", "patent", "用于显示的量子点墨水", "Quantum dot ink for displays", "不含镉，可喷墨打印，稳定性达到商用要求。", "Free of cadmium, printable, and stable enough for products.", "prototype", ["site", "partner"]),
    ("candidate", "work", "黄河泥沙的实时监测", "Watching the sediment of the Yellow River", "声学阵列与模型结合，提前六小时预报。", "An array of hydrophones and a model give six hours of warning.", "lab", ["partner"]),
)  # fmt: skip
RELEASED = 6  # of them; the last one waits for release
ASKERS = (("investment", "请问是否考虑在郑州设厂？"), ("talk", "Could we talk tomorrow at your booth?"))


async def create_exhibits(stage: DemoContext) -> None:
    """Everything of the exhibits, up to now."""
    slug = stage.content.conference.slug
    starts = stage.moment(stage.content.conference.starts_at)
    with stage.at(starts - timedelta(days=60)):
        call = CallForm(
            call_zh="请用中英文说明成果与需求。展位由主办方统一安排。",
            call_en="Describe what you show and what you look for in both languages. The organiser assigns the booths.",
        )
        await deciding.save_call(slug, call, seen="", by=stage.organiser)
        await booths.save_plan(slug, PLAN, by=stage.organiser)
    with stage.at(starts - timedelta(days=30)):
        made = await _send_in(stage, slug)
    with stage.at(starts - timedelta(days=14)):
        for exhibit in made[:RELEASED]:
            await deciding.score(slug, exhibit, ScoreForm(points=70 + exhibit % 5 * 6), by=stage.organiser)
            await deciding.release(slug, exhibit, by=stage.organiser)
        await booths.fill(slug, by=stage.organiser)
        await booths.make_gates(slug, by=stage.organiser)
    await _visits(stage, slug, starts)


async def _send_in(stage: DemoContext, slug: str) -> list[int]:
    employers, candidates = list(stage.employers.values()), list(stage.candidates.values())
    made = []
    for at, (who, kind, title_zh, title_en, text_zh, text_en, step, looks_for) in enumerate(SHOWN):
        actor = (employers if who == "employer" else candidates)[at * 2]
        owner = await _owner(actor, "organisation" if who == "employer" else "talent")
        form = ExhibitForm(
            kind=kind,
            title_zh=title_zh,
            title_en=title_en,
            text_zh=text_zh,
            text_en=text_en,
            stage=step,
            looks_for=looks_for,
        )
        await _upload(form, at, actor)
        exhibit = await services.add_exhibit(slug, form, owner, by=actor)
        await services.submit(exhibit, by=actor)
        made.append(exhibit)
    return made


async def _upload(form: ExhibitForm, at: int, actor: Actor) -> None:
    """A poster and a picture, as their exhibitor sends them in."""
    look = drawings.Look(at, form.title_zh, form.title_en, form.text_zh, form.text_en)
    poster = await files.receive(drawings.poster(look), f"{form.title_en}.png", Purpose.POSTER, by=actor)
    picture = await files.receive(drawings.picture(look), f"{form.title_en}.png", Purpose.EXHIBIT, by=actor)
    form.poster, form.picture_1 = poster.token, picture.token


async def _owner(actor: Actor, kind: str) -> dict[str, int]:
    owners = await owners_of(actor)
    return services.owner_columns(next(value for value, _ in owners if value.startswith(kind)), owners)


async def _visits(stage: DemoContext, slug: str, starts: datetime) -> None:
    """Badges that were scanned at the booths since the opening, and what people asked."""
    event = stage.events[slug]
    rows = [row for row in await queries.booths_of(event) if row.exhibit is not None]
    await add_scanner(event, "展位 1 号机", by=stage.organiser)
    device = await fetch_value(int, "SELECT max(id) FROM access_token WHERE kind = 'device'")
    badges = await fetch_as(
        WornBadge,
        "SELECT b.code, r.category FROM badge b JOIN registration r ON r.id = b.registration"
        " WHERE r.event = :event AND b.revoked_at IS NULL AND r.state = 'confirmed' ORDER BY r.id LIMIT 60",
        event=event,
    )
    for at, row in enumerate(rows):
        moment = starts + timedelta(hours=1, minutes=5 * at)
        if not stage.past(moment):
            break
        scans = [
            _scan(stage, badge, gate_code(row.code), moment, device)
            for badge in badges
            if stage.rng.random() < 0.15 + 0.1 * (at % 4)
        ]
        with stage.at(moment + timedelta(minutes=1)):
            await checkin.record_batch(event, sorted(scans, key=lambda scan: scan.scanned_at))
    askers = list(stage.candidates.values())[-len(ASKERS) :]
    with stage.at(min(stage.now, starts + timedelta(hours=3))):
        for actor, (asks, message) in zip(askers, ASKERS, strict=True):
            for row in rows[:2]:
                form = RequestForm(asks=asks, message=message, contact=asks == "talk")
                await services.ask(slug, row.exhibit or 0, form, by=actor)


def _scan(stage: DemoContext, badge: WornBadge, gate: str, moment: datetime, device: int) -> Scan:
    uid, token = codes.claim(badge.code) or (None, "")
    return Scan(
        text_id=None,
        uuid=uuid.UUID(int=stage.rng.getrandbits(128), version=4),
        gate=gate,
        code=badge.code,
        scanned_at=moment - timedelta(seconds=stage.rng.random() * 240),
        direction=Direction.IN,
        offline=False,
        device_id=device,
        uid=uid,
        token=token,
    )
