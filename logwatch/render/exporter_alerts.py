"""Alerts of the exporter itself: what it cannot see, nobody is told of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from logwatch.render.alert import Alert, Case, Watch
from logwatch.render.annotations import Label, Value
from logwatch.render.promql import duration, number, series
from logwatch.render.remedy import MINUTE, RECENT
from logwatch.ruleset.model import Severity
from logwatch.serve import names

_MOST_LAG = timedelta(minutes=1)


def exporter_alerts(watch: Watch) -> Iterator[Alert]:
    """Yield the alerts that every exporter needs, whatever its rules."""
    yield _down(watch)
    yield _silent(watch)
    yield _nothing_read(watch)
    yield _unreadable(watch)
    yield _lag(watch)
    yield _reload_failed(watch)
    yield from (_increased(watch, never) for never in _NEVER)


@dataclass(frozen=True, slots=True)
class _Never:
    """What should never be counted. `labels` are those of the counter, with an example of each."""

    name: str
    counter: str
    labels: Mapping[str, str]
    severity: Severity
    summary: str
    description: str
    remedy: str


_NEVER = (
    _Never(
        "LogwatchStateCommitFails",
        names.STATE_COMMIT_FAILURES,
        {},
        Severity.CRITICAL,
        "logwatch cannot store its state",
        "Its counters stand still until it can, and alerts on them are blind; nothing is lost while the logs are kept.",
        "Look for a full disk, and at the rights of the state directory.",
    ),
    _Never(
        "LogwatchStateDamaged",
        names.STATE_DAMAGED,
        {},
        Severity.WARNING,
        "logwatch found its state damaged and counts anew",
        "The damaged state was put aside; logs that are still there were read again from their beginning.",
        "Look at the disk. Rates are right again once the alert has ended.",
    ),
    _Never(
        "LogwatchInputGap",
        names.INPUT_GAPS,
        {names.INPUT: "one.log"},
        Severity.WARNING,
        "a log lost lines before they could be read: ",
        "They were truncated or rotated away. Runs that were open meanwhile count as unknown, not as failed.",
        "Keep rotated logs for longer, and avoid copytruncate; or look why logwatch reads so late.",
    ),
    _Never(
        "LogwatchRunsEvicted",
        names.PAIR_EVICTED,
        {names.PAIR: "a-pair"},
        Severity.WARNING,
        "more runs are open at once than logwatch holds: ",
        "The oldest were given up: what became of them is not known, and the rule is inconclusive.",
        "Raise `max_open` of the rule, or find out why its runs do not end.",
    ),
    _Never(
        "LogwatchRegexTimeout",
        names.REGEX_TIMEOUTS,
        {names.RULE: "a-rule"},
        Severity.WARNING,
        "a pattern took too long on a record: ",
        "Whether the record matches is not known, and the rule may be inconclusive.",
        "`logwatch rules lint` names patterns that can be kept busy; bound their repeats.",
    ),
)


def _down(watch: Watch) -> Alert:
    up, held = series("up", {"job": watch.job}), 5 * MINUTE
    return Alert(
        name="LogwatchDown",
        expr=f"{up} == 0\nor absent({up})",
        severity=Severity.CRITICAL,
        hold=2 * MINUTE,
        summary=("logwatch cannot be scraped: ", Label("instance")),
        description=("No rule is watched there until it is back; then it reads on from where it was.",),
        runbook=("Look at the service: `systemctl status logwatch`, `journalctl -u logwatch`.",),
        fires=(
            Case("it does not answer", {series("up", watch.target): "1x1 0x9"}, held, watch.target),
            Case("no target is configured", {"something_else": "1x9"}, held, {"job": watch.job}),
        ),
        quiet=(Case("it answers", {series("up", watch.target): "1x9"}, held),),
    )


def _silent(watch: Watch) -> Alert:
    hold, after = 5 * MINUTE, watch.silent_after
    one, other = (
        series(names.INPUT_LAST_EVENT, {names.INPUT: name}, watch.target) for name in ("one.log", "other.log")
    )
    minutes = after // MINUTE + 10
    return Alert(
        name="LogwatchLogSilent",
        # one log of several may rest, and one that was rotated away will: all of an instance together do not
        expr=(
            f"time() - max without ({names.INPUT}) ({names.INPUT_LAST_EVENT})"
            f" > {number(after.total_seconds())}"
        ),
        severity=Severity.WARNING,
        hold=hold,
        summary=("no log on ", Label("instance"), " has had an event for ", Value.DURATION),
        description=("The workers do not log, or not where logwatch reads. Silence is no proof of health.",),
        runbook=("Look whether the workers run, and whether `sources:` still names their logs.",),
        fires=(
            Case(
                "both logs ended",
                {one: f"0x{minutes}", other: f"0+0x{minutes}"},
                minutes * MINUTE,
                watch.target,
                minutes * 60,
            ),
        ),
        quiet=(
            Case(
                "one log rests, the other does not",
                {one: f"0x{minutes}", other: f"0+60x{minutes}"},
                minutes * MINUTE,
            ),
        ),
    )


def _nothing_read(watch: Watch) -> Alert:
    hold = watch.silent_after
    info = series(names.BUILD_INFO, {"version": "1"}, watch.target)
    event = series(names.INPUT_LAST_EVENT, {names.INPUT: "one.log"}, watch.target)
    minutes = hold // MINUTE + 5
    return Alert(
        name="LogwatchNothingRead",
        expr=f"{names.BUILD_INFO} unless on (job, instance) {names.INPUT_LAST_EVENT}",
        severity=Severity.WARNING,
        hold=hold,
        summary=("logwatch on ", Label("instance"), f" has seen no event for {duration(hold)}, ever"),
        description=("Its logs do not exist, cannot be read, or hold nothing that is dated.",),
        runbook=("Compare `sources:` in logwatch.yml with where the workers log; see its page of sources.",),
        fires=(
            Case("no event ever", {info: f"1x{minutes}"}, minutes * MINUTE, {"version": "1", **watch.target}),
        ),
        quiet=(Case("an event", {info: f"1x{minutes}", event: f"0x{minutes}"}, minutes * MINUTE),),
    )


def _unreadable(watch: Watch) -> Alert:
    at = {names.INPUT: "one.log", **watch.target}
    unreadable = series(names.INPUT_UNREADABLE, at)
    return Alert(
        name="LogwatchInputUnreadable",
        expr=f"{names.INPUT_UNREADABLE} == 1",
        severity=Severity.WARNING,
        hold=5 * MINUTE,
        summary=("logwatch cannot read ", Label(names.INPUT), ", on ", Label("instance")),
        description=("What is written there meanwhile is read once it can be; nothing alerts until then.",),
        runbook=("Its log says why. Give its user the right to read, by a group such as adm.",),
        fires=(Case("it cannot be read", {unreadable: "0x2 1x12"}, 12 * MINUTE, at),),
        quiet=(Case("it can be read again", {unreadable: "0x2 1x4 0x12"}, 12 * MINUTE),),
    )


def _lag(watch: Watch) -> Alert:
    at = {names.INPUT: "one.log", **watch.target}
    lag, hold = series(names.INPUT_LAG, at), 5 * MINUTE
    return Alert(
        name="LogwatchLag",
        expr=f"{names.INPUT_LAG} > {number(_MOST_LAG.total_seconds())}",
        severity=Severity.WARNING,
        hold=hold,
        summary=(
            "logwatch reads ",
            Label(names.INPUT),
            " ",
            Value.DURATION,
            " behind, on ",
            Label("instance"),
        ),
        description=("Alerts come late by as much, and a log that is rotated away meanwhile may be lost.",),
        runbook=("Look for a log that cannot be read, a busy processor, a pattern that is slow.",),
        fires=(Case("it falls behind", {lag: "0+30x20"}, 15 * MINUTE, at, 450),),
        quiet=(
            Case("it keeps up", {lag: "0x20"}, 15 * MINUTE),
            Case("it caught up", {lag: "600x3 0x20"}, 15 * MINUTE),
        ),
    )


def _reload_failed(watch: Watch) -> Alert:
    reload = series(names.CONFIG_RELOAD_SUCCESSFUL, watch.target)
    return Alert(
        name="LogwatchReloadFailed",
        expr=f"{names.CONFIG_RELOAD_SUCCESSFUL} == 0",
        severity=Severity.WARNING,
        hold=MINUTE,
        summary=("logwatch on ", Label("instance"), " could not load its configuration anew"),
        description=("It goes on with the rules of before.",),
        runbook=("`logwatch rules lint` says what is wrong with them; its log says why it refused.",),
        fires=(Case("the last reload failed", {reload: "1x2 0x9"}, 8 * MINUTE, watch.target),),
        quiet=(Case("it was mended", {reload: "1x2 0x3 1x9"}, 8 * MINUTE),),
    )


def _increased(watch: Watch, never: _Never) -> Alert:
    at = {**never.labels, **watch.target}
    counter = series(never.counter, at)
    return Alert(
        name=never.name,
        expr=f"increase({never.counter}[{duration(RECENT)}]) > 0",
        severity=never.severity,
        summary=(never.summary, *map(Label, never.labels), ", on ", Label("instance")),
        description=(never.description,),
        runbook=(never.remedy,),
        fires=(Case("it happens", {counter: "0x5 1x20"}, 12 * MINUTE, at, 1),),
        quiet=(Case("it happened long ago", {counter: "0x5 1x40"}, 30 * MINUTE),),
    )
