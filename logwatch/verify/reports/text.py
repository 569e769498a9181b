"""The board for people: a line an item, by phase, proof under what wants a look, the verdict last."""

from __future__ import annotations

from collections.abc import Iterator

from logwatch.reports.columns import cells, cut, flow, wrap
from logwatch.reports.options import RenderOptions
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
    well,
)

_WORDS = {
    State.DONE.value: "ok",
    State.FAILED.value: "FAIL",
    WARNING: "warn",
    State.SIGNED.value: "sign",
    State.SKIPPED.value: "skip",
    State.WAITING.value: "wait",
    State.DUE.value: "due",
    State.OVERDUE.value: "due",
}
_UNKNOWN = "????"
_COLORS = {
    "ok": "32",
    "FAIL": "1;31",
    "????": "1;33",
    "warn": "33",
    "sign": "32",
    "skip": "36",
    "wait": "2",
    "due": "36",
}
_VERDICTS = {"pass": "32", "fail": "1;31", "inconclusive": "1;33"}
_FAINT = "2"
_BOLD = "1"
_WORD = 6
_EVIDENCE = 6
"""Lines of evidence that are shown of an item where not all are asked for."""
_QUIET = {State.DONE, State.SKIPPED}
"""States of which nothing more is said than the figure."""


def text(board: Board, options: RenderOptions) -> str:
    """Return the board for people, at most `options.width` columns wide where nothing would be lost by it."""
    lines = flow(heading(board), options.width)
    for phase, rows in board.phases:
        lines.append(_paint(f"{phase.title}   {well(rows)} of {len(rows)}", _BOLD, options))
        for row in rows:
            lines += _row(row, board, options)
            lines += _below(row, options)
    for word, said in remarks(board):
        lines += wrap(said, options.width, f"{word:<{_WORD}}", " " * _WORD)
    return "\n".join([*lines, *_verdict(board, options)]) + "\n"


def live(board: Board, options: RenderOptions, height: int) -> list[str]:
    """Return the board as it is shown while it changes: a line an item, cut to the terminal's size."""
    lines = [cut("   ".join(heading(board)), options.width)]
    for phase, rows in board.phases:
        done = sum(row.ended for row in rows)
        bar = "#" * done + "." * (len(rows) - done)
        lines.append(_paint(cut(f"[{bar}] {phase.title}", options.width), _BOLD, options))
        for row in rows:
            word = _word(row)
            said = cut(f"{word:<{_WORD}}{_name(row, board)}  {figure(row, board.now)}", options.width)
            lines.append(_paint(word, _COLORS[word], options) + said.removeprefix(word))
    last = cut(f"{verdict_word(board).upper()}  {sentence(board)}", options.width)
    room = max(height - 2, 1)  # the end is what changes
    return [*lines[-room:], last]


def line(row: Row, board: Board) -> str:
    """Return one row as a line of its own, for logs."""
    return f"{_word(row):<{_WORD}}{_name(row, board)}  {figure(row, board.now)}"


def _row(row: Row, board: Board, options: RenderOptions) -> list[str]:
    word = _word(row)
    first = f"{word:<{_WORD}}{_name(row, board)}  "
    roomy = options.width is None or len(first) <= options.width // 2
    rest = " " * (len(first) if roomy else _WORD + 2)
    lines = wrap(figure(row, board.now), options.width, first, rest)
    return [_paint(word, _COLORS[word], options) + lines[0].removeprefix(word), *lines[1:]]


def _below(row: Row, options: RenderOptions) -> Iterator[str]:
    """Yield what stands under a row: its title where it is not done, and the proof."""
    if row.state in _QUIET and not options.verbose:
        return
    room = None if options.width is None else max(options.width - _WORD, 20)
    for part in wrap(row.item.title, room, "", "  "):
        yield _paint(" " * _WORD + part, _FAINT, options)
    if row.state is State.WAITING and not options.verbose:
        return
    for said in beside(row, None if options.verbose else _EVIDENCE):
        yield " " * _WORD + cut(said, room)


def _verdict(board: Board, options: RenderOptions) -> list[str]:
    word = verdict_word(board).upper()
    lines = wrap(sentence(board), options.width, f"{word}  ", " " * (len(word) + 2))
    color = _VERDICTS.get(verdict_word(board), "36")
    return [_paint(word, color, options) + lines[0].removeprefix(word), *lines[1:]]


def _word(row: Row) -> str:
    return _WORDS.get(standing(row), _UNKNOWN)


def _name(row: Row, board: Board) -> str:
    width = max(cells(other.item.id) for other in board.rows)
    return f"{row.item.id:<{width}}"


def _paint(text_: str, color: str, options: RenderOptions) -> str:
    return f"\x1b[{color}m{text_}\x1b[0m" if options.color else text_
