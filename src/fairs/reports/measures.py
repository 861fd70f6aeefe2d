"""The measures: what is counted, the unit of counting, the rule, in official terms. Data, no behaviour."""

from dataclasses import replace

from fairs.agreements.tables import AgreementState
from fairs.reports.counting import Measure
from fairs.units import catalogues
from fairs.units.entries import Named

_SIDES = " LEFT JOIN organisation o ON o.id = r.organisation LEFT JOIN talent t ON t.id = r.talent"
_PERSON = Measure(
    key="registered",
    group="people",
    zh="已报名",
    en="Registered",
    counted="persons",
    rule_zh="报名已确认者，每人计一次；候补与已取消的不计。报名不等于到场。",
    rule_en="Each person with a confirmed registration, once; without the waiting list and cancelled ones. Registered does not mean present.",
    source=f"FROM registration r CROSS JOIN scope{_SIDES} WHERE r.event = scope.event AND r.state = 'confirmed'",
    identity="r.id",
    unit="coalesce(o.unit, t.unit)",
    at="coalesce(r.confirmed_at, r.created_at)",
    label="CASE WHEN r.name_native IN ('', r.name_passport) THEN r.name_passport ELSE r.name_native || ' ' || r.name_passport END",
    mark="r.number",
    detail="r.nationality",
    detail_kind="countries",
    search="concat_ws(' ', r.number, r.name_passport, r.name_native, r.organisation_name, r.search_key)",
)
_ENTRIES = (
    "FROM admission d JOIN gate g ON g.id = d.gate AND g.kind = 'entry' JOIN registration r ON r.id = d.registration"
    f" CROSS JOIN scope{_SIDES} WHERE g.event = scope.event"
)
_PEOPLE = (
    _PERSON,
    replace(
        _PERSON,
        key="waitlisted",
        zh="候补",
        en="On the waiting list",
        rule_zh="正在候补的人，每人计一次；尚无名额，不计入已报名。",
        rule_en="Each person who waits for a place, once; not part of the registered.",
        source=_PERSON.source.replace("'confirmed'", "'waitlisted'"),
        at="r.created_at",
    ),
    replace(
        _PERSON,
        key="present_today",
        zh="今日到场",
        en="Present today",
        rule_zh="今日在入场核验点至少核验通过一次的人，每人计一次。",
        rule_en="Each person admitted at an entry gate today, once.",
        source=f"{_ENTRIES} AND d.day = scope.today",
        at="d.first_scanned_at",
    ),
    replace(
        _PERSON,
        key="present",
        zh="累计到场",
        en="Present on any day",
        rule_zh="活动期间在入场核验点至少核验通过一次的人，每人计一次，多日到场只计一次。",
        rule_en="Each person admitted at an entry gate on any day, once, even on several days.",
        source=_ENTRIES,
        at="d.first_scanned_at",
    ),
    replace(
        _PERSON,
        key="entries",
        zh="入场人次",
        en="Entries",
        counted="person_times",
        rule_zh="每人每日首次入场核验计一人次，同日经多个入口只计一次。",
        rule_en="The first entry of each person on each day; several entrances on one day count once.",
        source=_ENTRIES,
        identity="r.id, d.day",
        at="d.first_scanned_at",
    ),
    replace(
        _PERSON,
        key="countries",
        zh="来自国家和地区",
        en="Countries and regions",
        counted="countries",
        rule_zh="已确认报名者的国籍或地区，各计一次。",
        rule_en="Each country or region of those registered, once.",
        source=f"{_PERSON.source} AND r.nationality <> ''",
        identity="r.nationality",
        label="r.nationality",
        mark="r.nationality",
        label_kind="countries",
        detail="''",
        detail_kind="",
        search="r.nationality",
    ),
)
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
        source=f"{_ENTRIES} AND o.id IS NOT NULL AND r.category = 'employer' AND o.state = 'approved'",
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
_REACHED = (
    "FROM agreement a JOIN agreement_transition x ON x.agreement = a.id AND x.to_state = '{state}'"
    " AND x.from_state <> x.to_state JOIN organisation o ON o.id = a.organisation JOIN talent t ON t.id = a.talent"
    " CROSS JOIN scope WHERE a.event = scope.event"
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
    at="x.at",
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
        rule_zh="双方均已签署的意向协议，每份计一次，含此后推进或终止的。签订意向不等于签订合同。",
        rule_en="Each agreement that both sides signed, whatever its later state. Not yet a contract.",
        source=_REACHED.format(state=AgreementState.SIGNED_INTENT),
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
    ),
    replace(
        _INTENT,
        key="amount",
        zh="签约金额",
        en="Amount signed",
        counted="yuan",
        rule_zh="双方均已签署的意向协议所载金额之和，终止的不计；未填金额的按零计。",
        rule_en="The sum of the amounts in agreements that both signed, terminated ones left out; no amount counts as zero.",
        source=_REACHED.format(state=AgreementState.SIGNED_INTENT) + " AND a.state <> 'terminated'",
        value="coalesce(a.amount_cny, 0)",
    ),
    replace(
        _INTENT,
        key="contracts",
        zh="签订合同",
        en="Contracts",
        rule_zh="已签订正式合同的协议，每份计一次。",
        rule_en="Each agreement that became a contract.",
        source=_REACHED.format(state=AgreementState.CONTRACT),
    ),
    replace(
        _INTENT,
        key="arrived",
        zh="到岗人才",
        en="Arrived at work",
        counted="persons",
        rule_zh="由本活动的协议到岗的人才，每人计一次；团队成员不另计。",
        rule_en="Each talent who arrived at work by an agreement of this event, once; members of a team are not added.",
        source=_REACHED.format(state=AgreementState.ARRIVED),
        identity="a.talent",
    ),
    replace(
        _INTENT,
        key="landed",
        zh="落地项目",
        en="Projects landed",
        counted="projects",
        rule_zh="由本活动的协议落地的项目，每个计一次；与到岗人数分别统计。",
        rule_en="Each agreement of this event whose project landed; never added to arrivals.",
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
    )


_IN_YEAR = " AND extract(year FROM x.at AT TIME ZONE scope.zone) = scope.year"
_YEAR = (
    replace(
        _INTENT,
        key="year_overseas_talents",
        group="year",
        zh="本年到岗人才",
        en="Arrived this year",
        counted="persons",
        rule_zh="本年内到岗的人才，每人每年计一次，不限活动。",
        rule_en="Each talent who arrived at work within the year, once a year, from any event.",
        source=_REACHED.format(state=AgreementState.ARRIVED).replace("a.event = scope.event", "true") + _IN_YEAR,
        identity="a.talent",
    ),
    replace(
        _INTENT,
        key="year_experts_funded",
        group="year",
        zh="本年资助外国专家",
        en="Foreign experts funded this year",
        counted="person_times",
        rule_zh="本年内对外国专家的资助，每次计一人次，同一人可多次计，不限活动。",
        rule_en="Each funding of a foreign expert within the year; the same person may count again. From any event.",
        source=_REACHED.format(state=AgreementState.FUNDED).replace("a.event = scope.event", "true")
        + _IN_YEAR
        + " AND t.nationality NOT IN ('', 'CN', 'HK', 'MO', 'TW')",
        identity="x.id",
    ),
)
REACHED_BY = {"overseas_talents": "year_overseas_talents", "experts_funded": "year_experts_funded"}  # target → measure
MEASURES: dict[str, Measure] = {
    measure.key: measure
    for measure in (
        *_PEOPLE,
        *_EMPLOYERS,
        *_LISTINGS,
        *_MEETINGS,
        *_AGREEMENTS,
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
