"""The measures of people: registered, waiting, present. Data, no behaviour."""

from dataclasses import replace

from fairs.reports.counting import Measure

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
ENTRIES = (
    "FROM admission d JOIN gate g ON g.id = d.gate AND g.kind = 'entry' JOIN registration r ON r.id = d.registration"
    f" CROSS JOIN scope{_SIDES} WHERE g.event = scope.event"
)
PEOPLE = (
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
        source=f"{ENTRIES} AND d.day = scope.today",
        at="d.first_scanned_at",
    ),
    replace(
        _PERSON,
        key="present",
        zh="累计到场",
        en="Present on any day",
        rule_zh="活动期间在入场核验点至少核验通过一次的人，每人计一次，多日到场只计一次。",
        rule_en="Each person admitted at an entry gate on any day, once, even on several days.",
        source=ENTRIES,
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
        source=ENTRIES,
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
