"""Sample data for the style guide page: the longest names and empty lists."""

from typing import Any

from fairs.core.forms import Bound, BoundField, Field, Form
from fairs.core.i18n import pick

FIELDS = (
    ("0714", "Artificial intelligence", "人工智能", "rengongzhineng rgzn"),
    ("0812", "Computer science and technology", "计算机科学与技术", "jisuanjikexueyujishu jsjkxyjs"),
    ("0805", "Materials science and engineering", "材料科学与工程", "cailiaokexueyugongcheng clkxygc"),
    ("0901", "Crop science and wheat breeding", "作物学（小麦育种）", "zuowuxue xiaomaiyuzhong zwx xmyz"),
    ("1002", "Clinical medicine", "临床医学", "linchuangyixue lcyx"),
    ("0830", "Environmental science and engineering", "环境科学与工程", "huanjingkexueyugongcheng hjkxygc"),
)
UNITS = (
    ("安阳", "Anyang", 5, 1, 64, 2),
    ("鹤壁", "Hebi", 5, 2, 12, 0),
    ("濮阳", "Puyang", 6, 1, 31, 1),
    ("焦作", "Jiaozuo", 3, 2, 71, 2),
    ("新乡", "Xinxiang", 4, 2, 96, 3),
    ("济源", "Jiyuan", 2, 2, 9, 0),
    ("三门峡", "Sanmenxia", 1, 3, 28, 1),
    ("洛阳", "Luoyang", 2, 3, 188, 4),
    ("郑州", "Zhengzhou", 3, 3, 612, 4),
    ("开封", "Kaifeng", 4, 3, 83, 3),
    ("商丘", "Shangqiu", 6, 3, 44, 2),
    ("航空港", "Airport zone", 3, 4, 120, 3),
    ("许昌", "Xuchang", 4, 4, 66, 2),
    ("平顶山", "Pingdingshan", 2, 4, 52, 2),
    ("漯河", "Luohe", 4, 5, 24, 1),
    ("周口", "Zhoukou", 5, 4, 37, 1),
    ("南阳", "Nanyang", 2, 5, 91, 3),
    ("驻马店", "Zhumadian", 3, 5, 40, 1),
    ("信阳", "Xinyang", 4, 6, 58, 2),
)


def samples() -> dict[str, Any]:
    """The context of `styleguide.html` in the viewer's language."""
    return {
        "form": _form(),
        "people": _people(),
        "page": {"number": 2, "pages": 9, "total": 426, "first": 51, "last": 100},
        "states": _states(),
        "stats": _stats(),
        "match": _match(),
        "tiles": [
            {"name": pick(zh, en), "col": col, "row": row, "value": value, "level": level, "href": "#map"}
            for zh, en, col, row, value, level in UNITS
        ],
        "bars": _bars(),
        "hours": [
            {"label": f"{hour:02d}:00", "value": value}
            for hour, value in zip(range(8, 19), (42, 318, 521, 402, 120, 96, 377, 430, 288, 133, 20), strict=True)
        ],
        "steps": _steps(),
        "life": _life(),
        "facts": _facts(),
        "event": _event(),
        "days": _days(),
    }


def _form() -> Bound[Form]:
    fields = [
        _field(
            "passport", pick("护照姓名", "Name as in the passport"), "text", help=_PASSPORT(), typed=["WÓJCIK-GARCÍA"]
        ),
        _field("email", pick("电子邮箱", "E-mail"), "email", typed=["maria@example"], errors=[_EMAIL()]),
        _field("born", pick("出生日期", "Date of birth"), "date", typed=["1984-02-29"]),
        _field("discipline", pick("学科", "Field"), "search-select", choices=_disciplines, typed=["0714"]),
        _field("degree", pick("最高学位", "Highest degree"), "select", choices=_degrees),
        _field(
            "wanted",
            pick("合作方式", "Ways of working together"),
            "multiselect",
            choices=_ways,
            typed=["full", "project"],
        ),
        _field(
            "cities", pick("意向城市", "Cities wanted"), "multiselect", False, choices=_cities, typed=["郑州", "洛阳"]
        ),
        _field("headcount", pick("需求人数", "People wanted"), "number", typed=["3"]),
        _field("arrives", pick("到达时间（北京时间）", "Arrival, Beijing time"), "datetime", False),
        _field("summary", pick("研究简介", "Research summary"), "textarea", False, help=_SUMMARY()),
        _field("cv", pick("个人简历", "CV"), "file", False, help=pick("PDF，不超过 10 MB。", "PDF, up to 10 MB.")),
        _field("consent", _CONSENT(), "checkbox", errors=[pick("请先勾选同意。", "Please tick this to go on.")]),
    ]
    bound: Bound[Form] = Bound(Form, {item.name: item for item in fields})
    return bound


def _field(
    name: str,
    label: str,
    widget: str,
    required: bool = True,
    *,
    help: str = "",
    choices: Any = None,
    typed: list[str] | None = None,
    errors: list[object] | None = None,
) -> BoundField:
    spec = Field(label, help=help, widget=widget, choices=choices)
    return BoundField(name, spec, required, typed or [], errors or [])


