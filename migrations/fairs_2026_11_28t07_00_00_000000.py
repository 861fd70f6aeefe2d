"""A step of an agreement has the date of the fact and a number; steps recorded before keep the day on which they were typed.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

FACTS = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE agreement_transition ADD COLUMN IF NOT EXISTS fact_number character varying(80) NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS fact_on date;
ALTER TABLE agreement_transition DISABLE TRIGGER tg_agreement_transition_append_only;
UPDATE agreement_transition SET fact_on = (at AT TIME ZONE 'Asia/Shanghai')::date WHERE fact_on IS NULL;
ALTER TABLE agreement_transition ENABLE TRIGGER tg_agreement_transition_append_only;
ALTER TABLE agreement_transition ALTER COLUMN fact_on SET DEFAULT CURRENT_DATE, ALTER COLUMN fact_on SET NOT NULL;
"""

ID = "2026-11-28T07:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "facts of agreements: their date and number"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(FACTS)

    manager.add_raw(run)
    return manager
