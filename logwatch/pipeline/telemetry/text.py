"""Text from outside, made safe to show: it can neither forge a log record nor drive a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """Return `text` on one line, with every character that is not printable as a visible escape."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text
    )


def in_one_line(text: str) -> str:
    """Return several lines as a printable one, with a bar between them."""
    return " | ".join(printable(line) for line in text.split("\n"))
