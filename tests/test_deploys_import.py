"""Deployments that git or the hosting provider know of become markers, each once."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from logwatch.deploys import Deployment, add_marker, read_markers
from tests.cli.command import run
from tests.pipeline.local_server import local_server
from tests.verify.vercel import TOKEN, FakeVercel, listed

T0 = datetime(2025, 10, 11, 17, 0, tzinfo=UTC)
SINCE = ("--since", "2025-10-11T16:00Z")


def git(folder: Path, *words: str, at: datetime = T0, written: datetime = T0) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_DATE": written.isoformat(),
        "GIT_COMMITTER_DATE": at.isoformat(),
    }
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false")
    command = ["git", "-C", str(folder), *who, *words]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose branch main was committed to at 15:00, 17:00 and 17:35, the last time by a merge."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "commit", "-q", "--allow-empty", "-m", "Old", at=T0 - timedelta(hours=2))
    git(
        folder,
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "Optimize: async 💥\n\nIn full.",
        written=T0 - timedelta(9),
    )
    git(folder, "switch", "-q", "-c", "fix")
    git(folder, "commit", "-q", "--allow-empty", "-m", "Try", at=T0 + timedelta(minutes=20))
    git(folder, "switch", "-q", "main")
    git(folder, "merge", "-q", "--no-ff", "-m", "CRITICAL FIX\x1b[31m", "fix", at=T0 + timedelta(minutes=35))
    return folder


def test_each_commit_of_the_branch_is_a_deployment_from_when_it_was_committed(
    tmp_path: Path, repository: Path
) -> None:
    told = run("deploys", "import", "--git", "repository", *SINCE, directory=tmp_path)
    merged, async_ = git(repository, "log", "--first-parent", "--format=%H", "-2").split()
    short = [git(repository, "rev-parse", "--short", commit) for commit in (async_, merged)]
    assert read_markers(tmp_path / "logwatch-deploys.jsonl") == (
        Deployment(short[0], T0, async_, "Optimize: async 💥"),
        Deployment(short[1], T0 + timedelta(minutes=35), merged, "CRITICAL FIX\x1b[31m"),
    )
    assert (told.code, told.err) == (0, "2 marked in logwatch-deploys.jsonl, 0 marked already\n")
    assert told.out == (
        f"2025-10-11T17:00:00.000Z  {short[0]}  Optimize: async 💥\n"
        f"2025-10-11T17:35:00.000Z  {short[1]}  CRITICAL FIX\\x1b[31m\n"
    )


def test_git_means_the_repository_that_one_is_in_and_a_branch_can_be_named(repository: Path) -> None:
    told = run("deploys", "import", "--git", *SINCE, "--branch", "fix", directory=repository)
    assert [line.split(maxsplit=2)[2] for line in told.out.splitlines()] == ["Optimize: async 💥", "Try"]


def test_what_is_marked_already_stays_and_is_not_marked_again(tmp_path: Path, repository: Path) -> None:
    by_hand = Deployment(git(repository, "rev-parse", "HEAD")[:9], T0 + timedelta(minutes=37), note="by hand")
    add_marker(tmp_path / "logwatch-deploys.jsonl", by_hand)
    for known in (1, 2):
        told = run("deploys", "import", "--git", "repository", *SINCE, directory=tmp_path)
        assert told.err == f"{2 - known} marked in logwatch-deploys.jsonl, {known} marked already\n"
    assert by_hand in read_markers(tmp_path / "logwatch-deploys.jsonl")


def test_a_dry_run_marks_nothing(tmp_path: Path, repository: Path) -> None:
    told = run("deploys", "import", "--git", "repository", *SINCE, "--dry-run", directory=tmp_path)
    assert len(told.out.splitlines()) == 2
    assert told.err == "2 to be marked in logwatch-deploys.jsonl, 0 marked already\n"
    assert not (tmp_path / "logwatch-deploys.jsonl").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--git", "nowhere"], "nowhere: git says 'fatal: cannot change to 'nowhere': No such file or directory'; "
         "name a repository with --git DIR, and its --branch"),
        (["--git", "repository", "--branch", "--output=x"],
         "repository: git says 'fatal: bad revision '--output=x''; name a repository with --git DIR, and its --branch"),
        ([], "nothing says where to import from; give one of --git [DIR] and --provider"),
        (["--git", "repository", "--provider"],
         "nothing says where to import from; give one of --git [DIR] and --provider"),
        (["--provider"],
         "no hosting provider is configured; write verify: {provider: vercel, project: NAME} in logwatch.yml"),
    ],
)  # fmt: skip
def test_what_cannot_be_imported_is_told(
    tmp_path: Path, repository: Path, words: list[str], said: str
) -> None:
    told = run("deploys", "import", *words, directory=tmp_path)
    assert (told.code, told.out, told.err) == (2, "", f"logwatch: {said}\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["repository"]


def test_without_git_the_remedy_is_told(tmp_path: Path) -> None:
    told = run("deploys", "import", "--git", directory=tmp_path, PATH=str(tmp_path))
    assert (
        told.err
        == "logwatch: git is not installed; install it, or mark deployments with: logwatch deploys add\n"
    )


def test_the_provider_tells_when_deployments_went_live(tmp_path: Path) -> None:
    """A redeployment of one commit is another deployment; one that was marked by its commit is not."""
    (tmp_path / "logwatch.yml").write_text("version: 1\nverify: {provider: vercel, project: shop}\n")
    add_marker(tmp_path / "logwatch-deploys.jsonl", Deployment("4811ec9", T0))
    fake = FakeVercel(
        {},
        [
            listed("dpl_1", T0 + timedelta(minutes=1), meta={"githubCommitSha": "4811ec9" + "0" * 33}),
            listed("dpl_2", T0 + timedelta(minutes=30), readyState="ERROR"),
            listed("dpl_3", T0 + timedelta(minutes=35)),
            listed("dpl_4", T0 + timedelta(minutes=50)),
        ],
    )
    with local_server(fake) as server:
        words = ("deploys", "import", "--provider", *SINCE)
        told = run(*words, directory=tmp_path, VERCEL_TOKEN=TOKEN, VERCEL_API_URL=server.url)
        again = run(*words, directory=tmp_path, VERCEL_TOKEN=TOKEN, VERCEL_API_URL=server.url)
    assert told.out == (
        "2025-10-11T17:35:00.000Z  dpl_3 (d52dee000000)  Fix the job's data\n"
        "2025-10-11T17:50:00.000Z  dpl_4 (d52dee000000)  Fix the job's data\n"
    )
    assert told.err == "2 marked in logwatch-deploys.jsonl, 1 marked already\n"
    assert (again.out, again.err) == ("", "0 marked in logwatch-deploys.jsonl, 3 marked already\n")
