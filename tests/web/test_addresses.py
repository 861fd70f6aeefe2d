"""Where a request came from: every way in which proxies and liars write it."""

import pytest

from fairs.web.addresses import client_address, network, parse, site

PEER = ("192.0.2.10", 4711)


def scope(*lines: bytes, client: tuple[str, int] | None = PEER) -> dict[str, object]:
    headers = [(b"host", b"fairs.test"), *((b"x-forwarded-for", line) for line in lines)]
    return {"headers": headers, "client": client}


@pytest.mark.parametrize(
    ("lines", "address"),
    [
        ([], "192.0.2.10"),
        ([b"203.0.113.5"], "203.0.113.5"),
        ([b"1.1.1.1, 203.0.113.5"], "203.0.113.5"),
        ([b"1.1.1.1", b"203.0.113.5"], "203.0.113.5"),
        ([b"1.1.1.1, 2.2.2.2", b"3.3.3.3,203.0.113.5"], "203.0.113.5"),
        ([b"203.0.113.5", b"6.6.6.6, 203.0.113.9"], "203.0.113.9"),
        ([b"  203.0.113.5\t "], "203.0.113.5"),
        ([b"1.1.1.1 ,\t203.0.113.5  "], "203.0.113.5"),
        ([b"203.0.113.5:51123"], "203.0.113.5"),
        ([b'"203.0.113.5"'], "203.0.113.5"),
        ([b"2001:db8::7"], "2001:db8::7"),
        ([b"2001:DB8:0:0:0:0:0:7"], "2001:db8::7"),
        ([b"[2001:db8::7]"], "2001:db8::7"),
        ([b"[2001:db8::7]:443"], "2001:db8::7"),
        ([b'"[2001:db8::7]:443"'], "2001:db8::7"),
        ([b"fe80::1%eth0"], "fe80::1"),
        ([b"::ffff:203.0.113.5"], "203.0.113.5"),
        ([b"[::ffff:203.0.113.5]:80"], "203.0.113.5"),
        ([b""], "192.0.2.10"),
        ([b"203.0.113.5,"], "192.0.2.10"),
        ([b"203.0.113.5", b""], "192.0.2.10"),
        ([b"unknown"], "192.0.2.10"),
        ([b"_hidden, for=1.2.3.4"], "192.0.2.10"),
        ([b"203.0.113.5, <script>"], "192.0.2.10"),
        ([b"999.1.1.1"], "192.0.2.10"),
        ([b"[2001:db8::7"], "192.0.2.10"),
        ([b"\xff\xfe"], "192.0.2.10"),
        ([b"x" * 10_000], "192.0.2.10"),
        ([b"1.2.3.4\0"], "192.0.2.10"),
    ],
)
def test_last_entry_of_all_lines_counts_behind_a_proxy(lines: list[bytes], address: str) -> None:
    assert client_address(scope(*lines), True) == address
    assert client_address(scope(*lines), False) == "192.0.2.10"


@pytest.mark.parametrize(
    ("client", "address"),
    [(None, ""), (("", 0), ""), (("::1", 0), "::1"), (("::ffff:10.0.0.1", 0), "10.0.0.1"), (("unix", 0), "unix")],
)
def test_connection_without_an_address(client: tuple[str, int] | None, address: str) -> None:
    assert client_address(scope(client=client), False) == address
    assert client_address(scope(b"nonsense", client=client), True) == address


@pytest.mark.parametrize(
    ("address", "line", "house"),
    [
        ("203.0.113.77", "203.0.113.0/24", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24", "203.0.113.0/24"),
        ("", "", ""),
        ("unix", "unix", "unix"),
    ],
)
def test_network_and_site(address: str, line: str, house: str) -> None:
    assert (network(address), site(address)) == (line, house)


@pytest.mark.parametrize("text", ["", " ", "[]", "[]:80", ":80", "1.2.3", "1.2.3.4:x", "a:b", "::1:99999999"])
def test_what_is_no_address(text: str) -> None:
    assert parse(text) is None
