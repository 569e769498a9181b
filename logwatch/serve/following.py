"""Following for good: turn by turn, what was read is counted, stored, judged and published, in this order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from prometheus_client.core import Metric

from logwatch.errors import UsageError
from logwatch.following import Notice, NoticeKind
from logwatch.live.coverage import CoverageMinutes, Damage
from logwatch.live.driver import LiveDriver
from logwatch.live.entries import Advanced, Entry
from logwatch.live.opening import STDIN, Followings, open_followings
from logwatch.live.options import Reading
from logwatch.live.stream import StreamFacts
from logwatch.records.assembly import Draft
from logwatch.serve.books import Books
from logwatch.serve.input_metrics import counted_inputs, inputs_now, own_gauges, own_metrics
from logwatch.serve.judging import History, judge_windows
from logwatch.serve.place import Place
from logwatch.serve.rule_metrics import rule_metrics, verdict_metrics
from logwatch.serve.setup import Setup
from logwatch.serve.snapshot import Loaded, Point, Snapshot, StreamState
from logwatch.serve.state import Known, State
from logwatch.timespec import EARLIEST
from logwatch.verdict.verdict import Assurance, Verdict

_STORE_EVERY = 1.0
"""Seconds after which what was read is stored; counters that scrapes see have been."""
_IDLE_STORE_EVERY = 30.0
"""Seconds after which it is stored that time has passed, and nothing else."""
_SHOW_EVERY = 1.0
_JUDGE_EVERY = 5.0
_RUNS_A_SECOND = 5_000
"""So many runs that are not final make judging a second rarer: each is looked at."""


class Follow:
    """What one thread does, turn by turn. Not safe to be used by several at once.

    `metrics` are complete after each turn. Counters in them are stored already: whatever happens, no scrape ever
    sees one go back.
    """

    def __init__(
        self,
        setup: Setup,
        folder: Path,
        loaded: Loaded,
        *,
        from_end: bool,
        stdin: int | None,
        say: Callable[[str], None],
    ) -> None:
        self._setup = setup
        self._stdin = stdin
        self._say = say
        self.loaded = loaded
        self._loaded_at = self._started = loaded.at
        self._pending: list[Entry] = []
        self._dirty = False
        self._stored_at = self._shown_at = self._judged_at = float("-inf")
        self._counted: tuple[Metric, ...] = ()
        self._streams: tuple[StreamState, ...] = ()
        self._verdicts: dict[str, Verdict] = {}
        self._charts = History()
        self._history: Mapping[str, tuple[Point, ...]] = {}
        self._caught_up = self._ready = False
        self._complained: str | None = None
        self.metrics: tuple[Metric, ...] = ()
        self._place = Place(folder)
        try:
            self._state = State(self._place, loaded.at)
            self._begin(from_end=from_end, wall=loaded.at)
        except BaseException:
            self._place.close()
            raise

    def turn(self, now: float, wall: datetime) -> bool:
        """Do one turn; return whether there is more to read at once."""
        entries = self._driver.turn(now, wall)
        self._take(entries, wall)
        self._caught_up = self._caught_up or not self._driver.behind
        stored = False
        if now - self._stored_at >= (_STORE_EVERY if self._dirty else _IDLE_STORE_EVERY):
            self._stored_at = now
            stored = self._store(wall)
        if stored or now - self._shown_at >= _SHOW_EVERY:
            self._show(now, wall)
        return self._driver.behind

    def snapshot(self, wall: datetime) -> Snapshot:
        """Return what pages show."""
        return Snapshot(wall, self.loaded, self._ready, self._verdicts, self._streams, self._history)

    def directories(self) -> Iterable[str]:
        """Return where something that matters may happen."""
        return self._followings.directories()

    def adopt(self, setup: Setup, wall: datetime) -> None:
        """Go on by another setup. Raises `UsageError` where that cannot be."""
        old = self._setup
        same = setup.names == old.names and _reading(setup) == _reading(old)
        if not same and STDIN in (*setup.names, *old.names):
            raise UsageError(
                "what is read, and how, cannot change while standard input is; start logwatch serve anew"
            )
        if not self._store(wall):
            raise UsageError(f"the state cannot be stored now: {self._state.failure}")
        known = self._state.known(wall)
        books = self._new_books(setup, wall)
        books.read(known.written)
        self._books = books
        self._charts = History()
        self._setup = setup
        self._coverage = self._new_coverage(known)
        if same:
            self._driver.adopt(setup.ruleset)
        else:
            self._followings.close()
            self._follow(known, from_end=False)
        self._loaded_at = wall
        self._judged_at = self._shown_at = float("-inf")
        self._store(wall, whole=True)

    def close(self, wall: datetime) -> None:
        """Store what was read, and give up everything that is held."""
        self._store(wall)
        self._followings.close()
        self._state.close()
        self._place.close()

    # What is known at the beginning.

    def _begin(self, *, from_end: bool, wall: datetime) -> None:
        """Go on from what is stored; where that is damaged, begin anew with the logs that are still there."""
        try:
            known = self._state.known(wall)
            self._books = self._new_books(self._setup, wall)
            if not known.new:
                self._books.read(known.written)
            self._coverage = self._new_coverage(known)
        except Exception as error:
            self._state.begin_anew(str(error) or type(error).__name__, wall)
            known = self._state.known(wall)
            self._books = self._new_books(self._setup, wall)
            self._coverage = self._new_coverage(known)
        self._kept = known.kept
        if self._state.damage is not None:
            self._kept.damaged += 1
            self._say(self._state.damage)
        self._follow(known, from_end=from_end and known.new and self._state.damage is None)
        self._gather(wall, whole=True)
        self._state.store()

    def _new_books(self, setup: Setup, wall: datetime) -> Books:
        return Books(setup.ruleset, setup.config.lateness, max(setup.config.serve.windows), wall)

    def _new_coverage(self, known: Known) -> CoverageMinutes:
        coverage = CoverageMinutes(max(self._setup.config.serve.windows))
        for minute, state in known.coverage.items():
            coverage.restore(int(minute), state)
        coverage.damages = known.kept.damages
        coverage.earliest, coverage.latest = known.kept.earliest, known.kept.latest
        return coverage

    def _follow(self, known: Known, *, from_end: bool) -> None:
        self._followings: Followings = open_followings(
            self._setup.names, known.checkpoints, from_end=from_end, stdin=self._stdin
        )
        self._driver = LiveDriver(
            self._followings,
            self._setup.ruleset,
            _reading(self._setup),
            account=self._account,
            heed=self._heed,
            facts=known.facts,
        )

    # One turn.

    def _take(self, entries: list[Entry], wall: datetime) -> None:
        """Apply entries, and keep them until they are stored; that time passes without effect is kept once."""
        self._books.counters.moved = False
        self._books.apply(entries, wall)
        moved = self._books.counters.moved
        idle = not moved and all(isinstance(entry, Advanced) for entry in entries)
        if idle and entries and self._pending and isinstance(self._pending[-1], Advanced):
            self._pending[-1:] = entries
        else:
            self._pending += entries
        self._dirty = self._dirty or self._driver.news or not idle

    def _account(self, stream: str, draft: Draft) -> None:
        self._coverage.add(stream, draft)

    def _heed(self, notice: Notice, facts: StreamFacts, wall: datetime) -> None:
        if notice.kind is NoticeKind.GAP:
            after = facts.newest or EARLIEST
            self._coverage.damage(Damage(notice.stream, after, wall, f"lost data: {notice.detail}"))

    def _store(self, wall: datetime, *, whole: bool = False) -> bool:
        """Store what could not be stored the last time, then all that came since; return whether that succeeded."""
        stored = not self._state.waiting or self._state.store()
        if stored:
            self._gather(wall, whole=whole)
            stored = self._state.store()
        if self._state.failure != self._complained:
            self._complained = self._state.failure
            self._say(self._complained or "the state is stored again")
        if stored:
            self._dirty = False
            self._ready = self._ready or self._caught_up
        return stored

    def _gather(self, wall: datetime, *, whole: bool) -> None:
        entries, self._pending = self._pending, []
        checkpoints = self._driver.checkpoints()
        facts = {name: stream.facts for name, stream in self._driver.streams.items()}
        gone = self._coverage.advance(self._books.course.watermark)
        self._state.gather(
            self._books, entries, checkpoints, facts, self._coverage, gone, self._kept, wall, whole=whole
        )

    # What is shown.

    def _show(self, now: float, wall: datetime) -> None:
        config, books = self._setup.config, self._books
        self._shown_at = now
        self._streams = tuple(self._stream_states(wall))
        in_flight = books.course.in_flight()
        unfinished = sum(found.open for found in in_flight.values())
        if now - self._judged_at >= _JUDGE_EVERY + unfinished / _RUNS_A_SECOND:
            self._judged_at = now
            self._verdicts = judge_windows(
                self._setup.ruleset,
                config.serve.windows,
                books.course,
                books.minutes,
                self._coverage,
                self._streams,
                Assurance(config.assurance),
            )
            self._history = self._charts.points(self._setup.ruleset, books.minutes)
        if not self._dirty and not self._state.waiting:
            facts = {name: stream.facts for name, stream in self._driver.streams.items()}
            self._counted = (
                *rule_metrics(self._setup.ruleset, books.counters, in_flight),
                *counted_inputs(facts),
            )
        self.metrics = (
            *self._counted,
            *verdict_metrics(self._verdicts),
            *inputs_now(self._streams),
            *own_metrics(self._kept, books.course.late, self._state.failures, self._started),
            *own_gauges(self.loaded, self._loaded_at, books.course.watermark),
        )

    def _stream_states(self, wall: datetime) -> Iterable[StreamState]:
        unread, troubles = self._driver.unread(), self._driver.troubles()
        for name in dict.fromkeys([*self._driver.streams, *unread, *troubles]):
            stream = self._driver.streams.get(name)
            newest = stream.facts.newest if stream else None
            left = unread.get(name, 0)
            behind = max(wall - newest, timedelta()).total_seconds() if newest and left else None
            yield StreamState(
                name,
                stream.format if stream else "unknown",
                stream.facts.lines if stream else 0,
                left,
                behind if behind is not None or not left else 0.0,
                newest,
                troubles.get(name),
            )


def _reading(setup: Setup) -> Reading:
    config = setup.config
    return Reading(config.zone, config.lateness, deployment_attribute=config.deployment_attribute)
