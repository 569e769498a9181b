"""What the judge says is what reports make of it: no reason of a rule is taken for one of the sources."""

from __future__ import annotations

from logwatch.reports import FORMATS, RenderOptions, render
from logwatch.reports.outcome import grounds
from tests.verdict.world import coverage, forbid, matches, pair, runs, source, verdict


def test_reasons_of_rules_are_no_grounds() -> None:
    judged = verdict([(forbid(), matches(3)), (pair(), runs(3))])
    assert len(judged.reasons) == 2
    assert grounds(judged) == ()


def test_what_was_not_read_and_that_nothing_decides_are_grounds() -> None:
    damaged = coverage(source("a.log", errors=["does not exist"]))
    judged = verdict([(pair(), runs(10))], read=damaged)
    assert grounds(judged) == ("a.log: does not exist",)
    assert len(grounds(verdict([]))) == 1


def test_every_report_of_a_judged_verdict_can_be_made() -> None:
    judged = verdict([(forbid(), matches(3)), (pair(), runs(10, failed=2))], deployment="d52dee0")
    assert all(render(name, judged, RenderOptions()) for name in FORMATS)
