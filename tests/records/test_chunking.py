"""Whatever the cuts and whatever the bytes: the same records, exact places, no byte lost or counted twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwatch.records import assembly, lines, parser, streams
from tests.records.world import Reading, at, read

_TEXTS = (
    "job 1 done",
    "✅ geprüft",
    "ERROR after 0ms: ",
    "{",
    "  a: 'ü',",
    "}",
    "",
    "  ",
    "\tat x (a.js:1)",
    "\x1b[31mred",
)


def _iso(n: int) -> str:
    return f"2025-10-11T17:{n // 60 % 60:02}:{n % 60:02}.{n % 1000:03}"


def _json(n: int, text: str) -> str:
    return json.dumps({"level": 30, "time": 1760203772000 + n, "msg": text, "n": n}, ensure_ascii=False)


def _docker(n: int, text: str) -> str:
    log = text if n % 3 == 0 else text + "\n"
    return json.dumps(
        {"log": log, "stream": ("stdout", "stderr")[n % 2], "time": f"{_iso(n)}Z"}, ensure_ascii=False
    )


FORMATS = {
    "iso8601": lambda n, text: f"{_iso(n)}Z [info] {text}",
    "syslog": lambda n, text: f"Oct 11 17:{n // 60:02}:{n % 60:02} web-1 worker[7]: {text}",
    "syslog on its own line": lambda n, text: f"Oct 11 17:{n // 60:02}:{n % 60:02}\n{text}\n",
    "clock": lambda n, text: f"[17:{n // 60:02}:{n % 60:02}] {text}",
    "epoch": lambda n, text: f"{1760203772000 + n} {text}",
    "rfc5424": lambda n, text: f'<14>1 {_iso(n)}Z web-1 worker 7 - [x@1 n="{n}"] {text}',
    "json": _json,
    "logfmt": lambda n, text: f"time={_iso(n)}Z level=info msg={json.dumps(text)}",
    "docker": _docker,
    "docker around iso": lambda n, text: _docker(n, f"{_iso(n)}Z {text}"),
    "cri": lambda n, text: f"{_iso(n)}Z {('stdout', 'stderr')[n % 2]} {'P' if n % 5 == 0 else 'F'} {text}",
    "cri around json": lambda n, text: f"{_iso(n)}Z stdout F {_json(n, text)}",
    "plain": lambda n, text: text,
    "mojibake": lambda n, text: f"{_iso(n)}Z ✅ {text}".encode().decode("mac_roman"),
}


# One of each kind: dated, dated by the line above, JSON, one format around another, and undated.
_FAST = {"iso8601", "syslog on its own line", "json", "docker around iso", "plain"}


@contextmanager
def small_bounds(head: int, longest: int) -> Iterator[None]:
    """Make the head and the bounds so small that short logs reach them."""
    with (
        patch.object(parser, "HEAD_LINES", head),
        patch.object(lines, "LONGEST_LINE", longest),
        patch.object(streams, "LONGEST_LINE", longest),
        patch.object(streams, "LONGEST_RECORD_LINES", 6),
        patch.object(assembly, "LONGEST_RECORD_LINES", 6),
        patch.object(assembly, "LONGEST_RECORD", 4 * longest),
    ):
        yield


def accounts_for(found: Reading, log: bytes) -> None:
    """Every byte and every physical line is in the account, and every record stands where it says."""
    assert found.report.bytes == len(log)
    assert found.report.lines == log.count(b"\n") + bool(log and not log.endswith(b"\n"))
    assert found.report.records == len(found.records)
    places = sorted((record.offset, record.line) for record in found.records)
    assert len({offset for offset, _ in places}) == len(places)
    for offset, line in places:
        assert log[:offset].count(b"\n") == line - 1
        assert offset == 0 or log[offset - 1 : offset] == b"\n"


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in _FAST else pytest.mark.slow) for name in FORMATS]
)
@given(data=st.data())
def test_the_same_records_whatever_the_chunking(name: str, data: st.DataObject) -> None:
    texts = data.draw(st.lists(st.sampled_from(_TEXTS), min_size=1, max_size=25))
    end = data.draw(st.sampled_from(["\n", "\r\n"]))
    log = "".join(FORMATS[name](n, text).replace("\n", end) + end for n, text in enumerate(texts)).encode()
    log = log[: len(log) - data.draw(st.integers(0, 3))]
    cuts = data.draw(st.lists(st.integers(0, len(log)), max_size=20) | st.just(list(range(len(log)))))
    head, longest = data.draw(st.sampled_from([(1000, 1 << 20), (3, 1 << 20), (5, 60)]))
    with small_bounds(head, longest):
        whole, pieces = read(log), read(log, cuts=cuts)
    assert pieces.records == whole.records
    assert pieces.report == whole.report
    accounts_for(whole, log)


_PIECES = st.sampled_from(
    [FORMATS[name](n, text).encode() for name in FORMATS for n, text in enumerate(_TEXTS)]
) | st.binary(max_size=30)


@given(
    st.lists(_PIECES, max_size=30),
    st.sampled_from([b"\n", b"\r\n", b"\n\n", b"\x00\n", b"\r"]),
    st.sampled_from(
        [None, "docker", "cri", "json", "iso8601", "syslog", "logfmt", "clock", "epoch", "rfc5424", "plain"]
    ),
    st.lists(st.integers(0, 3000), max_size=10),
)
def test_any_bytes_are_read_without_a_crash_and_accounted_for(
    pieces: list[bytes], end: bytes, asked: str | None, cuts: list[int]
) -> None:
    log = end.join(pieces)
    with small_bounds(head=7, longest=100):
        whole = read(log, format=asked)
        cut = read(log, format=asked, cuts=[at for at in cuts if at < len(log)])
    assert cut.records == whole.records
    accounts_for(whole, log)
    for record in whole.records:
        record.message.encode()
        json.dumps(dict(record.attributes))


@given(st.integers(0, 60), st.integers(0, 60), st.lists(st.sampled_from(_TEXTS), min_size=1, max_size=40))
def test_a_window_counts_what_lies_in_it_and_nothing_else(first: int, length: int, texts: list[str]) -> None:
    log = "".join(FORMATS["iso8601"](n, text) + "\n" for n, text in enumerate(texts))
    since, until = (at(f"17:{second // 60:02}:{second % 60:02}") for second in (first, first + length))
    found = read(log, since=since, until=until)
    inside = [record for record in found.records if record.time is not None and since <= record.time <= until]
    assert found.report.records == len(inside)
    assert found.report.first == (inside[0].time if inside else None)
    assert found.report.last == (inside[-1].time if inside else None)
