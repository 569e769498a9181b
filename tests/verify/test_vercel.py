"""Deployments on Vercel, asked of a local server that behaves as its REST API does."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from logwatch.config import VerifyConfig
from logwatch.deploys import Deployment
from logwatch.errors import ConfigError, UsageError
from logwatch.reports.options import RenderOptions
from logwatch.verdict.verdict import Status
from logwatch.verify.provider import DeploymentState, DeploymentStatus, ProviderUnreachable
from logwatch.verify.providers.vercel.provider import open_vercel
from logwatch.verify.reports import render
from tests.cli.command import run
from tests.pipeline.local_server import Answer, local_server
from tests.serve.http.world import until
from tests.verify.vercel import (
    SHA,
    TOKEN,
    FakeVercel,
    Fields,
    Waits,
    deployed,
    listed,
    millis,
    refusal,
    vercel,
)
from tests.verify.world import LIVE, Place, minutes

PENDING, SUCCEEDED = DeploymentStatus.PENDING, DeploymentStatus.SUCCEEDED
FAILED, UNKNOWN = DeploymentStatus.FAILED, DeploymentStatus.UNKNOWN


def asked_for(fields: Fields) -> DeploymentState:
    with vercel(FakeVercel({"dpl_1": [fields]})) as (provider, _):
        return provider.deployment("dpl_1")


# ---------------------------------------------------------------- what the fields mean


def test_what_serves_production_has_succeeded() -> None:
    assert asked_for(deployed()) == DeploymentState(
        "dpl_1",
        SHA,
        SUCCEEDED,
        "READY, PROMOTED, alias assigned 2025-10-11T17:00:00.000Z",
        LIVE,
        "https://shop-abc.vercel.app",
    )


@pytest.mark.parametrize(
    ("fields", "status", "reason"),
    [
        ({"readySubstate": None, "aliasAssignedAt": None}, SUCCEEDED, "READY, alias assigned"),
        ({"checksConclusion": "succeeded", "checksState": "completed"}, SUCCEEDED,
         "READY, PROMOTED, alias assigned 2025-10-11T17:00:00.000Z"),
        ({"checksConclusion": "skipped", "checks": {"deployment-alias": {"state": "succeeded"}}}, SUCCEEDED,
         "READY, PROMOTED, alias assigned 2025-10-11T17:00:00.000Z"),
        ({"readyState": "QUEUED"}, PENDING, "QUEUED: it is being built"),
        ({"readyState": "INITIALIZING"}, PENDING, "INITIALIZING: it is being built"),
        ({"readyState": "BUILDING"}, PENDING, "BUILDING: it is being built"),
        ({"readyState": "ANALYZING"}, PENDING, "ANALYZING: it is being built"),
        ({"readyState": "DEPLOYING"}, PENDING, "DEPLOYING: it is being built"),
        ({"aliasAssigned": False}, PENDING, "READY, but no alias is assigned yet"),
        ({"aliasAssigned": None, "readySubstate": None}, PENDING, "READY, but no alias is assigned yet"),
        ({"readySubstate": "STAGED", "aliasAssigned": False}, PENDING, "READY and STAGED: it waits to be promoted"),
        ({"readySubstate": "ROLLING"}, PENDING, "READY and ROLLING: it serves a part of the traffic"),
        ({"checksState": "running"}, PENDING, "READY, its checks are running"),
        ({"readyState": "ERROR", "errorCode": "BUILD_FAILED", "errorMessage": "npm exited with 1"}, FAILED,
         "ERROR: npm exited with 1"),
        ({"readyState": "ERROR", "errorCode": "BUILD_FAILED"}, FAILED, "ERROR: BUILD_FAILED"),
        ({"readyState": "CANCELED"}, FAILED, "CANCELED"),
        ({"readyState": "BLOCKED"}, FAILED, "BLOCKED"),
        ({"readyState": "DELETED"}, FAILED, "DELETED"),
        ({"aliasError": {"code": "cert_missing", "message": "no certificate"}, "aliasAssigned": False}, FAILED,
         "READY, but no alias could be assigned: no certificate"),
        ({"checksConclusion": "failed"}, FAILED, "READY, but its checks are failed"),
        ({"checksConclusion": "canceled"}, FAILED, "READY, but its checks are canceled"),
        ({"checks": {"deployment-alias": {"state": "failed"}}}, FAILED,
         "READY, but its check 'deployment-alias' is failed"),
        ({"target": None}, FAILED, "READY, but not for production (target: preview)"),
        ({"target": "staging"}, FAILED, "READY, but not for production (target: staging)"),
        ({"readyState": None}, UNKNOWN, "no state is told; the token may not see it in full"),
        ({"readyState": "PAUSED"}, UNKNOWN, "in a state that is not known here: 'PAUSED'"),
        ({"readySubstate": "HALF"}, UNKNOWN, "READY, in a substate that is not known here: 'HALF'"),
    ],
)  # fmt: skip
def test_only_what_serves_production_has_succeeded(
    fields: Fields, status: DeploymentStatus, reason: str
) -> None:
    state = asked_for(deployed(**fields))
    assert (state.status, state.reason) == (status, reason)
    assert (state.promoted_at is not None) == (status is SUCCEEDED)


def test_a_target_that_is_not_told_is_not_guessed() -> None:
    fields = deployed()
    del fields["target"]
    state = asked_for(fields)
    assert (state.status, state.reason) == (UNKNOWN, "READY, but not told whether for production")


# ---------------------------------------------------------------- in a run

CHECKLIST = """
  - id: one
    deadline: 10m
    every: 10s
    items:
      - {id: live, kind: deployment, title: It is live}
      - {id: jobs, kind: rules, title: Jobs end, rules: [job], due: 1m, after: [live]}
