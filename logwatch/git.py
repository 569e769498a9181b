"""The log of a git repository as deployments: where every push goes live, it tells what went live and when."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

from logwatch.deploys import Deployment
from logwatch.errors import ConfigError, UsageError
from logwatch.timespec import iso_millis

_LONGEST_SECONDS = 60
_FIELDS = "%h%x00%H%x00%ct%x00%s"


def commits(repository: Path, branch: str, since: datetime) -> tuple[Deployment, ...]:
    """Return the commits of `branch` since then, oldest first: the merges, where it is merged into.

    Each is named by its short hash, and live from when it was committed (not written: a rebase or a merge counts).
    Raises `UsageError` for what is no repository or branch, `ConfigError` where git cannot be run.
    """
    command = [
        "git",
        "-C",
        str(repository),
        "-c",
        "log.showSignature=false",
        "log",
        "--first-parent",
        "--reverse",
    ]
    command += ["--encoding=UTF-8", f"--since={iso_millis(since)}", f"--format={_FIELDS}"]
    command += ["--end-of-options", branch, "--"]
    try:
        told = subprocess.run(  # noqa: S603 - git, with a branch that cannot be taken for an option
            command, capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=_LONGEST_SECONDS
        )
    except FileNotFoundError:
        raise ConfigError(
            "git is not installed; install it, or mark deployments with: logwatch deploys add"
        ) from None
    except subprocess.TimeoutExpired:
        raise UsageError(
            f"{repository}: git did not answer within {_LONGEST_SECONDS} s; give a later --since"
        ) from None
    if told.returncode:
        said = told.stderr.decode("utf-8", "backslashreplace").strip().partition("\n")[0]
        raise UsageError(
            f"{repository}: git says '{said}'; name a repository with --git DIR, and its --branch"
        )
    lines = told.stdout.decode("utf-8", "backslashreplace").split("\n")
    found = [_deployment(line) for line in lines if line]
    # git follows the order of history, in which a clock that was wrong may stand anywhere
    return tuple(sorted((one for one in found if one.time >= since), key=lambda one: one.time))


def _deployment(line: str) -> Deployment:
    short, commit, committed, subject = line.split("\0", 3)
    return Deployment(short, datetime.fromtimestamp(int(committed), UTC), commit, subject.strip())
