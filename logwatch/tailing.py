"""Tailing: logs read as they are written, what the rules find told at once, and judged at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from logwatch.engine.aggregation import Aggregation
from logwatch.engine.attribution import Attribution, Bounds
from logwatch.happenings import Happening, Watcher
from logwatch.live.course import Course
from logwatch.live.coverage import CoverageMinutes
from logwatch.live.driver import LiveDriver
from logwatch.live.entries import Advanced
from logwatch.live.opening import Followings
from logwatch.live.options import Reading
from logwatch.records.coverage import Window
from logwatch.ruleset.model import RuleSet
from logwatch.ruleset.samples import proven
from logwatch.verdict.judge import judge
from logwatch.verdict.verdict import Assurance, Verdict

_ALL = timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand: lines read so far, and how many runs are in flight."""

    lines: int
    in_flight: int


class Tail:
    """Follows, tells of what is found, and can be asked for a verdict on all that it saw."""

    def __init__(
        self,
        followings: Followings,
        ruleset: RuleSet,
        reading: Reading,
        tell: Callable[[Happening], None],
    ) -> None:
        self._ruleset = ruleset
        self._aggregation = Aggregation(ruleset, Attribution(Bounds()))
        self._coverage = CoverageMinutes(_ALL)
        self._course = Course(ruleset, reading.lateness, (self._aggregation,), Watcher(tell))
        self._driver = LiveDriver(
            followings, ruleset, reading, account=self._coverage.add, heed=self._coverage.heed
        )

    def turn(self, now: float, wall: datetime) -> bool:
        """Take in what was written since the last turn; return whether there is more to read at once."""
        for entry in self._driver.turn(now, wall):
            self._course.apply(entry)
        self._driver.checkpoints()  # what was read is accounted for
        return self._driver.behind

    def standing(self) -> Standing:
        """Return how things stand."""
        in_flight = sum(found.running for found in self._course.in_flight().values())
        return Standing(sum(stream.facts.lines for stream in self._driver.streams.values()), in_flight)

    def finish(self, now: float, wall: datetime, assurance: Assurance) -> Verdict:
        """Return the verdict on all that was seen, as of the last record: nothing more will be read."""
        for entry in self._driver.finish(now, wall):
            self._course.apply(entry)
        latest = self._coverage.latest or wall
        if latest >= self._course.watermark:
            self._course.apply(Advanced(latest + datetime.resolution, wall))
        self._course.finish()  # what no time tells of is placed at the time of its reading, which may lie behind
        window = Window(self._coverage.earliest or latest, latest, latest)
        formats = {stream.shown: stream.format for stream in self._driver.streams.values()}
        return judge(
            self._ruleset,
            self._aggregation.tallies(window, self._course.unfinished()),
            self._coverage.coverage(window, formats, self._driver.troubles()),
            window,
            assurance=assurance,
            proven=proven,
        )
