"""What the commands print: functions from state to text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from .engine.deadletters import Buried
from .orders import OrderView
from .overview import JobLine, Overview
from .telemetry import in_one_line, printable


def show_overview(overview: Overview) -> str:
    """Return queues, workers and orders."""
    rows = [("queue", "waiting", "oldest", "dead letters")]
    rows += [
        (
            queue.queue,
            str(queue.depth),
            _age(queue.oldest_age_seconds) if queue.depth else "-",
            str(queue.dead),
        )
        for queue in overview.queues
    ]
    workers = f"{overview.workers_live} live"
    if overview.workers_expired:
        workers += f", {overview.workers_expired} gone (their jobs go to the next worker)"
    orders = ", ".join(f"{count} {status}" for status, count in overview.orders) or "none"
    hint = ""
    if not overview.workers_live and any(queue.depth for queue in overview.queues):
        hint = "\nnobody works on the queues: start `logwatch pipeline worker`"
    return f"{_table(rows)}\n\nworkers: {workers}\norders: {orders}{hint}"


def show_jobs(jobs: Sequence[JobLine]) -> str:
    """Return one line per job."""
    if not jobs:
        return "no such jobs"
    rows = [("queued", "job", "stage", "state", "attempt", "order", "error")]
    rows += [
        (
            _time(job.queued_at_ms),
            job.job_id,
            job.stage,
            job.state,
            str(job.attempt),
            job.order_id,
            _short(job.error),
        )
        for job in jobs
    ]
    return _table(rows)


def show_dead(letters: Sequence[Buried]) -> str:
    """Return one line per dead letter."""
    if not letters:
        return "no dead letters"
    rows = [("died", "id", "stage", "attempts", "reason")]
    rows += [
        (
            _time(letter.died_at_ms),
            letter.letter_id,
            letter.stage,
            str(letter.attempts),
            _short(letter.reason),
        )
        for letter in letters
    ]
    return _table(rows)


def show_letter(letter: Buried) -> str:
    """Return one dead letter in full."""
    envelope = json.dumps(letter.envelope, indent=2, ensure_ascii=False)
    return (
        f"id:       {letter.letter_id}\nqueue:    {letter.queue}\nstage:    {letter.stage}\n"
        f"died:     {_time(letter.died_at_ms)}\nattempts: {letter.attempts}\n"
        f"reason:   {_lines(letter.reason)}\nenvelope: {envelope}"
    )


def show_order(order: OrderView) -> str:
    """Return an order with its drafts and images."""
    head = [
        f"order:    {order.id}  ({printable(order.filename)}, merchant {printable(order.merchant_id)})",
        f"status:   {order.status}",
        f"workflow: {order.workflow_id}",
        f"received: {_time(order.created_at_ms)}",
    ]
    for dead in order.dead_jobs:
        head.append(f"dead:     {_lines(f'{dead.stage}: {dead.reason}')}")
        head.append(f"          logwatch pipeline dead show {dead.job_id}")
    if order.completed_at_ms is not None:
        took = (order.completed_at_ms - order.created_at_ms) / 1000
        head.append(f"through:  {_time(order.completed_at_ms)}  (after {took:.1f} s)")
    if order.images_at_ms is not None:
        took = (order.images_at_ms - order.created_at_ms) / 1000
        head.append(f"images:   {_time(order.images_at_ms)}  (after {took:.1f} s)")
    if order.supplier or order.number:
        head.append(f"supplier: {printable(order.supplier or '-')}, number {printable(order.number or '-')}")
    if order.total_cents is not None:
        head.append(f"total:    {order.total_cents / 100:.2f}")
    head.append(f"review:   {order.review_session or '-'}")
    lines = [
        f"  {draft.id}  {draft.image_state:<9}  {len(draft.images)} images  {printable(draft.title)}"
        for draft in order.drafts
    ]
    return "\n".join([*head, f"drafts:   {len(order.drafts)}", *lines])


def _short(text: str | None) -> str:
    shown = in_one_line(text or "")
    return shown if len(shown) <= 80 else shown[:79] + "…"


def _lines(text: str) -> str:
    return "\n          ".join(printable(line) for line in text.split("\n"))


def _time(epoch_ms: int) -> str:
    return f"{datetime.fromtimestamp(epoch_ms / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _age(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
