"""Makes a person and a listing in a data folder: `python -m tests.commands.pair FOLDER`. Prints both ids."""

import sys
from pathlib import Path

from fairs.cli import in_database
from tests import factories


async def build() -> int:
    listing = await factories.listing(await factories.organisation(), await factories.event(), title_en="Near post")
    print(await factories.talent(), listing)
    return 0


if __name__ == "__main__":
    in_database(Path(sys.argv[1]), build())
