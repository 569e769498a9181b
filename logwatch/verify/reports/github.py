"""GitHub Actions: annotations on the run, the worst first. The table for its summary is the Markdown."""

from __future__ import annotations

from logwatch.reports.github import annotation
from logwatch.verify.board import WELL, Board, Row, State
from logwatch.verify.reports.wording import beside, figure, heading, remarks, sentence, standing, verdict_word


def github(board: Board) -> str:
    """Return the board as workflow commands: `::error` for what decides and ended badly, `::warning` for the rest
    that did. The line after them says the verdict.
    """
    bad = [row for row in board.rows if row.ended and row.state not in WELL]
    bad.sort(key=lambda row: (not row.decides, row.state is not State.FAILED))
    lines = [_told(row, board) for row in bad]
    lines += [f"logwatch verify: {said}" for _, said in remarks(board)]
    lines.append(f"logwatch verify: {', '.join(heading(board))}")
    return "\n".join([*lines, f"logwatch verify: {verdict_word(board).upper()}  {sentence(board)}"]) + "\n"


def _told(row: Row, board: Board) -> str:
    message = "\n".join([row.item.title, figure(row, board.now), *beside(row)])
    level = "error" if row.decides else "warning"
    return annotation(level, f"{row.item.id}: {standing(row)}", message)
