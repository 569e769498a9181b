"""Items are asked when they are due, again until they are decided, never after they have ended."""

from __future__ import annotations

from datetime import timedelta

import pytest

from logwatch.errors import UsageError
from logwatch.verdict.verdict import Status
from logwatch.verify import acts
from logwatch.verify.events import Aborted, Signed, Skipped
from logwatch.verify.reports.wording import exit_code
from tests.verify.world import LIVE, Place, minutes

JOBS = """
  - id: soon
    due: 5m
    deadline: 15m
    items:
      - {id: no-boom, kind: rules, title: Nothing explodes, rules: [boom], watch: true, every: 1m}
      - {id: jobs, kind: rules, title: Jobs end, rules: [job], every: 1m}
"""
DAY = """
  - id: immediate
    due: 5m
    deadline: 15m
    items:
      - {id: no-boom, kind: rules, title: Nothing explodes, rules: [boom]}
  - id: long-term
    due: 24h
    deadline: 26h
    every: 5m
    items:
      - {id: jobs, kind: rules, title: Jobs end, rules: [job], assurance: standard}
      - {id: looked, kind: manual, title: Somebody looked, due: 1h, deadline: 25h}
"""


def test_healthy_jobs_pass_when_the_items_are_due_and_not_before(place: Place) -> None:
    place.jobs(0.5, 1, 1.5, 2, 2.5, 4.9, 5.5)
    place.begin(JOBS)
    board = place.carry_on(wait=True)
    assert board.status is Status.PASS
    assert exit_code(board) == 0
    assert place.states() == {"no-boom": "done", "jobs": "done"}
    assert [board[i].at for i in ("no-boom", "jobs")] == [LIVE + minutes(5)] * 2
    assert place.happened()[-2:] == [("finished", "no-boom"), ("finished", "jobs")]


def test_a_watched_item_fails_before_it_is_due_with_its_evidence(place: Place) -> None:
    place.jobs(0.5)
    place.write((1.5, "boom"))
    place.begin(JOBS)
    board = place.carry_on(wait=True)
    assert (board.status, exit_code(board)) == (Status.FAIL, 1)
    assert place.clock.now == LIVE + minutes(2)
    assert place.states() == {"no-boom": "failed", "jobs": "waiting"}
    result = board["no-boom"].result
    assert result is not None
    assert result.evidence == (f"{place.log}:3  17:01:30Z  boom",)


def test_what_cannot_be_told_yet_is_asked_again_and_passes_later(place: Place) -> None:
    place.jobs(1, 2)
    place.begin(JOBS)
    place.clock.during.append(lambda: place.clock.now == LIVE + minutes(8) and place.jobs(7, 7.1, 7.2, 7.9))
    board = place.carry_on(wait=True)
    assert board.status is Status.PASS
    assert board["jobs"].at == LIVE + minutes(8)


def test_no_traffic_is_inconclusive_at_the_deadline_and_never_a_pass(place: Place) -> None:
    place.write(*((n, "nothing to do") for n in range(16)))
    place.begin(JOBS)
    board = place.carry_on(wait=True)
    assert (board.status, exit_code(board)) == (Status.INCONCLUSIVE, 3)
    assert place.clock.now == LIVE + minutes(15)
    assert place.summary("jobs") == "no run in the window; 5 clean runs would decide"
    assert place.summary("no-boom") == ("0 matches, no run of job could have shown one; 5 runs would decide")


def test_a_log_that_does_not_exist_is_inconclusive(place: Place) -> None:
    place.begin(JOBS)
    place.at(20)
    board = place.carry_on()
    assert board.status is Status.INCONCLUSIVE
    assert place.summary("jobs").startswith(f"{place.log}: does not exist; no record lies in the window; ")


def test_of_several_rules_each_is_named_and_what_they_share_is_said_once(place: Place) -> None:
    place.write((-5, "nothing to do"))
    place.begin(JOBS.replace("rules: [job]", "rules: [boom, job]"))
    place.at(20).carry_on()
    assert place.summary("jobs") == (
        "boom: 0 matches, no run of job could have shown one; 5 runs would decide; but the log ends at 16:55:00Z, 20m "
        "before the window does, and no record lies in the window; job: no run in the window; 5 clean runs would decide"
    )


