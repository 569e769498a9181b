"""The board for programs, version 1."""

from __future__ import annotations

from datetime import datetime

from logwatch.reports.safe_json import Json, dump
from logwatch.timespec import iso_millis
from logwatch.verify.board import Board, Row
from logwatch.verify.reports.wording import exit_code, figure, remarks

SCHEMA = 1


def json_report(board: Board) -> str:
    """Return the board as JSON: times in UTC with milliseconds. `verdict` is null while it is open."""
    return dump(_board(board), indent=2) + "\n"


def _board(board: Board) -> Json:
    started = board.started
    return {
        "schema": SCHEMA,
        "run": board.run,
        "checklist": board.title,
        "verdict": board.status.value if board.status else None,
        "finished": board.finished,
        "exit_code": exit_code(board),
        "as_of": iso_millis(board.now),
        "started": {"at": iso_millis(started.at), "by": started.by},
        "deployment": {
            "id": started.deployment,
            "commit": (board.deployment.commit if board.deployment else started.commit) or None,
            "promoted_at": _time(board.deployment.time if board.deployment else None),
        },
        "rollback": board.rollback or None,
        "remarks": [said for _, said in remarks(board)],
        "aborted": {
            "at": iso_millis(board.aborted.at),
            "by": board.aborted.by,
            "reason": board.aborted.reason,
        }
        if board.aborted
        else None,
        "phases": [
            {"id": phase.id, "title": phase.title, "items": [_row(row, board.now) for row in rows]}
            for phase, rows in board.phases
        ],
    }


def _row(row: Row, now: datetime) -> Json:
    result, signed, skipped = row.result, row.signed, row.skipped
    return {
        "id": row.item.id,
        "kind": row.item.kind,
        "title": row.item.title,
        "severity": row.item.severity.value,
        "state": row.state.value,
        "summary": figure(row, now),
        "due": _time(row.due),
        "deadline": _time(row.deadline),
        "at": _time(row.at),
        "waits_for": list(row.waits_for),
        "result": {
            "status": result.status.value,
            "summary": result.summary,
            "details": list(result.details),
            "evidence": list(result.evidence),
        }
        if result
        else None,
        "signed": {
            "at": iso_millis(signed.at),
            "by": signed.by,
            "note": signed.note,
            "evidence": signed.evidence or None,
        }
        if signed
        else None,
        "skipped": {"at": iso_millis(skipped.at), "by": skipped.by, "reason": skipped.reason}
        if skipped
        else None,
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else iso_millis(moment)
