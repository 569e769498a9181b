"""Formats: how the records of a source begin, and which one a source is in."""

from __future__ import annotations

from collections.abc import Sequence

from logwatch.records.dating import Calendar
from logwatch.records.formats.envelopes import Cri, DockerJson
from logwatch.records.formats.form import Envelope, Format
from logwatch.records.formats.structured import JsonLines, Logfmt
from logwatch.records.formats.syslog import Rfc5424, Syslog
from logwatch.records.formats.timed_text import ClockTime, Epoch, Iso8601, Plain

ENVELOPES: tuple[Envelope, ...] = (DockerJson(), Cri())
FORMATS: tuple[Format, ...] = (
    JsonLines(),
    Rfc5424(),
    Iso8601(),
    Syslog(),
    Logfmt(),
    Epoch(),
    ClockTime(),
)
PLAIN: Format = Plain()
_LEAST_SHARE = 0.02
"""The share of lines that must begin a dated record for a format to be believed: one in fifty, since what is wrapped to
the next lines can be long. Lines that continue records even in plain text do not count. A format that shows no times
must be that of most lines.
"""
_UNDATED_WEIGHT = 0.25
"""What a record without a time counts beside one with a time: JSON dumped by a text log makes it no JSON log."""


def format_names() -> tuple[str, ...]:
    """Return the names by which a format can be asked for."""
    return (*(envelope.name for envelope in ENVELOPES), *(form.name for form in FORMATS), PLAIN.name)


def detect_envelope(lines: Sequence[bytes], calendar: Calendar) -> Envelope | None:
    """Return the envelope that most of the lines are; None if they are not wrapped."""
    for envelope in ENVELOPES:
        if 2 * sum(envelope.peel(line, calendar) is not None for line in lines) > len(lines):
            return envelope
    return None


def detect_format(texts: Sequence[str], calendar: Calendar) -> Format:
    """Return the format in which most of the texts begin a record; the first listed where several tie."""
    filled = [text for text in texts if text.strip()]
    beginnings = sum(PLAIN.start(text, calendar) is not None for text in filled)
    best, most = PLAIN, 0.0
    for form in FORMATS:
        starts = [start for text in filled if (start := form.start(text, calendar)) is not None]
        dated = sum(start.time is not None for start in starts)
        score = dated + _UNDATED_WEIGHT * (len(starts) - dated)
        believed = dated and dated >= _LEAST_SHARE * beginnings
        if score > most and (believed or 2 * len(starts) > len(filled)):
            best, most = form, score
        if most == len(filled):  # no other can be better
            break
    return best
