"""Names of things: short, unique, and readable in a log line."""

from __future__ import annotations

import secrets
import time

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _ALPHABET[rest] + digits
    return digits


def new_id(prefix: str) -> str:
    """Return `PREFIX_`, the time in ms (so that ids sort by age), then 40 random bits, all in base 36."""
    return f"{prefix}_{_base36(time.time_ns() // 1_000_000)}{_base36(secrets.randbits(40)).rjust(8, '0')}"


def delivery_id(job_id: str, delivery: int) -> str:
    """Return the engine's id for the n-th delivery of a job: `JOB`, then `JOB#2`, `JOB#3`, …"""
    return job_id if delivery == 1 else f"{job_id}#{delivery}"


def job_of_delivery(delivery: str) -> str:
    """Return the JOB of `JOB` or `JOB#n`."""
    return delivery.partition("#")[0]
