"""The measures: what is counted, the unit of counting, the rule, in official terms. Data, no behaviour."""

from dataclasses import replace

from fairs.agreements.tables import AgreementState
from fairs.reports.around import AROUND
from fairs.reports.attendance import ENTRIES, PEOPLE
from fairs.reports.counting import Measure
from fairs.units import catalogues
from fairs.units.entries import Named

_EMPLOYER = Measure(
    key="employers_registered",
    group="employers",
    zh="注册用人单位",
    en="Employers signed up",
    counted="employers",
    rule_zh="在平台注册的用人单位，每家计一次，不限于本活动；未通过的不计。",
    rule_en="Each employer signed up on the platform, once, not only for this event; refused ones left out.",
    source="FROM organisation o CROSS JOIN scope WHERE o.state <> 'rejected'",
    identity="o.id",
    unit="o.unit",
    at="o.created_at",
    label="o.name_zh",
    label_en="coalesce(nullif(o.name_en, ''), o.name_zh)",
    detail="o.uscc",
    search="concat_ws(' ', o.name_zh, o.name_en, o.uscc, o.search_key)",
)
_LISTED = "l.event = scope.event AND l.published_at IS NOT NULL AND l.state <> 'draft'"
_EMPLOYERS = (
    _EMPLOYER,
    replace(
        _EMPLOYER,
        key="employers_approved",
        zh="审核通过",
        en="Approved",
        rule_zh="所属市局已审核通过的注册用人单位，每家计一次。",
        rule_en="Each employer approved by its bureau, once.",
        source="FROM organisation o CROSS JOIN scope WHERE o.state = 'approved'",
    ),
    replace(
        _EMPLOYER,
        key="employers_listing",
        zh="发布需求的用人单位",
        en="Employers with listings",
        rule_zh="为本活动发布过需求的用人单位，每家计一次。",
        rule_en="Each employer that has published a listing for this event, once.",
        source=f"FROM listing l JOIN organisation o ON o.id = l.organisation CROSS JOIN scope WHERE {_LISTED}",
        at="l.published_at",
    ),
    replace(
        _EMPLOYER,
        key="employers_on_site",
        zh="到场用人单位",
        en="Employers on site",
        rule_zh="审核通过、且至少一名代表在入场核验点核验通过的用人单位，每家计一次。",
        rule_en="Each approved employer of whom at least one representative was admitted at an entry gate, once.",
        source=f"{ENTRIES} AND o.id IS NOT NULL AND r.category = 'employer' AND o.state = 'approved'",
        at="d.first_scanned_at",
    ),
)
_LISTING = Measure(
    key="listings_people",
    group="listings",
    zh="岗位需求",
    en="People wanted",
    counted="posts",
    rule_zh="为本活动发布的岗位需求，每条计一个；发布后截止的仍计，草稿不计。",
    rule_en="Each listing of posts published for this event, even if closed later; no drafts.",
    source="FROM listing l JOIN organisation o ON o.id = l.organisation CROSS JOIN scope"
    f" WHERE {_LISTED} AND l.kind = 'people'",
    identity="l.id",
    unit="o.unit",
    at="l.published_at",
    label="l.title_zh",
    label_en="coalesce(nullif(l.title_en, ''), l.title_zh)",
    detail="o.name_zh",
    detail_en="coalesce(nullif(o.name_en, ''), o.name_zh)",
    search="concat_ws(' ', l.title_zh, l.title_en, l.search_key, o.name_zh, o.name_en, o.search_key)",
    ref="l.id",
    route=("listing_page", "listing_id"),
)
_LISTINGS = (
    _LISTING,
    replace(
        _LISTING,
        key="listings_projects",
        zh="项目需求",
        en="Projects wanted",
        counted="projects",
        rule_zh="为本活动发布的项目需求，每条计一个；发布后截止的仍计，草稿不计。",
        rule_en="Each listing of a project published for this event, even if closed later; no drafts.",
        source=_LISTING.source.replace("'people'", "'project'"),
    ),
    replace(
        _LISTING,
        key="headcount",
        zh="需求人数",
        en="Heads wanted",
        counted="heads",
        rule_zh="上述岗位需求所填需求人数之和；与岗位个数分别统计。",
        rule_en="The sum of the heads wanted in these listings of posts; never added to the number of listings.",
        value="l.headcount",
    ),
)
_BOTH_SIDES = (
    " JOIN organisation o ON o.id = l.organisation JOIN talent t ON t.id = {owner}.talent CROSS JOIN scope"
    " WHERE {owner}.event = scope.event"
)
_TALENT = "CASE WHEN t.name_native IN ('', t.name_passport) THEN t.name_passport ELSE t.name_native || ' ' || t.name_passport END"
_SEARCH_BOTH = "concat_ws(' ', t.name_passport, t.name_native, t.search_key, o.name_zh, o.name_en, o.search_key)"
_MEETING = Measure(
    key="meetings_scheduled",
    group="meetings",
    zh="安排洽谈",
    en="Meetings arranged",
    counted="meetings",
    rule_zh="已排定时段和洽谈台的洽谈，每场计一次，含已举行和未到场的；已取消的不计。",
    rule_en="Each meeting with a slot and a table, held or not; cancelled ones left out.",
    source="FROM meeting m JOIN listing l ON l.id = m.listing"
    f"{_BOTH_SIDES.format(owner='m')} AND m.state <> 'cancelled'",
    identity="m.id",
    unit="o.unit",
    at="m.starts_at",
    label=_TALENT,
    mark="o.name_zh || ' #' || m.id",
    detail="o.name_zh || ' · ' || l.title_zh",
    detail_en="coalesce(nullif(o.name_en, ''), o.name_zh) || ' · ' || coalesce(nullif(l.title_en, ''), l.title_zh)",
    search=_SEARCH_BOTH,
    ref="m.id",
    route=("cancel_meeting_page", "meeting_id"),
    for_province=True,
)
_MEETINGS = (
    replace(
        _MEETING,
        key="mutual_interests",
        zh="双向意愿",
        en="Mutual interests",
        counted="pairs",
        rule_zh="人才与用人单位就同一需求都表示必见或愿见的，每对计一次。",
        rule_en="Each pair of talent and listing where both sides said must meet or meet.",
        source="FROM preference p JOIN preference q ON q.talent = p.talent AND q.listing = p.listing"
        " AND q.side = 'employer' AND q.level IN ('must', 'meet') JOIN listing l ON l.id = p.listing"
        f"{_BOTH_SIDES.format(owner='p')} AND p.side = 'talent' AND p.level IN ('must', 'meet')",
        identity="p.talent, p.listing",
        ref="NULL::text",
        route=None,
        mark="o.name_zh || ' #' || p.listing || '/' || p.talent",
        at="greatest(p.updated_at, q.updated_at)",
    ),
    _MEETING,
    replace(
        _MEETING,
        key="meetings_held",
        zh="已举行洽谈",
        en="Meetings held",
        rule_zh="双方到场并已举行的洽谈，每场计一次。",
        rule_en="Each meeting that took place.",
        source=_MEETING.source.replace("m.state <> 'cancelled'", "m.state = 'held'"),
    ),
)
_AGREEMENT_FROM = (
    "FROM agreement a JOIN organisation o ON o.id = a.organisation JOIN talent t ON t.id = a.talent CROSS JOIN scope"
)
_FACT = "((x.fact_on + time '12:00') AT TIME ZONE scope.zone)"  # noon: the same day in every zone that reads it
_REACHED = (
    "FROM agreement a JOIN agreement_transition x ON x.agreement = a.id AND x.to_state = '{state}'"
    " AND x.from_state <> x.to_state JOIN organisation o ON o.id = a.organisation JOIN talent t ON t.id = a.talent"
    " CROSS JOIN scope WHERE a.event = scope.event"
)
_SIGNED = (
    _REACHED.format(state=AgreementState.SIGNED_INTENT)
    + " AND NOT EXISTS (SELECT FROM agreement_transition y WHERE y.agreement = a.id AND y.to_state = 'returned' AND y.id > x.id)"
)
_INTENT = Measure(
    key="intents",
    group="agreements",
    zh="达成意向",
    en="Intents",
    counted="agreements",
    rule_zh="曾达成意向的协议，每份计一次，含此后推进或终止的。意向不等于签约。",
    rule_en="Each agreement that reached intent, whatever its later state. An intent is not yet signed.",
    source=_REACHED.format(state=AgreementState.INTENT),
    identity="a.id",
    unit="a.unit",
    at=_FACT,
    by_day=True,
    label="a.number || ' ' || a.title_zh",
    mark="a.number",
    label_en="a.number || ' ' || coalesce(nullif(a.title_en, ''), a.title_zh)",
    detail=f"{_TALENT} || ' · ' || o.name_zh",
    detail_en="t.name_passport || ' · ' || coalesce(nullif(o.name_en, ''), o.name_zh)",
    search=f"concat_ws(' ', a.number, a.title_zh, a.title_en, {_SEARCH_BOTH})",
    ref="a.number",
    route=("agreement", "number"),
)
_AGREEMENTS = (
    _INTENT,
    replace(
        _INTENT,
        key="signed_intents",
        zh="签订意向协议",
        en="Signed by both",
        rule_zh="双方均已签署的意向协议，每份计一次，按签署日期计，不按录入日期，含此后推进或终止的，退回修改后重新签署前不计。签订意向不等于签订合同。",
        rule_en="Each agreement that both sides signed, by the date of signing, not of its recording, whatever its later state; one sent back counts again once it is signed anew. Not yet a contract.",
        source=_SIGNED,
    ),
    replace(
        _INTENT,
        key="verified",
        zh="经核实",
        en="Verified",
        rule_zh="双方签署后经市局核实的协议，每份计一次。",
        rule_en="Each agreement that the bureau verified after both signed.",
        source=f"{_AGREEMENT_FROM} WHERE a.event = scope.event AND a.verified_at IS NOT NULL",
        at="a.verified_at",
        by_day=False,
    ),
    replace(
        _INTENT,
        key="amount",
        zh="签约金额",
        en="Amount signed",
        counted="yuan",
        rule_zh="双方均已签署的意向协议所载金额之和，终止的不计；未填金额的按零计。",
        rule_en="The sum of the amounts in agreements that both signed, terminated ones left out; no amount counts as zero.",
        source=_SIGNED + " AND a.state <> 'terminated'",
        value="coalesce(a.amount_cny, 0)",
    ),
    replace(
        _INTENT,
        key="contracts",
        zh="签订合同",
        en="Contracts",
        rule_zh="已签订正式合同的协议，每份计一次，按合同日期计，不按录入日期。",
        rule_en="Each agreement that became a contract, by the date of the contract, not of its recording.",
        source=_REACHED.format(state=AgreementState.CONTRACT),
    ),
    replace(
        _INTENT,
        key="arrived",
        zh="到岗人才",
        en="Arrived at work",
        counted="persons",
        rule_zh="由本活动的协议到岗的人才，每人计一次，按到岗日期计，不按录入日期；团队成员不另计。",
        rule_en="Each talent who arrived at work by an agreement of this event, once, by the date of arrival, not of its recording; members of a team are not added.",
        source=_REACHED.format(state=AgreementState.ARRIVED),
        identity="a.talent",
    ),
    replace(
        _INTENT,
        key="landed",
        zh="落地项目",
        en="Projects landed",
        counted="projects",
        rule_zh="由本活动的协议落地的项目，每个计一次，按落地日期计，不按录入日期；与到岗人数分别统计。",
        rule_en="Each agreement of this event whose project landed, by the date of landing, not of its recording; never added to arrivals.",
        source=_REACHED.format(state=AgreementState.LANDED),
    ),
)


