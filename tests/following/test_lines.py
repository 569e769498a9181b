"""Lines: only whole ones are handed out, byte for byte, whatever is in them and however long they are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from logwatch.following import Flaw, Limits, NoticeKind
from logwatch.records.lines import LONGEST_LINE
from tests.following.world import Reader, lines, write
from tests.memory import PEAK


def test_a_line_is_handed_out_when_it_is_whole(tmp_path: Path) -> None:
    """Fault 14: half a line, then a kill, the rest later: one line."""
    log = tmp_path / "app.log"
    write(log, lines(1, 2) + "<3> ha")
    reader = Reader(log)
    reader.poll()
    reader.commit()
    reader.kill()
    reader.poll(100.0)
    assert reader.ids == [1, 2]
    assert reader.follower.unread == {str(log): 6}
    write(log, "lf\n")
    reader.finish()
    assert [line for _, _, line in reader.committed] == [b"<1>\n", b"<2>\n", b"<3> half\n"]


@pytest.mark.parametrize("file_bytes", [1, 3, 7, 1 << 20])
def test_bytes_are_handed_out_as_they_are(tmp_path: Path, file_bytes: int) -> None:
    """Fault 17: invalid UTF-8, NULs, CRLF, BOM, C1 and escapes: offsets are those of the file, and no byte changes."""
    content = (
        b"\xef\xbb\xbf<1> bom\r\n<2> \xff\xfe\x80 invalid\n\r\n\n<3> nul \x00 inside\n"
        b"<4> \x1b[31mred\x1b[0m \x9b31m \xe2\x80\xae\n<5> cr \r in the middle\n\xe2\x82\n"
    )
    log = tmp_path / "app.log"
    write(log, content)
    reader = Reader(log, limits=Limits(file_bytes=file_bytes))
    reader.finish()
    assert b"".join(chunk.data for chunk in reader.chunks) == content
    assert reader.notices == []
    for chunk in reader.chunks:
        assert content[chunk.offset :].startswith(chunk.data)
        assert chunk.position == chunk.offset
        assert chunk.line == content[: chunk.offset].count(b"\n") + 1


def test_a_line_that_is_too_long_is_cut_and_the_next_is_intact(tmp_path: Path) -> None:
    """Fault 16, small: one byte more than is kept tells whoever keeps it that the line was longer."""
    log = tmp_path / "app.log"
    write(log, "<1>\n" + "x" * (LONGEST_LINE + 500) + "\n<2>\n")
    reader = Reader(log)
    reader.finish()
    first, cut, last = reader.chunks
    assert (first.data, last.data) == (b"<1>\n", b"<2>\n")
    assert (cut.flaw, len(cut.data)) == (Flaw.CUT, LONGEST_LINE + 2)
    assert (last.offset, last.line) == (LONGEST_LINE + 505, 3)
    assert [(notice.kind, notice.detail, notice.size) for notice in reader.notices] == [
        (NoticeKind.LONG_LINE, f"holds a line of {LONGEST_LINE + 501:,} bytes at byte 4, which was cut", 499)
    ]


LONG = (
    PEAK
    + """
import json, sys
from pathlib import Path
from logwatch.following import Chunk, Follower
log, size = Path(sys.argv[1]), int(sys.argv[2])
log.write_bytes(b"<1>\\n")
follower, now, chunks = Follower([str(log)]), 0.0, []
def poll():
    global now
    now += 1.0
    while True:
        chunks.extend((len(item.data), item.flaw) for item in follower.poll(now) if isinstance(item, Chunk))
        follower.checkpoints()
        if not follower.behind:
            break
poll()
before = peak()
with log.open("ab", buffering=0) as file:
    for _ in range(size >> 20):
        file.write(b"x" * (1 << 20))
        poll()
    file.write(b"\\n<2>\\n")
poll()
grown = peak() - before
print(json.dumps({"chunks": chunks, "grown_mib": grown >> 10}))
"""
)


def test_a_hundred_mebibytes_without_a_newline_take_little_memory(tmp_path: Path) -> None:
    """Fault 16: bounded RSS, one cut line, the next line intact."""
    command = [sys.executable, "-c", LONG, str(tmp_path / "app.log"), str(100 << 20)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    result = json.loads(done.stdout)
    assert result["chunks"] == [[4, None], [LONGEST_LINE + 2, "cut"], [4, None]]
    assert result["grown_mib"] < 16
    (tmp_path / "app.log").unlink()


def test_reading_stops_while_too_much_is_not_accounted_for(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    write(log, lines(1, 500))
    reader = Reader(log, limits=Limits(file_bytes=100, held_bytes=300))
    for _ in range(50):
        reader.poll()
    assert reader.follower.full
    held = sum(len(chunk.data) for chunk in reader.chunks)
    assert 300 <= held < 500
    while reader.ids[-1:] != [500]:
        reader.commit()
        reader.poll()
    reader.finish()
    assert reader.ids == list(range(1, 501))


def test_an_open_record_is_read_again_from_the_start_of_its_line(tmp_path: Path) -> None:
    """Fault 19, for the follower: positions are the same after a kill, whatever was open."""
    log = tmp_path / "app.log"
    write(log, lines(1, 9))
    reader = Reader(log)
    reader.poll()
    places = reader.pending.copy()
    reader.commit({str(log): 18})  # in the middle of <5>
    assert reader.stored[0].position == 16
    reader.kill()
    reader.poll()
    assert reader.pending == places[4:]


def test_the_clock_may_go_back(tmp_path: Path) -> None:
    """Fault 25: an hour back is no time at all; offsets are unaffected, a half line is waited for as long as ever."""
    log = tmp_path / "app.log"
    write(log, lines(1, 3) + "<4> half")
    reader = Reader(log, now=10_000.0)
    reader.poll()
    log.rename(tmp_path / "app.log.1")
    write(log, lines(5, 6))
    reader.poll(1.0)
    reader.poll(-3600.0)
    reader.poll(4.0)
    assert reader.halves() == []
    reader.poll(1.0)
    assert reader.halves() == [b"<4> half\n"]
    reader.finish()
    assert reader.ids == [1, 2, 3, 4, 5, 6]
