"""Text from outside made safe for a line of a terminal or a CI log: what would drive it is shown instead."""

from __future__ import annotations

import re

UNSAFE = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # C0, DEL and C1: line ends, ESC, CSI
    "\xad\u061c\u200b\u200e\u200f\u2060-\u206f\ufeff\ufff9-\ufffb"  # invisible; marks of direction
    "\u2028-\u202e"  # line and paragraph separators; embeddings and overrides of direction
    "\ufffe\uffff"  # no characters: XML refuses them
    "\ud800-\udfff"  # halves of characters: file names that are not UTF-8
    "\U000e0000-\U000e007f"  # tags: text that nobody sees
    "]"
    # runners of GitHub, Azure and TeamCity take these for commands: wherever they stand, and at the beginning
    r"|#(?=#(?:vso|teamcity)?\[)"
    "|\\A[ \xa0\u1680\u2000-\u200a\u202f\u205f\u3000]*:(?=:)"
)
"""What `escape` makes visible: a character, or the beginning of a command."""
_NAMED = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def escape(text: str) -> str:
    r"""Return `text` as one line that is safe to print: line ends, control characters, and what hides text or
    turns its direction come out as visible escapes (`\n`, `\x1b`, `\u202e`).

    Bytes of a file name that is not UTF-8 come out as `\xff`. Joiners inside emoji stay.
    """
    return UNSAFE.sub(_visible, text)


def _visible(match: re.Match[str]) -> str:
    before, char = match.group()[:-1], match.group()[-1]
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # PEP 383: a byte that could not be decoded
        code -= 0xDC00
    if code <= 0xFF:
        return before + _NAMED.get(char, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