"""


def test_a_deployment_is_followed_until_it_is_promoted_and_due_times_count_from_then(place: Place) -> None:
    """Its alias was assigned when it was built; it went live when it was last seen to wait for its promotion."""
    states = [
        *({"readyState": state} for state in ("QUEUED", "INITIALIZING", "BUILDING")),
        {"aliasAssigned": False, "readySubstate": None},
        *[{"readySubstate": "STAGED"}] * 8,
        {"aliasAssignedAt": None, "ready": millis(LIVE - minutes(5))},
    ]
    fake = FakeVercel({"dpl_1": [deployed(**state) for state in states]})
    place.beat = timedelta(seconds=5)
    place.jobs(*(n / 10 for n in range(1, 20)))
    with vercel(fake) as (place.provider, _):
        place.begin(CHECKLIST, "dpl_1")
        board = place.carry_on(wait=True)
    assert (board.status, place.states()) == (Status.PASS, {"live": "done", "jobs": "done"})
    assert board.deployment is not None
    assert board.deployment.time == LIVE + timedelta(seconds=50)
    assert place.clock.now == LIVE + timedelta(seconds=110)
    assert place.summary("live") == "Vercel: READY, PROMOTED, alias assigned"


@pytest.mark.parametrize("state", ["ERROR", "CANCELED", "BLOCKED", "DELETED"])
def test_a_deployment_that_never_goes_live_fails_at_once(place: Place, state: str) -> None:
    fake = FakeVercel({"dpl_1": [deployed(readyState="BUILDING"), deployed(readyState=state)]})
    with vercel(fake) as (place.provider, _):
        place.begin(CHECKLIST, "dpl_1")
        board = place.carry_on(wait=True)
    assert (board.status, place.states()) == (Status.FAIL, {"live": "failed", "jobs": "blocked"})


def test_one_that_waits_for_its_promotion_until_the_deadline_is_inconclusive(place: Place) -> None:
    staged = deployed(readySubstate="STAGED", aliasAssigned=False)
    place.beat = timedelta(seconds=1)
    with vercel(FakeVercel({"dpl_1": [staged]})) as (place.provider, server):
        place.begin(CHECKLIST, "dpl_1")
        board = place.carry_on(wait=True)
    assert (board.status, place.clock.now) == (Status.INCONCLUSIVE, LIVE + minutes(10))
    assert place.summary("live") == "Vercel: READY and STAGED: it waits to be promoted"
    assert len(server.asked) <= 1 + 2 * 61  # every ten seconds: is it live, and what is to be said of it


def test_without_an_item_that_asks_for_it_a_deployment_is_waited_for_until_the_deadline(place: Place) -> None:
    """What is in the way is told, and what cannot be asked ends."""
    checklist = """
  - id: one
    items:
      - {id: jobs, kind: rules, title: Jobs end, rules: [job], due: 1m, deadline: 10m}
