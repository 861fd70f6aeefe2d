"""`fairs match index`: pgvector's index of all profiles and listings."""

from pathlib import Path

import click

from fairs.commands.runtime.database import existing_database, run_in_pool
from fairs.commands.runtime.errors import Problem
from fairs.commands.runtime.progress import Steps
from fairs.commands.runtime.settings_check import data_option


@click.command()
@data_option
@click.option("--check", is_flag=True, help="Also compare it with an exact search and print what share it finds.")
def index(data: Path | None, check: bool) -> None:
    """Create or refresh pgvector's index, used by FAIRS_RETRIEVAL=pgvector.

    May run while a server runs, at any time. Needed once, and after an update that changes the model.
    """
    with existing_database(data) as found:
        run_in_pool(found, _index(check, chosen=found.retrieval == "pgvector"))


async def _index(check: bool, *, chosen: bool) -> None:
    from fairs.matching.retrieval import indexing  # NumPy: half a second, only here
    from fairs.matching.retrieval.nearest import Unusable
    from fairs.matching.retrieval.pgvector import PgVector

    steps = Steps()
    try:
        count = await indexing.index_all(PgVector(), lambda kind, done: steps(f"{kind}s {done:,}"))
    except Unusable as problem:
        raise Problem(str(problem.message)) from None
    finally:
        steps.close()
    click.echo(
        f"{count:,} records are in the index" + ("" if chosen else "; FAIRS_RETRIEVAL=pgvector makes pages ask it")
    )
    if check:
        for kind, share in (await indexing.recall()).items():
            click.echo(f"{kind}s: {share:.1%} of the 50 nearest are found")
