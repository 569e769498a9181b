"""How long and how much a client may take. Every wait for a client ends, whatever it sends or does not read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Times are in seconds, from the beginning of each phase: dripping bytes extends none of them.

    `idle` is between two requests of a connection: longer than a scrape interval, so that scrapes keep theirs.
    """

    handshake: float = 5
    header: float = 10
    body: float = 10
    exchange: float = 60
    idle: float = 75
    connections: int = 128
    header_bytes: int = 16 * 1024
    url_bytes: int = 2048
    body_bytes: int = 1024
