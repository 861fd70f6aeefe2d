"""The schema of 0.1.0 in one step: the files of `baseline/`, in the order of their names, one for each module.

Frozen once released: it imports nothing from the product. A database that has seen every one of `REPLACES`, the steps of the
time before, has this schema already: it is only recorded anew (core/migrations.py).
"""

from pathlib import Path

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

REPLACES = (
    "fairs_2026_11_22t00_00_00_000000",
    "fairs_2026_11_22t12_00_00_000000",
    "fairs_2026_11_22t18_00_00_000000",
    "fairs_2026_11_22t20_00_00_000000",
    "fairs_2026_11_22t20_10_00_000000",
    "fairs_2026_11_22t21_10_00_000000",
    "fairs_2026_11_27t08_20_00_000000",
    "fairs_2026_11_27t08_30_00_000000",
    "fairs_2026_11_27t09_00_00_000000",
    "fairs_2026_11_27t09_20_00_000000",
    "fairs_2026_11_27t10_10_00_000000",
    "fairs_2026_11_27t10_20_00_000000",
    "fairs_2026_11_27t10_30_00_000000",
    "fairs_2026_11_27t10_40_00_000000",
    "fairs_2026_11_27t11_00_00_000000",
    "fairs_2026_11_27t11_10_00_000000",
    "fairs_2026_11_27t11_20_00_000000",
    "fairs_2026_11_27t15_10_00_000000",
    "fairs_2026_11_27t15_20_00_000000",
)
ID = "2026-11-28T00:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "the schema of 0.1.0"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        connection = engine_finder().current_transaction.get().connection
        for file in sorted((Path(__file__).parent / "baseline").glob("*.sql")):
            await connection.execute(file.read_text(encoding="utf-8"))

    manager.add_raw(run)
    return manager