def test_no_wait_asks_what_is_due_and_says_that_the_rest_is_open(place: Place) -> None:
    place.jobs(1, 2, 3, 4, 5)
    place.begin(DAY)
    board = place.at(5.5).carry_on()
    assert (board.status, exit_code(board)) == (None, 4)
    assert place.states() == {"no-boom": "done", "jobs": "waiting", "looked": "waiting"}


def test_the_long_phase_passes_a_day_later(place: Place) -> None:
    place.jobs(*(n * 60 + 1 for n in range(24)), 2, 3, 4, 4.5)
    place.begin(DAY)
    place.clock.during.append(lambda: place.clock.now >= LIVE + timedelta(hours=2) and _sign(place))
    board = place.carry_on(wait=True)
    assert place.states() == {"no-boom": "done", "jobs": "done", "looked": "signed"}
    assert board.status is Status.PASS
    assert place.clock.now == LIVE + timedelta(hours=24)
    assert place.summary("jobs") == "28/28 completed, 100 %; rules out below 89.9 %"


def _sign(place: Place) -> None:
    if place.states()["looked"] == "due":
        assert place.run is not None
        acts.sign(
            place.run, Signed(at=place.clock(), item="looked", by="Ada", note="images are there", evidence="")
        )


def test_what_has_ended_is_never_asked_again(place: Place) -> None:
    place.jobs(1, 2, 3, 4, 5)
    place.begin(DAY)
    place.at(6).carry_on()
    before = place.happened()
    place.write((5.5, "boom"))
    for _ in range(3):
        place.again()
        assert place.carry_on()["no-boom"].state == "done"
    assert place.happened() == before


def test_what_fell_due_while_nobody_looked_is_made_up_for_from_the_logs(place: Place) -> None:
    place.jobs(1, 2, 3, 4, 5, 14, *range(20, 60))
    place.write((30, "boom"))  # of a later time than the item speaks of
    place.begin(JOBS)
    board = place.at(90).carry_on()
    assert place.states() == {"no-boom": "done", "jobs": "done"}
    assert place.summary("jobs") == "6/6 completed, 100 %; rules out below 60.7 %"
    result = board["jobs"].result
    assert result is not None
    assert "asked 1h15m after its deadline" in result.details


def test_what_cannot_be_made_up_for_says_that_the_logs_are_gone(place: Place) -> None:
    place.jobs(*range(12, 40))
    place.begin(JOBS)
    board = place.at(90).carry_on()
    assert board.status is Status.INCONCLUSIVE
    assert place.summary("jobs") == (
        "logs of that time are gone: the log begins at 17:12:00Z, 12m into the window"
    )


def test_a_fail_needs_no_whole_log(place: Place) -> None:
    place.jobs(12, 13)
    place.write((14, "boom"))
    place.begin(JOBS)
    board = place.at(90).carry_on()
    assert board["no-boom"].state == "failed"


def test_a_deployment_that_was_replaced_before_an_item_was_due_cannot_pass_it(place: Place) -> None:
    place.jobs(0.2, 0.4, 0.6, 0.8, 1, 1.2)
    place.mark("d2", minutes(2))
    place.begin(JOBS)
    board = place.at(6).carry_on()
    assert board.status is Status.INCONCLUSIVE
    assert place.summary("jobs") == "replaced by d2 after 2m, before this was due"
    assert board["jobs"].result is not None
    assert board["jobs"].result.details[0] == "6/6 completed, 100 %; rules out below 60.7 %"


def test_a_deployment_that_was_replaced_can_still_fail(place: Place) -> None:
    place.jobs(0.2)
    place.write((1, "boom"), (3, "boom"))
    place.mark("d2", minutes(2))
    place.begin(JOBS)
    board = place.at(6).carry_on()
    assert board["no-boom"].state == "failed"
    assert place.summary("no-boom") == "1 match at 17:01:00Z; 0 runs of job completed since"


def test_a_signature_keeps_who_when_and_what(place: Place) -> None:
    place.begin(DAY)
    run = place.at(70).again()
    signature = Signed(at=place.clock(), item="looked", by="Ada", note="all there", evidence="https://x/1")
    acts.sign(run, signature)
    for _ in range(2):
        place.again()
        place.carry_on()
        assert place.board()["looked"].signed == signature
    with pytest.raises(UsageError) as told:
        acts.sign(run, Signed(at=place.clock(), item="looked", by="Bob", note="me too", evidence=""))
    assert str(told.value) == "'looked' is signed already, by Ada at 2025-10-11T18:10:00.000Z"
    assert place.board()["looked"].signed == signature


