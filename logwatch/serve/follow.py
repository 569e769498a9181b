"""Following for good: turn by turn, what was read is counted, stored, judged and published, in this order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from prometheus_client.core import Metric

from logwatch.errors import UsageError
from logwatch.following import Notice, NoticeKind
from logwatch.live.coverage import CoverageMinutes
from logwatch.live.driver import LiveDriver
from logwatch.live.entries import Advanced, Entry
from logwatch.live.opening import Followings, open_followings
from logwatch.live.options import Reading
from logwatch.records.assembly import Draft
from logwatch.serve.books import Books
from logwatch.serve.complaints import Complaints
from logwatch.serve.input_metrics import own_gauges, own_metrics
from logwatch.serve.place import Place
from logwatch.serve.rule_metrics import verdict_metrics
from logwatch.serve.setup import Setup
from logwatch.serve.shown import Shown
from logwatch.serve.snapshot import Loaded, Snapshot
from logwatch.serve.state import Known, State
from logwatch.sources.stdin import STDIN

_STORE_EVERY = 1.0
"""Seconds after which what was read is stored; counters that scrapes see have been."""
_IDLE_STORE_EVERY = 30.0
"""Seconds after which it is stored that time has passed, and nothing else."""
_SHOW_EVERY = 1.0


class Follow:
    """What one thread does, turn by turn. Not safe to be used by several at once.

    Counters in `metrics` are stored already: whatever happens, no scrape ever sees one go back.
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
        self._stored_at = self._shown_at = float("-inf")
        self._shown = Shown()
        self._caught_up = self._ready = False
        self._complained: str | None = None
        self._complaints = Complaints(say)
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
        self._complaints.hear(self._driver.troubles(), now)
        self._take(entries, wall)
        self._caught_up = self._caught_up or not self._driver.behind
        stored = False
        if now - self._stored_at >= (_STORE_EVERY if self._dirty else _IDLE_STORE_EVERY):
            self._stored_at = now
            stored = self._store(wall)
        if stored or now - self._shown_at >= _SHOW_EVERY:
            self._shown_at = now
            self._show(now, wall, stored=stored)
        return self._driver.behind

    def snapshot(self, wall: datetime) -> Snapshot:
        """Return what pages show."""
        shown = self._shown
        return Snapshot(wall, self.loaded, self._ready, shown.verdicts, shown.streams, shown.history)

    @property
    def metrics(self) -> Iterable[Metric]:
        """What scrapes get."""
        shown = self._shown
        return (*shown.counted, *shown.inputs, *shown.standing, *shown.others)

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
        self._shown.begin_anew()
        self._setup = setup
        self._coverage = self._new_coverage(known)
        if same:
            self._driver.adopt(setup.ruleset)
        else:
            self._followings.close()
            self._follow(known, from_end=False)
        old_serve, new_serve = old.config.serve, setup.config.serve
        for name in ("state", "listen", "web_config"):
            if getattr(old_serve, name) != getattr(new_serve, name):
                self._say(f"'{name}' of serve: is read at the start; start logwatch serve anew to change it")
        self._loaded_at = wall
        self._shown_at = float("-inf")
        self._store(wall, whole=True)

    def close(self, wall: datetime) -> None:
        """Store what was read, and give up everything that is held."""
        self._store(wall)
        self.abandon()

    def abandon(self) -> None:
        """Give up everything that is held; what is not stored will be read again."""
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
        return Books(setup.ruleset, setup.config.lateness, max(setup.config.serve.windows.values()), wall)

    def _new_coverage(self, known: Known) -> CoverageMinutes:
        coverage = CoverageMinutes(max(self._setup.config.serve.windows.values()))
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

    def _heed(self, notice: Notice, newest: datetime | None, wall: datetime) -> None:
        self._coverage.heed(notice, newest, wall)
        if notice.kind is NoticeKind.GAP:
            self._say(f"{notice.name}: {notice.detail}")

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

    def _show(self, now: float, wall: datetime, *, stored: bool) -> None:
        """Show how things stand; counters only where all that they counted is stored."""
        shown, setup, books = self._shown, self._setup, self._books
        shown.look(self._driver, wall)
        shown.judge(setup, books, self._coverage, now)
        if not self._dirty and not self._state.waiting:
            shown.count(setup.ruleset, books)
            if stored:
                shown.count_inputs(self._driver)
        shown.others = (
            *verdict_metrics(shown.verdicts),
            *own_metrics(self._kept, books.course.late, self._state.failures, self._started),
            *own_gauges(self.loaded, self._loaded_at, books.course.watermark),
        )


def _reading(setup: Setup) -> Reading:
    config = setup.config
    return Reading(config.zone, config.lateness, deployment_attribute=config.deployment_attribute)
