"""What the conference asks of candidates, the places kept for the press, codes for guests and a delegation from a table."""

import random
import uuid
from datetime import timedelta

from fairs.demo.context import DemoContext
from fairs.registrations.asking import content as asked
from fairs.registrations.asking import queries, reading, services
from fairs.registrations.asking.content import Kind, Option
from fairs.registrations.asking.forms import NewForm, QuestionForm, SectionForm
from fairs.registrations.asking.reading import Answers
from fairs.registrations.codes.forms import CodesForm
from fairs.registrations.codes.services import make_codes
from fairs.registrations.groups import services as groups
from fairs.registrations.groups.columns import sheet_of
from fairs.registrations.groups.forms import GroupForm
from fairs.registrations.groups.rights import event_to_group
from fairs.registrations.pools.forms import PoolForm
from fairs.registrations.pools.services import add_pool
from fairs.registrations.tables import Category

STAY, DIET, ROLE = "stay", "diet", "role"
GUEST = "guest"  # of the catalogue
DIETS = (
    Option("all", "无忌口", "I eat everything"),
    Option("halal", "清真", "Halal"),
    Option("vegetarian", "素食", "Vegetarian"),
)
ROLES = (Option("speaker", "报告人", "Speaker"), Option("listener", "听众", "Listener"))
PEOPLE = (
    ("张建国", "Zhang Jianguo"), ("李秀英", "Li Xiuying"), ("王志强", "Wang Zhiqiang"), ("赵丽华", "Zhao Lihua"),
    ("陈国栋", "Chen Guodong"), ("刘玉梅", "Liu Yumei"), ("周海涛", "Zhou Haitao"), ("吴晓燕", "Wu Xiaoyan"),
)  # fmt: skip


async def create_forms(stage: DemoContext) -> None:
    """Before people register: the form, the pool and the codes."""
    conference = stage.content.conference
    slug, by = conference.slug, stage.organiser
    starts = stage.moment(conference.starts_at)
    first, last = (starts - timedelta(days=1)).date(), (starts + timedelta(days=2)).date()
    with stage.at(starts - timedelta(days=115)):
        form = await services.create_form(slug, NewForm(category=Category.CANDIDATE.value), by=by)
        await services.save_section(slug, form, "", SectionForm(zh="您的行程", en="Your visit"), by=by)
        questions: list[tuple[QuestionForm, tuple[Option, ...]]] = [
            (QuestionForm(kind=Kind.NIGHTS, zh="住宿（由大会安排）", en="Nights at the hotel of the conference", key=STAY, first=first, last=last, most=3, places=900 * stage.content.scale), ()),
            (QuestionForm(kind=Kind.CHOICE, zh="饮食", en="Food", key=DIET), DIETS),
            (QuestionForm(kind=Kind.CHOICE, zh="参会身份", en="You come as", key=ROLE, on_badge=True), ROLES),
            (QuestionForm(kind=Kind.LONG, zh="报告题目", en="Title of your talk", key="talk", conditions=[f"{ROLE}=speaker"]), ()),
            (QuestionForm(kind=Kind.SESSION, zh="参加的场次", en="Sessions", key="talks", help_zh="选中即报名。", help_en="Choosing signs you up."), ()),
            (QuestionForm(kind=Kind.PHOTO, zh="证件照", en="Photo for the badge", key="photo", on_badge=True), ()),
        ]  # fmt: skip
        for question, options in questions:
            question.section = "section"
            await services.save_question(slug, form, "", question, options, by=by)
        await services.publish_form(slug, form, by=by)
        press = PoolForm(
            name_zh="媒体席位",
            name_en="Press places",
            capacity=200 * stage.content.scale,
            categories=["media"],
            waits=True,
        )
        await add_pool(slug, press, by=by)
        await make_codes(slug, CodesForm(name="驻外使领馆", category=GUEST, count=5), by=by)


async def answers_of(stage: DemoContext, key: str, rng: random.Random) -> Answers | None:
    """What a candidate answers; a third answers nothing."""
    current = await queries.asked_of(stage.events[stage.content.conference.slug], Category.CANDIDATE.value)
    if current is None or rng.random() < 1 / 3:
        return None
    content = asked.read(current.content)
    stay = content.question(STAY)
    assert stay is not None
    speaks = rng.random() < 0.1
    given = {
        DIET: rng.choices([option.key for option in DIETS], weights=(8, 1, 1))[0],
        ROLE: ROLES[0 if speaks else 1].key,
        STAY: f"{stay.first}/{stay.last}" if rng.random() < 0.5 else "",
        "talk": f"Report of {key}" if speaks else "",
    }
    bound = reading.read(content, {asked.PREFIX + name: value for name, value in given.items()})
    return reading.answers_of(current.form, current.version, content, bound)


async def create_group(stage: DemoContext) -> None:
    """A delegation, pasted as a table."""
    conference = stage.content.conference
    event, right = await event_to_group(stage.organiser, conference.slug)
    lines = [("name_native", "name_passport", "email", "category", "organisation")]
    lines += [
        (native, latin, f"{latin.lower().replace(' ', '.')}@delegation.example.org", "visitor", "郑州大学")
        for native, latin in PEOPLE
    ]
    table = (await sheet_of(event, right)).read_text("\n".join("\t".join(line) for line in lines))
    form = GroupForm(name="郑州大学代表团", contact_email="delegation@example.org")
    with stage.at(stage.moment(conference.starts_at) - timedelta(hours=20)):
        await groups.begin(
            conference.slug, table, form, key=uuid.uuid5(uuid.NAMESPACE_URL, "delegation"), by=stage.organiser
        )
