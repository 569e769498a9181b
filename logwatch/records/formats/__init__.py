"""Formats: how the records of a source begin, and which one a source is in."""

from __future__ import annotations

from collections.abc import Sequence

from logwatch.records.dating import Calendar
from logwatch.records.formats.form import Envelope, Format
from logwatch.records.formats.structured import Cri, DockerJson, JsonLines, Logfmt
from logwatch.records.formats.timed_text import ClockTime, Epoch, Iso8601, Plain, Rfc5424, Syslog

ENVELOPES: tuple[Envelope, ...] = (DockerJson(), Cri())
FORMATS: tuple[Format, ...] = (JsonLines(), Rfc5424(), Iso8601(), Syslog(), Logfmt(), Epoch(), ClockTime())
PLAIN = Plain()
_LEAST_SHARE = 0.02
"""The share of lines that must begin a record for a format to be believed: one in fifty, for long stack traces."""


def format_names() -> tuple[str, ...]:
    """Return the names by which a format can be asked for."""
    return tuple(form.name for form in (*ENVELOPES, *FORMATS, PLAIN))


def detect_envelope(texts: Sequence[str], calendar: Calendar) -> Envelope | None:
    """Return the envelope that most of the texts are; None if they are not wrapped."""
    for envelope in ENVELOPES:
        if 2 * sum(envelope.peel(text, calendar) is not None for text in texts) > len(texts):
            return envelope
    return None


def detect_format(texts: Sequence[str], calendar: Calendar) -> Format:
    """Return the format in which most of the texts begin a record; the first listed where several tie."""
    filled = [text for text in texts if text.strip()]
    counts = [sum(form.start(text, calendar) is not None for text in filled) for form in FORMATS]
    most = max(counts)
    return FORMATS[counts.index(most)] if most and most >= _LEAST_SHARE * len(filled) else PLAIN
