"""Everything that an installation has, as text: every row of every table, sealed columns opened, and the files."""

import io
import zipfile
from collections.abc import Iterator

from fairs import sealed_columns
from fairs.core import crypto, db, sealing
from fairs.core.object_store import STORE


async def rows() -> dict[str, str]:
    """table → all its rows as JSON, with the plain text of sealed values and of bytes."""
    tables = await db.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    found = {}
    for table in (row["tablename"] for row in tables):
        lines = await db.fetch(f"SELECT to_jsonb(t)::text AS line FROM {table} t")
        found[table] = "\n".join(row["line"] for row in lines)
        for column in await db.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_name = $1 AND data_type = 'bytea'", table
        ):
            name = column["column_name"]
            raw = await db.fetch(f"SELECT {name} AS raw FROM {table} WHERE {name} IS NOT NULL")
            found[table] += "".join("\n" + bytes(row["raw"]).decode("utf-8", "replace") for row in raw)
    return found


async def opened() -> dict[str, str]:
    """sealed column → all its values, opened."""
    sealed_columns.install()
    found = {}
    for column in sealing.COLUMNS():
        values = await db.fetch(f"SELECT {column.value} AS sealed FROM {column.table} WHERE {column.filled}")
        read = (
            (lambda raw, purpose: crypto.decrypt(bytes(raw), purpose).decode("utf-8", "replace"))
            if column.binary
            else crypto.open_text
        )
        found[column.name] = "\n".join(read(row["sealed"], column.purpose) for row in values)
    return found


def _unpacked(content: bytes) -> Iterator[str]:
    yield content.decode("utf-8", "replace")
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for name in packed.namelist():
                yield name + packed.read(name).decode("utf-8", "replace")


async def files() -> str:
    """The content of every object of the store; archives unpacked."""
    texts: list[str] = []
    async for item in STORE().items():
        content = b"".join([part async for part in await STORE().read(item.key)])
        texts.extend(_unpacked(content))
    return "\n".join(texts)


async def mentions(*words: str) -> dict[str, set[str]]:
    """place → the words that are found there, whatever their case."""
    places = {**await rows(), **await opened(), "file store": await files()}
    found = {}
    for place, text in places.items():
        lower = text.lower()
        hits = {word for word in words if word.lower() in lower}
        if hits:
            found[place] = hits
    return found
