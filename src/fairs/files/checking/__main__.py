"""The child: a task on standard input, a finding on standard output."""

import resource
import sys

import msgspec

from fairs.files.checking import PDF, PICTURES, Finding, Refused, Task, kinds

MEMORY = 1_200_000_000  # bytes of address space
CPU_SECONDS = 40


def check(task: Task) -> Finding:
    """What a file is. Raises Refused."""
    with open(task.source, "rb") as stream:
        found = kinds.type_of(stream)
        if found not in task.types:
            raise Refused("kind")
        kinds.refuse_second_kind(stream, found)
        if found in PICTURES:
            from fairs.files.checking import pictures

            return Finding(pictures.write_anew(stream, task), anew=True)
        if found == PDF:
            from fairs.files.checking import documents

            documents.check_pdf(stream)
        else:
            from fairs.files.checking import office

            office.check_office(stream, found)
    return Finding(found)


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        finding = check(msgspec.json.decode(sys.stdin.buffer.read(), type=Task))
    except Refused as refused:
        finding = Finding(refusal=refused.code)
    except MemoryError:
        finding = Finding(refusal="too_much")
    sys.stdout.buffer.write(msgspec.json.encode(finding))


if __name__ == "__main__":
    main()