REFUSED_SIGNATURES = [
    (30, "looked", "'looked' is due at 2025-10-11T18:00:00.000Z; sign it then"),
    (
        26 * 60,
        "looked",
        "'looked' had to be signed by 2025-10-12T18:00:00.000Z; skip it with a reason, or start again",
    ),
    (
        30,
        "no-boom",
        "'no-boom' is for logwatch to find out, and still open; sign it if that ends inconclusive",
    ),
    (30, "no-bom", "the checklist has no item 'no-bom'; did you mean 'no-boom'?"),
]


@pytest.mark.parametrize(("after", "item", "said"), REFUSED_SIGNATURES)
def test_a_signature_is_refused_where_it_would_say_nothing(
    place: Place, after: float, item: str, said: str
) -> None:
    run = place.begin(DAY)
    with pytest.raises(UsageError) as told:
        acts.sign(run, Signed(at=place.at(after).clock(), item=item, by="Ada", note="ok", evidence=""))
    assert str(told.value) == said


def test_what_failed_cannot_be_signed_and_what_passed_need_not_be(place: Place) -> None:
    place.jobs(1, 2, 3, 4, 5, end="fail")
    run = place.begin(JOBS)
    place.at(6).carry_on()
    assert place.states() == {"no-boom": "done", "jobs": "failed"}
    said = []
    for item in ("jobs", "no-boom"):
        with pytest.raises(UsageError) as told:
            acts.sign(run, Signed(at=place.clock(), item=item, by="Ada", note="ok", evidence=""))
        said.append(str(told.value))
    assert said == [
        "'jobs' failed, and no signature mends that; start again once it is mended",
        "'no-boom' is done already; there is nothing to sign",
    ]


def test_what_no_machine_could_tell_may_be_signed(place: Place) -> None:
    run = place.begin(JOBS)
    place.at(20).carry_on()
    for item in ("no-boom", "jobs"):
        acts.sign(run, Signed(at=place.clock(), item=item, by="Ada", note="checked by hand", evidence=""))
    board = place.carry_on()
    assert board.status is Status.PASS
    assert board["jobs"].result is not None  # what the machine said stays beside it


def test_a_sign_off_expires_at_its_deadline(place: Place) -> None:
    place.jobs(*(n * 60 + 1 for n in range(24)), 2, 3, 4, 5)
    place.begin(DAY)
    board = place.carry_on(wait=True)
    assert place.states()["looked"] == "expired"
    assert board.status is Status.INCONCLUSIVE
    assert place.clock.now == LIVE + timedelta(hours=25)


def test_a_skipped_item_decides_nothing_and_says_why(place: Place) -> None:
    run = place.begin(JOBS)
    skipped = Skipped(at=place.at(1).clock(), item="jobs", by="Ada", reason="no jobs on Saturdays")
    acts.skip(run, skipped)
    assert place.board()["jobs"].skipped == skipped
    place.jobs(*range(6))
    board = place.at(5).carry_on()
    assert (board.status, place.states()["jobs"]) == (Status.PASS, "skipped")
    with pytest.raises(UsageError) as told:
        acts.skip(run, Skipped(at=place.clock(), item="jobs", by="Bob", reason="again"))
    assert str(told.value) == "'jobs' is skipped already; there is nothing to skip"


def test_where_all_is_skipped_nothing_was_verified(place: Place) -> None:
    run = place.begin(JOBS)
    for item in ("no-boom", "jobs"):
        acts.skip(run, Skipped(at=place.clock(), item=item, by="Ada", reason="no time"))
    assert place.board().status is Status.INCONCLUSIVE


def test_a_run_that_is_given_up_ends_while_another_process_waits_for_it(place: Place) -> None:
    run = place.begin(DAY)
    place.clock.during.append(
        lambda: place.clock.now >= LIVE + minutes(7) and not place.board().aborted and _abort(place)
    )
    board = place.carry_on(wait=True)
    assert board.status is Status.INCONCLUSIVE
    assert place.clock.now == LIVE + minutes(7)
    with pytest.raises(UsageError) as told:
        acts.abort(run, Aborted(at=place.clock(), by="Ada", reason="again"))
    assert str(told.value) == "the run has ended already; there is nothing to abort"
    with pytest.raises(UsageError) as told:
        acts.sign(run, Signed(at=place.clock(), item="looked", by="Ada", note="x", evidence=""))
    assert str(told.value) == "the run was aborted at 2025-10-11T17:07:00.000Z; start a new one"


