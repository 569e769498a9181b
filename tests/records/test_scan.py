"""The scan: blocks are skimmed, and it comes to the same as looking at every line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from logwatch.records.reading import ReadOptions, SourceReader
from logwatch.records.record import Record
from logwatch.records.scan import needles, reading, turns, uniform
from logwatch.records.scan.needles import Needles
from logwatch.records.scan.reading import ScanReading
from logwatch.records.scan.skim import Skimmer
from logwatch.records.scan.wanted import Wanted
from tests.records.world import NOW, MemorySource, small_heads

WANTED = Wanted(frozenset({"Unknown stage", "b9 failed", "job 7 ends"}))
ALL = 1 << 60


@dataclass
class CutSource(MemorySource):
    """A source whose blocks have one size."""

    block: int = 1 << 20

    def blocks(self, start: int = 0, stop: int | None = None) -> Iterator[Any]:
        edges = range(0, len(self.data), self.block)
        return replace_cuts(self, edges).blocks()


def replace_cuts(source: CutSource, edges: Sequence[int]) -> MemorySource:
    return MemorySource(source.data, source.name, source.modified, edges, source.health)


@pytest.fixture(autouse=True)
def small() -> Iterator[None]:
    """Short logs are scanned."""
    with small_heads():
        yield


def read(data: bytes, block: int, worth: int, **options: Any) -> tuple[list[Record], SourceReader]:
    """Return the wanted records of a log, and the reader that found them."""
    with patch.object(reading, "WORTH_A_SCAN", worth), patch.object(reading, "WORTH_ARRAYS", worth):
        reader = SourceReader(
            CutSource(data, block=block), ReadOptions(**{"zone": UTC, "now": NOW, **options}), WANTED
        )
        wanted = (record for record in reader if WANTED(record.message))
        return [structs.replace(record, ordinal=n) for n, record in enumerate(wanted)], reader


def assert_agrees(data: bytes, block: int, **options: Any) -> None:
    """A scan agrees with the plain path, also where it tells nothing by counting, or holds few hits in arrays."""
    looked_at, by_line = read(data, block, ALL, **options)
    for most_misses, dense in ((4, 400), (4, 0), (0, 0)):
        with patch.object(uniform, "_MOST_MISSES", most_misses), patch.object(uniform, "_DENSE", dense):
            scanned, by_scan = read(data, block, 0, **options)
        assert scanned == looked_at
        assert vars(by_scan.account) | {"timeline": by_scan.account.timeline.hours} == vars(
            by_line.account
        ) | {"timeline": by_line.account.timeline.hours}


HEADS = (
    "2025-10-11T17:29:{:02d}.{:03d}Z ",
    "2025-10-11T17:{:02d}:00Z [info] ",
    "[2025-10-11 17:29:{:02d}] ",
    "2025-10-11T19:29:{:02d}.{:03d}+02:00 ",
    "2025-10-11T17:29:{:02d},{:03d}|",
    "2025-1{:d}-{:02d} 00:00:00 ",
    "17602037{:02d}.{:03d} ",
    "17602037{:02d}{:03d} ",
    "Oct 11 17:29:{:02d} ",
    "Oct 11 17:29:{:02d}",
    "<13>Oct 11 17:29:{:02d}.{:03d} web app[7]: ",
    "Mar  3 00:00:{:02d} ",
    "Oct {:2d} 17:00:00 ",
    "2025-10-11T17:29:{:02d}Z",
)
TAILS = st.sampled_from(
    (
        b"nothing to see",
        b"Unknown stage: x",
        "✅ job 7 ends".encode(),
        "âœ… job 7 ends".encode(),
        b"\xff9 failed, \xb9 failed",
        b"\xb9 failed",
        b"Unknown \x1b[31mstage\x1b[0m",
        b"Unknown stage\r",
        b"",
        b"\nUnknown stage",
        b"\r\njob 7 ends",
        b"2025-10-11T17:29:01Z",
        b"a\x00b job 7 ends",
        b"{\n  dumped: 1,\nUnknown stage\n}",
        b"x\n\n\n",
        b"y\n\xef\xbb\xbf2025-10-11T17:29:33.000Z Unknown stage",
        b"z\n\x1b[2m2025-10-11T17:29:34.000Z\x1b[0m job 7 ends",
        b"\n2025-02-30T00:00:00.000Z Unknown stage",
        b"\n2025-10-11T17:29:60.000Z leaps",
        b"\n9" * 1001,
        b"long " * 300,
    )
)


BEGINS = (0, 0, 1, 1, 2, 3, 3)


@st.composite
def logs(draw: st.DrawFn) -> bytes:
    """A log that is mostly in one format, mostly in order, oldest or newest first."""
    usual, newest_first = draw(st.sampled_from(HEADS)), draw(st.booleans())
    seconds = draw(st.lists(st.integers(0, 59), min_size=8, max_size=40))
    if draw(st.booleans()):
        seconds.sort(reverse=newest_first)
    begins = sorted(BEGINS, reverse=newest_first)
    lines = [usual.format(n, draw(st.integers(0, 999))).encode() + b"begins" for n in begins]
    for second in seconds:
        head = draw(st.sampled_from((usual, usual, usual, usual, "", *HEADS)))
        try:
            shown = head.format(second, draw(st.integers(0, 999)))
        except ValueError:
            shown = ""
        lines.append(shown.encode() + draw(TAILS))
    end = draw(st.sampled_from((b"\n", b"\r\n")))
    return end.join(lines) + draw(st.sampled_from((b"", b"\n", b"\n\n \n", b"\n2025-10-11T17:29:5")))


TIMES = (
    '"timestamp": 17602037{:02d}{:03d}',
    '"timestamp":17602037{:02d}',
    '"time":"2025-10-11T17:29:{:02d}.{:03d}Z"',
    '"ts": 17602037{:02d}.{:03d}',
    '"t\\u0069me" : "2025-10-11T17:29:{:02d}Z"',
    '"time":"17602037{:02d}{:03d}"',
    '"timestamp":"today","time":"2025-10-11T17:29:{:02d}.{:03d}Z"',
)
SAID = st.sampled_from(
    (
        '"msg": "nothing to see"',
        '"msg":"Unknown stage: x"',
        '"msg":"Unknown \\u0073tage"',
        '"msg":"Unknown\\u0020stage \\u26a1"',
        '"msg":"\\u001b[31mUnknown\\u001b[0m stage"',
        '"msg":"a\\nUnknown stage\\n\\"b\\""',
        '"msg":["Unknown","stage"]',
        '"message" :\t[ "job 7", "ends" ]',
        '"MESSAGE":[85,110,107,110,111,119,110,32,115,116,97,103,101]',
        '"msg":"\\ud83d Unknown stage", "x":NaN',
        '"nested":{"msg":"Unknown stage","time":1}',
        '"msg":"Unknown stage","time":"2025-10-11T17:29:59.5Z"',
        f'"deep":{"[" * 3000}{"]" * 3000}, "msg":"Unknown stage"',
        f'"number":{"9" * 5000}, "msg":"job 7 ends"',
        '"msg":"Unknown \x1b["} stage","time":5,',
        '"msg":"Unknown stage","msg":"else"',
    )
)


@st.composite
def json_logs(draw: st.DrawFn) -> bytes:
    """A log of JSON lines, mostly of one writer, oldest or newest first."""
    usual, begins = draw(st.sampled_from(TIMES)), sorted(BEGINS, reverse=draw(st.booleans()))
    lines = ["{" + usual.format(n, 5) + ',"msg":"begins"}' for n in begins]
    said = draw(st.lists(SAID, min_size=1, max_size=3))
    others = draw(st.sampled_from(((), TIMES)))
    odd = draw(
        st.sampled_from(
            (
                (),
                (
                    "Unknown stage",
                    "  at job 7 ends",
                    "",
                    '{"half": "Unknown st',
                    "{},",
                    '{"time":"today","msg":"Unknown stage"}',
                ),
            )
        )
    )
    for second in draw(st.lists(st.integers(0, 9), min_size=8, max_size=30)):
        time = draw(st.sampled_from((*[usual] * 20, *others))).format(second, draw(st.integers(0, 999)))
        usually = "{" + time + "," + draw(st.sampled_from(said)) + "}"
        lines.append(draw(st.sampled_from((*[usually] * 20, *odd))))
    return draw(st.sampled_from(("\n", "\r\n"))).join(lines).encode()


MOMENTS = st.one_of(
    st.none(),
    st.integers(0, 60_000).map(
        lambda ms: datetime(2025, 10, 11, 17, 29, tzinfo=UTC) + timedelta(milliseconds=ms)
    ),
)


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    log=st.one_of(logs(), json_logs()),
    block=st.sampled_from((40, 150, 600, 2000, 9000)),
    since=MOMENTS,
    until=MOMENTS,
)
def test_a_scan_finds_and_counts_what_looking_at_every_line_does(
    log: bytes, block: int, since: datetime | None, until: datetime | None
) -> None:
    zone = timezone(timedelta(hours=2))
    assert_agrees(log, block, since=since, until=until, read_from=since, read_to=until, zone=zone)


EVEN = (
    "2025-10-11T17:{m:02d}:{s:02d}.{ms:03d}Z [info] ",
    "2025-10-11T17:{m:02d}:{s:02d}+02:00 ",
    "[2025-10-11 17:{m:02d}:{s:02d}] ",
    "20251011T17{m:02d}{s:02d},000000{ms:03d}Z|",
    "Oct 11 17:{m:02d}:{s:02d}.{ms:03d} ",
    "<13>Oct 11 17:{m:02d}:{s:02d} web app[7]: ",
    "176020{m:02d}{s:02d}.{ms:03d} ",
    "176020{m:02d}{s:02d} ",
    "[176020{m:02d}{s:02d}{ms:03d}] ",
    "2025-10-11 17:{m:02d}:{s:02d} ",
    "2025-10-11 17:{m:02d}:{s:02d}.{ms:03d},",
    "20251011T17{m:02d}{s:02d},",
    "Oct 11 17:{m:02d}:{s:02d}\n",
)
TURNED = pytest.mark.parametrize("step", [1, -1], ids=["oldest-first", "newest-first"])
TOLD = [head for head in EVEN if not head.endswith(("+02:00 ", "\n"))]
"""Those that are told by counting."""
CHANGES = (
    ("job 7", "\njob 7"),
    ("17:2", "18:3"),
    ("17:2", "17:6"),
    (":3", ":6"),
    ("54", "60"),
    ("54", "61"),
    ("ends", "ends, job 7 ends, Unknown stage"),
    ("Oct 11", "Oct 12"),
    ("Oct 11", "Feb 30"),
    ("10-11", "02-30"),
    ("10-11", "12-24"),
    (".", ","),
    ("Z", "z"),
    ("Z", "Z2"),
    ("1", "x"),
    ("1", "\u0661"),
    (" ", "\t"),
    (" ", ""),
    ("176020", "076020"),
    ("3", "8"),
    ("+02", "+03"),
    ("<13>", "<14>"),
    ("job 7", "Unknown \x1b[31mstage"),
    ("job 7", "x\0job 7"),
    ("job 7", "UTC job 7"),
    ("job 7", "-0800: job 7"),
    ("job 7", "U\x1b[0mTC job 7"),
    ("job 7", "5,job 7"),
    ("ends", "ends\n"),
    ("ends", "ends\r"),
    ("ends", "ends " * 300),
)


@st.composite
def even_logs(draw: st.DrawFn) -> bytes:
    """A log in which every line begins a record and seconds follow each other, or go back, but for a few lines."""
    head, past = draw(st.sampled_from(EVEN)), 29 * 60
    steps = draw(st.sampled_from(((0, 1), (0, 0, 0, 0, 0, 1), (1, 2, 70), (0, 40), (0, 0, 0, 2, -1))))
    chance = draw(st.randoms(use_true_random=False))
    lines = []
    for n in range(draw(st.integers(10, 120))):
        past = max(past + chance.choice(steps), 0) % 3600
        shown = head.format(m=past // 60, s=past % 60, ms=chance.randrange(1000))
        lines.append(shown + chance.choice(("nothing", "nothing", f"job {n % 9} ends")))
    if draw(st.booleans()):
        lines.reverse()
    for _ in range(draw(st.integers(0, 2))):
        n = draw(st.integers(8, len(lines) - 1))
        lines[n] = lines[n].replace(*draw(st.sampled_from(CHANGES)), 1)
    if draw(st.booleans()):
        n = draw(st.integers(8, len(lines) - 1))
        lines.insert(draw(st.integers(8, len(lines))), lines.pop(n))
    return "\n".join([*lines, ""]).encode()


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(log=even_logs(), block=st.sampled_from((150, 600, 9000)), since=MOMENTS, until=MOMENTS)
def test_so_does_a_scan_that_tells_even_blocks_by_counting(
    log: bytes, block: int, since: datetime | None, until: datetime | None
) -> None:
    assert_agrees(log, block)
    assert_agrees(log, block, since=since, until=until, read_from=since, read_to=until)


@pytest.mark.parametrize("time", TIMES)
@pytest.mark.parametrize(
    "odd", [(), ('{"time":"today","msg":"Unknown stage"}',), ('{"msg":"Unknown stage"}',)]
)
def test_json_lines_are_dated_to_the_last_figure(time: str, odd: tuple[str, ...]) -> None:
    lines = [
        "{" + time.format(10 + n // 12, n * 377 % 1000) + f',"msg":"job {n % 9} ends"' + "}"
        for n in range(48)
    ]
    for block in (700, 9000):
        assert_agrees("\n".join([*lines[:30], *odd, *lines[30:], ""]).encode(), block)


@pytest.mark.parametrize("block", [40, 150, 600, 9000])
def test_blank_lines_that_no_record_takes_are_counted(block: int) -> None:
    lines = [f"2025-10-11T17:29:{n:02d}Z job {n % 9} ends" for n in range(60)]
    assert_agrees("\n".join([*lines[:30], *[""] * 1100, *lines[30:], ""]).encode(), block)


@pytest.mark.slow
@pytest.mark.parametrize("head", EVEN)
def test_one_line_that_is_otherwise_is_told_from_the_others(head: str) -> None:
    shown = [head.format(m=20 + n // 7, s=30 + n // 2, ms=n * 7) + f"job {n % 9} ends" for n in range(50)]
    for change in CHANGES:
        for n in (20, 48, 49):
            lines = [*shown[:n], shown[n].replace(*change, 1), *shown[n + 1 :]]
            for block in (400, 9000):
                assert_agrees("\n".join([*lines, ""]).encode(), block)


@TURNED
def test_the_first_and_the_last_moment_are_found_though_their_seconds_come_again(step: int) -> None:
    moments = ("30.500", "31.200", "30.100", "31.900", "30.300", "31.400")
    lines = [f"2025-10-11T17:29:{n}Z x" for n in (*["30.500"] * 8, *moments, "31.700", "31.600")][::step]
    for block in (250, 9000):
        for near in (turns._NEAR, 60):
            with patch.object(turns, "_NEAR", near):
                assert_agrees("\n".join([*lines, ""]).encode(), block)


@pytest.mark.parametrize("head", TOLD)
@pytest.mark.parametrize("strayed", [turns._STRAYED, 4000, 0])
@TURNED
def test_lines_that_strayed_from_their_second_are_counted(head: str, strayed: int, step: int) -> None:
    seconds = [n // 9 for n in range(900)][::step]
    for n in range(100, 800, 70):
        seconds[n], seconds[n + 12] = seconds[n + 12], seconds[n]
    seconds[300], seconds[500] = seconds[500], seconds[300]
    shown = (
        head.format(m=20 + n // 60, s=n % 60, ms=i * 7 % 1000) + f"job {i % 9} ends"
        for i, n in enumerate(seconds)
    )
    log = "\n".join([*shown, ""]).encode()
    with patch.object(turns, "_STRAYED", strayed):
        for block in (2500, 40_000):
            assert_agrees(log, block)


@pytest.mark.parametrize("head", TOLD)
@pytest.mark.parametrize("strayed", [0, 3])
@TURNED
def test_even_blocks_are_told_without_arrays(
    head: str, strayed: int, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Skimmer, "_by_arrays", lambda *_: None)
    lengths = skimmed_lengths(monkeypatch)
    seconds = [n // 5 for n in range(1000)][::step]
    if strayed:
        for n in range(100, 900, 11):
            seconds[n], seconds[n + strayed] = seconds[n + strayed], seconds[n]
    lines = [head.format(m=n // 60, s=n % 60, ms=i % 1000) + f"job {i} ends\n" for i, n in enumerate(seconds)]
    log = "".join(lines).encode()
    assert_agrees(log, 5000)
    assert sum(lengths) > 0.8 * len(log)


def skimmed_lengths(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list to which the length of whatever is skimmed is added."""
    lengths: list[int] = []
    skim = Skimmer.skim

    def watched(self: Skimmer, data: bytes, *place: Any) -> Any:
        skimmed = skim(self, data, *place)
        lengths.append(skimmed.length if skimmed else 0)
        return skimmed

    monkeypatch.setattr(Skimmer, "skim", watched)
    return lengths


