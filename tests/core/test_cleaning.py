"""What keyboards, clipboards and input methods add is taken out; what belongs to a name stays."""

import re
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairs.core import cleaning, figures, mailboxes
from fairs.core.cleaning import Unstorable, clean_text, code, fold_digits, phone

settings.register_profile("patient", deadline=None)  # a shared machine: what counts is the answer
settings.load_profile("patient")
NAMES = [
    "María José Carreño Quiñones",
    "Łukasz Żółć",
    "Đặng Thị Ngọc Ánh",
    "O’Brien-Smith",
    "王小明",
    "𠮷野家",
    "김철수",
    "Мария Фернандес",
    "مریم میرزاخانی",
    "می\u200cخواهم",  # Persian: the non-joiner is spelling
    "كتاب\u200cها",
    "മോഹന്\u200d",  # Malayalam: an old chillu ends in a joiner
    "क्\u200dष",  # Devanagari: a half form
    "র\u200d্যাচেল",  # Bengali: Rachel
    "ශ්\u200dරී ලංකා",
    "ᠮᠣᠩᠭᠣᠯ",
    "👩\u200d🔬 research",
    "👩🏽\u200d🚀",
    "❤\ufe0f\u200d🔥",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "اللهم ۝ ١",
]
UNSEEN = [
    "\u200b",
    "\ufeff",
    "\u200e",
    "\u200f",
    "\u061c",
    "\u202a",
    "\u202b",
    "\u202c",
    "\u202d",
    "\u202e",
    "\u2060",
    "\u2066",
    "\u2067",
    "\u2068",
    "\u2069",
    "\u00ad",
    "\u3164",
    "\u115f",
    "\ufffc",
    "\U000e0041",
]


