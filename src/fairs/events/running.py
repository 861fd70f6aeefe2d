"""Who runs an event: the province every one, a bureau the parts that it drew up and that the province released.

What remains with the province is fetched with `queries.province_event`: the facts that it released (titles, days, place, address),
an event's end, cancellation and deletion, editions, targets, months and rights.
"""

from fairs.core.roles import Role
from fairs.web import access

RUNNERS = access.roles(Role.ORGANISER, Role.ADMIN, Role.BUREAU)
