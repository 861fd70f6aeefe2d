"""A million random and mutated codes at a gate: `python -m benchmarks.trials.codes [--codes 1000000] [--sent 20000]`.

Texts of every kind that a scanner may read: random bytes and letters, genuine codes with a letter, bit, key, event or signature changed,
cut, doubled, spliced from two people, addresses of other hosts, look-alikes of other scripts, and bodies that are no scans at all. All
go the way of a scanner's call; `--sent` of them through HTTP, the others from the body of the call on. None may be admitted, and the
server may answer nothing with 5xx. Genuine codes in between are admitted as ever: the gate was open.
"""

import argparse
import asyncio
import base64
import json
import os
import random
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx

from benchmarks.checkin import GATE, build

BADGES = 500
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
A_CALL = 500
LENGTH = 128
EVERY = 997  # one genuine code among so many
Chance = random.Random


def _flipped(raw: bytes, at: int, bit: int) -> str:
    changed = bytearray(raw)
    changed[at] ^= 1 << bit
    return base64.b32encode(bytes(changed)).decode()


def _other_letter(code: str, chance: Chance) -> str:
    at = chance.randrange(len(code))
    return code[:at] + chance.choice(LETTERS.replace(code[at], "")) + code[at + 1 :]


def _swapped(code: str, chance: Chance) -> str:
    at = chance.choice([at for at in range(len(code) - 1) if code[at] != code[at + 1]])
    return code[:at] + code[at + 1] + code[at] + code[at + 2 :]


def _spliced(code: str, other: str, chance: Chance) -> str:
    """The claim of one with the signature of another, or any other seam."""
    seam = chance.choice((26, chance.randrange(1, len(code) - 1)))
    return code[:seam] + other[seam:]


def _random_text(chance: Chance) -> str:
    pools = (
        range(0x20, 0x7F),
        range(0x4E00, 0x9FFF),
        range(0x1F300, 0x1F64F),
        range(1, 0x20),
        range(0xD800, 0xDFFF),
        range(0x600, 0x6FF),
    )
    pool = chance.choice(pools)
    return "".join(chr(chance.choice(pool)) for _ in range(chance.choice((0, 1, 7, 64, 128, 399, 5000))))


def mutations(codes: Sequence[str], chance: Chance) -> list[tuple[str, Callable[[], str]]]:
    """The kinds of wrong texts, each a function that makes one."""

    def one() -> str:
        return chance.choice(codes)

    def raw() -> bytes:
        return base64.b32decode(one())

    return [
        ("random token", lambda: "".join(chance.choices(LETTERS, k=128))),
        ("random body of version 1", lambda: base64.b32encode(b"\x01" + chance.randbytes(79)).decode()),
        ("random text", lambda: _random_text(chance)),
        ("one letter", lambda: _other_letter(one(), chance)),
        ("one bit", lambda: _flipped(raw(), chance.randrange(80), chance.randrange(8))),
        ("another key", lambda: _flipped(raw(), 1, chance.randrange(8))),
        ("another event", lambda: _flipped(raw(), chance.randrange(2, 5), chance.randrange(8))),
        ("another person", lambda: _flipped(raw(), chance.randrange(5, 13), chance.randrange(8))),
        ("a later end", lambda: _flipped(raw(), chance.randrange(13, 16), chance.randrange(8))),
        ("signature", lambda: _flipped(raw(), chance.randrange(16, 80), chance.randrange(8))),
        ("no signature", lambda: base64.b32encode(raw()[:16] + bytes(64)).decode()),
        ("two letters swapped", lambda: _swapped(one(), chance)),
        ("cut", lambda: one()[: chance.randrange(128)]),
        ("longer", lambda: one() + "".join(chance.choices(LETTERS, k=chance.randrange(1, 9)))),
        ("twice", lambda: (code := one()) + code[: chance.randrange(1, 129)]),
        ("spliced", lambda: _spliced(one(), one(), chance)),
        ("address with a wrong token", lambda: f"HTTPS://FAIRS.EXAMPLE/B/{_other_letter(one(), chance)}"),
        ("address with more behind", lambda: f"HTTPS://FAIRS.EXAMPLE/B/{one()}A"),
        ("digits that look alike", lambda: one().replace("O", "0").replace("I", "1").replace("B", "8") + "0"),
        ("letters of another script", lambda: _other_letter(one(), chance).replace("A", "А").replace("E", "Е")),
    ]


def texts(codes: Sequence[str], number: int, seed: int) -> Iterator[tuple[str, str]]:
    """(kind, text): wrong ones in turn; one that ends with a whole genuine code is made again."""
    chance = Chance(seed)
    kinds = mutations(codes, chance)
    genuine = set(codes)
    made = 0
    while made < number:
        kind, make = kinds[made % len(kinds)]
        text = make()
        if (
            text.strip().rstrip("/")[-LENGTH:] in genuine
        ):  # a whole code behind other letters is read as a hand scanner's
            continue
        made += 1
        yield kind, text


