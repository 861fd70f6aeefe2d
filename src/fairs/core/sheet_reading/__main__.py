"""The child: a request, a line feed and the file's bytes on standard input; an answer on standard output."""

import resource
import sys

import msgspec

from fairs.core.sheet_reading import Answer, Refused, Request, Sheet
from fairs.core.sheet_reading.layout import table_of

MEMORY = 1_000_000_000  # bytes of address space
CPU_SECONDS = 20
TEXTS = (".csv", ".txt", ".tsv")


def read(request: Request, content: bytes) -> Sheet:
    """The table of a file. Raises Refused."""
    if request.filename.lower().endswith(TEXTS):
        from fairs.core.sheet_reading.texts import read_text

        grid, encoding, possible = read_text(content, request.encoding, request.max_rows)
        found = table_of([grid], request.expected, request.max_rows)
        return msgspec.structs.replace(found, encoding=encoding, doubtful=len(possible) > 1, encodings=possible)
    from fairs.core.sheet_reading.books import read_book

    return table_of(read_book(content, request.max_rows), request.expected, request.max_rows, request.sheet)


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    head, _, content = sys.stdin.buffer.read().partition(b"\n")
    try:
        answer = Answer(sheet=read(msgspec.json.decode(head, type=Request), content))
    except Refused as refused:
        answer = Answer(refusal=refused.refusal)
    except MemoryError:
        answer = Answer(refusal=Refused("too_much").refusal)
    sys.stdout.buffer.write(msgspec.json.encode(answer))


if __name__ == "__main__":
    main()