def _PASSPORT() -> str:  # noqa: N802
    return pick(
        "与护照上的拼写完全一致，证件按此打印。", "Letter by letter as in the passport: the badge is printed from it."
    )


def _EMAIL() -> str:  # noqa: N802
    return pick("请填写完整的邮箱地址，例如 name@example.org。", "Give the whole address, like name@example.org.")


def _SUMMARY() -> str:  # noqa: N802
    return pick("几句话说明您做什么，中文或英文均可。", "A few sentences on what you do, in English or Chinese.")


def _CONSENT() -> str:  # noqa: N802
    return pick("同意用人单位在大会期间查看我的简历", "Employers may read my CV while the conference lasts")


def _disciplines() -> list[tuple[str, str, str]]:
    return [(code, pick(zh, en), f"{zh} {en} {keys} {code}") for code, en, zh, keys in FIELDS]


def _cities() -> list[tuple[str, str, str]]:
    return [(zh, pick(zh, en), f"{zh} {en}") for zh, en, *_ in UNITS]


def _degrees() -> list[tuple[str, str, str]]:
    names = (("phd", "博士", "Doctorate"), ("master", "硕士", "Master"), ("bachelor", "学士", "Bachelor"))
    return [(code, pick(zh, en), "") for code, zh, en in names]


def _ways() -> list[tuple[str, str, str]]:
    names = (
        ("full", "全职", "Full time"),
        ("part", "短期工作", "Short stays"),
        ("project", "项目合作", "Joint project"),
    )
    return [(code, pick(zh, en), "") for code, zh, en in names]


def _people() -> list[dict[str, Any]]:
    rows = (
        ("王晓明", "Xiaoming Wang", "新加坡国立大学", "National University of Singapore", "success", 12),
        (
            "",
            "María del Carmen Fernández-Wójcikowska de la Torre",
            "慕尼黑工业大学",
            "Technical University of Munich",
            "progress",
            3,
        ),
        (
            "买买提·阿卜杜热合曼",
            "Memet Abdurahman",
            "国家超级计算郑州中心",
            "National Supercomputing Center in Zhengzhou",
            "warning",
            0,
        ),
        (
            "欧阳䶮",
            "Yan Ouyang",
            "中铁工程装备集团有限公司",
            "China Railway Engineering Equipment Group",
            "neutral",
            1428,
        ),
    )
    return [
        {
            "zh": zh,
            "en": en,
            "org": pick(org_zh, org_en),
            "kind": kind,
            "state": dict(_states())[kind],
            "meetings": count,
        }
        for zh, en, org_zh, org_en, kind, count in rows
    ]


def _states() -> list[tuple[str, str]]:
    return [
        ("neutral", pick("草稿", "Draft")),
        ("progress", pick("审核中", "In review")),
        ("success", pick("已通过", "Approved")),
        ("done", pick("已到岗", "Arrived")),
        ("warning", pick("候补", "Waiting list")),
        ("danger", pick("已拒绝", "Refused")),
        ("info", pick("已发布", "Published")),
    ]


def _stats() -> list[dict[str, Any]]:
    return [
        {
            "value": "2,747",
            "unit": pick("人次", "person-times"),
            "label": pick("到场", "Present"),
            "rule": pick("每人每天入场首次核验计一次", "First entry scan of a person on each day"),
            "share": 137,
            "target": pick("2,000 人次", "2,000 person-times"),
        },
        {
            "value": "412",
            "unit": pick("家", "employers"),
            "label": pick("参会用人单位", "Employers present"),
            "rule": pick("至少一名代表入场核验", "At least one representative scanned in"),
            "share": None,
            "target": "",
        },
        {
            "value": "186",
            "unit": pick("份", "intents"),
            "label": pick("双方签署意向", "Intents signed by both"),
            "rule": pick("意向不等于合同", "An intent is not yet a contract"),
            "share": 62,
            "target": pick("300 份", "300 intents"),
        },
    ]


def _bars() -> list[dict[str, Any]]:
    rows = (
        ("郑州", "Zhengzhou", 612, 500),
        ("洛阳", "Luoyang", 188, 260),
        ("南阳", "Nanyang", 91, 90),
        ("鹤壁", "Hebi", 12, 40),
    )
    return [
        {"label": pick(zh, en), "value": value, "target": target, "href": "#bars"} for zh, en, value, target in rows
    ]