def scan(code: str) -> dict[str, Any]:
    """As a scanner sends it."""
    moment = datetime.now(UTC).isoformat()
    return {
        "id": str(uuid.uuid4()),
        "gate": GATE,
        "code": code,
        "scanned_at": moment,
        "direction": "in",
        "offline": False,
    }


def body(some: Sequence[str]) -> bytes:
    """The body of a call."""
    return json.dumps({"scans": [scan(code) for code in some]}).encode()


async def through_service(
    codes: Sequence[str], number: int, device: Any, seed: int = 1
) -> tuple[Counter[str], list[str], int]:
    """(answers, texts that were admitted though wrong, genuine codes admitted), from the body of a call on."""
    from fairs.checkin.direct import results_of

    answers: Counter[str] = Counter()
    wrong: list[str] = []
    good, pending = 0, []
    source = texts(codes, number, seed)
    for at, (kind, text) in enumerate(source, 1):
        pending.append((kind, text))
        if len(pending) < A_CALL and at < number:
            continue
        call = [text for _, text in pending]
        genuine = at // EVERY % len(codes)
        told = (await results_of(body([*call, codes[genuine]]), device)).results
        good += str(told[-1].outcome) in ("admitted", "already")
        for (kind, text), result in zip(pending, told[:-1], strict=True):
            answers[str(result.reason or result.outcome)] += 1
            if str(result.outcome) != "refused":
                wrong.append(f"{kind}: {text!r} → {result.outcome}")
        pending = []
    return answers, wrong, good


ODD = (
    b"",
    b"{",
    b"[]",
    b"null",
    b'{"scans": 1}',
    b'{"scans": [1, null, {}, [], "x"]}',
    b"\xff\xfe",
    b'{"scans": [{"id": 1}]}',
    b"[" * 5000,
)


async def through_http(
    client: httpx.AsyncClient, token: str, codes: Sequence[str], number: int, seed: int = 2
) -> tuple[Counter[int], list[str]]:
    """(statuses, texts that were admitted though wrong) of calls, addresses of badges and bodies that are no scans."""
    headers = {"authorization": f"Bearer {token}"}
    statuses: Counter[int] = Counter()
    wrong: list[str] = []
    some: list[str] = []
    for at, (_, text) in enumerate(texts(codes, number, seed), 1):
        some.append(text)
        if len(some) < 50 and at < number:
            continue
        answer = await client.post("/api/v1/checkin/scans", content=body(some), headers=headers)
        statuses[answer.status_code] += 1
        if answer.status_code == 200:
            wrong += [
                repr(text)
                for text, told in zip(some, answer.json()["results"], strict=True)
                if told["outcome"] != "refused"
            ]
        address = quote(some[0].encode("utf-8", "replace")[:300], safe="") or "x"
        statuses[(await client.get(f"/b/{address}")).status_code] += 1
        odd = await client.post(
            "/api/v1/checkin/scans", content=random.choice(ODD) + os.urandom(at % 7), headers=headers
        )
        statuses[odd.status_code] += 1
        some = []
    return statuses, wrong


async def _in_process(number: int) -> tuple[str, list[str], float, Counter[str], list[str], int]:
    from fairs.accounts.queries import device_by_token

    token, codes = await build(BADGES)
    device = await device_by_token(token)
    began = time.monotonic()
    found = await through_service(codes, number, device)
    return token, codes, time.monotonic() - began, *found


async def _sent(port: int, token: str, codes: Sequence[str], number: int) -> tuple[Counter[int], list[str]]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        return await through_http(client, token, codes, number)


def main() -> None:
    """Run it; 1 when a wrong code was admitted or the server failed."""
    from benchmarks.serving import serving

    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--codes", type=int, default=1_000_000)
    options.add_argument("--sent", type=int, default=20_000, help="of these through HTTP")
    given = options.parse_args()
    with serving(lambda: _in_process(given.codes - given.sent)) as (
        _,
        port,
        (token, codes, took, answers, wrong, good),
    ):
        statuses, more = asyncio.run(_sent(port, token, codes, given.sent))
    print(f"{given.codes - given.sent} wrong codes in {took:.0f} s: {dict(answers.most_common())}")
    print(f"genuine codes among them: {good} admitted or let in before")
    print(f"{given.sent} through HTTP: statuses {dict(sorted(statuses.items()))}")
    print(f"admitted though wrong: {len(wrong) + len(more)}", *(wrong + more)[:5], sep="\n")
    sys.exit(int(bool(wrong or more or not good or any(status >= 500 for status in statuses))))


if __name__ == "__main__":
    main()
