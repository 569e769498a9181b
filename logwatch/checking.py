"""The main job, from names and words to one verdict: sources, window, scan, judgement.

What `logwatch check` does, without its command line; whoever else needs a verdict over logs asks here. The
clock comes in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec.structs import replace

from logwatch.config import Config, no_sources
from logwatch.deploys import DeploymentWindow, read_markers, window_of
from logwatch.engine.batch import Answer, Question, scan
from logwatch.engine.engine import Observer
from logwatch.engine.tally import Tally
from logwatch.errors import UsageError, did_you_mean
from logwatch.records.reading import ReadOptions
from logwatch.ruleset.model import RuleSet, Severity
from logwatch.ruleset.prefilter import prefilter
from logwatch.ruleset.samples import proven
from logwatch.sources.discover import discover
from logwatch.sources.source import Source
from logwatch.sources.stdin import STDIN
from logwatch.verdict.judge import judge
from logwatch.verdict.verdict import Assurance, Status, Verdict
from logwatch.windows import CHECK, AskedWindow, Options, resolve

_SEE_LIST = "; see: logwatch rules list"


class Request(msgspec.Struct, frozen=True):
    """What is asked. `names` empty: the configured sources. Times are as people write them, in `options`.

    `deployment` None: no deployment is judged; empty: the last one that is marked. `window`: that of a
    deployment which is known already. `baseline` holds the tallies of a pinned window to compare with. `jobs` is how
    many processes may read.
    """

    names: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    as_of: str | None = None
    deployment: str | None = None
    zone: tzinfo | None = None
    day: date | None = None
    format: str | None = None
    only: tuple[str, ...] = ()
    severity: Severity | None = None
    assurance: Assurance | None = None
    strict: bool = False
    window: DeploymentWindow | None = None
    baseline: Mapping[str, Tally] | None = None
    jobs: int = 1
    options: Options = CHECK


class Checked(msgspec.Struct, frozen=True):
    """A verdict, the tallies it rests on, by rule, and how old the last record was, where that is as_of."""

    verdict: Verdict
    tallies: Mapping[str, Tally]
    age: timedelta | None


class Check:
    """One question, that can be asked again: `since` stays, `as_of` moves with the clock unless it was given.

    Raises `UsageError` and `ConfigError` when it is made: a question that makes no sense is never asked.
    """

    def __init__(self, request: Request, config: Config, ruleset: RuleSet, now: datetime) -> None:
        _known(request.only, ruleset)
        self._request = request
        self._config = config
        self._ruleset = ruleset
        self._zone = request.zone or config.zone
        self._names = request.names or config.sources
        if not self._names:
            raise no_sources(config)
        self._window = resolve(
            request.since,
            request.until,
            request.as_of,
            zone=self._zone,
            now=now,
            whole=bool(request.names),
            named=request.options,
        )
        self._deployed = self._deployment(now)

    @property
    def repeatable(self) -> bool:
        """Whether the sources can be read again; standard input cannot."""
        return STDIN not in self._names

    def ask(
        self,
        now: datetime,
        *,
        stdin: BinaryIO | None = None,
        watch: Callable[[Sequence[Source]], Sequence[Source]] = lambda sources: sources,
        observer: Observer | None = None,
    ) -> Checked:
        """Read the sources and judge the window. `watch` may wrap the sources, to show how far reading is."""
        asked = self._at(now)
        options = ReadOptions(
            zone=self._zone,
            now=now,
            day=self._request.day,
            reference=asked.as_of if asked.frozen else None,
            format=self._request.format,
            lateness=self._config.lateness,
        )
        deployment = self._deployed.deployment if self._deployed else None
        answer = scan(
            watch(discover(self._names, stdin=stdin)),
            self._ruleset,
            Question(
                since=asked.since,
                until=asked.until,
                as_of=asked.as_of,
                deployment=deployment.names if deployment else frozenset(),
            ),
            options,
            wanted=prefilter(self._ruleset),
            deployment_attribute=self._config.deployment_attribute,
            observer=observer,
            jobs=self._request.jobs,
        )
        verdict = judge(
            self._ruleset,
            answer.tallies,
            answer.coverage,
            answer.window,
            assurance=self._request.assurance or Assurance(self._config.assurance),
            strict=self._request.strict,
            only=self._request.only,
            severity=self._request.severity,
            baseline=self._request.baseline,
            deployment=deployment.label if deployment else None,
            proven=proven,
        )
        return Checked(verdict, answer.tallies, _age(answer, asked, now))

    def _at(self, now: datetime) -> AskedWindow:
        """The window as it is asked for now."""
        window = self._window
        if self._deployed is not None:
            as_of = window.as_of if window.frozen else (None if self._request.names else now)
            since, until = self._deployed.deployment.time, self._deployed.until
            if until is not None:
                # Windows are closed, and a run that starts with the next deployment is that one's.
                until = max(until - datetime.resolution, since)
            return replace(window, since=since, until=until, as_of=as_of)
        moves = not window.frozen and window.as_of is not None
        return replace(window, as_of=now) if moves else window

    def _deployment(self, now: datetime) -> DeploymentWindow | None:
        if self._request.window is not None:
            return self._request.window
        wanted = self._request.deployment
        if wanted is None:
            return None
        for option, value in (("--since", self._request.since), ("--until", self._request.until)):
            if value is not None:
                raise UsageError(f"--since-deploy names its own window; drop {option} {value}")
        file = self._config.deploys
        as_of = self._window.as_of if self._window.frozen else None
        return window_of(read_markers(file), wanted, file, as_of or now)


def until_decided(
    ask: Callable[[datetime], Checked],
    *,
    wait: timedelta,
    clock: Callable[[], datetime],
    sleep: Callable[[timedelta], None],
    every: timedelta = timedelta(seconds=10),
) -> Checked:
    """Ask until the verdict is a pass or a fail, or `wait` has passed; return the last answer.

    An inconclusive verdict (a source that cannot be read is one) is asked again; a fail never is.
    """
    end = clock() + wait
    while True:
        now = clock()
        checked = ask(now)
        left = end - clock()
        if checked.verdict.status is not Status.INCONCLUSIVE or left <= timedelta():
            return checked
        sleep(min(every, left))


def _age(answer: Answer, asked: AskedWindow, now: datetime) -> timedelta | None:
    if asked.as_of is not None or answer.coverage.latest is None:
        return None
    return now - answer.coverage.latest


def _known(only: Collection[str], ruleset: RuleSet) -> None:
    unknown = [rule_id for rule_id in only if rule_id not in ruleset.ids]
    if unknown:
        raise UsageError(
            *(
                f"--rule: there is no rule '{rule_id}'" + (did_you_mean(rule_id, ruleset.ids) or _SEE_LIST)
                for rule_id in unknown
            )
        )


def rule_paths(given: Sequence[Path], config: Config, shipped: Path) -> tuple[Path, ...]:
    """Return the rule files to load: those given, else the configured ones, else the shipped ones."""
    return tuple(given) or config.rules or (shipped,)
