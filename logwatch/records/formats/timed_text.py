"""Text lines that begin with a time: ISO 8601, syslog, times of day, epoch numbers, RFC 5424; and text without."""

from __future__ import annotations

import re
from datetime import datetime

from logwatch.records.dating import Calendar, time_of_day
from logwatch.records.formats.form import Start, level_of
from logwatch.records.record import NO_ATTRIBUTES, Scalar

_MONTHS = {
    name: number for number, name in enumerate(["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], 1)
}
_LEVEL = re.compile(r"\[(\w{3,8})\]\s?|(?=([A-Z]{4,8})\b)")


def _start(time: datetime | None, rest: str, attributes: dict[str, Scalar] | None = None) -> Start | None:
    """Return the record that begins with `time`; a level in brackets is peeled, a bare one stays in the message."""
    if time is None:
        return None
    found = _LEVEL.match(rest)
    level = level_of(found[1] or found[2]) if found else None
    if found and found[1] and level:
        rest = rest[found.end() :]
    return Start(time, rest, level, attributes or NO_ATTRIBUTES)


class Iso8601:
    """`2025-10-11T17:29:32.123Z [info] message`, with or without brackets, zone, fraction and level."""

    name = "iso8601"
    _HEAD = re.compile(
        r"\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?)\s?(Z|[+-]\d\d:?\d\d|UTC)?\]?(?:\s|$):?\s*",
        re.ASCII,
    )

    def start(self, text: str, calendar: Calendar) -> Start | None:
        """Return the record that the line begins."""
        head = self._HEAD.match(text)
        if head is None:
            return None
        zone = head[2] or ""
        return _start(calendar.iso(head[1] + ("Z" if zone == "UTC" else zone)), text[head.end() :])


class Syslog:
    """`Oct 11 17:29:32 [host app[pid]:] message` (RFC 3164), or the time on a line of its own."""

    name = "syslog"
    _HEAD = re.compile(
        r"(?:<\d{1,3}>)?([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d(?:\.\d{1,6})?)(?:\s+|$)", re.ASCII
    )
    _TAG = re.compile(r"([\w.:-]{1,255}) ([\w./-]{1,64})(?:\[(\d{1,10})\])?: ?", re.ASCII)

    def start(self, text: str, calendar: Calendar) -> Start | None:
        """Return the record that the line begins."""
        head = self._HEAD.match(text)
        month = _MONTHS.get(head[1]) if head else None
        clock = time_of_day(head[3]) if head else None
        if head is None or month is None or clock is None:
            return None
        tag = self._TAG.match(text, head.end())
        attributes: dict[str, Scalar] = {}
        if tag is not None:
            attributes = {"host": tag[1], "app": tag[2]} | ({"pid": tag[3]} if tag[3] else {})
        moment = calendar.yearless(month, int(head[2]), clock)
        return _start(moment, text[tag.end() if tag else head.end() :], attributes)


class ClockTime:
    """`17:29:32.123 message`, with or without brackets."""

    name = "clock"
    _HEAD = re.compile(r"\[?(\d\d:\d\d:\d\d(?:[.,]\d{1,6})?)\]?(?:\s+|$)", re.ASCII)

    def start(self, text: str, calendar: Calendar) -> Start | None:
        """Return the record that the line begins."""
        head = self._HEAD.match(text)
        clock = time_of_day(head[1]) if head else None
        return _start(calendar.clock(clock), text[head.end() :]) if head and clock else None


class Epoch:
    """`1760203772 message`: seconds with or without a fraction, or milliseconds."""

    name = "epoch"
    _HEAD = re.compile(r"\[?(\d{10}(?:\.\d{1,9})?|\d{13})\]?(?:\s+|$)", re.ASCII)

    def start(self, text: str, calendar: Calendar) -> Start | None:
        """Return the record that the line begins."""
        head = self._HEAD.match(text)
        return _start(calendar.epoch(float(head[1])), text[head.end() :]) if head else None


class Rfc5424:
    """`<34>1 2025-10-11T17:29:32Z host app pid msgid [structured data] message`."""

    name = "rfc5424"
    _HEAD = re.compile(r"<(\d{1,3})>1 (\S{1,40}) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) ", re.ASCII)
    _DATA = re.compile(r'-|(?:\[[^\s"\]]{1,32}(?: [^\s="\]]{1,32}="(?:[^"\\\]]|\\.){0,1000}")*\])+')
    _PAIR = re.compile(r'([^\s="\]]{1,32})="((?:[^"\\\]]|\\.){0,1000})"')
    _SEVERITIES = ("fatal", "fatal", "critical", "error", "warning", "notice", "info", "debug")

    def start(self, text: str, calendar: Calendar) -> Start | None:
        """Return the record that the line begins."""
        head = self._HEAD.match(text)
        moment = calendar.iso(head[2]) if head else None
        if head is None or moment is None:
            return None
        names = ("host", "app", "pid", "msgid")
        attributes: dict[str, Scalar] = {
            n: v for n, v in zip(names, head.groups()[2:], strict=True) if v != "-"
        }
        data = self._DATA.match(text, head.end())
        end = data.end() if data else head.end()
        attributes |= dict(self._PAIR.findall(data[0])) if data else {}
        message = text[end:].removeprefix(" ").removeprefix("\ufeff")
        return Start(moment, message, self._SEVERITIES[int(head[1]) % 8], attributes)


class Plain:
    """Text without any time: indented lines and closing brackets continue the record before."""

    name = "plain"
    _CONTINUES = re.compile(r"\s|[}\])]|Caused by:|$")

    def start(self, text: str, calendar: Calendar) -> Start | None:
        """Return the record that the line begins."""
        return None if self._CONTINUES.match(text) else Start(None, text)