def _state(state: Named) -> Measure:
    return replace(
        _INTENT,
        key=f"state_{state.key}",
        group="states",
        zh=state.zh,
        en=state.en,
        rule_zh=f"目前处于“{state.zh}”状态的协议，每份计一次。",
        rule_en=f"Each agreement whose current state is “{state.en}”.",
        source=f"{_AGREEMENT_FROM} WHERE a.event = scope.event AND a.state = '{state.key}'",
        at="a.state_since",
        by_day=False,
    )


_IN_YEAR = " AND extract(year FROM x.fact_on) = scope.year"
_HOME = "('CN', 'HK', 'MO', 'TW')"
_RETURNEE = (
    f" AND t.nationality IN {_HOME} AND t.abroad_country <> '' AND t.abroad_country NOT IN {_HOME}"
    " AND (t.abroad_degree NOT IN ('', 'none') OR coalesce(t.abroad_to, scope.today) >= t.abroad_from + interval '12 months')"
)
_YEAR = (
    replace(
        _INTENT,
        key="year_overseas_talents",
        group="year",
        zh="本年到岗留学人才",
        en="Returnees arrived this year",
        counted="persons",
        rule_zh="到岗日期在本年内的海外留学人才，每人每年计一次，不限活动；须为中国（含港澳台）公民，且在境外取得学位或学习满十二个月。",
        rule_en="Each citizen of China, Hong Kong, Macao or Taiwan with a degree or twelve months of studies abroad whose date of arrival at work lies within the year, once a year, from any event.",
        source=_REACHED.format(state=AgreementState.ARRIVED).replace("a.event = scope.event", "true")
        + _IN_YEAR
        + _RETURNEE,
        identity="a.talent",
    ),
    replace(
        _INTENT,
        key="year_experts_funded",
        group="year",
        zh="本年资助外国专家",
        en="Foreign experts funded this year",
        counted="person_times",
        rule_zh="所资助的聘期始于本年的外国专家，每个受资助聘期计一人次，同一人可多次计，不限活动；未记聘期的按资助日期计。",
        rule_en="Each funded engagement period of a foreign expert that begins within the year; the same person may count again. From any event; without a period, by the date of the funding.",
        source=_REACHED.format(state=AgreementState.FUNDED).replace("a.event = scope.event", "true")
        + _IN_YEAR.replace("x.fact_on", "coalesce(x.period_from, x.fact_on)")
        + " AND t.nationality NOT IN ('', 'CN', 'HK', 'MO', 'TW')",
        identity="x.id",
    ),
)
REACHED_BY = {target.key: target.measure for target in catalogues.targets() if target.measure}  # target → measure
MEASURES: dict[str, Measure] = {
    measure.key: measure
    for measure in (
        *PEOPLE,
        *_EMPLOYERS,
        *_LISTINGS,
        *_MEETINGS,
        *_AGREEMENTS,
        *AROUND,
        *(_state(state) for state in catalogues.agreement_states()),
        *_YEAR,
    )
}
UNIT_COLUMNS = (
    "employers_approved",
    "employers_listing",
    "headcount",
    "meetings_held",
    "intents",
    "signed_intents",
    "verified",
    "arrived",
)
