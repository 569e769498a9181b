"""Where serve listens: how addresses are written, and which of them are refused without a password."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from logwatch.errors import UsageError
from logwatch.serve.http.address import DEFAULT, Address, bound, check_public, listen, read_address
from logwatch.serve.http.serving import run

from .world import StillExporter


@pytest.mark.parametrize(
    ("text", "address", "local"),
    [
        (DEFAULT, Address("127.0.0.1", 9437), True),
        ("localhost:0", Address(socket.getaddrinfo("localhost", 0)[0][4][0], 0), True),
        ("127.5.5.5:80", Address("127.5.5.5", 80), True),
        ("[::1]:9437", Address("::1", 9437), True),
        ("0.0.0.0:9437", Address("0.0.0.0", 9437), False),
        ("[::]:9437", Address("::", 9437), False),
        (":9437", Address("", 9437), False),
        ("192.0.2.7:1", Address("192.0.2.7", 1), False),
    ],
)
def test_an_address_says_who_can_reach_it(text: str, address: Address, local: bool) -> None:
    assert read_address(text) == address
    assert address.local is local


@pytest.mark.parametrize(
    "text", ["9437", "127.0.0.1", "::1:9437", "host:", "host:99999", "host:٣", "host:-1", ""]
)
def test_what_is_no_address_is_told_with_the_forms_that_are(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_address(text)
    assert str(refused.value) == (
        f"--web.listen-address '{text}' is not HOST:PORT; write it like 127.0.0.1:9437, [::1]:9437 or :9437"
    )


def test_a_name_that_nobody_has_is_told() -> None:
    with pytest.raises(
        UsageError, match=r"cannot listen on nowhere\.invalid:1: .+; give an address of this machine"
    ):
        read_address("nowhere.invalid:1")


def test_a_public_address_needs_a_password_or_force() -> None:
    public, home = read_address("0.0.0.0:9437"), read_address(DEFAULT)
    with pytest.raises(UsageError) as refused:
        check_public(public, authenticated=False, forced=False)
    assert str(refused.value) == (
        "0.0.0.0:9437 is open to other machines, and the page shows log lines to whoever asks: give "
        "--web.config.file with basic_auth_users, listen on 127.0.0.1:9437, or --web.force-public"
    )
    check_public(public, authenticated=True, forced=False)
    check_public(public, authenticated=False, forced=True)
    check_public(home, authenticated=False, forced=False)


def test_a_refused_server_starts_nothing(tmp_path: Path) -> None:
    exporter = StillExporter()
    with pytest.raises(UsageError, match="open to other machines"):
        run(exporter, ":0", None)
    without_users = tmp_path / "web.yml"
    without_users.write_text("")
    with pytest.raises(UsageError, match="open to other machines"):
        run(exporter, ":0", without_users)
    assert not exporter.running


def test_all_addresses_means_both_families() -> None:
    with listen(read_address(":0")) as listening:
        port = bound(listening).port
        assert bound(listening) == Address("", port)
        for host in ("127.0.0.1", *(["::1"] if socket.has_dualstack_ipv6() else [])):
            socket.create_connection((host, port), timeout=5).close()


def test_an_address_in_use_is_told_with_its_remedy() -> None:
    with listen(read_address("127.0.0.1:0")) as taken:
        address = bound(taken)
        with pytest.raises(UsageError) as refused:
            listen(address)
    assert str(refused.value) == (
        f"cannot listen on {address}: Address already in use; give another --web.listen-address"
    )
