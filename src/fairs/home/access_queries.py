"""Tokens and devices with their events, for those who look after the installation."""

from datetime import datetime

from fairs.accounts.tables import TokenKind
from fairs.core import clock
from fairs.core.pagination import Page, paged
from fairs.core.rows import Row, Select
from fairs.core.scopes import Scope
from fairs.core.search_keys import patterns_of

_COLUMNS = (
    "t.id, t.kind, t.name, t.scopes, t.created_at, t.last_used_at, t.expires_at, t.revoked_at, a.name AS account,"
    " e.slug, e.title_zh, e.title_en, e.timezone,"
    " (SELECT max(l.expires_at) FROM device_link l WHERE l.token = t.id AND l.used_at IS NULL) AS link_until"
)
_SOURCE = "access_token t LEFT JOIN account a ON a.id = t.account LEFT JOIN event e ON e.id = t.event_id"
_LIVE = "t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > :now)"


class ListedToken(Row, frozen=True):
    """A token without its secret. `link_until`: a link that nobody has used yet."""

    id: int
    kind: TokenKind
    name: str
    scopes: list[Scope]
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None
    account: str | None
    slug: str | None
    title_zh: str | None
    title_en: str | None
    timezone: str | None
    link_until: datetime | None

    @property
    def ended(self) -> bool:
        return self.revoked_at is not None or (self.expires_at is not None and self.expires_at <= clock.now())


async def search_tokens(*, q: str, kind: str, ended: bool, window: tuple[int, int, int]) -> Page[ListedToken]:
    """Live or ended tokens, the newest first; `q` is searched in the name, its maker and its event."""
    select = Select(_COLUMNS, _SOURCE)
    select.where(f"NOT ({_LIVE})" if ended else _LIVE, now=clock.now())
    if kind:
        select.where("t.kind = :kind", kind=kind)
    if q:
        select.where(
            "lower(concat_ws(' ', t.name, a.name, e.slug, e.title_zh, e.title_en)) ~ ALL (:patterns::text[])",
            patterns=patterns_of(q),
        )
    return await paged(window, select.count, select.reader(ListedToken, order="t.id DESC"))
