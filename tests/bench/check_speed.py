"""How fast `logwatch check` is beside the tools that it replaces: `python -m tests.bench.check_speed [--size 1GB]`.

Logs of known truth are written (see `worlds`), and read by every contender in turn, several times; the counts that each
finds are compared with the truth. The table shows medians: seconds per gigabyte, and the ratio to the four greps of the
same rounds. Ratios hold from machine to machine; seconds do not. Tools that take a minute for a gigabyte get a log of
the same shape that is a sixteenth as long.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.contenders import (
    Contender,
    Counts,
    decompressor,
    greps,
    line_loop,
    logwatch,
    mawk,
    missing,
    mtail,
    ripgrep,
)
from tests.bench.worlds import SHAPES, Shape, Truth, write_world

_UNITS = {"MB": 10**6, "GB": 10**9}
_SMALLER = 16
_SEED = 20251011


@dataclass(frozen=True)
class Log:
    """A log to be read, and what it holds."""

    path: Path
    truth: Truth


def contenders(shape: Shape, jobs: int) -> list[Contender]:
    """Return who can read a log of that shape, the one first that the others are compared with."""
    plain: list[Contender] = [ripgrep(), mawk(), mtail(), line_loop()]
    own = [logwatch(jobs), *([logwatch(1)] if jobs > 1 else [])]
    if shape.gzipped:
        return [decompressor(), *own]
    if shape.json_lines or shape.newest_first:
        return [greps(), *own, ripgrep()]
    return [greps(), *own, *plain]


def measure(who: Sequence[Contender], log: Log, small: Log, rounds: int) -> dict[str, list[float]]:
    """Return seconds per gigabyte of every contender, round by round; the first round warms up and is not counted."""
    seconds: dict[str, list[float]] = {contender.name: [] for contender in who}
    for number in range(rounds + 1):
        for contender in who:
            given = small if contender.slow else log
            begun = time.perf_counter()
            output = contender.run(given.path)
            taken = time.perf_counter() - begun
            verify(contender, contender.counts(output), given.truth)
            if number:
                seconds[contender.name].append(taken / given.truth.bytes * 1e9)
    return seconds


def verify(contender: Contender, counts: Counts, truth: Truth) -> None:
    """Raise `AssertionError` where counts differ from the truth."""
    known = {
        **truth.counts,
        **{f"grep {pattern}": n for pattern, n in truth.greps.items()},
        "matching": truth.matching,
    }
    for name, n in counts.items():
        if n != known.get(name, n):
            raise AssertionError(f"{contender.name} counts {n} {name}, where there are {known[name]}")


def table(shape: Shape, seconds: dict[str, list[float]]) -> Iterable[str]:
    """Yield the lines of the table of one shape."""
    first = next(iter(seconds))
    base = seconds[first]
    yield f"{shape.name + ', beside ' + first:40}{'s/GB':>10}{'ratio':>10}{'(least to most)':>20}"
    for name, taken in seconds.items():
        ratios = [mine / theirs for mine, theirs in zip(taken, base, strict=True)]
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        yield f"  {name:38}{statistics.median(taken):>10.2f}{statistics.median(ratios):>10.2f}{spread:>20}"


def _size(text: str) -> int:
    number, unit = text[:-2], text[-2:].upper()
    if unit not in _UNITS:
        raise argparse.ArgumentTypeError(f"'{text}' is no size; write it like 256MB or 1GB")
    return int(float(number) * _UNITS[unit])


def main() -> None:
    """Measure, and print a table for every shape."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=_size, default=_size("256MB"), help="of each log (default: 256MB)")
    parser.add_argument("--rounds", type=int, default=3, help="that are counted (default: 3)")
    parser.add_argument("--shape", action="append", choices=SHAPES, help="only these (default: all)")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="of logwatch (default: the cores)"
    )
    parser.add_argument("--quick", action="store_true", help="leave out the tools that are slow")
    asked = parser.parse_args()
    for name in asked.shape or SHAPES:
        shape = SHAPES[name]
        who = [
            one for one in contenders(shape, asked.jobs) if not (missing(one) or (one.slow and asked.quick))
        ]
        with tempfile.TemporaryDirectory(prefix="logwatch-bench-") as directory:
            places = (Path(directory, "whole"), Path(directory, "small"))
            logs = []
            for place, size in zip(places, (asked.size, asked.size // _SMALLER), strict=True):
                place.mkdir()
                logs.append(Log(*write_world(shape, size, _SEED, place)))
            print(*table(shape, measure(who, *logs, asked.rounds)), sep="\n", flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
