"""Two requests of bureaus for experts: one visit that is over, with its days and what came of it, and one that waits."""

from datetime import timedelta

from fairs.accounts.actor import Actor
from fairs.demo.context import DemoContext
from fairs.outreach import fitting, queries, services
from fairs.outreach.forms import DayForm, DoneForm, FollowUpForm, RequestForm

DAYS = 3


async def create_visits(stage: DemoContext) -> None:
    """Everything of the visits, up to now."""
    slug = stage.content.conference.slug
    starts = stage.moment(stage.content.conference.starts_at)
    first = starts.date() - timedelta(days=20)
    bureaus = [actor for actor in stage.bureaus.values() if actor.unit_ids]
    with stage.at(starts - timedelta(days=40)):
        bureau = bureaus[0]
        wheat = RequestForm(
            topic_zh="小麦赤霉病防治",
            topic_en="Scab of winter wheat",
            problem_zh="连续两年雨后大面积发病，常用药剂效果下降，需要专家到田间诊断并培训农技员。",
            problem_en="After rain the disease has spread for two years and fungicides fail. We need diagnosis in the fields and a course for advisers.",
            place_zh="中牟县",
            place_en="Zhongmu county",
            from_day=first,
            to_day=first + timedelta(days=DAYS + 2),
            experts=2,
            people=300,
            receiver="县农业农村局 刘科长 0371-62000000",
        )
        visit = await services.ask(slug, bureau.unit_ids[0], wheat, by=bureau)
    with stage.at(starts - timedelta(days=38)):
        await services.accept(visit, by=stage.organiser)
        experts = await _experts(stage, visit)
    with stage.at(starts - timedelta(days=18) + timedelta(days=DAYS)):
        await _days(visit, experts, bureau)
    with stage.at(starts - timedelta(days=5)):
        other = bureaus[-1]
        clinic = RequestForm(
            topic_zh="县医院卒中救治流程",
            topic_en="Stroke care in a county hospital",
            problem_zh="从到院到溶栓平均九十分钟，希望专家现场梳理流程。",
            problem_en="It takes ninety minutes from the door to the needle. We ask for somebody who looks at the process with us.",
            from_day=starts.date() + timedelta(days=20),
            to_day=starts.date() + timedelta(days=24),
            people=120,
        )
        await services.ask(slug, other.unit_ids[0], clinic, by=other)


async def _experts(stage: DemoContext, visit: int) -> list[tuple[int, Actor]]:
    """The first of the proposals who have an account in the demo are asked and agree."""
    row = await queries.request_for(stage.organiser, visit)
    known = {stage.talents[name]: actor for name, actor in stage.candidates.items() if name in stage.talents}
    going: list[tuple[int, Actor]] = []
    for fit in await fitting.fitting(row):
        if fit.talent in known and len(going) < 2:
            await services.ask_expert(visit, fit.talent, fit.reason, by=stage.organiser)
            expert = next(one.id for one in await queries.experts_of(visit) if one.talent == fit.talent)
            await services.answer(expert, agrees=True, by=known[fit.talent])
            going.append((expert, known[fit.talent]))
    return going


async def _days(visit: int, experts: list[tuple[int, Actor]], bureau: Actor) -> None:
    row = await queries.request_for(bureau, visit)
    for at, (expert, _) in enumerate(experts):
        for later in range(DAYS - at):
            day = DayForm(
                expert=expert,
                day=row.from_day + timedelta(days=later),
                place="中牟县刁家乡",
                task="田间诊断与农技员培训",
            )
            await services.plan_day(visit, day, by=bureau)
    for number, one in enumerate(await queries.days_of(visit)):
        await services.report_day(visit, one.id, DoneForm(people=40 + 15 * number, note="已发放用药方案"), by=bureau)
    if (await queries.request_for(bureau, visit)).done:
        text = "两个乡镇按方案用药后病穗率明显下降，明年继续合作。"
        await services.follow_up(visit, FollowUpForm(came="goes_on", text=text), by=bureau)
