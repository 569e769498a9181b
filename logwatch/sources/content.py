"""Whether bytes are the text of a log, judged by the bytes alone; file names promise nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from logwatch.sources.compression import compression_of
from logwatch.sources.source import Block, Health

HEAD_LENGTH = 8 << 10
"""How many bytes are judged: the first ones that are not NUL."""

ONLY_NULS = "holds nothing but NUL bytes"
EMPTY = "is empty"

_UNPACK = "; unpack it and name the logs in it"
_JOURNAL = "is a systemd journal; read it with: journalctl --file=FILE --output=json | logwatch check -"
_UTF16 = "is UTF-16 text; convert it: iconv -f UTF-16 -t UTF-8 FILE | logwatch check -"
_UTF32 = "is UTF-32 text; convert it: iconv -f UTF-32 -t UTF-8 FILE | logwatch check -"
_UTF16_BARE = (
    "looks like UTF-16 text; convert it: iconv -f UTF-16LE -t UTF-8 FILE | logwatch check - (or -f UTF-16BE)"
)
_LEAVE_OUT = ", not a log; leave it out"

# What lies about in log directories and what is named by mistake; anything else that is binary is told by
# its control characters.
_KNOWN: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xfe\x00\x00", _UTF32),
    (0, b"\x00\x00\xfe\xff", _UTF32),
    (0, b"\xff\xfe", _UTF16),
    (0, b"\xfe\xff", _UTF16),
    (0, b"LPKSHHRH", _JOURNAL),
    (0, b"PK\x03\x04", f"is a ZIP archive{_UNPACK}"),
    (0, b"7z\xbc\xaf\x27\x1c", f"is a 7z archive{_UNPACK}"),
    (257, b"ustar\x00", f"is a tar archive{_UNPACK}"),
    (257, b"ustar  \x00", f"is a tar archive{_UNPACK}"),
    (0, b"\x04\x22\x4d\x18", "is compressed with lz4, which is not read; decompress it first"),
    (0, b"\x1f\x9d", "is compressed with compress, which is not read; decompress it first"),
    (0, b"LZIP\x01", "is compressed with lzip, which is not read; decompress it first"),
    (0, b"\x5d\x00\x00", "is compressed with lzma, which is not read; decompress it first"),
    (0, b"SQLite format 3\x00", "is an SQLite database, not a log; export its rows as text first"),
    (0, b"PAR1\x15", "is a Parquet table, not a log; export its rows as text first"),
    (0, b"\x7fELF", f"is an ELF program{_LEAVE_OUT}"),
    (0, b"\x89PNG\r\n\x1a\n", f"is a PNG image{_LEAVE_OUT}"),
    (0, b"\xff\xd8\xff", f"is a JPEG image{_LEAVE_OUT}"),
    (0, b"GIF87a", f"is a GIF image{_LEAVE_OUT}"),
    (0, b"GIF89a", f"is a GIF image{_LEAVE_OUT}"),
    (0, b"%PDF-", f"is a PDF document{_LEAVE_OUT}"),
)

# Control characters that logs do hold: bell, backspace, tab, line ends, form feed, escape (colours).
_TEXT_CONTROLS = b"\a\b\t\n\v\f\r\x1b"
_OTHER_CONTROLS = bytes(c for c in (*range(0x20), 0x7F) if c not in _TEXT_CONTROLS)
# A writer that does not append leaves a hole of NULs after a truncation: such runs say nothing about what
# stands around them. In binaries NULs are scattered as well.
_HOLE = re.compile(rb"\x00{64,}")
_MOST_CONTROLS = 0.05
_UTF16_NULS = 0.3


def refusal(head: bytes) -> str | None:
    """Return the sentence that says why data beginning with `head` is no text, None when it may be a log.

    Text is what has at most 5 % control characters, in whatever encoding: bytes that are not UTF-8 do not
    count against it, since they are shown as they are. `head` may be short.
    """
    for offset, magic, sentence in _KNOWN:
        if head.startswith(magic, offset):
            return sentence
    text = _HOLE.sub(b"", head.lstrip(b"\x00")[:HEAD_LENGTH])
    controls = len(text) - len(text.translate(None, _OTHER_CONTROLS))
    if controls <= _MOST_CONTROLS * len(text):
        return None
    # In UTF-16 most characters of a log have a NUL as one half, and it is always the same half.
    nuls, even = text.count(0), text[::2].count(0)
    if nuls >= _UTF16_NULS * len(text) and not 0.1 * nuls < even < 0.9 * nuls:
        return _UTF16_BARE
    return "is binary, not text; leave it out, or convert it to text first"


def text_only(blocks: Iterator[Block], health: Health) -> Iterator[Block]:
    """Yield `blocks` if what they hold is text; else say in `health` what it is, and yield nothing.

    NULs at the start are passed on while the rest is still unknown: a hole of any length costs no memory.
    """
    taken: list[Block] = []
    head = b""
    hole = False
    for block in blocks:
        if not head and not block.data.strip(b"\x00"):
            hole = True
            yield block
            continue
        taken.append(block)
        head += block.data
        if len(head) >= HEAD_LENGTH:
            break
    if not head:
        if not health.errors:
            health.report(ONLY_NULS if hole else EMPTY)
        return
    again = None if hole else compression_of(head)
    sentence = f"is compressed twice ({again} inside); decompress it once" if again else refusal(head)
    if sentence:
        health.report(sentence)
        return
    yield from chain(taken, blocks)
