"""`fairs match index` and what `fairs doctor` says of the chosen retrieval."""

from tests.commands.running import Server, fairs

PGVECTOR = {"FAIRS_RETRIEVAL": "pgvector"}


def retrieval(running: Server, env: dict[str, str]) -> str:
    done = fairs("doctor", "--data", running.data, env=env)
    [line] = [line for line in done.out.splitlines() if line.split()[1:2] == ["retrieval"]]
    return " ".join(line.split())


def test_index_is_made_again_at_any_time_and_the_doctor_knows(running: Server) -> None:
    assert retrieval(running, {}) == "ok retrieval exact: every record is compared, in the server's memory"
    for _ in range(2):
        made = fairs("match", "index", "--data", running.data, env=PGVECTOR)
        assert (made.status, made.out.endswith("records are in the index\n")) == (0, True)
    assert "pgvector:" in retrieval(running, PGVECTOR)
    assert retrieval(running, PGVECTOR).startswith("ok retrieval pgvector: ")


def test_unknown_retrieval_is_refused_in_one_line(running: Server) -> None:
    done = fairs("match", "index", "--data", running.data, env={"FAIRS_RETRIEVAL": "faiss"})
    assert (done.status, done.sentence) == (1, "fairs: FAIRS_RETRIEVAL must be exact or pgvector, not 'faiss'")
