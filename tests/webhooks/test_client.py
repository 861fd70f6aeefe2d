"""Where deliveries may go, and what bounds them."""

import socket
from typing import Any

import pytest

from fairs.webhooks import client, rules
from tests.webhooks.receiver import receiving


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
        "255.255.255.255", "198.18.0.1", "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2001:0:1::", "2001:db8::1",
    ],
)  # fmt: skip
def test_inner_addresses_are_no_public_ones(address: str) -> None:
    assert not rules.is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "202.102.224.68", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_public_addresses_are(address: str) -> None:
    assert rules.is_public(address)


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        ("https://example.org/hook?x=1", True),
        ("https://example.org:8443/", True),
        ("http://example.org/", False),
        ("https://user:secret@example.org/", False),
        ("https:///path", False),
        ("https://example.org:99999/", False),
        ("https://example.org/\\evil", False),
        ("https://例子.cn/", False),
        ("ftp://example.org/", False),
        ("javascript:alert(1)", False),
        ("http://127.0.0.1:8080/", False),
        ("", False),
    ],
)
def test_addresses_that_may_be_told(url: str, fits: bool) -> None:
    assert rules.fits(url, loopback=False) is fits


def test_loopback_is_for_development_only() -> None:
    assert rules.fits("http://localhost:9000/", loopback=True)
    assert not rules.fits("http://10.0.0.1/", loopback=True)


@pytest.mark.parametrize(
    "addresses", [("127.0.0.1",), ("1.1.1.1", "10.0.0.1"), ("169.254.169.254",), ("::ffff:127.0.0.1",)]
)
async def test_name_that_leads_inside_is_refused_where_it_connects(
    monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...]
) -> None:
    """The name server is somebody else's: it may answer anything, and differently each time."""
    async with receiving() as receiver:
        port = receiver.url.rsplit(":", 1)[1].split("/")[0]

        def answered(host: str, at: int, *_: Any, **__: Any) -> list[Any]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, at)) for address in addresses]

        monkeypatch.setattr(socket, "getaddrinfo", answered)
        outcome = await client.post(f"https://rebinding.example:{port}/", b"{}", {}, loopback=False)
        assert (outcome.status, outcome.error, receiver.requests) == (None, "address_refused", [])


async def test_inner_address_itself_is_refused() -> None:
    async with receiving() as receiver:
        for url in (
            receiver.url,
            receiver.url.replace("http", "https"),
            "https://127.1/",
            "https://0x7f000001/",
            "https://[::1]/",
        ):
            outcome = await client.post(url, b"{}", {}, loopback=False)
            assert outcome.error in {"address_refused", "unknown_name"}, url
        assert receiver.requests == []


async def test_redirects_are_not_followed() -> None:
    async with receiving() as receiver:
        receiver.answers = [302]
        outcome = await client.post(receiver.url, b"{}", {}, loopback=True)
        assert (outcome.status, outcome.ok, len(receiver.requests)) == (302, False, 1)


async def test_time_and_size_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "SECONDS", 0.5)
    async with receiving() as receiver:
        receiver.silent = True
        outcome = await client.post(receiver.url, b"{}", {}, loopback=True)
        assert (outcome.status, outcome.error) == (None, "timeout")
        assert outcome.milliseconds < 3000
        receiver.silent = False
        receiver.answers = [b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 3_000_000]
        assert (await client.post(receiver.url, b"{}", {}, loopback=True)).ok
        receiver.answers = [b"SSH-2.0-OpenSSH\r\n"]
        assert (await client.post(receiver.url, b"{}", {}, loopback=True)).error == "not_http"


async def test_nobody_listens() -> None:
    outcome = await client.post("http://127.0.0.1:9/", b"{}", {}, loopback=True)
    assert (outcome.status, outcome.error) == (None, "no_connection")


def test_signature_is_what_openssl_computes() -> None:
    """printf '1796000000.{"id":1}' | openssl dgst -sha256 -hmac whsec_secret"""
    mac = "89ce3774c19118057f9bc0e35bf1523e1696f7930a1aa48de9b7fd13f15f46f0"
    assert rules.signature("whsec_secret", 1796000000, b'{"id":1}') == f"t=1796000000,v1={mac}"


def test_attempts_end_after_nine_hours() -> None:
    pauses: list[float] = []
    while (pause := rules.pause_after(len(pauses) + 1)) is not None:
        pauses.append(pause.total_seconds())
    assert pauses == sorted(pauses)
    assert 8 * 3600 < sum(pauses) < 10 * 3600
