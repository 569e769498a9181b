"""Baselines: what rules counted over a window that was pinned while all was well. Counts are kept, never logs.

A baseline is a window of the same hours before the incident, never "just before the deployment": that one holds the
bug.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec.structs import asdict

from logwatch.engine.tally import MatchTally, RatioTally, RunCounts, RunTally, Tally
from logwatch.errors import ConfigError, Location, Problem, UsageError, did_you_mean
from logwatch.records.coverage import Window

SCHEMA = 1
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_SUFFIX = ".json"


class _Matches(msgspec.Struct, forbid_unknown_fields=True, tag="matches"):
    matches: int


class _Ratio(msgspec.Struct, forbid_unknown_fields=True, tag="ratio"):
    numerator: float
    denominator: float
    integral: bool
    numerator_records: int
    denominator_records: int


class _Runs(msgspec.Struct, forbid_unknown_fields=True, tag="runs"):
    counts: dict[str, int]


_Pinned = _Matches | _Ratio | _Runs


class _File(msgspec.Struct, forbid_unknown_fields=True):
    """What a baseline's file holds."""

    schema: int
    since: datetime
    until: datetime
    pinned: datetime
    rules: dict[str, _Matches | _Ratio | _Runs]


class Baseline(msgspec.Struct, frozen=True):
    """A pinned window: its name, its borders (UTC), when it was pinned, and the tallies of its rules by id.

    Tallies hold counts alone: no times, durations, labels or evidence.
    """

    name: str
    since: datetime
    until: datetime
    pinned: datetime
    tallies: Mapping[str, Tally]


def pin(
    folder: Path,
    name: str,
    window: Window,
    tallies: Mapping[str, Tally],
    now: datetime,
    *,
    replace: bool = False,
) -> Path:
    """Write the counts of `tallies` down as the baseline `name`, whole or not at all; return its file.

    Raises `UsageError` for a name that is none or is taken (unless `replace`), `ConfigError` if it cannot be
    written.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"'{name}' is no name for a baseline; use letters, digits, '.', '-' and '_', 64 at most"
        )
    place = folder / f"{name}{_SUFFIX}"
    if place.exists() and not replace:
        raise UsageError(
            f"baseline '{name}' is pinned already, in {place}; give another name, or --replace it"
        )
    rules = {rule_id: _plain(tally) for rule_id, tally in tallies.items()}
    file = _File(SCHEMA, window.since, window.until, now, rules)
    content = msgspec.json.format(msgspec.json.encode(file), indent=1) + b"\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(0o644)  # others of the team compare with it too
        Path(temporary).replace(place)
    except OSError as error:
        raise ConfigError(f"{place}: cannot be written ({error.strerror}); check its permissions") from None
    return place


def load_baseline(folder: Path, name: str) -> Baseline:
    """Return the baseline `name`.

    Raises `UsageError` where none of that name is pinned, `ConfigError` for a file that is no baseline.
    """
    place = folder / f"{name}{_SUFFIX}"
    if not _NAME.fullmatch(name) or not place.is_file():
        known = did_you_mean(name, names(folder))
        remedy = known or f"; pin one with: logwatch baseline pin {name} --from TIME --to TIME"
        raise UsageError(f"no baseline '{name}' is pinned in {folder}{remedy}")
    return _read(place)


def list_baselines(folder: Path) -> tuple[Baseline, ...]:
    """Return every baseline, the oldest window first. Raises `ConfigError` for a file that is none."""
    return tuple(
        sorted((_read(folder / f"{name}{_SUFFIX}") for name in names(folder)), key=lambda found: found.since)
    )


def names(folder: Path) -> tuple[str, ...]:
    """Return the names of all baselines in `folder`, sorted; a folder that does not exist has none."""
    return tuple(sorted(path.stem for path in folder.glob(f"*{_SUFFIX}") if not path.name.startswith(".")))


def _read(place: Path) -> Baseline:
    try:
        file = msgspec.json.decode(place.read_bytes(), type=_File)
    except (msgspec.DecodeError, OSError) as error:
        problem = Problem(Location(str(place)), f"is no baseline ({error}); pin it again")
        raise ConfigError(problem) from None
    if file.schema != SCHEMA:
        problem = Problem(
            Location(str(place)), f"has schema {file.schema}; this logwatch reads {SCHEMA}; pin it again"
        )
        raise ConfigError(problem)
    tallies = {rule_id: _tally(pinned) for rule_id, pinned in file.rules.items()}
    return Baseline(place.stem, file.since, file.until, file.pinned, tallies)


def _plain(tally: Tally) -> _Pinned:
    match tally:
        case RunTally():
            return _Runs(asdict(tally.counts))
        case RatioTally():
            return _Ratio(
                tally.numerator,
                tally.denominator,
                tally.integral,
                tally.numerator_records,
                tally.denominator_records,
            )
        case MatchTally():
            return _Matches(tally.matches)
    raise TypeError(f"nothing to pin of {type(tally).__name__}")


def _tally(pinned: _Pinned) -> Tally:
    match pinned:
        case _Runs(counts):
            known = {name: n for name, n in counts.items() if name in RunCounts.__struct_fields__}
            return RunTally(counts=RunCounts(**known))
        case _Ratio(numerator, denominator, integral, numerator_records, denominator_records):
            return RatioTally(
                numerator=numerator,
                denominator=denominator,
                integral=integral,
                numerator_records=numerator_records,
                denominator_records=denominator_records,
            )
        case _Matches(matches):
            return MatchTally(matches=matches)
