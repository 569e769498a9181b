"""Structured lines: JSON objects and logfmt; and the envelopes of container runtimes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

import msgspec

from logwatch.records.dating import Calendar
from logwatch.records.formats.form import Peeled, Start, level_of
from logwatch.records.record import Scalar

_TIMES = (
    "timestamp",
    "time",
    "ts",
    "@timestamp",
    "timestampInMs",
    "__REALTIME_TIMESTAMP",
    "datetime",
    "date",
    "t",
)
_MESSAGES = ("message", "msg", "MESSAGE", "log", "text", "event", "body")
_LEVELS = ("level", "severity", "lvl", "PRIORITY", "levelname")
_PINO = {10: "trace", 20: "debug", 30: "info", 40: "warn", 50: "error", 60: "fatal"}
_JOURNAL = ("fatal", "fatal", "critical", "error", "warning", "notice", "info", "debug")
_FIELDS = 200
_DEPTH = 6
_NUMBER = re.compile(r"\d{1,19}(?:\.\d{1,9})?", re.ASCII)
_decode = msgspec.json.Decoder().decode


def _object(text: str) -> dict[str, object] | None:
    if not text.startswith("{"):
        return None
    try:
        found = _decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return None
    return found if isinstance(found, dict) else None


def _moment(value: object, calendar: Calendar) -> datetime | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return calendar.epoch(float(value))
    if isinstance(value, str):
        return calendar.epoch(float(value)) if _NUMBER.fullmatch(value) else calendar.iso(value)
    return None


def _level(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return _PINO.get(value)
    if isinstance(value, str):
        return _JOURNAL[int(value)] if value in "01234567" and value else level_of(value)
    return None


def _said(value: object) -> str | None:
    """Return the message that a field holds: text, or the bytes that journald lists where text is not UTF-8."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(b, int) and 0 <= b < 256 for b in value):
        return bytes(value).decode("utf-8", "backslashreplace")
    return None


def _flat(prefix: str, fields: Mapping[str, object], into: dict[str, Scalar], depth: int) -> None:
    for name, value in fields.items():
        if len(into) >= _FIELDS:
            return
        if isinstance(value, dict) and depth < _DEPTH:
            _flat(f"{prefix}{name}.", value, into, depth + 1)
        elif value is None or isinstance(value, (str, int, float, bool)):
            into[prefix + name] = value
        else:
            into[prefix + name] = msgspec.json.encode(value).decode()


def _record(fields: dict[str, object], text: str, calendar: Calendar) -> Start:
    time = next((m for key in _TIMES if (m := _moment(fields.get(key), calendar))), None)
    at = next((key for key in _MESSAGES if _said(fields.get(key)) is not None), None)
    level = next((found for key in _LEVELS if (found := _level(fields.get(key)))), None)
    attributes: dict[str, Scalar] = {}
    _flat("", {key: value for key, value in fields.items() if key != at}, attributes, 0)
    message = text if at is None else _said(fields[at]) or ""
    return Start(time, message.rstrip("\r\n"), level, attributes)


class JsonLines:
    """One JSON object a line: pino, winston, bunyan, drain objects, `journalctl -o json`, or the like."""

    name = "json"

    def start(self, text: str, calendar: Calendar) -> Start | None:
        """Return the record that the object is."""
        fields = _object(text)
        return None if fields is None else _record(fields, text, calendar)


class Logfmt:
    """`time=… level=… msg="…" key=value`."""

    name = "logfmt"
    _PAIR = re.compile(r'([A-Za-z_@][\w.@-]{0,63})=("(?:[^"\\]|\\.)*"|[^\s"]*)(?:\s+|$)', re.ASCII)

    def start(self, text: str, calendar: Calendar) -> Start | None:
        """Return the record that the pairs are; they must fill the line and say a message, a time or a level."""
        fields: dict[str, object] = {}
        end = 0
        while end < len(text) and len(fields) < _FIELDS:
            pair = self._PAIR.match(text, end)
            if pair is None:
                return None
            fields.setdefault(pair[1], self._value(pair[2]))
            end = pair.end()
        known = {*_TIMES, *_MESSAGES, *_LEVELS}
        if len(fields) < 2 or not known & fields.keys():
            return None
        return _record(fields, text, calendar)

    @staticmethod
    def _value(text: str) -> str:
        if not text.startswith('"'):
            return text
        try:
            return msgspec.json.decode(text, type=str)
        except msgspec.DecodeError:
            return text[1:-1]


class DockerJson:
    """`{"log": "…\\n", "stream": "stdout", "time": "…"}`; a text without newline goes on in the next."""

    name = "docker"

    def peel(self, text: str, calendar: Calendar) -> Peeled | None:
        """Return what the line wraps."""
        fields = _object(text)
        log, stream = (fields.get("log"), fields.get("stream")) if fields else (None, None)
        if fields is None or not isinstance(log, str) or not isinstance(stream, str) or "time" not in fields:
            return None
        partial = not log.endswith("\n")
        return Peeled(_moment(fields["time"], calendar), log.rstrip("\r\n"), stream, partial)


class Cri:
    """`2025-10-11T17:29:32.123456789Z stdout F text` (Kubernetes); `P` goes on in the next line of the stream."""

    name = "cri"
    _HEAD = re.compile(r"(\d{4}-\d\d-\d\dT\S{8,30}) (stdout|stderr) ([PF])(?::\S*)?(?: |$)", re.ASCII)

    def peel(self, text: str, calendar: Calendar) -> Peeled | None:
        """Return what the line wraps."""
        head = self._HEAD.match(text)
        moment = calendar.iso(head[1]) if head else None
        if head is None or moment is None:
            return None
        return Peeled(moment, text[head.end() :], head[2], head[3] == "P")
