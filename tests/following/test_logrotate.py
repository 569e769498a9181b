"""The real logrotate, in the modes that people use, round after round: each line once."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from logwatch.following import Limits
from tests.following.world import Reader, lines, tick, write

LOGROTATE = shutil.which("logrotate") or shutil.which("logrotate", path="/usr/sbin")
pytestmark = pytest.mark.skipif(LOGROTATE is None, reason="logrotate is not installed")

MODES = {
    "create": "create 0600",
    "nocreate": "nocreate",
    "copytruncate": "copytruncate",
    "compress": "create 0600\ncompress",
    "delaycompress": "create 0600\ncompress\ndelaycompress",
    "copytruncate-compress": "copytruncate\ncompress",
    "copytruncate-delaycompress": "copytruncate\ncompress\ndelaycompress",
    "extension": "create 0600\nextension .log\ncompress\ndelaycompress",
    "start": "create 0600\nstart 0",
}


def rotate(log: Path, options: str) -> None:
    configuration = log.with_name("logrotate.conf")
    configuration.write_text(f"{log} {{\nrotate 4\nmissingok\n{options}\n}}\n", encoding="utf-8")
    assert LOGROTATE is not None
    command = [LOGROTATE, "--force", "--state", str(log.with_name("logrotate.state")), str(configuration)]
    subprocess.run(command, check=True, timeout=60)
    if log.exists():
        tick(log)


@pytest.mark.parametrize("name", ["app.log", "app*log*"])
@pytest.mark.parametrize("mode", MODES)
def test_each_line_is_read_once_through_real_rotations(tmp_path: Path, mode: str, name: str) -> None:
    """Faults 1 to 5 and 18: followed, rotated twice between polls, with a backlog, and while nobody reads."""
    log = tmp_path / "app.log"
    written = 0
    reader = Reader(tmp_path / name, limits=Limits(file_bytes=256))

    def more(count: int) -> None:
        nonlocal written
        write(log, lines(written + 1, written + count, pad=" Processing job for stage: ai_parsing"))
        written += count

    more(5)
    reader.poll()
    more(40)
    rotate(log, MODES[mode])  # a backlog at the rotation
    more(5)
    reader.poll(1.0)
    rotate(log, MODES[mode])  # caught up
    more(5)
    rotate(log, MODES[mode])  # twice between two polls
    more(5)
    reader.poll(1.0)
    reader.commit()
    more(30)
    rotate(log, MODES[mode])  # while nobody reads
    more(5)
    reader.kill()
    reader.finish()
    assert sorted(reader.ids) == list(range(1, written + 1))
    assert reader.gaps() == []


def test_dated_names_are_followed(tmp_path: Path) -> None:
    """`dateext`: the names carry the second of the rotation."""
    log = tmp_path / "app.log"
    options = "create 0600\ncompress\ndelaycompress\ndateext\ndateformat -%Y%m%d-%s"
    write(log, lines(1, 5))
    reader = Reader(log)
    reader.poll()
    for first in (6, 11):
        write(log, lines(first, first + 3))
        rotate(log, options)
        second = int(time.time())
        write(log, lines(first + 4, first + 4))
        while time.time() < second + 1.1:  # logrotate's clock is coarser; it would find its name taken
            reader.poll(0.0)
    reader.commit()
    reader.kill()
    reader.finish()
    assert reader.ids == list(range(1, 16))
    assert len(list(tmp_path.glob("app.log-*"))) == 2
