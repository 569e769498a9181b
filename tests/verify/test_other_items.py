"""Items of kinds command, deployment, pipeline and manual."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from logwatch.verdict.verdict import Status
from logwatch.verify.pipeline_api import PipelineApi
from logwatch.verify.provider import DeploymentState, DeploymentStatus, ProviderUnreachable
from tests.pipeline.local_server import Answer, Asked, local_server
from tests.verify.world import LIVE, Place, minutes

# ---------------------------------------------------------------- command


def command(code: str, more: str = "") -> str:
    argv = json.dumps([sys.executable, "-c", code])
    return f"""
  - id: one
    items:
      - {{id: own, kind: command, title: Own check, deadline: 10m, command: {argv}{more}}}
"""


@pytest.mark.parametrize(
    ("code", "state", "said"),
    [
        ("print('all well')", "done", "exit code 0: all well"),
        ("pass", "done", "exit code 0"),
        ("import sys; print('who knows'); sys.exit(3)", "due", "exit code 3: who knows"),
        ("import sys; print('bad'); sys.exit(1)", "failed", "exit code 1: bad"),
        ("import sys; sys.exit('worse')", "failed", "exit code 1: worse"),
        ("import os; os.kill(os.getpid(), 9)", "failed", "ended by signal 9"),
    ],
)
def test_the_exit_code_of_a_command_is_the_answer(place: Place, code: str, state: str, said: str) -> None:
    place.begin(command(code))
    place.carry_on()
    assert (place.states()["own"], place.summary("own")) == (state, said)


def test_a_command_is_told_which_deployment_it_is_about(place: Place) -> None:
    place.mark("d2", minutes(1), commit="abc1234")
    code = "import os; print(*(os.environ[f'LOGWATCH_{n}'] for n in ('DEPLOYMENT', 'COMMIT', 'PROMOTED_AT')))"
    place.at(2).begin(command(code), "d2")
    place.carry_on()
    assert place.summary("own") == "exit code 0: d2 abc1234 2025-10-11T17:01:00.000Z"


def test_a_command_that_prints_a_secret_of_the_environment_does_not_show_it(place: Place) -> None:
    place.environment["VERCEL_TOKEN"] = "plain-looking-one"
    place.begin(command("import os; print('with', os.environ['VERCEL_TOKEN'], 'in', os.getcwd()); exit(1)"))
    place.carry_on()
    assert place.summary("own").startswith("exit code 1: with [env.VERCEL_TOKEN] in /")


def test_what_a_command_prints_is_kept_without_secrets_and_in_bounds(place: Place) -> None:
    code = r"print('token=abcdef123456'); print('\x1b[2J'); [print('line', n) for n in range(50)]; exit(1)"
    place.begin(command(code))
    place.carry_on()
    result = place.board()["own"].result
    assert result is not None
    assert result.summary == "exit code 1: token=[redacted secret]"
    assert result.evidence[:3] == ("token=[redacted secret]", r"\x1b[2J", "line 0")
    assert len(result.evidence) == 11
    assert result.evidence[-1].endswith(" more lines")


def test_a_command_that_does_not_end_is_ended_and_inconclusive(place: Place, tmp_path: Path) -> None:
    code = "import subprocess, sys; subprocess.Popen(['sleep', '600']); print('begun', flush=True); input()"
    code = code.replace("input()", "import time; time.sleep(600)")
    place.begin(command(code, ", timeout: 500ms"))
    place.carry_on()
    result = place.board()["own"].result
    assert result is not None
    assert (result.status, result.summary, result.details) == (
        Status.INCONCLUSIVE, "did not end within 500ms", ("begun",)
    )  # fmt: skip


def test_a_command_that_is_not_there_is_inconclusive(place: Place) -> None:
    place.begin(
        """
  - id: one
    items:
      - {id: own, kind: command, title: Own check, deadline: 10m, command: [./no-such-program]}
