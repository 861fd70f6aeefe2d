"""The first badge of a process is as quick as the others: libraries, fonts and words are loaded before somebody waits for them."""

from fairs.badges import printing
from fairs.badges.designing import boxes
from fairs.badges.rows import PrintedBadge
from fairs.core import clock
from fairs.core.i18n import EVENT_ZONE
from fairs.registrations.tables import Category


def warm_up() -> None:
    """Draw a badge that nobody sees. Call it in a thread."""
    moment = clock.now()
    badge = PrintedBadge(
        number="FA00-000000",
        name_passport="Maria Fernandez",
        name_native="欧阳娜娜",
        organisation_name="郑州大学",
        badge_name="",
        id=0,
        registration=0,
        event=0,
        code="A" * 128,
        revoked_at=None,
        category=Category.CANDIDATE.value,
        lang="zh",
        title_zh="大会",
        title_en="Conference",
        place_zh="郑州",
        place_en="Zhengzhou",
        timezone=EVENT_ZONE,
        starts_at=moment,
        ends_at=moment,
        answers="",
    )
    printing.badge_pdf(badge, boxes.standard())
