"""A measure is one SELECT of counted things. Its number is their sum and its rows are the same things, so the two
cannot differ. Pure.

Every SELECT reads `scope`: the event, the visible units (NULL: all), today in the event's zone, the year.
"""

from dataclasses import dataclass

from fairs.core.i18n import pick

SCOPE = (
    "WITH scope AS (SELECT :event::bigint AS event, :units::bigint[] AS units, :today::date AS today,"
    " :year::int AS year, :zone::text AS zone) "
)
_COUNTED = {  # unit of counting: zh, en
    "persons": ("人", "persons"),
    "person_times": ("人次", "person-times"),
    "countries": ("个", "countries and regions"),
    "employers": ("家", "employers"),
    "posts": ("个", "listings of posts"),
    "projects": ("个", "projects"),
    "heads": ("人", "heads wanted"),
    "pairs": ("对", "pairs"),
    "meetings": ("场", "meetings"),
    "agreements": ("份", "agreements"),
    "exhibits": ("件", "exhibits"),
    "requests": ("条", "requests"),
    "days": ("人天", "expert days"),
    "visits": ("次", "visits"),
    "yuan": ("元", "yuan"),
}
GROUPS = {
    "people": ("人员", "People"),
    "employers": ("用人单位", "Employers"),
    "listings": ("需求", "Listings"),
    "meetings": ("洽谈", "Meetings"),
    "agreements": ("意向协议", "Intent agreements"),
    "exhibits": ("成果展", "Exhibits"),
    "service": ("服务基层", "Experts for counties"),
    "states": ("协议进展", "Agreements by state"),
    "year": ("年度目标口径", "This year, for the targets"),
}


@dataclass(frozen=True)
class Measure:
    """`source` is FROM … WHERE …; one value of `identity` is one counted thing, shown as its first row in order of
    `at`. `unit` is its reporting unit. `label`, `detail…` and `ref` are displayed in a row; `route` is the target of
    `ref`, with the name of its parameter. `mark` names a thing that is frozen, without naming a person. `…_kind` names the catalogue of a displayed code. `for_province`: only the province may
    open `route`. `by_day`: `at` is the day of a
    fact, without an hour."""

    key: str
    group: str
    zh: str
    en: str
    counted: str
    rule_zh: str
    rule_en: str
    source: str
    identity: str
    unit: str
    at: str
    label: str
    label_en: str = ""
    mark: str = ""
    detail: str = "''"
    detail_en: str = ""
    detail_kind: str = ""
    label_kind: str = ""
    search: str = "''"
    value: str = "1"
    by_day: bool = False
    ref: str = "NULL::text"
    route: tuple[str, str] | None = None
    for_province: bool = False

    @property
    def name(self) -> str:
        return pick(self.zh, self.en)

    @property
    def rule(self) -> str:
        return pick(self.rule_zh, self.rule_en)

    @property
    def unit_of_counting(self) -> str:
        return pick(*_COUNTED[self.counted])

    @property
    def sums(self) -> bool:
        """Whether a row can count more than one."""
        return self.value != "1"

    def things(self, *, apart_by_unit: bool = False) -> str:
        """The SELECT of counted things. `apart_by_unit`: a thing in two units counts in each."""
        key = f"{self.unit}, {self.identity}" if apart_by_unit else self.identity
        return (
            f"SELECT DISTINCT ON ({key}) {self.unit} AS unit, {self.value} AS value, {self.at} AS at,"
            f" {self.label} AS label_zh, {self.label_en or self.label} AS label_en, {self.detail} AS detail_zh, {self.detail_en or self.detail} AS detail_en,"
            f" {self.search} AS keys, {self.ref} AS ref, ROW({self.identity})::text AS identity, ({self.mark or self.label})::text AS mark {self.source}"
            f" AND (scope.units IS NULL OR {self.unit} = ANY(scope.units)) ORDER BY {key}, {self.at}"
        )

    def number_sql(self) -> str:
        """One number; needs SCOPE before it."""
        return f"SELECT coalesce(sum(value), 0)::bigint FROM ({self.things()}) AS counted"  # noqa: S608 - constants of the code; values are named arguments

    def by_unit_sql(self) -> str:
        """unit, number."""
        return f"SELECT unit, sum(value)::bigint AS number FROM ({self.things(apart_by_unit=True)}) AS counted GROUP BY unit"  # noqa: S608 - constants of the code; values are named arguments


def group_name(group: str) -> str:
    """A group's heading in the reader's language."""
    return pick(*GROUPS[group])
