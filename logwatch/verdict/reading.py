"""What the state of the sources means: nothing read, nothing dated or something lost is no pass."""

from __future__ import annotations

from logwatch.records.coverage import Coverage, SourceReport, Window
from logwatch.verdict.silence import empty_note
from logwatch.verdict.wording import counted, listed


class Reading:
    """What was read, seen by a judge.

    `problems` are sentences that keep the verdict of the whole from being a pass; `doubts` are phrases that
    keep every rule's from being one; `notes` are what the reader should know besides.
    """

    def __init__(self, coverage: Coverage, window: Window) -> None:
        self.problems = tuple(problem for source in coverage.sources for problem in _problems(source))
        doubts = []
        if coverage.damaged:
            doubts.append(f"not read whole: {listed(source.name for source in coverage.damaged)}")
        nothing = _nothing(coverage)
        if nothing is not None:
            doubts.append(nothing)
            self.problems = (*self.problems, nothing)
        self.doubts = tuple(doubts)
        self.notes = _notes(coverage, window)


def _problems(source: SourceReport) -> list[str]:
    problems = [f"{source.name}: {error}" for error in source.errors]
    if source.truncated and not problems:
        problems.append(f"{source.name}: truncated, a part of it is missing")
    if not problems and _is_empty(source):
        problems.append(f"{source.name}: empty")
    return problems


def _is_empty(source: SourceReport) -> bool:
    # counts are over the window: an older file of a rotation has none there, but its format was recognised
    return not source.lines and not source.records and source.format == "unknown"


def _nothing(coverage: Coverage) -> str | None:
    if not coverage.sources:
        return "no source was read"
    if not coverage.lines and not coverage.records:
        return "no record lies in the window"
    if coverage.records and coverage.undated >= coverage.records:
        return "no record in the window carries a time of its own"
    return None


def _notes(coverage: Coverage, window: Window) -> tuple[str, ...]:
    notes = []
    empty = empty_note(coverage, window)
    if empty is not None:
        notes.append(empty)
    if coverage.undated:
        share = f"{coverage.undated:,} of {counted(coverage.records, 'record')}"
        notes.append(f"{share} without a time of their own, dated by their neighbours")
    return tuple(notes)
