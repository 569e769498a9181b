"""Runs and matches as a table, one row each, for people who go on in a notebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from logwatch.engine.match import Match
from logwatch.engine.run import Run, Stray
from logwatch.errors import UsageError
from logwatch.evidence import Evidence
from logwatch.evidence.escape import escape
from logwatch.records.coverage import Window
from logwatch.ruleset.model import PairRule, Rule, SequenceRule

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "rule",
    "kind",
    "event",
    "key",
    "time",
    "ended",
    "duration_seconds",
    "attempts",
    "late_by_seconds",
    "stopped_at",
    "deployment",
    "labels",
    "value",
    "source",
    "line",
    "text",
)
"""`event` is a run's outcome, an oddity, or a match's role; `time` a run's last start or a match's time (UTC),
empty where the log has none."""

_TIMES = ("time", "ended")
_NUMBERS = ("duration_seconds", "late_by_seconds", "value")
_WHOLE = ("attempts", "line")
_TEXTS = tuple(column for column in COLUMNS if column not in {*_TIMES, *_NUMBERS, *_WHOLE})
Cell = str | int | float | datetime | None


class EventTable:
    """Collects what the engine finds. Runs stand for the records that they are made of."""

    def __init__(self) -> None:
        self._rows: list[dict[str, Cell]] = []

    def on_match(self, rule: Rule, match: Match) -> None:
        """Take a match of a rule that has no runs."""
        if isinstance(rule, PairRule) or (isinstance(rule, SequenceRule) and rule.key):
            return
        row = _row(rule, match.role, match.evidence, match.deployment)
        row["key"] = _joined(match.key)
        row["labels"] = " ".join(f"{n}={v}" for n, v in zip(rule.labels, match.labels, strict=True)) or None
        for value in match.values or (None,):
            self._rows.append({**row, "value": value})

    def on_run(self, rule: Rule, found: Run | Stray) -> None:
        """Take a run, or a record that fits none."""
        if isinstance(found, Stray):
            row = _row(rule, found.oddity.value, found.evidence, found.deployment)
        else:
            row = _row(rule, found.outcome.value, found.start, found.deployment)
            ended = found.end.time if found.end is not None else None
            row |= {
                "key": _joined(found.key),
                "ended": ended,
                "duration_seconds": _seconds(found.duration) if ended and found.start.time else None,
                "attempts": len(found.starts),
                "stopped_at": found.stopped_at,
            }
        row["late_by_seconds"] = _seconds(found.late_by)
        self._rows.append(row)

    def frame(self, window: Window) -> pd.DataFrame:
        """Return the events in the window, in the order of time, with `COLUMNS`; those without a time come last."""
        import pandas as pd  # noqa: PLC0415  heavy: only who asks for the table pays for it

        # What has no time is looked at only where all time counts.
        rows = [row for row in self._rows if not isinstance(row["time"], datetime) or row["time"] in window]
        frame = pd.DataFrame(rows, columns=list(COLUMNS))
        for column in _TIMES:
            frame[column] = pd.to_datetime(frame[column], utc=True)
        for column in _NUMBERS:
            frame[column] = frame[column].astype("float64")
        for column in _WHOLE:
            frame[column] = frame[column].astype("Int64")
        for column in _TEXTS:
            frame[column] = frame[column].astype("string")
        return frame.sort_values(["time", "source", "line"], kind="stable", ignore_index=True)


def write_events(table: EventTable, window: Window, path: Path) -> None:
    """Write the table to `path`, in the form that its suffix names.

    Raises `UsageError` when it cannot be written.
    """
    write = writer_of(path)
    try:
        write(table.frame(window), path)
    except OSError as error:
        raise UsageError(f"--events {path}: cannot be written ({error.strerror or error})") from None


def writer_of(path: Path) -> Callable[[pd.DataFrame, Path], None]:
    """Return what writes a table like that. Raises `UsageError` for a suffix that names no form."""
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise UsageError(f"--events {path}: the name must end in {', '.join(_WRITERS)}")
    return writer


def _csv(frame: pd.DataFrame, path: Path) -> None:
    # A cell that begins like a formula is run by spreadsheets: log text is hostile.
    safe = frame.copy()
    for column in _TEXTS:
        safe[column] = safe[column].str.replace(r"^(?=[=+\-@\t\r])", "'", regex=True)
    # With these line ends (RFC 4180) a cell that holds either half of one is quoted: none begins a row of its own.
    safe.to_csv(path, index=False, date_format="%Y-%m-%dT%H:%M:%S.%fZ", lineterminator="\r\n")


def _parquet(frame: pd.DataFrame, path: Path) -> None:
    frame.to_parquet(path, index=False)


def _json(frame: pd.DataFrame, path: Path) -> None:
    frame.to_json(path, orient="records", date_format="iso", force_ascii=False, indent=1)


_WRITERS: Mapping[str, Callable[[pd.DataFrame, Path], None]] = MappingProxyType(
    {".csv": _csv, ".parquet": _parquet, ".json": _json}
)


def _row(rule: Rule, event: str, cited: Evidence, deployment: str | None) -> dict[str, Cell]:
    return {
        "rule": rule.id,
        "kind": rule.kind.value,
        "event": event,
        "time": cited.time,
        "deployment": deployment,
        "source": escape(cited.source),  # names of files need not be UTF-8
        "line": cited.line,
        "text": cited.text,
    }


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()


def _joined(key: tuple[str, ...] | None) -> str | None:
    return "/".join(key) if key else None
