"""Syslog: the yearless lines of RFC 3164 and of hosting consoles, and RFC 5424."""

from __future__ import annotations

import re
from datetime import datetime

from logwatch.records.dating import Calendar, time_of_day
from logwatch.records.formats.form import SEVERITIES, Stamp, Start
from logwatch.records.formats.timed_text import timed

_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SECONDS = len("00:00:00.")
_MONTHS = {name: number for number, name in enumerate(_NAMES, start=1)}


class Syslog:
    """`Oct 11 17:29:32 message`, or the time on a line of its own; a priority before it, `host app[pid]:` behind.

    `host app:` without a pid stays in the message: it could be the message's first words.
    """

    name = "syslog"
    yearless = True
    opening = 0  # a host and a tag can be long
    begins = b"<ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    _HEAD = re.compile(
        r"(?:<(\d{1,3})>)?([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d(?:\.\d{1,6})?)(?:\s|$)", re.ASCII
    )
    _TAG = re.compile(r"([\w.:-]{1,255}) ([\w./-]{1,64})(?:\[(\d{1,10})\])?: ?", re.ASCII)

    def start(self, text: str, calendar: Calendar) -> Start | None:
        """Return the record that the line begins."""
        head = self._HEAD.match(text)
        if head is None:
            return None
        priority, name, day, shown = head.groups()
        month, clock = _MONTHS.get(name), time_of_day(shown)
        if month is None:
            return None
        moment = None if clock is None else calendar.yearless(month, int(day), clock)
        return self._tagged(moment, text, head.end(), priority)

    def said(self, text: str, begin: int) -> Start:
        """Return what the line begins behind its time, where no priority stands before that."""
        return self._tagged(None, text, begin, None)

    def _tagged(self, moment: datetime | None, text: str, begin: int, priority: str | None) -> Start:
        level = SEVERITIES[int(priority) % 8] if priority else None
        tag = self._TAG.match(text, begin)
        if tag is None or not (priority or tag[3]):
            return timed(moment, text, begin, level=level)
        fields: dict[str, object] = {"host": tag[1], "app": tag[2]}
        if tag[3]:
            fields["pid"] = tag[3]
        return timed(moment, text, tag.end(), fields, level)

    def stamp(self, text: str) -> Stamp | None:
        """Return where date and time stand."""
        head = self._HEAD.match(text)
        if head is None or head[2] not in _MONTHS:
            return None
        return Stamp(head.end(), slice(head.start(4) + _SECONDS, head.end(4)))


class Rfc5424:
    """`<34>1 2025-10-11T17:29:32Z host app pid msgid [structured data] message`, with or without the octet count.

    Logplex counts octets, calls every host `host`, and leaves out the structured data.
    """

    name = "rfc5424"
    _HEAD = re.compile(
        r"(\d{1,6} )?<(\d{1,3})>1 (\S{1,40}) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32})(?: |$)", re.ASCII
    )
    _PARAMETER = r' ([^\s="\]]{1,32})="((?:[^"\\]|\\.){0,1000}+)"'
    # An element without parameters looks like `[REDIS] Connecting`, unless a company's number is in its name.
    _DATA = re.compile(
        rf'(?:-|(?:\[(?:[^\s="\]]{{1,32}}(?:{_PARAMETER})+|[^\s="\]@]{{1,32}}@[\d.]{{1,32}})\])+)(?: |$)'
    )
    _ELEMENT = re.compile(rf'\[([^\s="\]]{{1,32}})((?:{_PARAMETER})+)')
    _PAIR = re.compile(_PARAMETER)
    _ESCAPED = re.compile(r'\\(["\\\]])')

    def start(self, text: str, calendar: Calendar) -> Start | None:
        """Return the record that the line begins."""
        head = self._HEAD.match(text)
        if head is None:
            return None
        count, priority, shown, *words = head.groups()
        names = ("host", "app", "pid", "msgid")
        fields: dict[str, object] = {n: word for n, word in zip(names, words, strict=True) if word != "-"}
        rest = text[head.end() :]
        data = None if count and words[0] == "host" else self._DATA.match(rest)
        if data is not None:
            fields |= self._parameters(data[0])
            rest = rest[data.end() :]
        moment = None if shown == "-" else calendar.iso(shown)
        return timed(moment, rest, int(rest.startswith("\ufeff")), fields, SEVERITIES[int(priority) % 8])

    def _parameters(self, data: str) -> dict[str, object]:
        return {
            element[1]: {
                name: self._ESCAPED.sub(r"\1", value) for name, value in self._PAIR.findall(element[2])
            }
            for element in self._ELEMENT.finditer(data)
        }