"""
    fake = FakeVercel({"dpl_1": [deployed(readyState="BUILDING")] * 3 + [deployed(readyState="CANCELED")]})
    with vercel(fake) as (place.provider, _):
        place.begin(checklist, "dpl_1")
        place.carry_on()
        said = render("text", place.board(), RenderOptions()).splitlines()
        assert said[0] == (
            "Test: dpl_1 (d52dee000000)   not live yet (Vercel: BUILDING: it is being built)   "
            "as of 2025-10-11 17:00:00 UTC   run 1"
        )
        board = place.carry_on(wait=True)
    assert (board.status, place.states(), place.clock.now) == (
        Status.INCONCLUSIVE, {"jobs": "blocked"}, LIVE + minutes(10)
    )  # fmt: skip
    said = render("text", board, RenderOptions()).splitlines()
    assert said[0].startswith("Test: dpl_1 (d52dee000000)   not live yet (Vercel: CANCELED)   as of ")
    assert said[2] == "????  jobs  cannot be asked: the deployment was not live by 2025-10-11 17:10:00 UTC"


def test_times_are_known_in_the_pass_in_which_a_deployment_is_seen_to_be_live(place: Place) -> None:
    """With cron there is no other one for a while."""
    building = [deployed(readyState="BUILDING")] * 2
    live = deployed(aliasAssignedAt=millis(LIVE + minutes(2)))
    with vercel(FakeVercel({"dpl_1": [*building, live]})) as (place.provider, _):
        place.begin(CHECKLIST, "dpl_1")
        board = place.at(2).carry_on()
    assert place.states() == {"live": "done", "jobs": "waiting"}
    assert board["jobs"].due == LIVE + minutes(3)


def test_a_deploy_marker_does_not_make_live_what_its_provider_says_is_not(place: Place) -> None:
    place.mark("dpl_1")
    with vercel(FakeVercel({"dpl_1": [deployed(readyState="BUILDING")]})) as (place.provider, _):
        assert place.begin(CHECKLIST, "dpl_1").started.promoted_at is None


def test_live_but_of_another_commit_is_not_the_deployment(place: Place) -> None:
    place.mark("dpl_1", commit="fffffff")
    with vercel(FakeVercel({"dpl_1": [deployed()]})) as (place.provider, _):
        place.begin(CHECKLIST, "dpl_1")
        board = place.at(1).carry_on()
    assert board.status is Status.FAIL
    assert place.summary("live") == f"Vercel: live, but built from {SHA}, not from fffffff"


def test_a_provider_that_cannot_be_reached_is_inconclusive_and_asked_until_the_deadline(place: Place) -> None:
    place.mark("dpl_1")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # a port on which nobody listens
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        place.provider = open_vercel(
            VerifyConfig(), {"VERCEL_TOKEN": TOKEN, "VERCEL_API_URL": url}, Waits().patience()
        )
        place.begin(CHECKLIST, "dpl_1")
        board = place.carry_on(wait=True)
    assert board.status is Status.INCONCLUSIVE
    assert place.states() == {"live": "inconclusive", "jobs": "blocked"}
    assert place.summary("live") == "Vercel cannot be reached: cannot connect (Connection refused)"


# ---------------------------------------------------------------- answers that are none

REFUSED = [
    (refusal(401, "forbidden", "Not authorized"),
     "Vercel does not take the token (401: Not authorized); put a valid one into VERCEL_TOKEN"),
    (refusal(403, "forbidden", "You don't have permission"),
     "Vercel does not let the token see this (403: You don't have permission); "
     "check verify: team, and that the token is valid for it"),
    (refusal(429, "rate_limited", "Slow down", Retry_After="90"),
     "Vercel is asked too often (429: Slow down); try again in 90 s"),
    (Answer(429), "Vercel is asked too often (429); try again later"),
    (Answer(500, b"<html>oh</html>"), "Vercel is in trouble (500); try again later"),
    (Answer(503, b"[" * 100_000), "Vercel is in trouble (503); try again later"),
    (Answer(302, headers={"Location": "https://elsewhere.example"}),
     "Vercel answered 302; check verify: project, verify: team and VERCEL_API_URL"),
    (Answer(200, b'{"readyState": "REA'), "Vercel's answer cannot be understood: Input data was truncated"),
    (Answer(200, b'{"readyState": 7}'),
     "Vercel's answer cannot be understood: Expected `str | null`, got `int` - at `$.readyState`"),
    (Answer(200, b"\xff\xfe"), "Vercel's answer cannot be understood: JSON is malformed: invalid character (byte 0)"),
    (Answer(200, headers={"Content-Length": "99"}, chunks=(b'{"ready',)),
     "Vercel cannot be reached: no answer that can be understood (RemoteProtocolError)"),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "said"), REFUSED)
def test_what_tells_nothing_is_said_with_its_remedy(answer: Answer, said: str) -> None:
    with vercel(lambda _asked: answer) as (provider, _), pytest.raises(ProviderUnreachable) as told:
        provider.deployment("dpl_1")
    assert str(told.value) == said
    assert told.value.exit_code == 3


def test_a_deployment_that_is_not_there_is_unknown_and_not_a_fault_of_the_connection() -> None:
    with vercel(FakeVercel()) as (provider, server):
        state = provider.deployment("dpl_nope")
    assert (state.status, state.reason) == (
        UNKNOWN,
        "no deployment 'dpl_nope' is known; name it by its id, its URL or its commit",
    )
    assert len(server.asked) == 1


def test_one_that_never_answers_is_given_up() -> None:
    waits = Waits()
    with vercel(lambda _asked: None, waits.patience(timeout=0.05)) as (provider, server):
        with pytest.raises(ProviderUnreachable) as told:
            provider.deployment("dpl_1")
        assert str(told.value) == "Vercel cannot be reached: no answer within 0.05 s"
        # The server may still be reading what was asked last.
        assert until(lambda: len(server.asked) == 4)


def test_an_answer_that_comes_drop_by_drop_is_given_up() -> None:
    slow = replace(Answer(chunks=(b" ",) * 1000), between=lambda: waiting.gone.wait(0.02))
    patience = Waits().patience(timeout=0.1)
    with (
        vercel(lambda _asked: slow, patience) as (provider, waiting),
        pytest.raises(ProviderUnreachable) as told,
    ):
        provider.deployment("dpl_1")
    assert str(told.value) == "Vercel cannot be reached: the answer was not complete within 0.1 s"


# ---------------------------------------------------------------- patience

DATE = "Sat, 11 Oct 2025 17:00:07 GMT"  # seven seconds after the clock of `Waits` begins


@pytest.mark.parametrize(
    ("busy", "chance", "slept"),
    [
        ([Answer(503)] * 3, 0.0, [1, 2, 4]),
        ([Answer(500), Answer(502), Answer(504)], 1.0, [1.5, 3, 6]),
        ([Answer(429, headers={"Retry-After": "5"})], 0.0, [5]),
        ([Answer(429, headers={"Retry-After": "5"})], 1.0, [5.5]),
        ([Answer(503, headers={"Retry-After": DATE})], 0.0, [7]),
        ([Answer(429, headers={"Retry-After": "soon"})], 0.0, [1]),
        ([Answer(429, headers={"Retry-After": "-3"})], 0.0, [1]),
        ([Answer(429, headers={"Retry-After": "nan"})], 0.0, [1]),
    ],
)
def test_who_is_busy_is_asked_again_later_and_later_or_when_it_says(
    busy: list[Answer | None], chance: float, slept: list[float]
) -> None:
    waits = Waits()
    with vercel(FakeVercel({"dpl_1": [deployed()]}, busy=busy), waits.patience(chance)) as (provider, _):
        assert provider.deployment("dpl_1").status is SUCCEEDED
    assert waits.slept == slept


def test_a_wait_that_is_too_long_is_not_waited_here_but_kept_to() -> None:
    """A run that goes on meanwhile has the same answer, and does not ask."""
    waits = Waits()
    fake = FakeVercel({"dpl_1": [deployed()]}, busy=[refusal(429, "x", "Slow down", Retry_After="600")])
    with vercel(fake, waits.patience()) as (provider, server):
        said = []
        for passed in (0, 599):
            waits.passed = passed
            with pytest.raises(ProviderUnreachable) as told:
                provider.deployment("dpl_1")
            said.append(str(told.value))
        assert said == ["Vercel is asked too often (429: Slow down); try again in 600 s"] * 2
        assert (len(server.asked), waits.slept) == (1, [])
        waits.passed = 600
        assert provider.deployment("dpl_1").status is SUCCEEDED


# ---------------------------------------------------------------- the token


def test_the_token_is_sent_and_shown_nowhere(place: Place) -> None:
    def repeats(_asked: object) -> Answer:
        return refusal(403, "forbidden", f"'{TOKEN}' may not")

    with vercel(repeats) as (place.provider, server):
        assert TOKEN not in repr(place.provider)
        place.begin(CHECKLIST, "d1")
        place.carry_on()
        assert {asked.headers["authorization"] for asked in server.asked} == {f"Bearer {TOKEN}"}
        assert all(TOKEN not in asked.path for asked in server.asked)
    assert place.summary("live").startswith(
        "Vercel does not let the token see this (403: '[redacted secret]' may not);"
    )
    assert all(TOKEN.encode() not in file.read_bytes() for file in place.state.iterdir())


@pytest.mark.parametrize("form", ["text", "json", "junit", "github", "markdown"])
def test_no_report_shows_the_token(tmp_path: Path, form: str) -> None:
    config = (
        "version: 1\nsources: [worker.log]\nverify: {provider: vercel, project: shop, checklist: c.yml}\n"
    )
    (tmp_path / "logwatch.yml").write_text(config)
    (tmp_path / "worker.log").write_text("2025-10-11T17:00:01Z something\n")
    (tmp_path / "c.yml").write_text(
        "version: 1\ntitle: T\nphases: [{id: one, deadline: 1h, items: [{id: live, kind: deployment, title: L}]}]\n"
    )
    error = deployed(readyState="ERROR", errorMessage=f"the build printed {TOKEN}")
    with local_server(FakeVercel({"dpl_1": [error]})) as server:
        words = ["verify", "run", "--deploy", "dpl_1", "--as-of", "2025-10-11T17:05Z", "-f", form, "-v"]
        told = run(*words, "--color=never", directory=tmp_path, VERCEL_TOKEN=TOKEN, VERCEL_API_URL=server.url)
    assert told.code == 1
    assert "the build printed [redacted secret]" in told.out.replace("&#91;", "[").replace("&#93;", "]")
    assert TOKEN not in told.out + told.err


# ---------------------------------------------------------------- names


@pytest.mark.parametrize("wanted", ["dpl_1", "shop-abc.vercel.app", "https://shop-abc.vercel.app/cart?x=1"])
def test_a_deployment_is_found_by_its_id_or_its_url(wanted: str) -> None:
    fake = FakeVercel({name: [deployed()] for name in ("dpl_1", "shop-abc.vercel.app")})
    with vercel(fake, team="team_1") as (provider, server):
        assert provider.deployment(wanted).id == "dpl_1"
    assert urlsplit(server.asked[0].path).query == "teamId=team_1"


def of(sha: str, uid: str, after: float, **more: object) -> Fields:
    return listed(uid, LIVE + minutes(after), meta={"githubCommitSha": sha}, **more)


@pytest.mark.parametrize("wanted", [SHA, SHA[:7], SHA[:7].upper()])
@pytest.mark.parametrize("version", ["/v6/deployments", "/v7/deployments"])
def test_a_commit_means_the_newest_deployment_of_it_for_production(wanted: str, version: str) -> None:
    fake = FakeVercel(
        {"dpl_2": [deployed(id="dpl_2", meta=None)]},
        [
            of(SHA, "dpl_1", 1),
            of(SHA, "dpl_2", 2),
            of("f" * 40, "dpl_3", 3),
            of(SHA, "dpl_4", 4, target="staging"),
        ],
        lists=(version,),
    )
    with vercel(fake) as (provider, _):
        state = provider.deployment(wanted)
    assert (state.id, state.commit, state.status) == ("dpl_2", SHA, SUCCEEDED)


def test_the_beginning_of_a_commit_is_looked_for_page_by_page() -> None:
    others = [of(f"{n:040x}", f"dpl_{n}", n) for n in range(100, 220)]
    fake = FakeVercel({"dpl_1": [deployed()]}, [*others, of(SHA, "dpl_1", 1)])
    with vercel(fake) as (provider, server):
        assert provider.deployment(SHA[:7]).id == "dpl_1"
        assert len(server.asked) == 4  # three pages, and the deployment
        assert provider.deployment("abcdef0").reason == (
            "no deployment for production of commit 'abcdef0' is known in 'shop'"
        )


def test_a_commit_that_may_be_several_is_told() -> None:
    fake = FakeVercel({}, [of("d52dee0" + "1" * 33, "dpl_1", 1), of(SHA, "dpl_2", 2)])
    with vercel(fake) as (provider, _):
        assert provider.deployment("d52dee0").reason == (
            "several commits begin with 'd52dee0'; write more of it"
        )


def test_a_commit_needs_a_project_to_be_looked_for_in() -> None:
    with vercel(FakeVercel(), project=None) as (provider, _), pytest.raises(ConfigError) as told:
        provider.deployment("d52dee0")
    assert str(told.value) == (
        "deployment 'd52dee0' is a commit, and no project to look for it in is configured; "
        "write verify: project: NAME, or name the deployment by its id or URL"
    )
    with vercel(FakeVercel(), project="nope") as (provider, _), pytest.raises(ProviderUnreachable) as told_:
        provider.deployment("d52dee0")
    assert str(told_.value) == (
        "Vercel knows no project 'nope' (404); check verify: project and verify: team"
    )


# ---------------------------------------------------------------- the way back


def test_the_newest_deployment_that_is_offered_is_the_way_back() -> None:
    candidates = [
        of("a" * 40, "dpl_a", 1, isRollbackCandidate=True),
        of("b" * 40, "dpl_b", 3, isRollbackCandidate=True),
        of("c" * 40, "dpl_1", 4, isRollbackCandidate=True),
        of("d" * 40, "dpl_d; rm -rf /", 5, isRollbackCandidate=True),
        of("e" * 40, "dpl_e", 6),
    ]
    with vercel(FakeVercel({"dpl_1": [deployed()]}, candidates)) as (provider, server):
        state = provider.deployment("dpl_1")
        assert provider.rollback(state) == "vercel rollback dpl_b"
        assert {asked.method for asked in server.asked} == {"GET"}  # nothing is ever changed there
    with vercel(FakeVercel({"dpl_1": [deployed()]}, candidates[2:])) as (provider, _):
        assert provider.rollback(state) is None


# ---------------------------------------------------------------- what went live


def test_what_went_live_is_listed_in_its_order_with_commit_and_subject() -> None:
    fake = FakeVercel(
        {},
        [
            listed("dpl_3", LIVE + minutes(35)),
            listed("dpl_2", LIVE + minutes(30), readyState="ERROR"),
            listed("dpl_s", LIVE + minutes(31), readySubstate="STAGED", aliasAssigned=False),
            listed("dpl_1", LIVE, meta={"gitCommitSha": "4811ec9"}),
            listed("dpl_0", LIVE - minutes(60)),
        ],
    )
    with vercel(fake) as (provider, server):
        assert provider.live_since(LIVE - minutes(1)) == (
            Deployment("dpl_1", LIVE, "4811ec9"),
            Deployment("dpl_3", LIVE + minutes(35), SHA, "Fix the job's data"),
        )
    assert parse_qs(urlsplit(server.asked[0].path).query)["since"] == [str(millis(LIVE - minutes(1)))]


def test_a_list_that_is_cut_short_is_refused() -> None:
    fake = FakeVercel({}, [listed(f"dpl_{n}", LIVE + minutes(n)) for n in range(501)])
    with vercel(fake) as (provider, _), pytest.raises(UsageError) as told:
        provider.live_since(LIVE)
    assert str(told.value) == "more than 500 deployments are that young; give a later --since"
    with vercel(fake, project=None) as (provider, _), pytest.raises(ConfigError):
        provider.live_since(LIVE)


# ---------------------------------------------------------------- configuration


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        *((no_token, "verify: provider is vercel, but VERCEL_TOKEN is not set; put a token of Vercel into it")
          for no_token in ({}, {"VERCEL_TOKEN": " "})),
        ({"VERCEL_TOKEN": "tok en"},
         "VERCEL_TOKEN is no token: there are spaces or special characters in it; copy it anew"),
        *(({"VERCEL_TOKEN": TOKEN, "VERCEL_API_URL": url},
           "VERCEL_API_URL is no address to send a token to; write it like https://api.vercel.com")
          for url in ("http://api.vercel.com", "ftp://127.0.0.1", "nowhere", "https://", "http://[")),
    ],
)  # fmt: skip
def test_a_token_is_there_and_goes_to_no_one_else(environment: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError) as told:
        open_vercel(VerifyConfig(), environment)
    assert str(told.value) == said