"""
    )
    place.carry_on()
    assert place.summary("own") == "'./no-such-program' cannot be run: No such file or directory"


# ---------------------------------------------------------------- deployment

STATE = DeploymentState("dpl_1", "abc1234", DeploymentStatus.SUCCEEDED, "READY, PROMOTED", LIVE, "https://x")


@dataclass
class Scripted:
    """A provider that gives one state after the other, the last for ever."""

    states: list[DeploymentState | ProviderUnreachable]
    asked: list[str] = field(default_factory=list)
    name: str = "Scripted"
    way_back: str | None = None

    def deployment(self, wanted: str) -> DeploymentState:
        self.asked.append(wanted)
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if isinstance(state, ProviderUnreachable):
            raise state
        return state

    def rollback(self, state: DeploymentState) -> str | None:
        return self.way_back


DEPLOYMENT = """
  - id: one
    deadline: 10m
    items:
      - {id: live, kind: deployment, title: It is live}
      - {id: jobs, kind: rules, title: Jobs end, rules: [job], due: 1m, after: [live]}
"""


def changed(status: DeploymentStatus, reason: str, **more: object) -> DeploymentState:
    return replace(STATE, status=status, reason=reason, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "stands", "said"),
    [
        (STATE, "done", "Scripted: READY, PROMOTED"),
        (changed(DeploymentStatus.FAILED, "CANCELED"), "failed", "Scripted: CANCELED"),
        (changed(DeploymentStatus.PENDING, "BUILDING"), "due", "Scripted: BUILDING"),
        (changed(DeploymentStatus.UNKNOWN, "no such deployment"), "due", "Scripted: no such deployment"),
        (ProviderUnreachable("Vercel cannot be reached"), "due", "Vercel cannot be reached"),
    ],
)
def test_what_the_provider_says_is_the_answer(
    place: Place, state: DeploymentState | ProviderUnreachable, stands: str, said: str
) -> None:
    place.provider = Scripted([state])
    place.begin(DEPLOYMENT)
    place.carry_on()
    assert (place.states()["live"], place.summary("live")) == (stands, said)


def test_a_deployment_of_another_commit_is_not_the_one(place: Place) -> None:
    place.mark("dpl_1", minutes(0.1), commit="fffffff")
    place.provider = Scripted([STATE])
    place.at(1).begin(DEPLOYMENT, "dpl_1")
    place.carry_on()
    assert place.states()["live"] == "failed"
    assert place.summary("live") == "Scripted: live, but built from abc1234, not from fffffff"


def test_due_times_count_from_the_promotion_and_not_from_the_start(place: Place) -> None:
    building = changed(DeploymentStatus.PENDING, "BUILDING", promoted_at=None)
    live = replace(STATE, promoted_at=LIVE + minutes(3))
    place.provider = Scripted([building, building, building, live])
    place.jobs(3.2, 3.4, 3.6, 3.7, 3.8)
    place.begin(DEPLOYMENT, "abc1")
    assert place.board().deployment is None
    board = place.carry_on(wait=True)
    assert board.status is Status.PASS
    assert board.deployment is not None
    assert (board.deployment.id, board.deployment.time) == ("dpl_1", LIVE + minutes(3))
    assert board["jobs"].due == LIVE + minutes(4)
    assert set(place.provider.asked) == {"abc1", "dpl_1"}


def test_a_deployment_that_never_goes_live_fails_what_asks_for_it_and_blocks_the_rest(place: Place) -> None:
    canceled = changed(DeploymentStatus.FAILED, "CANCELED", promoted_at=None)
    place.provider = Scripted([changed(DeploymentStatus.PENDING, "QUEUED", promoted_at=None), canceled])
    place.begin(DEPLOYMENT, "dpl_1")
    board = place.carry_on(wait=True)
    assert board.status is Status.FAIL
    assert place.states() == {"live": "failed", "jobs": "blocked"}


def test_a_deployment_is_not_replaced_by_its_own_marker(place: Place) -> None:
    """People mark it by its commit, a little after its provider says that it went live."""
    for name, after in (("abc1234", 0.5), ("later", 3)):
        place.mark(name, minutes(after))
    place.provider = Scripted([STATE])
    place.jobs(0.1, 0.2, 0.3, 0.6, 0.7)
    place.at(2).begin(DEPLOYMENT, "abc1234")
    assert place.carry_on().status is Status.PASS
    place.at(4).begin(DEPLOYMENT, "abc1234")
    place.carry_on()
    assert place.summary("jobs").startswith("5/5 completed")


def test_after_a_fail_the_way_back_is_recommended_once_and_not_taken(place: Place) -> None:
    place.provider = Scripted([STATE], way_back="scripted rollback dpl_0")
    place.jobs(0.1, 0.2, 0.3, end="fail")
    place.at(2).begin(DEPLOYMENT)
    for _ in range(2):
        assert place.carry_on().rollback == "scripted rollback dpl_0"
    assert place.happened().count(("advised", "")) == 1


def test_without_a_provider_the_marker_is_what_there_is(place: Place) -> None:
    place.mark("d2", minutes(1))
    place.jobs(1.1, end="fail")
    place.at(2).begin(DEPLOYMENT, "d2")
    board = place.carry_on()
    assert place.summary("live") == (
        "deploy marker: live from 2025-10-11T17:01:00.000Z; no hosting provider is asked"
    )
    assert board.rollback == "deploy d1 again, which was live before"


# ---------------------------------------------------------------- pipeline

ORDER = """
  - id: one
    deadline: 10m
    every: 10s
    items:
      - {id: upload, kind: pipeline, title: Upload, see: upload, file: order.csv}
      - {id: workflow, kind: pipeline, title: Workflow, see: workflow, order: upload, within: 45s}
      - {id: job, kind: pipeline, title: Job, see: background-job, order: upload, within: 3m}
      - {id: images, kind: pipeline, title: Images, see: images, order: upload, within: 5m}
      - {id: session, kind: pipeline, title: Session, see: review-session, order: upload, within: 5m}