def _match() -> dict[str, Any]:
    return {
        "sentence": pick(
            "您的小麦抗赤霉病研究与河南省农科院“小麦抗病育种”岗位所需一致，学位和语言符合，薪酬尚未填写。",
            "Your work on Fusarium resistance in wheat is what the Academy's post “Disease-resistant wheat breeding” asks for; "
            "degree and language fit, pay is not yet given.",
        ),
        "conditions": [
            {
                "state": "met",
                "label": pick("学位", "Degree"),
                "you": pick("博士", "Doctorate"),
                "they": pick("博士", "Doctorate"),
            },
            {
                "state": "met",
                "label": pick("合作方式", "Engagement"),
                "you": pick("全职引进", "Full-time appointment"),
                "they": pick("全职引进", "Full-time appointment"),
            },
            {
                "state": "met",
                "label": pick("工作许可", "Work permit"),
                "you": pick("需要办理", "is needed"),
                "they": pick("由用人单位申办", "the employer applies"),
            },
            {
                "state": "unknown",
                "label": pick("薪酬", "Pay"),
                "you": "",
                "they": pick("每年 30–45 万元", "CNY 300,000–450,000 a year"),
            },
            {
                "state": "missed",
                "label": pick("城市", "City"),
                "you": pick("郑州、洛阳", "Zhengzhou, Luoyang"),
                "they": pick("周口", "Zhoukou"),
            },
        ],
        "terms": [
            {"left": "wheat breeding", "right": "小麦育种", "same": True},
            {"left": "Fusarium head blight", "right": "赤霉病", "same": True},
            {"left": "QTL mapping", "right": "分子标记", "same": False},
        ],
        "above": pick(
            "排在“玉米遗传育种”之前：作物相同，且研究关键词多两个。",
            "Above “Maize genetics”: the same crop, and two more of your key terms.",
        ),
    }


def _steps() -> list[dict[str, Any]]:
    names = (
        ("done", "账号", "Account"),
        ("done", "个人信息", "About you"),
        ("current", "研究方向", "Your research"),
        ("todo", "意愿", "Wishes"),
        ("todo", "核对提交", "Check and send"),
    )
    return [{"state": state, "label": pick(zh, en), "href": "#steps"} for state, zh, en in names]


def _life() -> list[dict[str, Any]]:
    return [
        {
            "state": "done",
            "title": pick("起草意向协议", "Intent drawn up"),
            "when": pick("10月27日 10:40", "27 Oct, 10:40"),
        },
        {
            "state": "done",
            "title": pick("双方签署", "Signed by both sides"),
            "when": pick("10月27日 11:05", "27 Oct, 11:05"),
        },
        {
            "state": "current",
            "title": pick("市局核实", "Bureau verifies"),
            "text": pick("洛阳市人社局，还剩 3 天", "Luoyang bureau, 3 days left"),
        },
        {
            "state": "missed",
            "title": pick("30 天回访", "Follow-up after 30 days"),
            "text": pick("无人应答，已改期", "No answer, moved"),
        },
        {"state": "todo", "title": pick("到岗", "Arrival at work")},
    ]


def _facts() -> list[dict[str, Any]]:
    return [
        {
            "label": pick("用人单位", "Employer"),
            "value": pick(
                "河南省农业科学院小麦研究所", "Wheat Research Institute, Henan Academy of Agricultural Sciences"
            ),
        },
        {"label": pick("需求人数", "People wanted"), "value": 3, "href": "#facts"},
        {"label": pick("截止日期", "Open until"), "value": pick("2018年10月20日", "20 Oct 2018"), "href": "#facts"},
        {"label": pick("备注", "Remarks"), "value": "", "href": "#facts"},
    ]


def _event() -> dict[str, Any]:
    titles = ("第二届中国·河南招才引智创新发展大会", "China Henan Conference on Talents for Innovation and Development")
    return {
        "title": pick(*titles),
        "other": pick(*reversed(titles)),
        "other_lang": pick("en", "zh-Hans"),
        "eyebrow": pick("2018 年大会", "Conference 2018"),
        "where": pick("郑州国际会展中心", "Zhengzhou International Convention and Exhibition Centre"),
        "day": pick("2018年10月27日至28日", "27 and 28 October 2018"),
        "counts": [
            {"value": "2,747", "unit": pick("人", "persons"), "label": pick("人才", "Talents")},
            {"value": "412", "unit": pick("家", "employers"), "label": pick("用人单位", "Employers")},
            {"value": "12,600", "unit": pick("个", "posts"), "label": pick("岗位", "Posts"), "href": "#lists"},
            {"value": "35", "unit": pick("个", "countries"), "label": pick("国家和地区", "Countries and regions")},
        ],
    }


def _days() -> list[dict[str, Any]]:
    first = (
        ("09:00–10:00", "开幕式", "Opening", "主会场", "Main hall"),
        (
            "10:20–12:00",
            "院士论坛：黄河流域生态保护",
            "Academicians' forum: the ecology of the Yellow River basin",
            "三层 305",
            "Room 305",
        ),
        ("14:00–17:30", "人才与项目对接洽谈", "Meetings of talents and employers", "二号厅", "Hall 2"),
    )
    second = (("09:00–11:30", "海外人才项目路演", "Roadshow of projects from abroad", "三层 301", "Room 301"),)
    return [
        {"label": pick("10月27日 星期六", "Saturday, 27 October"), "sessions": [_session(*row) for row in first]},
        {"label": pick("10月28日 星期日", "Sunday, 28 October"), "sessions": [_session(*row) for row in second]},
    ]


def _session(time: str, zh: str, en: str, room_zh: str, room_en: str) -> dict[str, Any]:
    return {
        "time": time,
        "title": pick(zh, en),
        "other": pick(en, zh),
        "room": pick(room_zh, room_en),
        "href": "#event",
    }
