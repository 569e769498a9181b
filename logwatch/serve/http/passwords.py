"""Whether a user may come in: bcrypt, at the same cost for names that nobody has, remembered once it was right."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Mapping

import bcrypt

_REMEMBERED = 100
_LONGEST = 72
"""Bytes that bcrypt looks at. Tools that make hashes cut longer passwords there, without a word."""


def credentials(authorization: str) -> tuple[str, bytes] | None:
    """Return user and password of a header `Authorization: Basic …` (RFC 7617); None where it is none."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
        return (user.decode("utf-8"), password) if colon else None
    except (binascii.Error, ValueError):
        return None


class Passwords:
    """Checks passwords. Those that were right cost no second bcrypt: a scrape comes every few seconds."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._right: dict[bytes, None] = {}

    def remembered(self, users: Mapping[str, bytes], user: str, password: bytes) -> bool:
        """Return whether this password was right before, for the hash that the user has now."""
        return user in users and self._digest(user, users[user], password) in self._right

    def check(self, users: Mapping[str, bytes], user: str, password: bytes) -> bool:
        """Return whether the password is right. Takes as long as bcrypt does, whether the user exists or not."""
        wanted = users.get(user)
        # checkpw compares in constant time
        right = bcrypt.checkpw(password[:_LONGEST], wanted or _nobodys(users))
        if wanted is None or not right:
            return False
        self._right[self._digest(user, wanted, password)] = None
        if len(self._right) > _REMEMBERED:
            self._right.pop(next(iter(self._right)), None)
        return True

    def _digest(self, user: str, wanted: bytes, password: bytes) -> bytes:
        parts = (user.encode("utf-8"), wanted, password)
        return hashlib.blake2b(b"".join(b"%d:%b" % (len(p), p) for p in parts), key=self._key).digest()


def _nobodys(users: Mapping[str, bytes]) -> bytes:
    """Return a hash that no password has, at the highest cost that a user has."""
    cost = max((hashed[4:6] for hashed in users.values()), default=b"10")
    return b"$2b$" + cost + b"$" + b"." * 53