def _abort(place: Place) -> None:
    assert place.run is not None
    acts.abort(place.run, Aborted(at=place.clock(), by="Ada", reason="rolled back"))


def test_what_people_end_while_it_is_asked_stays_as_they_ended_it(place: Place) -> None:
    """The result of an attempt that was under way when the item was skipped is not written down."""
    checklist = """
  - id: one
    items:
      - {id: slow, kind: command, title: Slow, deadline: 10m, command: ['true']}
"""
    run = place.begin(checklist)
    row = place.board()["slow"]
    acts.skip(run, Skipped(at=place.clock(), item="slow", by="Ada", reason="too slow"))
    place.runner()._ask(row)
    assert place.states() == {"slow": "skipped"}
    assert place.happened()[-1] == ("skipped", "slow")


def test_a_clock_that_jumps_ahead_skips_nothing(place: Place) -> None:
    place.jobs(*(n * 60 + 1 for n in range(24)), 2, 3, 4, 5)
    place.begin(DAY)

    def jump() -> None:
        if place.clock.now == LIVE + minutes(2):
            place.clock.now += timedelta(hours=30)

    place.clock.during.append(jump)
    board = place.carry_on(wait=True)
    assert place.states() == {"no-boom": "done", "jobs": "done", "looked": "expired"}
    assert [(moved.before, moved.at) for moved in board.clock_moved] == [
        (LIVE + minutes(1), LIVE + minutes(2) + timedelta(hours=30))
    ]


def test_a_clock_that_jumps_back_doubles_nothing_and_waits_again(place: Place) -> None:
    place.jobs(*(n * 60 + 1 for n in range(24)), 2, 3, 4, 5)
    place.begin(DAY)
    jumped = []

    def jump() -> None:
        if not jumped and place.clock.now >= LIVE + minutes(30):
            jumped.append(place.clock.now)
            place.clock.now = LIVE - timedelta(hours=3)

    place.clock.during.append(jump)
    place.clock.during.append(lambda: place.clock.now >= LIVE + timedelta(hours=2) and _sign(place))
    board = place.carry_on(wait=True)
    assert board.status is Status.PASS
    finished = [event for event in place.happened() if event[0] in {"finished", "signed"}]
    assert finished == [("finished", "no-boom"), ("signed", "looked"), ("finished", "jobs")]
    assert place.clock.now == LIVE + timedelta(hours=24)


def test_an_undecided_run_is_not_replaced_by_another_and_a_decided_one_is(place: Place) -> None:
    place.jobs(1)
    place.begin(DAY)
    with pytest.raises(UsageError) as told:
        place.begin(DAY)
    assert str(told.value) == (
        "the verification of d1 is not finished; carry it on with: logwatch verify resume, "
        "or give it up with: logwatch verify abort"
    )
    place.write((2, "boom"))
    assert place.at(6).carry_on().status is Status.FAIL
    place.mark("d2", minutes(7))
    assert place.at(8).begin(DAY, "d2").number == 2
    assert place.again().started.deployment == "d2"


def test_a_run_keeps_the_checklist_that_it_began_with(place: Place) -> None:
    place.begin(JOBS)
    place.folder.joinpath("checklist.yml").write_text("version: 1\n")
    assert place.again().checklist.ids == ("no-boom", "jobs")


def test_a_checklist_that_was_changed_behind_a_runs_back_is_refused(place: Place) -> None:
    place.begin(JOBS)
    [kept] = place.state.glob("checklist-*.yml")
    kept.write_text(kept.read_text().replace("[boom]", "[job]"))
    with pytest.raises(Exception, match="is not the checklist that the run began with") as told:
        place.again()
    assert str(told.value) == (
        f"{kept}: is not the checklist that the run began with; "
        "restore it, or take another --state and start again"
    )


def test_only_the_phases_that_are_asked_for_are_verified(place: Place) -> None:
    place.jobs(1, 2, 3, 4, 5)
    place.begin(DAY, phases=("immediate",))
    assert place.at(6).carry_on().status is Status.PASS
    assert place.states() == {"no-boom": "done"}
    with pytest.raises(UsageError) as told:
        place.begin(DAY, phases=("imediate",))
    assert str(told.value) == "--phase: the checklist has no phase 'imediate'; did you mean 'immediate'?"
