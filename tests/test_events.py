"""Runs and matches as a table: one row each, the same in every form it is written in."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from logwatch.checking import Check, Request
from logwatch.config import Config
from logwatch.errors import UsageError
from logwatch.events import COLUMNS, EventTable, write_events, writer_of
from logwatch.records.coverage import Window
from logwatch.ruleset.load import load_rules

T0 = datetime(2025, 10, 11, 17, 0, tzinfo=UTC)
RULES = """
version: 1
rules:
  - id: job
    kind: pair
    title: Jobs end
    severity: critical
    start: 'start (?P<job>\\S+)'
    outcomes: {completed: 'done (?P<job>\\S+)', failed: 'fail (?P<job>\\S+)'}
    key: [job]
    timeout: 4m
  - id: took
    kind: measure
    title: How long
    severity: info
    pattern: 'took (?P<ms>\\d+) by (?P<who>\\S+)'
    value: ms
    unit: ms
    labels: [who]
"""
LOG = """2025-10-11T17:00:00Z start 1
2025-10-11T17:00:05Z fail 1
2025-10-11T17:00:10Z start 1
2025-10-11T17:00:12.500Z done 1
2025-10-11T17:00:12.600Z done 1
2025-10-11T17:01:00Z took 1500 by =HYPERLINK("http://evil")
2025-10-11T17:02:00Z start 2
2025-10-11T17:09:00Z the end
"""


@pytest.fixture
def found(tmp_path: Path) -> tuple[EventTable, Window]:
    (tmp_path / "rules.yml").write_text(RULES)
    (tmp_path / "a.log").write_text(LOG)
    table = EventTable()
    question = Check(
        Request(names=(str(tmp_path / "a.log"),)), Config(), load_rules([tmp_path / "rules.yml"]), T0
    )
    checked = question.ask(T0 + timedelta(hours=1), observer=table)
    return table, checked.verdict.window


def test_a_run_is_one_row_and_so_is_a_match(found: tuple[EventTable, Window]) -> None:
    frame = found[0].frame(found[1])
    assert list(frame.columns) == list(COLUMNS)
    assert list(zip(frame["rule"], frame["event"], frame["key"].fillna("-"), strict=True)) == [
        ("job", "completed", "1"),
        ("job", "duplicate_end", "-"),
        ("took", "match", "-"),
        ("job", "timed_out", "2"),
    ]
    assert frame["duration_seconds"].tolist()[0] == 2.5
    assert frame["attempts"].tolist()[0] == 2
    assert frame["value"].tolist()[2] == 1.5
    assert frame["line"].tolist() == [3, 5, 6, 7]
    assert frame["labels"].tolist()[2] == 'who==HYPERLINK("http://evil")'
    assert frame["time"].tolist()[0] == pd.Timestamp("2025-10-11T17:00:10Z")


def test_what_lies_outside_the_window_is_no_row(found: tuple[EventTable, Window]) -> None:
    late = Window(T0 + timedelta(seconds=90), T0 + timedelta(minutes=9), T0 + timedelta(minutes=9))
    assert found[0].frame(late)["event"].tolist() == ["timed_out"]


def test_what_has_no_time_is_a_row_without_one(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(RULES)
    (tmp_path / "a.log").write_text("start 1\ndone 1\ntook 5 by x\nstart 2\ndone 3\n")
    table = EventTable()
    question = Check(
        Request(names=(str(tmp_path / "a.log"),)), Config(), load_rules([tmp_path / "rules.yml"]), T0
    )
    frame = table.frame(question.ask(T0, observer=table).verdict.window)
    assert frame["event"].tolist() == ["completed", "match", "in_flight", "orphan_end"]
    for column in ("time", "ended", "duration_seconds"):
        assert frame[column].isna().all()


@pytest.mark.parametrize("suffix", [".csv", ".json", ".parquet"])
def test_every_form_reads_back_the_same(
    found: tuple[EventTable, Window], tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"events{suffix}"
    write_events(*found, path)
    read = {".csv": pd.read_csv, ".json": pd.read_json, ".parquet": pd.read_parquet}[suffix](path)
    frame = found[0].frame(found[1])
    for column in ("rule", "event", "line", "duration_seconds", "value", "text"):
        assert read[column].dropna().tolist() == frame[column].dropna().tolist()
    assert pd.to_datetime(read["time"], utc=True).tolist() == frame["time"].tolist()


def test_a_csv_cell_is_never_a_formula(found: tuple[EventTable, Window], tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("2025-10-11T17:00:00Z =cmd|'/c calc'!A1 took 5 by x\n")
    table = EventTable()
    Check(Request(names=(str(tmp_path / "a.log"),)), Config(), load_rules([tmp_path / "rules.yml"]), T0).ask(
        T0, observer=table
    )
    write_events(table, found[1], tmp_path / "e.csv")
    assert ",'=cmd|'/c calc'!A1 took 5 by x" in (tmp_path / "e.csv").read_text()


def test_no_text_of_a_log_begins_a_row_of_its_own(found: tuple[EventTable, Window], tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("2025-10-11T17:00:00Z took 5 by x\rjob,pair,completed,7\n", newline="")
    table = EventTable()
    Check(Request(names=(str(tmp_path / "a.log"),)), Config(), load_rules([tmp_path / "rules.yml"]), T0).ask(
        T0, observer=table
    )
    write_events(table, found[1], tmp_path / "e.csv")
    assert pd.read_csv(tmp_path / "e.csv")["text"].tolist() == ["took 5 by x\rjob,pair,completed,7"]


@pytest.mark.parametrize("suffix", [".csv", ".json", ".parquet"])
def test_a_log_whose_name_is_not_utf_8_has_a_name_that_can_be_written(
    found: tuple[EventTable, Window], tmp_path: Path, suffix: str
) -> None:
    name = os.fsdecode(b"\xff.log")
    (tmp_path / "a.log").rename(tmp_path / name)
    table = EventTable()
    Check(Request(names=(str(tmp_path / name),)), Config(), load_rules([tmp_path / "rules.yml"]), T0).ask(
        T0 + timedelta(hours=1), observer=table
    )
    write_events(table, found[1], tmp_path / f"e{suffix}")
    assert set(table.frame(found[1])["source"]) == {f"{tmp_path}/\\xff.log"}


def test_no_events_is_an_empty_table_with_its_columns(tmp_path: Path) -> None:
    frame = EventTable().frame(Window(T0, T0, T0))
    assert len(frame) == 0
    assert list(frame.columns) == list(COLUMNS)


def test_a_form_that_is_unknown_or_a_place_that_cannot_be_written_is_said(
    found: tuple[EventTable, Window], tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=r"must end in \.csv, \.parquet, \.json"):
        writer_of(Path("events.xlsx"))
    with pytest.raises(UsageError, match="cannot be written"):
        write_events(*found, tmp_path / "none" / "events.csv")
