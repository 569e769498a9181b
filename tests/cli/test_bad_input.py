"""Bad input gets a clear message and the right exit code, never a traceback."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from tests.cli.command import run

LINE = "2025-10-11T17:29:32.000Z [info] 🎯 PROCESSOR TRIGGERED for background_image_processing job 1\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "a.log"
    path.write_text(LINE)
    return path


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--since", "24:00"], "--since: '24:00' is not a time of day; the clock goes from 00:00 to 23:59"),
        (["--until", "24:00"], "--until: '24:00' is not a time of day; the clock goes from 00:00 to 23:59"),
        (["--since", "9999-01-01"], "--since: '9999-01-01' is outside the years 1970 to 2199"),
        (["--since", "yesterday"], "--since: 'yesterday' is not a time; write it like 30m"),
        (["--since", "-5"], "--since: '-5' is not a time; write it like 30m"),
        (
            ["--since", "2100-01-01T00:00Z"],
            "so the window is empty; give an earlier --since, or a later --as-of",
        ),
        (
            ["--since", "2025-10-11T18:00Z", "--until", "2025-10-11T17:00Z"],
            "--since 2025-10-11T18:00Z (2025-10-11T18:00:00.000Z) lies after --until 2025-10-11T17:00Z "
            "(2025-10-11T17:00:00.000Z); swap them",
        ),
        (["--tz", "Mars"], "--tz: 'Mars' is not a time zone; write it like UTC, Europe/Berlin or +02:00"),
        (["--date", "today"], "--date: 'today' is not a date; write it like 2025-10-11 (years 1970 to 2199)"),
        (["--wait", "soon"], "--wait: 'soon' is not a time span; write it like 90s, 30m, 2h, 1d or 1h30m"),
        (["--rule", "workflo"], "--rule: there is no rule 'workflo'; did you mean 'workflow'?"),
        (["-f", "yaml"], "'yaml' is none of text, json, junit, github, nagios, tap, prometheus"),
        (["-f", "json="], "no file is named after 'json='"),
        (["--events", "runs.xlsx"], "--events runs.xlsx: the name must end in .csv, .parquet, .json"),
        (["--config", "none.yml"], "none.yml: cannot be read (No such file or directory)"),
        (["--rules", "none.yml"], "none.yml: cannot be read (No such file or directory)"),
        (
            ["--since-deploy", "d52dee0"],
            "no deployment is marked in logwatch-deploys.jsonl; mark one with: logwatch deploys add ID",
        ),
        (["--since-deploy", "x", "--since", "5m"], "--since-deploy names its own window; drop --since 5m"),
    ],
)
def test_a_wrong_option_is_a_usage_error(log: Path, arguments: list[str], message: str) -> None:
    result = run("check", log.name, *arguments, directory=log.parent)
    assert result.code == 2
    assert message in result.err
    assert result.out == ""


def test_a_log_that_since_deploy_took_for_a_deployment_is_given_back(log: Path) -> None:
    result = run("check", "--since-deploy", log.name, directory=log.parent)
    assert (result.code, result.err) == (
        2,
        "logwatch: --since-deploy takes 'a.log' for a deployment; "
        "name logs before it: logwatch check a.log --since-deploy\n",
    )


@pytest.mark.parametrize(
    "command",
    [
        ("check", "", "a.log"),
        ("tail", ""),
        ("serve", ""),
        ("baseline", "pin", "before", "", "--from", "1h", "--to", "1m"),
        ("verify", "start", "--source", ""),
    ],
    ids=" ".join,
)
def test_an_empty_name_is_no_source(command: tuple[str, ...], log: Path) -> None:
    """What `logwatch check "$LOG"` asks for where LOG is not set."""
    result = run(*command, directory=log.parent)
    assert (result.code, result.out, result.err) == (
        2,
        "",
        "logwatch: a source has an empty name; is a variable of the shell not set?\n",
    )


def test_an_empty_name_is_no_critical_state_to_nagios(log: Path) -> None:
    result = run("check", "", "-f", "nagios", directory=log.parent)
    assert result.code == 3
    assert result.out.startswith("LOGWATCH UNKNOWN - a source has an empty name")


@pytest.mark.parametrize("words", [("-f", "nagios"), ("-fnagios",), ("--format=nagios",)])
def test_an_option_that_is_none_is_no_critical_state_to_nagios(log: Path, words: tuple[str, ...]) -> None:
    result = run("check", log.name, "--jobs", "0", *words, directory=log.parent)
    assert (result.code, result.err) == (3, "")
    assert result.out.startswith("LOGWATCH UNKNOWN - Invalid value for _--jobs_: 0 is not in the range")
    assert run("check", log.name, "--jobs", "0", directory=log.parent).code == 2


def test_without_sources_it_says_what_to_do(tmp_path: Path) -> None:
    result = run("check", directory=tmp_path)
    assert result.code == 2
    assert result.err == (
        "logwatch: no sources: name log files, or write a logwatch.yml with 'sources:' (see the README for one)\n"
    )


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: None, "does not exist"),
        (lambda path: path.touch(), "is empty"),
        (
            lambda path: path.mkdir(),
            "is a directory without logs; hidden files and sub-directories are not read",
        ),
        (lambda path: path.write_bytes(bytes(range(256)) * 20), "is binary, not text"),
        (os.mkfifo, "is a FIFO that nobody writes to"),
        (lambda path: path.symlink_to("nowhere"), "is a symbolic link to 'nowhere', which does not exist"),
        (lambda path: path.write_bytes(b"\x00" * 5000), "holds nothing but NUL bytes"),
    ],
    ids=["missing", "empty", "directory", "binary", "fifo", "broken link", "nuls"],
)
def test_a_source_that_gives_nothing_is_said_and_never_a_pass(tmp_path: Path, make, sentence: str) -> None:  # type: ignore[no-untyped-def]
    make(tmp_path / "x.log")
    result = run("check", "x.log", directory=tmp_path)
    assert result.code == 3
    assert f"x.log: {sentence}" in result.out.replace("x.log  ", "x.log: ")
    assert "Traceback" not in result.err


def test_a_gzip_cut_in_half_is_read_as_far_as_it_goes_and_never_a_pass(tmp_path: Path) -> None:
    data = gzip.compress(LINE.encode() * 2000)
    (tmp_path / "a.log.gz").write_bytes(data[: len(data) // 2])
    result = run("check", "a.log.gz", directory=tmp_path)
    assert result.code == 3
    assert "gzip stream ends early at byte" in result.out


def test_a_line_of_a_hundred_megabytes_is_cut_and_never_a_pass(tmp_path: Path) -> None:
    path = tmp_path / "long.log"
    with path.open("w") as file:
        file.write(LINE)
        for _ in range(100):
            file.write("x" * (1 << 20))
        file.write("\n" + LINE)
    result = run("check", "long.log", "-f", "json", directory=tmp_path)
    assert result.code == 3
    assert '"truncated": true' in result.out


RULES = "version: 1\nrules:\n"


@pytest.mark.parametrize(
    ("rules", "messages"),
    [
        (RULES + "\t- id: x\n", ["rules.yml:3: a tab where YAML allows only spaces; indent with spaces"]),
        (
            "version: 1\nversion: 1\nrules: []\n",
            ["rules.yml:2: key 'version' occurs twice (first on line 1); remove one"],
        ),
        (
            RULES + "  - {id: a, kind: forbids, title: T, severity: critical, pattern: x}\n",
            [
                "which is none of forbid, expect, pair, sequence, ratio, measure, count; did you mean 'forbid'?"
            ],
        ),
        (
            RULES + "  - {id: a, kind: forbid, title: NO, severity: critical, pattern: x, exposure: none}\n",
            ["YAML reads NO as true or false; put it in quotes: 'NO'"],
        ),
        (
            RULES + "  - {id: a, kind: forbid, title: T, severity: critical, pattern: '(', exposure: none}\n"
            "  - {id: a, kind: forbid, title: T, severity: critical, pattern: x, exposure: none}\n",
            [
                "rules.yml:3: rule 'a': 'pattern' is no regular expression",
                "rules.yml:4: rule 'a': the id is taken already",
            ],
        ),
        (
            "a: &a [x,x,x,x,x,x,x,x,x]\n"
            + "".join(
                f"{c}: &{c} [{','.join(['*' + p] * 9)}]\n"
                for p, c in zip("abcdefgh", "bcdefghi", strict=True)
            ),
            ["holds more than 100,000 values once aliases are expanded"],
        ),
    ],
    ids=["tab", "duplicate key", "unknown kind", "NO", "several faults", "billion laughs"],
)
def test_a_wrong_rule_file_is_told_with_its_lines(log: Path, rules: str, messages: list[str]) -> None:
    (log.parent / "rules.yml").write_text(rules)
    result = run("check", log.name, "--rules", "rules.yml", directory=log.parent)
    assert result.code == 2
    for message in messages:
        assert message in result.err
    assert "Traceback" not in result.err


def test_a_regex_that_never_ends_is_counted_and_makes_its_rule_inconclusive(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(f"2025-10-11T17:00:00Z {'a' * 60}b\n2025-10-11T17:10:00Z end\n")
    (tmp_path / "rules.yml").write_text(
        RULES
        + "  - {id: slow, kind: forbid, title: T, severity: critical, pattern: '(a|aa)+$', exposure: none,"
        " samples: {match: [aa]}}\n"
    )
    result = run("check", "a.log", "--rules", "rules.yml", directory=tmp_path)
    assert result.code == 3
    assert "a pattern ran out of time on 1 record" in result.out


def test_a_capture_that_is_no_number_is_counted(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("2025-10-11T17:00:00Z took long ms\n2025-10-11T17:10:00Z took 5 ms\n")
    (tmp_path / "rules.yml").write_text(
        RULES + "  - {id: took, kind: measure, title: T, severity: critical, pattern: 'took (?P<ms>\\w+) ms',"
        " value: ms, unit: ms, limits: {p50: 1s}}\n"
    )
    result = run("check", "a.log", "--rules", "rules.yml", directory=tmp_path)
    assert result.code == 3
    assert "1 capture was no number" in result.out


@pytest.mark.parametrize("form", ["text", "json", "junit", "github", "nagios", "tap", "prometheus"])
def test_a_log_without_any_time_fails_by_what_it_shows_and_passes_by_nothing(
    tmp_path: Path, form: str
) -> None:
    (tmp_path / "bad.log").write_text("Unknown workflow stage: x\n")
    (tmp_path / "good.log").write_text("all is well\n")
    bad, good = (run("check", name, "-f", form, directory=tmp_path) for name in ("bad.log", "good.log"))
    assert (bad.code, good.code) == ((2, 3) if form == "nagios" else (1, 3))
    assert bad.err + good.err == "" or form == "github"  # whose summary for people goes there


@pytest.mark.parametrize(
    "odd",
    [
        "9999-12-31T23:59:59Z {}",
        "0001-01-01T00:00:00Z {}",
        "2025-02-30T00:00:00Z {}",
        '{{"time": -62135596800, "msg": "{}"}}',
        '{{"time": 1e400, "msg": "{}"}}',
    ],
)
def test_a_time_that_cannot_be_is_no_time(tmp_path: Path, odd: str) -> None:
    good = '{"time": 1760202000, "msg": "good"}' if odd.startswith("{") else "2025-10-11T17:00:00Z good"
    (tmp_path / "a.log").write_text(f"{good}\n{odd.format('Unknown workflow stage: x')}\n{good}\n")
    result = run("check", "a.log", "--rule", "unknown-workflow-stage", directory=tmp_path)
    assert (result.code, result.err) == (1, "")
    assert "a.log:2  17:00:00Z  Unknown workflow stage: x" in result.out
    assert "note  1 of 3 records without a time of their own, dated by their neighbours" in result.out


def test_log_text_cannot_drive_the_terminal(tmp_path: Path) -> None:
    hostile = "\x1b]0;owned\x07\x9b31m\u202e\r::error::x"
    (tmp_path / "a.log").write_text(f"2025-10-11T17:00:00Z Unknown workflow stage: {hostile}\n")
    result = run("check", "a.log", directory=tmp_path)
    assert result.code == 1
    assert not any(c in result.out for c in "\x1b\x07\x9b\u202e\r")


def test_a_closed_pipe_is_no_crash(log: Path) -> None:
    assert run("check", "-", stdin=b"", directory=log.parent).code == 3
