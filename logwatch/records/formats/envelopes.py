"""The envelopes of container runtimes."""

from __future__ import annotations

import re

import msgspec

from logwatch.records.dating import Calendar
from logwatch.records.formats.form import Peeled
from logwatch.records.formats.json_text import object_of

_STREAMS = {"stdout": {"stream": "stdout"}, "stderr": {"stream": "stderr"}}


class _DockerLine(msgspec.Struct):
    log: str
    stream: str
    time: str
    attrs: dict[str, str] | None = None


class DockerJson:
    """`{"log": "…\\n", "stream": "stdout", "time": "…"}`; a text without newline goes on in the next."""

    name = "docker"
    _decode = msgspec.json.Decoder(_DockerLine).decode

    def peel(self, data: bytes, calendar: Calendar) -> Peeled | None:
        """Return what the line wraps."""
        if not data.startswith(b"{"):
            return None
        line = self._line(data)
        if line is None or line.stream not in _STREAMS:
            return None
        text = line.log.encode()
        fields = {**_STREAMS[line.stream], **line.attrs} if line.attrs else _STREAMS[line.stream]
        partial = not text.endswith(b"\n")
        return Peeled(calendar.iso(line.time), text.removesuffix(b"\n"), line.stream, partial, fields)

    def _line(self, data: bytes) -> _DockerLine | None:
        try:
            return self._decode(data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            pass
        try:
            return msgspec.convert(object_of(data.decode("utf-8", "backslashreplace")), _DockerLine)
        except (msgspec.MsgspecError, RecursionError):
            return None


class Cri:
    """`2025-10-11T17:29:32.123456789Z stdout F text` (Kubernetes).

    `P` goes on in the next line of the stream; it may cut a character in half.
    """

    name = "cri"
    _HEAD = re.compile(rb"(\d{4}-\d\d-\d\dT[\w.:+-]{8,30}) (stdout|stderr) ([PF])(?::\S*)?(?: |\r?$)")

    def peel(self, data: bytes, calendar: Calendar) -> Peeled | None:
        """Return what the line wraps."""
        head = self._HEAD.match(data)
        if head is None:
            return None
        moment, stream = calendar.iso(head[1].decode()), head[2].decode()
        return Peeled(moment, data[head.end() :], stream, head[3] == b"P", _STREAMS[stream])
