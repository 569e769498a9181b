"""What the engine finds, as it happens: one line for people, or one JSON object for programs."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from logwatch.engine.match import Key, Match
from logwatch.engine.run import Outcome, Run, Stray
from logwatch.evidence import Evidence
from logwatch.evidence.escape import escape
from logwatch.reports.safe_json import dump
from logwatch.ruleset.model import ForbidRule, Kind, PairRule, Rule, SequenceRule
from logwatch.timespec import format_span, iso_millis

_REMEMBERED = 10_000
"""Starts that are remembered, for how long what failed took."""
_GOOD = frozenset({Outcome.COMPLETED, Outcome.SKIPPED})
_GREEN, _RED, _FAINT = "32", "31", "2"
_LONGEST_TEXT = 120


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to a rule. `what` is a role, an outcome or an oddity; `good` None: neither."""

    time: datetime | None
    rule: str
    kind: Kind
    what: str
    good: bool | None
    evidence: Evidence
    key: Key | None = None
    duration: timedelta | None = None
    labels: tuple[tuple[str, str], ...] = ()
    values: tuple[float, ...] = ()


class Watcher:
    """Sees what the engine finds, and tells of it as soon as that is known.

    A failure is told of when it is logged, though a retry may still revise it; what became of runs, when it is final.
    """

    def __init__(self, tell: Callable[[Happening], None]) -> None:
        self._tell = tell
        self._starts: OrderedDict[tuple[str, Key | None], datetime] = OrderedDict()

    def on_match(self, rule: Rule, match: Match) -> None:
        """Tell of a match, unless it is the end of a run that is told of when the run is final."""
        key = match.key
        if isinstance(rule, PairRule):
            if match.role == "start":
                self._starts[rule.id, key] = match.time
                if len(self._starts) > _REMEMBERED:
                    self._starts.popitem(last=False)
            elif match.role != Outcome.FAILED:
                return
        elif isinstance(rule, SequenceRule) and rule.key and match.role == rule.steps[-1].name:
            return
        failed = match.role == Outcome.FAILED
        started = self._starts.pop((rule.id, key), None) if failed else None
        named = tuple(zip(rule.labels, match.labels, strict=True))
        self._tell(
            Happening(
                match.evidence.time,
                rule.id,
                rule.kind,
                match.role,
                False if failed or isinstance(rule, ForbidRule) else None,
                match.evidence,
                key,
                None if started is None else match.time - started,
                tuple((name, value) for name, value in named if value),
                match.values,
            )
        )

    def on_run(self, rule: Rule, found: Run | Stray) -> None:
        """Tell what became of a run, or of a record that fits none."""
        if isinstance(found, Stray):
            said = Happening(
                found.evidence.time,
                rule.id,
                rule.kind,
                found.oddity.value,
                None,
                found.evidence,
                None,
                found.late_by,
            )
            self._tell(said)
            return
        if isinstance(rule, PairRule) and found.outcome is Outcome.FAILED:
            return  # told of when it was logged
        shown = found.end or found.start
        good = found.outcome in _GOOD
        self._tell(
            Happening(
                found.ended or found.deadline,
                rule.id,
                rule.kind,
                found.outcome.value,
                good,
                shown,
                found.key if _has_key(rule) else None,
                found.duration,
            )
        )


def _has_key(rule: Rule) -> bool:
    """Whether the rule's runs have keys of their own, and not only their source."""
    return bool(isinstance(rule, (PairRule, SequenceRule)) and rule.key)


def as_line(happening: Happening, *, color: bool) -> str:
    """Return one line for people, safe to print: time, rule, key, what happened and how long it took, place."""
    clock = f"{happening.time:%H:%M:%S}" if happening.time is not None else "--:--:--"
    key = "/".join(happening.key) if happening.key else "-"
    what = happening.what.replace("_", " ")
    if happening.duration is not None:
        what += f" after {format_span(happening.duration)}"
    values = [f"{name}={value}" for name, value in happening.labels]
    values += [f"{value:g}" for value in happening.values]
    evidence = happening.evidence
    place = f"{evidence.source}:{evidence.line}" if evidence.line else evidence.source
    said = " ".join([what, *values])
    tail = "" if _told_by_outcome(happening) else f"  {_cut(evidence.text)}"
    code = {True: _GREEN, False: _RED, None: ""}[happening.good] if color else ""
    mark = {True: "+", False: "!", None: " "}[happening.good]
    parts = f"{clock} {mark} {escape(happening.rule)}  {escape(key)}  {escape(said)}"
    shown = f"\x1b[{code}m{parts}\x1b[0m" if code else parts
    rest = f"  {escape(place)}{escape(tail)}"
    return shown + (f"\x1b[{_FAINT}m{rest}\x1b[0m" if color else rest)


def as_json_line(happening: Happening) -> str:
    """Return one JSON object on a line of its own."""
    evidence = happening.evidence
    return dump(
        {
            "time": None if happening.time is None else iso_millis(happening.time),
            "rule": happening.rule,
            "kind": happening.kind.value,
            "event": happening.what,
            "good": happening.good,
            "key": None if happening.key is None else list(happening.key),
            "duration_seconds": None if happening.duration is None else happening.duration.total_seconds(),
            "labels": dict(happening.labels),
            "values": [value if value == value else None for value in happening.values],  # noqa: PLR0124  NaN
            "source": evidence.source,
            "line": evidence.line,
            "text": evidence.text,
        }
    )


def _told_by_outcome(happening: Happening) -> bool:
    """Whether the happening is of a run, so that its line's text would say nothing new."""
    return happening.kind in {Kind.PAIR, Kind.SEQUENCE} and happening.good is not False


def _cut(text: str) -> str:
    first = text.partition("\n")[0]
    return first if len(first) <= _LONGEST_TEXT else f"{first[: _LONGEST_TEXT - 1]}…"
