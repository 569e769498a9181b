"""Times that go on in the text: `17:29:32 UTC` among `17:29:32`. How a head looks does not tell them."""

from __future__ import annotations

from collections.abc import Iterator

from stringzilla import find, translate

from logwatch.records.scan.heads import ZEROS, Heads, Look

_MORE = (b"Z", b"UTC", b"+00", b"-00", b"0")
"""What a time may go on with, behind the space or the comma at which it could end; with zeros for digits."""
_ESCAPE = b"\x1b"


class Onward:
    """Finds such times in the blocks of one source."""

    def __init__(self, heads: Heads) -> None:
        self._heads = heads
        self._look: Look | None = None
        self._needles: dict[bytes, Look] = {}

    def in_some_line(self, data: bytes) -> bool:
        """Whether there is one whose head looks like that of the first line, or of the first line of a block before."""
        look = self._heads.usual(data)
        if look is not None and look is not self._look:
            self._look = look
            self._learn(look)
        if not self._needles:
            return False
        zeros, coloured = translate(data, ZEROS), _ESCAPE in data
        return any(
            not self._heads.ends(_line(data, begin)[len(look.head) :], look)
            for needle, look in self._needles.items()
            if coloured or not needle.endswith(_ESCAPE)
            for begin in _begins(zeros, needle)
        )

    def _learn(self, look: Look) -> None:
        if look.head.endswith(b"\n"):
            return
        for more in _MORE:
            if all(self._heads.ends(more + rest, look) for rest in (b" ", b":00 ")):
                continue
            # A terminal's colours may stand anywhere between.
            for begin in (more, *(more[:n] + _ESCAPE for n in range(len(more)))):
                self._needles[b"\n" + look.shape + begin] = look


def _begins(zeros: bytes, needle: bytes) -> Iterator[int]:
    """Yield where the lines begin that begin with `needle`, whose first byte is the newline before."""
    if zeros.startswith(needle[1:]):
        yield 0
    place = find(zeros, needle)
    while place >= 0:
        yield place + 1
        place = find(zeros, needle, place + 1)


def _line(data: bytes, begin: int) -> bytes:
    end = data.find(b"\n", begin)
    return data[begin:] if end < 0 else data[begin:end]
