"""The board as Markdown: for an issue, a chat, or GitHub's summary of a run."""

from __future__ import annotations

import html
from collections.abc import Iterator

from logwatch.reports.github_summary import markdown as plain
from logwatch.verdict.verdict import Status
from logwatch.verify.board import Board, Row, State
from logwatch.verify.reports.wording import (
    WARNING,
    beside,
    figure,
    heading,
    remarks,
    sentence,
    standing,
    verdict_word,
)

_SIGNS = {
    State.DONE: "✅ done",
    State.FAILED: "❌ failed",
    WARNING: "⚠️ warning",
    State.INCONCLUSIVE: "❔ inconclusive",
    State.SIGNED: "✍️ signed",
    State.SKIPPED: "⏭️ skipped",
    State.EXPIRED: "❔ expired",
    State.BLOCKED: "❔ blocked",
    State.WAITING: "⏳ waiting",
    State.DUE: "⏳ due",
    State.OVERDUE: "⏳ overdue",
}
_VERDICTS = {Status.PASS: "✅", Status.FAIL: "❌", Status.INCONCLUSIVE: "❔", None: "⏳"}
_SHOWN = {State.FAILED, State.INCONCLUSIVE, State.SIGNED}


def markdown(board: Board) -> str:
    """Return the board as Markdown, in which nothing that a log says is anything but text."""
    return "".join(_pieces(board))


def _pieces(board: Board) -> Iterator[str]:
    yield f"### {_VERDICTS[board.status]} logwatch verify: {verdict_word(board)}\n\n"
    yield f"{plain(', '.join(heading(board)))}\n\n{plain(sentence(board))}\n"
    for _, said in remarks(board):
        yield f"\n* {plain(said)}\n"
    for phase, rows in board.phases:
        yield f"\n#### {plain(phase.title)}\n\n| state | item | figure |\n| --- | --- | --- |\n"
        for row in rows:
            yield f"| {_SIGNS[standing(row)]} | {plain(row.item.title)} | {plain(figure(row, board.now))} |\n"
    yield from (_proof(row) for row in board.rows if row.state in _SHOWN)


def _proof(row: Row) -> str:
    lines = list(beside(row))
    if not lines:
        return ""
    shown = "\n".join(html.escape(line) for line in lines)
    return f"\n<details><summary>{plain(row.item.title)}</summary>\n\n<pre>\n{shown}\n</pre>\n\n</details>\n"
