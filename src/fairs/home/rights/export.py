"""The list of people as a workbook: one line a person."""

from collections.abc import Callable, Sequence

from fairs.core.i18n import N_, Lang, language, pick
from fairs.core.sheets import Column, write_xlsx
from fairs.home.rights import labels
from fairs.home.rights.rows import PersonRow, RoleView

Visible = Callable[[RoleView], bool]
COLUMNS = (
    Column(N_("Name"), 24),
    Column(N_("E-mail address"), 32),
    Column(N_("Roles"), 60),
    Column(N_("Unit"), 20),
    Column(N_("Last sign-in"), 18),
    Column(N_("State"), 12),
    Column(N_("Two-factor authentication"), 18),
)


def workbook(rows: Sequence[PersonRow], lang: Lang, visible: Visible) -> bytes:
    """The rows in the viewer's language, with the roles that are the viewer's business."""
    with language(lang):
        return write_xlsx(COLUMNS, [_line(row, visible) for row in rows], sheet=str(N_("People")))


def _line(row: PersonRow, visible: Visible) -> list[object]:
    held = [role for role in row.held if visible(role)]
    roles = []
    for role in held:
        scope = pick(role.scope_zh, role.scope_en)
        gates = ", ".join(pick(gate.name_zh, gate.name_en) for gate in role.gates)
        roles.append(" · ".join(part for part in (str(labels.ROLES[role.role]), scope, gates) if part))
    units = dict.fromkeys(pick(role.unit_zh, role.unit_en) for role in held if role.unit_zh)
    return [
        row.name,
        row.email,
        "; ".join(roles),
        ", ".join(units),
        row.last_sign_in_at,
        str(labels.STATES[row.state][1]),
        str(labels.SECOND[row.factor][1]),
    ]