def usual(*tails: str) -> bytes:
    """Return a log that is skimmed, with these lines among the others."""
    lines = [f"2025-10-11T17:29:{n:02d}.500Z x" for n in range(40)]
    return "\n".join([*lines[:30], *tails, *lines[30:], ""]).encode()


@pytest.mark.parametrize(
    "tails",
    [
        ("2025-10-11T17:29:30.000Z Unknown \x1b[31mstage\x1b[0m",),
        ("2025-10-11T17:29:39.900Z y", "2025-10-11T17:29:39.100Z z"),
        ("2025-10-11T17:28:00.100Z y", "2025-10-11T17:28:00.000Z z"),
        ("2025-10-11T17:29:3x.500Z Unknown stage",),
        ("2025-10-11T17:29:30.5:0Z Unknown stage",),
        ("2025-10-11T17:2\u0669:30.500Z Unknown stage",),
        ("2025-13-11T17:29:30.500Z Unknown stage",),
        ("", "", "\ufeff2025-10-11T17:29:30Z Unknown stage"),
    ],
)
@pytest.mark.parametrize("block", [150, 4000])
def test_a_line_that_looks_otherwise_is_asked_alone(tails: tuple[str, ...], block: int) -> None:
    assert_agrees(usual(*tails), block)
    for fraction in (499_999, 500_000, 500_001):
        edge = datetime(2025, 10, 11, 17, 29, 20, fraction, tzinfo=UTC)
        assert_agrees(usual(*tails), block, since=edge, read_from=edge)
        assert_agrees(usual(*tails), block, until=edge, read_to=edge)


