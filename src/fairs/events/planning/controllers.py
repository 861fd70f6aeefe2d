"""All pages of a programme's draft."""

from typing import Any

from fairs.events.planning import import_pages, release_pages, session_pages, speaker_pages, speaker_pictures

HANDLERS: list[Any] = [
    *session_pages.HANDLERS,
    *release_pages.HANDLERS,
    *speaker_pages.HANDLERS,
    *speaker_pictures.HANDLERS,
    *import_pages.HANDLERS,
]
