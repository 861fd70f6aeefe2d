"""Our own PostgreSQL server, for machines where none is installed.

`EmbeddedPostgres` starts, shares and stops it. Why it is built this way:
docs/decisions/0002-embedded-postgresql.md.
"""

from fairs.core.embedded.error import EmbeddedError
from fairs.core.embedded.supervisor import EmbeddedPostgres

__all__ = ["EmbeddedError", "EmbeddedPostgres"]