"""
MS = int(LIVE.timestamp() * 1000)


def seen(
    completed: float | None = None, images_at: float | None = None, images: int = 0, session: str = ""
) -> object:
    """An order as the API shows it; times in seconds after its creation."""
    return {
        "id": "po_1",
        "status": "completed" if completed else "received",
        "created_at_ms": MS,
        "completed_at_ms": None if completed is None else MS + completed * 1000,
        "images_at_ms": None if images_at is None else MS + images_at * 1000,
        "review_session": session or None,
        "drafts": [{"title": f"p{n}", "images": [{"id": "i"}] if n < images else []} for n in range(3)],
        "more": "that nobody asks for",
    }


def ordered(place: Place, look: Callable[[], object], *, wait: bool = True) -> dict[str, tuple[str, str]]:
    """Return (state, what was said) of each item of `ORDER`."""
    (place.folder / "order.csv").write_text("name\nTea\n")
    place.beat = timedelta(seconds=5)

    def answer(asked: Asked) -> Answer:
        if asked.method == "POST":
            return Answer(201, b'{"id": "po_1", "status": "received"}')
        return Answer(200, json.dumps(look()).encode())

    with local_server(answer) as server:
        place.pipeline = PipelineApi(server.url, "canary")
        place.begin(ORDER)
        board = place.carry_on(wait=wait)
        assert [urlsplit(a.path).path for a in server.asked if a.method == "POST"] == ["/purchase-orders"]
        assert {a.headers["x-merchant-id"] for a in server.asked} == {"canary"}
    return {row.item.id: (row.state.value, row.result.summary if row.result else "") for row in board.rows}


def test_an_order_that_goes_well_passes_step_by_step(place: Place) -> None:
    def look() -> object:
        passed = (place.clock.now - LIVE).total_seconds()
        return seen(
            30 if passed >= 30 else None,
            150 if passed >= 150 else None,
            3 if passed >= 150 else 0,
            "s1" if passed >= 150 else "",
        )

    assert ordered(place, look) == {
        "upload": ("done", "order po_1 taken"),
        "workflow": ("done", "workflow completed in 30s, limit 45s (order po_1)"),
        "job": ("done", "background job ended in 2m, limit 3m (order po_1)"),
        "images": ("done", "3 of 3 products with images (order po_1)"),
        "session": ("done", "review session s1 (order po_1)"),
    }
    assert place.clock.now == LIVE + timedelta(seconds=150)


@pytest.mark.parametrize(
    ("order", "item", "said"),
    [
        (seen(50), "workflow", "workflow completed in 50s, limit 45s (order po_1, status completed)"),
        (seen(30, 300, 3), "job", "background job ended in 4m30s, limit 3m (order po_1, status completed)"),
        (
            seen(30, 90, 0, "s"),
            "images",
            "0 of 3 products with images after 0s (order po_1, status completed)",
        ),
        (seen(30, 90, 3), "session", "no review session after 0s (order po_1, status completed)"),
    ],
)
def test_what_came_late_or_not_at_all_fails(place: Place, order: object, item: str, said: str) -> None:
    assert ordered(place, lambda: order, wait=False)[item] == ("failed", said)


def test_what_never_comes_fails_once_its_time_is_over(place: Place) -> None:
    found = ordered(place, seen)
    assert found["workflow"] == (
        "failed", "workflow not completed after 50s, limit 45s (order po_1, status received)"
    )  # fmt: skip
    assert found["job"][0] == "due"


def test_an_order_is_uploaded_once_however_often_the_run_is_interrupted(place: Place) -> None:
    (place.folder / "order.csv").write_text("name\nTea\n")
    with local_server(
        lambda a: Answer(201, b'{"id": "po_1"}') if a.method == "POST" else Answer(503)
    ) as server:
        place.pipeline = PipelineApi(server.url, "canary", "secret-token-1234567")
        place.begin(ORDER)
        for after in (0, 1, 2):
            place.again()
            place.at(after).carry_on()
        posts = [a for a in server.asked if a.method == "POST"]
        assert [(a.path, a.body) for a in posts] == [("/purchase-orders?filename=order.csv", b"name\nTea\n")]
        assert posts[0].headers["authorization"] == "Bearer secret-token-1234567"
    assert place.summary("workflow") == "status 503"
    assert b"secret-token" not in (place.state / "ledger.db").read_bytes()


@pytest.mark.parametrize(
    ("answer", "state", "said"),
    [
        (Answer(422, b'{"error": "order.csv: not a purchase order"}'), "failed",
         "order.csv was refused: status 422: order.csv: not a purchase order"),
        (Answer(401, b'{"error": "who is asking?"}'), "due",
         "status 401: who is asking?; check LOGWATCH_PIPELINE_TOKEN and verify: merchant"),
        (Answer(503, b'{"error": "the database does not answer"}'), "due", "status 503: the database does not answer"),
        (Answer(429), "due", "status 429"),
        (Answer(200, b"<html>"), "due",
         "answered with something else than an order: JSON is malformed: invalid character (byte 0)"),
    ],
)  # fmt: skip
def test_a_refusal_fails_and_a_pipeline_in_trouble_is_inconclusive(
    place: Place, answer: Answer, state: str, said: str
) -> None:
    (place.folder / "order.csv").write_text("name\nTea\n")
    with local_server(lambda _a: answer) as server:
        place.pipeline = PipelineApi(server.url, "canary")
        place.begin(ORDER)
        place.carry_on()
    assert (place.states()["upload"], place.summary("upload")) == (state, said)
    assert set(list(place.states().values())[1:]) == {"blocked" if state == "failed" else "waiting"}


def test_without_a_pipeline_or_an_order_to_upload_nothing_can_be_told(place: Place) -> None:
    place.begin(ORDER)
    place.carry_on()
    assert (
        place.summary("upload")
        == "no pipeline to send an order through; write verify: {pipeline: URL} in logwatch.yml"
    )
    place.pipeline = PipelineApi("http://127.0.0.1:9", "canary")
    place.carry_on()
    assert place.summary("upload") == (
        f"{place.folder}/order.csv: cannot be read (No such file or directory); name a purchase order"
    )


# ---------------------------------------------------------------- manual


def test_a_manual_item_says_how_to_sign_it(place: Place) -> None:
    place.begin(
        """
  - id: one
    items:
      - {id: looked, kind: manual, title: Somebody looked, deadline: 10m}
"""
    )
    place.carry_on()
    assert place.states() == {"looked": "due"}
    assert place.summary("looked") == (
        "not signed; sign it with: logwatch verify sign looked --by NAME --note TEXT"
    )
