"""Alerts of the exporter itself: what it cannot see, nobody is told of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from logwatch.render.alert import Alert, Case, Watch
from logwatch.render.annotations import Label, Text, Value
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
    yield _lag(watch)
    yield _reload_failed(watch)
    yield _increased(
        watch,
        "LogwatchStateCommitFails",
        names.STATE_COMMIT_FAILURES,
        {},
        Severity.CRITICAL,
        "logwatch cannot write its state down",
        "What it has read since is counted, but would be read and counted anew after a restart.",
        "Look for a full disk, and at the rights of the state directory.",
    )
    yield _increased(
        watch,
        "LogwatchRunsEvicted",
        names.PAIR_EVICTED,
        {names.PAIR: "a-pair"},
        Severity.WARNING,
        "more runs are open at once than logwatch holds",
        "The oldest were given up: what became of them is not known, and the rule is inconclusive.",
        "Raise `max_open` of the rule, or find out why its runs do not end.",
    )
    yield _increased(
        watch,
        "LogwatchRegexTimeout",
        names.REGEX_TIMEOUTS,
        {names.RULE: "a-rule"},
        Severity.WARNING,
        "a pattern took too long on a record",
        "Whether the record matches is not known, and the rule may be inconclusive.",
        "`logwatch rules lint` names patterns that can be kept busy; bound their repeats.",
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


def _increased(
    watch: Watch,
    name: str,
    counter: str,
    labels: Mapping[str, str],
    severity: Severity,
    summary: str,
    description: str,
    remedy: str,
) -> Alert:
    """An alert of what should never be counted. `labels` are those of the counter, with an example of each."""
    at = {**labels, **watch.target}
    which: Text = tuple(part for label in labels for part in (", ", Label(label)))
    return Alert(
        name=name,
        expr=f"increase({counter}[{duration(RECENT)}]) > 0",
        severity=severity,
        summary=(summary, *which, ", on ", Label("instance")),
        description=(description,),
        runbook=(remedy,),
        fires=(Case("it happens", {series(counter, at): "0x5 1x20"}, 12 * MINUTE, at, 1),),
        quiet=(Case("it happened long ago", {series(counter, at): "0x5 1x40"}, 30 * MINUTE),),
    )