@pytest.mark.parametrize("name", NAMES)
def test_real_names_stay_as_they_are(name: str) -> None:
    assert clean_text(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize("mark", UNSEEN, ids=lambda mark: f"{ord(mark):04x}")
@pytest.mark.parametrize("name", ["Maria Fernandez", "王小明", "مریم", "मोहन"])
def test_unseen_marks_go_wherever_they_stand(name: str, mark: str) -> None:
    dirty = mark + mark.join(name) + mark
    assert clean_text(dirty) == name


@pytest.mark.parametrize("joiner", ["\u200c", "\u200d"])
@pytest.mark.parametrize("text", ["ab", "王明", "12", "a ب", "Ωω"])
def test_joiners_that_join_nothing_go(text: str, joiner: str) -> None:
    assert clean_text(joiner.join(text)) == text
    assert clean_text(joiner + text + joiner) == text


@pytest.mark.parametrize("mark", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_every_line_break_is_one(mark: str) -> None:
    assert clean_text(f"one{mark}two", lines=True) == "one\ntwo"
    assert clean_text(f"one{mark}two") == "one two"


@given(st.text(max_size=60), st.booleans())
def test_clean_text_is_clean(text: str, lines: bool) -> None:
    try:
        once = clean_text(text, lines=lines)
    except Unstorable:
        assert re.search(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]", text)
        return
    assert clean_text(once, lines=lines) == once
    assert unicodedata.is_normalized("NFC", once)
    assert once == once.strip()
    assert "\u200b" not in once
    assert "\u202e" not in once
    assert len(once.splitlines()) <= 1 or lines


DIGITS = ["0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९", "๐๑๒๓๔๕๖๗๘๙", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"]
HYPHENS = "-‐‑‒–—―−－﹣⁃"


def in_digits(text: str, digits: str) -> str:
    return "".join(digits[int(letter)] if letter.isdigit() else letter for letter in text)


@given(st.integers(0, 10**9), st.sampled_from(DIGITS), st.sampled_from(HYPHENS), st.booleans())
def test_numbers_are_read_in_every_keyboards_digits(value: int, digits: str, minus: str, grouped: bool) -> None:
    text = in_digits(f"{value:,}" if grouped else str(value), digits)
    assert figures.number(text, int) == value
    assert figures.number(f" {minus}{text}\u3000", int) == -value
    assert fold_digits(text).replace(",", "") == str(value)


@given(st.integers(1, 999), st.integers(0, 999), st.integers(1, 3))
def test_comma_is_a_mark_of_thousands_only_where_it_stands_as_one(whole: int, rest: int, width: int) -> None:
    text = f"{whole},{rest:0{width}d}"
    if len(text.partition(",")[2]) == 3:
        assert figures.number(text, int) == whole * 1000 + rest
    else:
        with pytest.raises(figures.NotRead) as refused:
            figures.number(text, int)
        assert refused.value.message == figures.COMMA


@pytest.mark.parametrize(
    ("text", "value"),
    [("12,34,567", 1234567), ("1 000 000", 1000000), ("1\u202f000", 1000), ("1’000", 1000), ("+7", 7), ("3.00", 3)],
)
def test_other_ways_of_writing_whole_numbers(text: str, value: int) -> None:
    assert figures.number(clean_text(text), int) == value


@pytest.mark.parametrize(
    "text",
    ["22,5", "0,500", "1,2,3", ",5", "1,0000", "1.000", "1e3", "1.5", "--1", "1-", "0x10", "5万", "¥5", "1,23,4"],
)
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(figures.NotRead):
        figures.number(text, int)


@given(st.dates(), st.sampled_from(DIGITS), st.sampled_from(["-", "‑", "－", "/", ".", "／", "．"]))
def test_days_are_read_in_every_keyboards_digits(day: object, digits: str, mark: str) -> None:
    year, month, number = str(day).split("-")
    assert figures.day(in_digits(f"{year}{mark}{month}{mark}{number}", digits)) == day
    assert figures.day(in_digits(f"{year}年{int(month)}月{int(number)}日", digits)) == day


@given(st.datetimes(timezones=st.just(None)), st.sampled_from(["Asia/Shanghai", "UTC", "Asia/Kolkata"]))
def test_moments_are_read_with_t_with_a_space_and_in_full_width(moment: object, zone: str) -> None:
    text = str(moment)[:16]
    if text < "1992" or text > "9999-12-31":
        return  # Shanghai put its clocks forward until 1991
    found = {
        figures.moment(way, zone)
        for way in (text, text.replace(" ", "T"), in_digits(text, DIGITS[1]).replace(":", "："), text.replace("-", "/"))
    }
    assert [one.strftime("%Y-%m-%d %H:%M") for one in found] == [text.rjust(16, "0")]


@pytest.mark.parametrize(
    ("zone", "skipped", "twice", "offset"),
    [
        ("Europe/Berlin", "2026-03-29 02:30", "2026-10-25 02:30", 2),
        ("America/New_York", "2026-03-08 02:00", "2026-11-01 01:59", -4),
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-04-05 01:45", 11),
        ("Africa/Casablanca", "2026-03-22 02:30", "2026-02-15 02:30", 1),
        ("Asia/Shanghai", "1991-04-14 02:30", "1991-09-15 01:30", 9),
    ],
)
def test_time_that_the_clocks_skip_is_refused_and_a_double_one_is_the_first(
    zone: str, skipped: str, twice: str, offset: int
) -> None:
    with pytest.raises(figures.NotRead) as refused:
        figures.moment(skipped, zone)
    assert "clocks" in refused.value.message.message
    found = figures.moment(twice, zone)
    seconds = found.utcoffset()
    assert seconds is not None
    assert seconds.total_seconds() == offset * 3600


@given(st.text("0123456789", min_size=4, max_size=14), st.sampled_from(DIGITS[:3]), st.sampled_from(HYPHENS))
def test_codes_and_phones_are_stored_in_ascii(digits: str, script: str, hyphen: str) -> None:
    plain = f"+{digits[:2]}-{digits[2:]}"
    typed = in_digits(plain, script).replace("-", hyphen).replace("+", "＋")
    assert phone(typed) == plain
    assert code("ＡＢ" + typed[1:]) == "AB" + plain[1:]


SAME = [
    "ana.b@example.org",
    "Ana.B@Example.ORG",
    " ana.b@example.org\u200b",
    "\u202aana.b@example.org\u202c",
    "ana.b＠example.org",
    "ana.b@example。org",
    "ana．b@example．org",
    "ana.b @ example.org",
    "<ana.b@example.org>",
    "mailto:ana.b@example.org",
    "ana.b@example.org.",
    "ana.b@example.org;",
    "ａｎａ.ｂ@example.org",
    "аna.b@exаmple.org",  # а is Cyrillic
]


@pytest.mark.parametrize("typed", SAME)
def test_one_mailbox_is_written_in_one_way(typed: str) -> None:
    assert mailboxes.read(typed) == "ana.b@example.org"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("ana@münchen.de", "ana@xn--mnchen-3ya.de"),
        ("ana@MÜNCHEN.de", "ana@xn--mnchen-3ya.de"),
        ("li@例子.中国", "li@xn--fsqu00a.xn--fiqs8s"),
        ("li@XN--FSQU00A.xn--fiqs8s", "li@xn--fsqu00a.xn--fiqs8s"),
        ("ana+fair@example.org", "ana+fair@example.org"),
        ("a.n.a@example.org", "a.n.a@example.org"),
        ("ana\u2011b@my\u2011firm.org", "ana-b@my-firm.org"),
    ],
)
def test_domains_are_stored_in_their_ascii_form(typed: str, stored: str) -> None:
    assert mailboxes.read(typed) == stored


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("a..b@example.org", mailboxes.NO_LOCAL),
        (".a@example.org", mailboxes.NO_LOCAL),
        ("a.@example.org", mailboxes.NO_LOCAL),
        ("用户@example.org", mailboxes.NO_FOREIGN_LOCAL),
        ("josé@example.org", mailboxes.NO_FOREIGN_LOCAL),
        ("мария@example.org", mailboxes.NO_FOREIGN_LOCAL),
        ("nowhere", mailboxes.NO_ADDRESS),
        ("a@b@c.org", mailboxes.NO_ADDRESS),
        ("a@nodot", mailboxes.NO_ADDRESS),
        ("a b@example.org", mailboxes.NO_ADDRESS),
        ("a@exa mple.org", mailboxes.NO_ADDRESS),
        ("a@-x.org", mailboxes.NO_ADDRESS),
        ("a@example.org\x00", mailboxes.NO_ADDRESS),
        ('"a b"@example.org', mailboxes.NO_ADDRESS),
    ],
)
def test_addresses_that_mail_does_not_reach_are_refused_with_a_sentence(typed: str, why: object) -> None:
    with pytest.raises(mailboxes.NoAddress) as refused:
        mailboxes.read(typed)
    assert refused.value.message == why


@given(st.emails())
def test_reading_an_address_twice_changes_nothing(address: str) -> None:
    try:
        once = mailboxes.read(address)
    except mailboxes.NoAddress:
        return
    assert mailboxes.read(once) == once
    assert once == once.lower()
    assert once.isascii()


@given(
    st.text(max_size=40), st.sampled_from([cleaning.code, cleaning.phone, cleaning.fold_digits, cleaning.fold_hyphens])
)
def test_folding_twice_changes_nothing(text: str, fold: Callable[[str], str]) -> None:
    assert fold(fold(text)) == fold(text)
