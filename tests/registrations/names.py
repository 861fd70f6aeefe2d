"""People with names of many kinds, and what is typed to find them: for the server and for scanners without a network."""

from fairs.registrations import phones
from tests import factories

PEOPLE = {  # key: native, passport, organisation, e-mail, phone
    "xu": ("徐淑芬", "Xu Shufen", "开封大学", "sf@example.org", "+86 138 0013 8000"),
    "xue": ("薛平", "Xue Ping", "", "p1@example.org", ""),
    "student": ("李娜", "Aaron Li", "河南农业大学", "p2@example.org", ""),
    "john": ("", "John Smith", "Example Ltd", "p3@example.org", "+49 30 901820"),
    "smith": ("", "SMITH JOHN PAUL", "", "p4@example.org", ""),
    "lukasz": ("", "Łukasz Ørsted-Đorđević", "", "p5@example.org", ""),
    "obrien": ("", "Siobhán O’Brien", "", "p6@example.org", ""),
    "strauss": ("", "Jürgen Strauß", "", "p7@example.org", ""),
    "dot": ("阿卜杜拉·买买提", "Abdulla Mamat", "", "p8@example.org", ""),
    "shan": ("单雄信", "Xiongxin Shan", "", "p9@example.org", ""),
    "zeng": ("曾國藩", "Tseng Kuofan", "", "p10@example.org", ""),
    "yuchi": ("尉遲恭", "", "", "p11@example.org", ""),
    "lv": ("吕布", "LYU BU", "", "p12@example.org", ""),
    "passport": ("", "ZHANG MEILING", "", "p14@example.org", ""),
    "turned": ("", "Jianguo Ouyang", "", "p15@example.org", ""),
    "hidden": ("", "Jo\u200bhan\ufeffna  Weiß ", "", "p13@example.org", ""),
}
TYPED = [
    ("xu", ["xu", "xue"]),
    ("徐", ["xu"]),
    ("xusf", ["xu"]),
    ("xu sf", ["xu"]),
    ("XSF", ["xu"]),
    ("zhangml", ["passport"]),
    ("zml", ["passport"]),
    ("ouyangjg", ["turned"]),
    ("ojg", ["turned"]),
    ("shufen", ["xu"]),
    ("shufen xu", ["xu"]),
    ("淑芬", ["xu"]),
    ("Xu\u200b Shufen ", ["xu"]),
    ("daxue", ["xu", "student"]),
    ("nongye", ["student"]),
    ("農業大學", ["student"]),
    ("smith john", ["john", "smith"]),
    ("john smith", ["john", "smith"]),
    ("smith paul", ["smith"]),
    ("smithj", ["john", "smith"]),
    ("lukasz", ["lukasz"]),
    ("orsted", ["lukasz"]),
    ("oersted", ["lukasz"]),
    ("dordevic", ["lukasz"]),
    ("o'brien", ["obrien"]),
    ("O`Brien", ["obrien"]),
    ("oʻbrien", ["obrien"]),
    ("o brien", ["obrien"]),
    ("siobhan o", ["obrien"]),
    ("juergen", ["strauss"]),
    ("jurgen strauss", ["strauss"]),
    ("Strauß", ["strauss"]),
    ("阿卜杜拉•买买提", ["dot"]),
    ("阿卜杜拉‧买买提", ["dot"]),
    ("阿卜杜拉买买提", ["dot"]),
    ("买买提", ["dot"]),
    ("shan", ["shan"]),
    ("danxiongxin", ["shan"]),
    ("單", ["shan"]),
    ("曾国藩", ["zeng"]),
    ("ceng", ["zeng"]),
    ("zeng", ["zeng"]),
    ("zenggf", ["zeng"]),
    ("尉迟", ["yuchi"]),
    ("yuchi gong", ["yuchi"]),
    ("lv bu", ["lv"]),
    ("lü bu", ["lv"]),
    ("lyu", ["lv"]),
    ("johanna", ["hidden"]),
    ("weiss johanna", ["hidden"]),
    ("p3@example.org", ["john"]),
    ("901820", ["john"]),
    ("138-0013-8000", ["xu"]),
    ("１３８００１３８０００", ["xu"]),
    ("smith 1820", ["john"]),
    ("nobody", []),
    ("%", []),
    ("_", []),
    ("·", []),
]
# What only the server can find: e-mail addresses and telephone numbers are not on scanners.
CONTACTS = {"p3@example.org", "901820", "138-0013-8000", "１３８００１３８０００", "smith 1820"}
FOLDED = [
    "Émile  ZOLA",
    "ΣΟΦΟΣ Ολύμπιος",
    "國際．會議",
    "Ｆｕｌｌ　Ｗｉｄｔｈ",
    "O’Brien-Łodz",
    "a\u200bb\x1fc\u2028d",
    "½ ﬁne Ǆ",
    "İstanbul",
    "ẞ ß ſ",
    "阿卜杜拉·买买提",
]


async def fair(event: int | None = None) -> tuple[int, dict[str, str]]:
    """An event with all of them, and whose number is which."""
    event = event or await factories.event()
    numbers = {}
    for at, (name, (native, passport, organisation, email, phone)) in enumerate(PEOPLE.items()):
        key = phones.search_text(native, passport, organisation, email, phone)
        number = numbers[name] = f"TT18-{900000 + at}"
        await factories.registration(
            event, name_native=native, name_passport=passport, organisation_name=organisation, email=email,
            phone=phones.seal(phone), search_key=key, number=number, state="confirmed",
        )  # fmt: skip
    return event, {number: name for name, number in numbers.items()}
