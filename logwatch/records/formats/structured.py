"""Structured lines: JSON objects and logfmt."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import cast

import msgspec

from logwatch.records.attributes import MOST_FIELDS, as_json
from logwatch.records.dating import Calendar
from logwatch.records.formats.form import SEVERITIES, Start, level_of
from logwatch.records.formats.json_text import object_of
from logwatch.records.text import cleaned

# Where writers put what: names at the top, then paths into nested objects.
TIME_NAMES = (
    *("timestamp", "time", "ts", "@timestamp", "timestampInMs", "__REALTIME_TIMESTAMP", "startTime"),
    *("asctime", "datetime", "date", "t", "@t"),
)
_NESTED_TIMES = (("_meta", "date"), ("_logMeta", "date"))
MESSAGE_NAMES = (
    *("message", "msg", "MESSAGE", "@message", "log", "text", "event", "body", "data", "@m", "0"),
)
LOST_NAME = "MESSAGE"
"""Under this name journald says null where the message was too long for it."""
_LEVELS = ("level", "severity", "lvl", "PRIORITY", "levelname", "log.level", "@l")
_NESTED_LEVELS = (
    *(("level", "levelStr"), ("context", "logLevel"), ("@fields", "level"), ("log", "level")),
    *(("_meta", "logLevelName"), ("_logMeta", "logLevelName")),
)
LEVEL_NAMES = frozenset({*_LEVELS, *(outer for outer, _ in _NESTED_LEVELS)})
"""All fields of which the level of a record is made."""
_PINO = {10: "trace", 20: "debug", 30: "info", 40: "warn", 50: "error", 60: "fatal"}
_NUMBER = re.compile(r"(\d{1,19})(\.\d{1,9})?", re.ASCII)
_WITH_A_CLOCK = 13
"""Characters of the shortest date that also says an hour."""


def _nested(fields: Mapping[str, object], path: tuple[str, str]) -> object:
    outer = fields.get(path[0])
    return outer.get(path[1]) if isinstance(outer, dict) else None


def time_of(fields: Mapping[str, object], calendar: Calendar) -> datetime | None:
    """Return the time that the fields say, under the first name that has one."""
    for name in TIME_NAMES:
        value = fields.get(name)
        if value is not None and (moment := _moment(value, calendar)) is not None:
            return moment
    for path in _NESTED_TIMES:
        if (moment := _moment(_nested(fields, path), calendar)) is not None:
            return moment
    return None


def _moment(value: object, calendar: Calendar) -> datetime | None:
    if isinstance(value, str):
        number = _NUMBER.fullmatch(value)
        if number is not None:
            return calendar.epoch(float(value) if number[2] else int(value))
        return calendar.iso(value) if len(value) >= _WITH_A_CLOCK else None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return calendar.epoch(value)
    return None


def level_said(fields: Mapping[str, object]) -> str | None:
    """Return the level that the fields say, under the first name that has one."""
    for name in _LEVELS:
        value = fields.get(name)
        if value is not None and (level := _level_named(value)) is not None:
            return level
    for path in _NESTED_LEVELS:
        if (level := _level_named(_nested(fields, path))) is not None:
            return level
    return None


def _level_named(value: object) -> str | None:
    if isinstance(value, str):
        if len(value) == 1 and value in "01234567":
            return SEVERITIES[int(value)]
        return level_of(value) or level_of(cleaned(value))
    return _PINO.get(value) if isinstance(value, int) else None


def message_of(text: str) -> str:
    """Return the message that a text is under a name for messages."""
    return cleaned(text).rstrip("\r\n")


def _message(fields: Mapping[str, object]) -> str | None:
    for name in MESSAGE_NAMES:
        value = fields.get(name)
        if isinstance(value, str):
            return value
        if isinstance(value, list):
            said = _journal(value) if name == "MESSAGE" else _console(value)
            if said is not None:
                return said
    return None


def _journal(values: list[object]) -> str:
    """Return what journald lists: the bytes of a text that is not UTF-8, or several texts under one name."""
    whole = _of_bytes(values)
    if whole is not None:
        return whole
    texts = [_of_bytes(value) if isinstance(value, list) else value for value in values]
    return "\n".join(text for text in texts if isinstance(text, str))


def _of_bytes(values: list[object]) -> str | None:
    if all(isinstance(value, int) and 0 <= value < 256 for value in values):
        return bytes(cast(list[int], values)).decode("utf-8", "backslashreplace")
    return None


def _console(values: list[object]) -> str | None:
    """Return the arguments of a logging call as one text; None where the first is no text."""
    if not values or not isinstance(values[0], str):
        return None
    return " ".join(v if isinstance(v, str) else as_json(v) for v in values)


def _record(fields: dict[str, object], text: str, calendar: Calendar) -> Start:
    message = _message(fields)
    lost = message is None and LOST_NAME in fields and fields[LOST_NAME] is None
    if lost:
        message = ""
    message = text if message is None else message_of(message)
    return Start(time_of(fields, calendar), message, level_said(fields), fields, lost)


class JsonLines:
    """One JSON object a line: pino, winston, bunyan, drain objects, `journalctl -o json`, or the like."""

    name = "json"
    opening = 8
    """Messages begin where their texts do; see `StampedFormat`."""

    def start(self, text: str, calendar: Calendar) -> Start | None:
        """Return the record that the object is. One that was cut short is a record too, all message."""
        fields = object_of(text)
        if fields is None:
            return Start(None, text) if text.startswith('{"') else None
        return _record(fields, text, calendar)


class Logfmt:
    """`time=… level=… msg="…" key=value`."""

    name = "logfmt"
    _PAIR = re.compile(
        r'([A-Za-z_@][\w.@/-]{0,63})=("(?:[^"\\]++|\\.)*+"(?!\S)|[^\s"]\S*|)(?:\s+|$)', re.ASCII
    )
    _KNOWN = frozenset({*TIME_NAMES, *MESSAGE_NAMES, *_LEVELS})

    def start(self, text: str, calendar: Calendar) -> Start | None:
        """Return the record that the pairs are; they must fill the line and say a message, a time or a level."""
        fields: dict[str, object] = {}
        end = 0
        while end < len(text) and len(fields) < MOST_FIELDS:
            pair = self._PAIR.match(text, end)
            if pair is None:
                return self._loose(fields, text, calendar)
            fields.setdefault(pair[1], self._value(pair[2]))
            end = pair.end()
        if len(fields) < 2 or not self._KNOWN & fields.keys():
            return None
        return _record(fields, text, calendar)

    @staticmethod
    def _loose(fields: dict[str, object], text: str, calendar: Calendar) -> Start | None:
        """Return the record of a line whose first pairs say a time but whose rest is no pairs, all message."""
        moment = time_of(fields, calendar) if fields else None
        return None if moment is None else Start(moment, text, level_said(fields), fields)

    @staticmethod
    def _value(text: str) -> str:
        if not text.startswith('"'):
            return text
        try:
            return msgspec.json.decode(text, type=str)
        except msgspec.MsgspecError:
            return text[1:-1]
