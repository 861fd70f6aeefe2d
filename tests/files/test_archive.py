"""A backup holds the files, wherever they lie, and a restore puts them into the store of the new installation."""

import asyncio
import io
import itertools
from pathlib import Path

from fairs.commands.runtime.database import server_version
from fairs.core import backup
from fairs.core.embedded import EmbeddedPostgres
from fairs.core.object_store import ObjectStore
from fairs.settings import Settings
from tests.conftest import SECRET, create_database
from tests.files.s3 import S3
from tests.files.test_store import s3 as s3


def silent(*_: object) -> None:
    return


async def test_files_move_with_the_archive_from_a_folder_to_a_bucket_and_back(
    db: None, dsn: str, server: EmbeddedPostgres, s3: S3, tmp_path: Path
) -> None:
    bucket = f"s3://files/x?endpoint={s3.endpoint}"
    stores = [ObjectStore(Settings(data_dir=tmp_path / str(number), files_url=url)) for number, url in enumerate(("", bucket, ""))]  # fmt: skip
    held = {"ab/one": b"a licence", "cd/two": b"x" * 7_000_000}
    for key, content in held.items():
        await stores[0].put(key, io.BytesIO(content))
    for number, (source, target) in enumerate(itertools.pairwise(stores)):
        archive = tmp_path / f"{number}.backup"
        about = backup.Manifest(
            product="0", postgres=await asyncio.to_thread(server_version, dsn), made_at="", migrations=1
        )
        made = backup.write(archive, dsn=dsn, files=source, secret_key=lambda: SECRET, about=about, progress=silent)
        assert made.files == 2
        name = f"restored_{number}"
        await create_database(server, name, "template0")
        found = backup.verify(archive, silent)
        backup.restore(
            archive,
            found,
            dsn=server.dsn(name),
            postgres=about.postgres,
            files=target,
            scratch=tmp_path,
            progress=silent,
        )
        assert {item.key: item.size for item in target.items_now()} == {key: len(value) for key, value in held.items()}
    with stores[2].open_now("cd/two") as stream:
        assert stream.read() == held["cd/two"]
