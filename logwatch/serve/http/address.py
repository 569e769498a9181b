"""Where the server listens, and who can reach it there."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass

from logwatch.errors import UsageError

DEFAULT = "127.0.0.1:9437"


@dataclass(frozen=True, slots=True)
class Address:
    """An address of this machine. An empty `host` means all of them; `port` 0 takes a free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def local(self) -> bool:
        """Whether only this machine can reach it."""
        return bool(self.host) and ipaddress.ip_address(self.host).is_loopback


def read_address(text: str) -> Address:
    """Return the address that `HOST:PORT`, `[::1]:PORT` or `:PORT` (all addresses) means, names resolved.

    Raises `UsageError`.
    """
    host, colon, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if not (colon and port.isascii() and port.isdigit() and len(port) <= 5 and int(port) <= 65535) or (
        ":" in host and not bracketed
    ):
        raise UsageError(
            f"--web.listen-address '{text}' is not HOST:PORT; write it like {DEFAULT}, [::1]:9437 or :9437"
        )
    if not host:
        return Address("", int(port))
    try:
        found = socket.getaddrinfo(
            host.strip("[]"), int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "no name of a machine"
        raise UsageError(f"cannot listen on {text}: {why}; give an address of this machine") from None
    return Address(str(found[0][4][0]), int(port))


def check_public(address: Address, *, authenticated: bool, forced: bool) -> None:
    """Refuse to let other machines in when nobody has to say who they are; raises `UsageError`."""
    if not (address.local or authenticated or forced):
        raise UsageError(
            f"{address} is open to other machines, and the page shows log lines to whoever asks: give "
            f"--web.config.file with basic_auth_users, listen on {DEFAULT}, or --web.force-public"
        )


def listen(address: Address) -> socket.socket:
    """Return a listening socket. Raises `UsageError`."""
    try:
        if not address.host and socket.has_dualstack_ipv6():
            return socket.create_server(
                ("", address.port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=128
            )
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        return socket.create_server((address.host, address.port), family=family, backlog=128)
    except OSError as error:
        # create_server adds the address to the reason
        why = str(error.strerror).partition(" (while ")[0]
        raise UsageError(f"cannot listen on {address}: {why}; give another --web.listen-address") from None


def bound(listening: socket.socket) -> Address:
    """Return the address that a socket listens on."""
    host, port = listening.getsockname()[:2]
    return Address("" if host in {"::", "0.0.0.0"} else host, port)  # noqa: S104 - recognised, not bound
