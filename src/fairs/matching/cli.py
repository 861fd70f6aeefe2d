"""Shell commands of the matching engine."""

from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

import click

InDatabase = Callable[[Path | None, Coroutine[Any, Any, int]], object]


@click.group()
def match() -> None:
    """Rank profiles and listings against each other."""


@match.command()
@click.option("--judged", "judged_set", type=click.Path(path_type=Path), help="A folder with a judged set of records.")
@click.option("--set", "tasks", type=click.Path(path_type=Path), help="A folder with tasks of texts alone.")
def ablate(judged_set: Path | None, tasks: Path | None) -> None:
    """Print what each stage adds to the ranking: nDCG@10 with stages added one by one, and with one removed.

    A judged set has profiles.jsonl, listings.jsonl and judgements.jsonl; in the product's source tree the one of its
    tests is used when none is named. Tasks are TASK_profiles.jsonl, TASK_listings.jsonl and TASK_qrels.jsonl.
    """
    own = Path(__file__).parents[3] / "tests/matching/evaluation/judged"
    if judged_set is None and tasks is None:
        if not own.is_dir():
            raise click.UsageError("name a set to measure on: --judged DIR or --set DIR")
        judged_set = own
    from fairs.matching.evaluation.report import tables
    from fairs.matching.files import BadInput

    try:
        for line in tables(judged_set, tasks):
            click.echo(line)
    except BadInput as error:
        raise click.ClickException(str(error)) from None


@match.command()
@click.option("--profiles", type=click.Path(path_type=Path), required=True, help="JSON lines: id, lang, kind, text.")
@click.option("--listings", type=click.Path(path_type=Path), required=True, help="JSON lines: id, lang, title, text.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The run: query and ranked ids a line.")
@click.option("--reverse", is_flag=True, help="Rank the profiles for every listing.")
@click.option("--top", type=click.IntRange(1, 1000), default=50, show_default=True, help="Ids a query, best first.")
@click.option(
    "--balance/--no-balance",
    default=True,
    show_default=True,
    help="Let everybody plausible be shown, and nobody to all; without, each query is ranked for itself.",
)
def rank(profiles: Path, listings: Path, out: Path, reverse: bool, top: int, balance: bool) -> None:
    """Rank the listings of a file for every profile of another, by text, in both languages."""
    from fairs.matching.files import BadInput, rank_files, read_texts, write_run  # NumPy: half a second, only here

    try:
        people, offers = read_texts(profiles), read_texts(listings)
        queries, targets = (offers, people) if reverse else (people, offers)
        ranked = rank_files(queries, targets, top=top, balanced=balance, progress=partial(click.echo, err=True))
        count = write_run(out, ranked)
    except BadInput as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{count} queries ranked", err=True)


def explain_command(in_database: InDatabase) -> click.Command:
    """`explain`; `in_database(data_folder, coroutine)` runs a coroutine with the pool open."""

    @click.command()
    @click.argument("profile_id", type=int)
    @click.argument("listing_id", type=int)
    @click.option("--data", type=click.Path(path_type=Path), help="Data folder (default: FAIRS_DATA, else .fairs).")
    @click.option(
        "--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Of what is printed."
    )
    def explain(profile_id: int, listing_id: int, data: Path | None, lang: str) -> None:
        """Print why a person and a listing are proposed to each other, and the listing's rank in the person's list."""
        in_database(data, _explained(profile_id, listing_id, lang))

    return explain


async def _explained(profile_id: int, listing_id: int, lang: str) -> int:
    from fairs.core import i18n
    from fairs.core.errors import NotFound
    from fairs.matching import explain  # NumPy and the database: only here

    with i18n.language(lang):
        try:
            told = await explain.explain(profile_id, listing_id)
        except NotFound as error:
            raise click.ClickException(str(error)) from None
        for line in explain.lines(told):
            click.echo(line)
    return 0
