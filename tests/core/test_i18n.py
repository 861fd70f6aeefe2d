from datetime import UTC, datetime

import pytest

from fairs.core import i18n
from fairs.core.i18n import N_, language


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("zh", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh-SG", "zh"),
        ("zh_TW", "zh"),
        ("en-US,en;q=0.9,zh-CN;q=0.8", "en"),
        ("de,zh;q=0.3", "zh"),
        ("", "en"),
        ("*", "en"),
        (";;q=x,,zh;q=0", "en"),
    ],
)
def test_header_is_negotiated(header: str, expected: str) -> None:
    assert i18n.negotiate(header) == expected


def test_lazy_message_follows_the_language_of_the_moment() -> None:
    message = N_("Please fill this in")
    with language("en"):
        assert str(message) == "Please fill this in"
    with language("zh"):
        assert str(message) == "请填写此项"


def test_content_falls_back_to_the_other_language() -> None:
    assert [i18n.pick("中", "en", "zh"), i18n.pick("", "en", "zh"), i18n.pick("中", None, "en")] == ["中", "en", "中"]


MOMENT = datetime(2018, 10, 27, 1, 0, tzinfo=UTC)


def test_moment_is_shown_in_the_event_zone_in_both_languages() -> None:
    with language("zh"):
        assert i18n.format_moment(MOMENT) == "2018年10月27日 周六 09:00"
    with language("en"):
        assert i18n.format_moment(MOMENT) == "Sat 27 Oct 2018, 09:00"


def test_viewer_abroad_sees_the_own_hour_beside() -> None:
    with language("en"):
        i18n.set_zone("America/New_York")
        assert i18n.viewer_moment(MOMENT) == "Fri 26 Oct 2018, 21:00 New York (UTC-04:00)"
        i18n.set_zone("Asia/Singapore")
        assert i18n.viewer_moment(MOMENT) is None
        i18n.set_zone("Nowhere/Land")
        assert i18n.viewer_moment(MOMENT) is None


@pytest.mark.parametrize(("lang", "expected"), [("en", "2,486 sessions"), ("zh", "2,486 项议程")])
def test_counts_are_written_with_separators(lang: str, expected: str) -> None:
    with i18n.language(lang):
        assert i18n.ngettext("%(num)s session", "%(num)s sessions", 2486) == expected
