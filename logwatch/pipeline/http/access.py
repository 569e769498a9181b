"""Who is asking: merchants by bearer token. Without tokens only this machine may ask, and says for whom."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from logwatch.pipeline.errors import PipelineError

MERCHANT_HEADER = "X-Merchant-Id"


@dataclass(frozen=True, slots=True)
class Access:
    """Merchants by the SHA-256 of their token; None: no tokens, the merchant is named in a header."""

    merchants: Mapping[bytes, str] | None = field(repr=False)

    @classmethod
    def from_file(cls, path: Path) -> Access:
        """Read lines of `MERCHANT TOKEN`; blank lines and `#` comments are skipped. Raises PipelineError."""
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise PipelineError(f"{path}: cannot read the tokens: {error}") from None
        merchants: dict[bytes, str] = {}
        for number, line in enumerate(lines, start=1):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if len(words) != 2 or len(words[1]) < 16:
                raise PipelineError(
                    f"{path}:{number}: expected MERCHANT TOKEN, the token of 16 or more characters"
                )
            if merchants.setdefault(_digest(words[1]), words[0]) != words[0]:
                raise PipelineError(f"{path}:{number}: this token is another merchant's; give each its own")
        if not merchants:
            raise PipelineError(f"{path}: no tokens in it")
        return cls(merchants)

    def merchant(self, headers: Mapping[str, str]) -> str | None:
        """Return the merchant whose request this is, or None where nobody may be let in."""
        if self.merchants is None:
            return headers.get(MERCHANT_HEADER) or None
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        given = _digest(token.strip())
        # Every token is compared, each in constant time: how long it takes tells nothing.
        found = None
        for digest, merchant in self.merchants.items():
            if hmac.compare_digest(digest, given):
                found = merchant
        return found


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def read_listen(listen: str) -> tuple[str, int]:
    """Return (host, port) of `HOST:PORT`, `[::1]:PORT` or `:PORT`; raises PipelineError."""
    host, _, port = listen.rpartition(":")
    if not port.isdigit() or not 0 <= int(port) <= 65535:
        raise PipelineError(f"'{listen}' is not HOST:PORT, like 127.0.0.1:8080")
    return host.strip("[]") or "127.0.0.1", int(port)


def check_bind(host: str, access: Access) -> None:
    """Refuse to let other machines in when no token says who they are; raises PipelineError."""
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if not local and access.merchants is None:
        raise PipelineError(
            f"'{host}' is open to other machines, and nobody has a token: give --tokens FILE or use 127.0.0.1"
        )