@pytest.mark.parametrize(
    ("head", "more"),
    [
        ("2025-10-11T17:29:{:02d} ", "UTC job 7 ends"),
        ("2025-10-11T17:29:{:02d}.500 ", "Z: job 7 ends"),
        ("2025-10-11 17:{:02d} ", "+02:00 job 7 ends"),
        ("[2025-10-11 17:29:{:02d} ", "-0500] job 7 ends"),
        ("2025-10-11T17:29:{:02d} ", "UTC"),
        ("2025-10-11T17:29:{:02d} ", "\x1b[2mUT\x1b[0mC\x1b[31;1m job 7 ends"),
        ("2025-10-11T17:29:{:02d},", "123 job 7 ends"),
        ("20251011T1729{:02d},", "5,job 7 ends"),
    ],
)
def test_a_time_that_goes_on_in_the_text_is_not_told_by_how_its_head_looks(head: str, more: str) -> None:
    zone = timezone(timedelta(hours=5))
    usual = [head.format(n) + "job 7 ends" for n in range(40)]
    for n in (10, 38, 39):
        lines = [*usual[:n], head.format(40) + more, *usual[n:], head.format(41) + "UTX", ""]
        for block in (300, 9000):
            assert_agrees("\n".join(lines).encode(), block, zone=zone)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_time_that_goes_on_in_other_words_is_none_where_times_stand_alone(end: str) -> None:
    lines = [f"Oct 11 17:29:{n // 60:02d}" for n in range(60)]
    log = end.join([*lines, "Oct 11 17:29:00nothing", "Oct 11 17:29:01", "job 7 ends", ""])
    assert_agrees(log.encode(), 40)


