"""The measures of what is around the meetings: exhibits and their visits. Data, no behaviour."""

from dataclasses import replace

from fairs.checkin.tallies import STANDING
from fairs.reports.counting import Measure

_NAME = "coalesce(nullif(t.name_native, ''), t.name_passport)"
_OWNED = (
    " LEFT JOIN organisation o ON o.id = x.organisation LEFT JOIN talent t ON t.id = x.talent"
    " LEFT JOIN unit b ON b.id = x.bureau CROSS JOIN scope WHERE x.event = scope.event AND x.state = 'released'"
)
_EXHIBIT = Measure(
    key="exhibits",
    group="exhibits",
    zh="展出成果",
    en="Exhibits shown",
    counted="exhibits",
    rule_zh="已在成果展发布的展品（成果、专利、产品、企业），每件计一次；草稿、待审和退回的不计。",
    rule_en="Each exhibit released into the gallery, once; no drafts, none that waits or was sent back.",
    source=f"FROM exhibit x{_OWNED}",
    identity="x.id",
    unit="coalesce(o.unit, x.bureau, t.unit)",
    at="coalesce(x.decided_at, x.created_at)",
    label="coalesce(nullif(x.title_zh, ''), x.title_en)",
    label_en="coalesce(nullif(x.title_en, ''), x.title_zh)",
    mark="'#' || x.id",
    detail=f"coalesce(o.name_zh, b.name_zh, {_NAME}, '')",
    detail_en="coalesce(nullif(o.name_en, ''), o.name_zh, b.name_en, t.name_passport, '')",
    search="concat_ws(' ', x.title_zh, x.title_en, x.search_key, o.search_key)",
)
_DONE = (
    "FROM service_day d JOIN service_expert x ON x.id = d.expert JOIN service_request q ON q.id = x.request"
    " JOIN talent t ON t.id = x.talent CROSS JOIN scope WHERE q.event = scope.event AND d.done_at IS NOT NULL"
)
_SERVICE = Measure(
    key="service_days",
    group="service",
    zh="服务天数",
    en="Days of service",
    counted="days",
    rule_zh="专家在基层服务并由所在地填报的天数，每名专家每天计一人天；仅安排未填报的不计。",
    rule_en="Each day of an expert at a county that was reported, once for each expert; days that are only planned do not count.",
    source=_DONE,
    identity="d.id",
    unit="q.unit",
    at="((d.day + time '12:00') AT TIME ZONE scope.zone)",
    by_day=True,
    label="coalesce(nullif(q.topic_zh, ''), q.topic_en)",
    label_en="coalesce(nullif(q.topic_en, ''), q.topic_zh)",
    mark="'#' || q.id || '/' || d.day",
    detail=_NAME,
    detail_en="t.name_passport",
    search="concat_ws(' ', q.topic_zh, q.topic_en, q.place_zh, q.place_en, t.search_key)",
    ref="q.id",
    route=("service_request", "service_id"),
)
AROUND = (
    _EXHIBIT,
    replace(
        _EXHIBIT,
        key="exhibit_visits",
        zh="参观展位",
        en="Visits at exhibits",
        counted="person_times",
        rule_zh="展出期间在展位核验点扫码的参观者，每人每件展品计一人次；同一人再次扫码不另计，误扫撤销的不计。",
        rule_en="Each person scanned at the booth's gate while the exhibit stood there, once for each exhibit; no scan that was undone.",
        source="FROM exhibit x JOIN exhibit_stand v ON v.exhibit = x.id JOIN exhibit_booth w ON w.id = v.booth"
        " JOIN scan s ON s.gate = w.gate AND s.scanned_at >= v.since AND (v.until IS NULL OR s.scanned_at < v.until)"
        f"{_OWNED} AND s.outcome IN ('admitted', 'already') AND s.direction = 'in' AND s.registration IS NOT NULL AND {STANDING}",
        identity="x.id, s.registration",
        at="s.scanned_at",
        mark="'#' || x.id || '/' || s.registration",
    ),
    replace(
        _EXHIBIT,
        key="exhibit_requests",
        zh="展品意向",
        en="Requests to exhibitors",
        counted="requests",
        rule_zh="登录用户对已发布展品提出的意向（感兴趣、投资、合作、场地、洽谈），每人每件展品计一条；撤回的不计。意向不等于达成意向协议。",
        rule_en="What signed-in people asked of an exhibitor, once for each person and exhibit; none that was taken back. Not an intent agreement.",
        source=f"FROM exhibit x JOIN exhibit_request q ON q.exhibit = x.id{_OWNED}",
        identity="q.id",
        at="q.at",
        mark="'#' || x.id || '/' || q.id",
    ),
    replace(
        _SERVICE,
        key="service_visits",
        zh="专家服务基层",
        en="Visits to counties",
        counted="visits",
        rule_zh="至少填报过一天服务的基层需求，每项计一次。",
        rule_en="Each request of a county with at least one reported day, once.",
        identity="q.id",
        mark="'#' || q.id",
        detail="coalesce(nullif(q.place_zh, ''), q.place_en)",
        detail_en="coalesce(nullif(q.place_en, ''), q.place_zh)",
    ),
    replace(
        _SERVICE,
        key="service_experts",
        zh="服务专家",
        en="Experts who went",
        counted="persons",
        rule_zh="至少有一天服务已填报的专家，每人计一次，去过多地也只计一次。",
        rule_en="Each expert with at least one reported day, once, even at several counties.",
        identity="x.talent",
        mark="'#' || x.talent",
    ),
    _SERVICE,
    replace(
        _SERVICE,
        key="service_people",
        zh="受益人次",
        en="People helped",
        counted="person_times",
        rule_zh="各服务日填报的受益人数之和；同一人在不同日受益的分别计。",
        rule_en="The sum of the people reported for each day of service; somebody helped on two days counts twice.",
        value="d.people",
    ),
)
