"""What the heads of the lines of one source look like: all of them are told by a few comparisons of machine words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from logwatch.records.scan.heads import Look

Words = NDArray[np.uint64]

WORD = 8
_DIGITS = frozenset(b"0123456789")
_ZERO, _OVER, _HIGH, _LOW = 0x30, 0x76, 0x80, 0x7F


class Template:
    """A look as words. `whole` masks what says the second, `rest` what says all but the digits that count seconds."""

    def __init__(self, look: Look) -> None:
        head, fine, second = look.head, look.fine, look.second
        self.width = len(head)
        self.words = -(-self.width // WORD)
        self._second = second
        size = self.words * WORD
        places = range(size)
        head = head.ljust(size, b"\0")
        digit = [head[n] in _DIGITS for n in places]
        whole = [n < self.width and n not in places[fine] for n in places]
        self.whole = _masks(whole)
        self.rest = _masks([w and not (second and n in places[second]) for n, w in enumerate(whole)])
        digits = [bytes(digit[n : n + WORD]) for n in range(0, size, WORD)]
        self._digits = [
            tuple(np.uint64(_every(byte, where)) for byte in (_ZERO, 0xFF, _LOW, _OVER, _HIGH))
            if any(where)
            else None
            for where in digits
        ]
        self._fixed = _masks([n < self.width and not digit[n] for n in places])
        self._is = np.frombuffer(head, "<u8") & self._fixed

    def fits(self, heads: Words) -> NDArray[np.bool_]:
        """Return which heads look like it, for heads of `words` words."""
        fit = np.ones(len(heads), np.bool_)
        for n in range(self.words):
            column = heads[:, n]
            if (column == column[0]).all():
                if not self._word_fits(column[:1], n)[0]:
                    return np.zeros(len(heads), np.bool_)
            else:
                fit &= self._word_fits(column, n)
        return fit

    def _word_fits(self, column: Words, n: int) -> NDArray[np.bool_]:
        fit: NDArray[np.bool_] = (column & self._fixed[n]) == self._is[n]
        digits = self._digits[n]
        if digits is not None:
            # A digit XOR "0" is at most 9: adding 0x76 leaves the high bit of its byte alone.
            zero, every, low, over, high = digits
            off = (column ^ zero) & every
            fit &= ((((off & low) + over) | off) & high) == 0
        return fit

    def seconds(self, heads: Words) -> NDArray[np.int64]:
        """Return the numbers that the digits are that count seconds."""
        assert self._second is not None
        figures = heads.view(np.uint8).reshape(len(heads), -1)[:, self._second].astype(np.int64) - _ZERO
        return figures[:, 0] * 10 + figures[:, 1]


def _every(byte: int, where: bytes) -> int:
    """Return the bytes of `where` that are set, each as `byte`, as one number."""
    return int.from_bytes(bytes(byte if b else 0 for b in where), "little")


def _masks(where: Sequence[bool]) -> Words:
    return np.frombuffer(bytes(0xFF if w else 0 for w in where), "<u8")