@pytest.mark.parametrize(
    "line",
    [
        b"2025-10-11T17:%02d:%02d.000Z job %d ends\n",
        b"[2025-10-11 17:%02d:%02d] [info] job %d ends\n  goes on\n\n",
        b"Oct 11 17:%02d:%02d\njob %d ends\n",
        b"<13>Oct 11 17:%02d:%02d web app[7]: job %d ends\r\n",
        b'{"time":"2025-10-11T17:%02d:%02dZ","msg":"job %d ends"}\n',
    ],
)
@TURNED
def test_most_blocks_of_a_usual_log_are_skimmed(
    line: bytes, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths = skimmed_lengths(monkeypatch)
    log = b"".join(line % (n // 60, n % 60, n) for n in range(3000)[::step])
    assert_agrees(log, 1000)
    assert sum(lengths) > 2 * 0.95 * len(log)  # with and without counting


@settings(deadline=None)
@given(
    texts=st.sets(st.text("abc ", min_size=1, max_size=7).map(str.encode), min_size=1, max_size=8),
    blocks=st.lists(st.text("abc \n", max_size=60).map(str.encode), min_size=1, max_size=4),
    rare=st.integers(0, 9),
    often=st.integers(0, 9),
)
def test_texts_are_found_by_letters_that_they_share(
    texts: set[bytes], blocks: list[bytes], rare: int, often: int
) -> None:
    with (
        patch.object(needles, "_LEARNT", 2),
        patch.object(needles, "_RARE", rare),
        patch.object(needles, "_OFTEN", often),
    ):
        sought = Needles(texts)
        for data in blocks * 2:
            places = sought.places(data)
            occur = [n for text in texts for n in range(len(data)) if data.startswith(text, n)]
            assert sorted(places) == sorted(occur)


def test_rare_letters_spare_passes_until_they_are_met_often() -> None:
    texts = {b"Starting workflow", b"Completing workflow", b"Job added"}
    usual, other = b"nothing\n" * 100 + b"Starting workflow\n", b"workflow\n" * 1000
    sought = Needles(texts)
    with patch.object(needles, "find", wraps=needles.find) as find:
        passes = []
        for data in (usual, usual, usual, other, other):
            find.reset_mock()
            sought.places(data)
            passes.append(len({call.args[1] for call in find.call_args_list}))
    assert passes == [3, 3, 2, 2, 3]


def test_a_source_is_read_plainly_where_a_wanted_text_could_hide() -> None:
    """`\\xb9` is how the invalid byte B9 is shown: a text that begins with the end of that is not in the bytes."""
    data = b"".join(b"2025-10-11T17:29:%02d.000Z x\n" % n for n in range(20))
    with (
        patch.object(reading, "WORTH_A_SCAN", 0),
        patch.object(reading, "WORTH_ARRAYS", 0),
        patch.object(ScanReading, "_read", side_effect=AssertionError),
    ):
        reader = SourceReader(CutSource(data), ReadOptions(zone=UTC, now=NOW), Wanted(frozenset({"b9a"})))
        assert list(reader) == []
    assert reader.report.records == 20
