"""Engines and transactions: SQLite in a file with no server, or Postgres by URL, the same code above.

SQLite is opened with WAL and full sync, and with one connection per process: its writers are serial anyway,
and one connection queues them fairly where several would wait in SQLite's busy handler, which sleeps up to
100 ms.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection, QueuePool

from logwatch.pipeline.errors import PipelineError

_BUSY_TIMEOUT_MS = 30_000
_POSTGRES_CONNECTIONS = 20
_PING_AFTER_SECONDS = 5.0
# A worker that is frozen in a transaction must not hold its locks for ever, nor the others wait for them.
_POSTGRES_SETTINGS = {"idle_in_transaction_session_timeout": "10s", "lock_timeout": "30s"}
# A server that is gone without a word is noticed within a minute or so, not after the system's two hours.
_POSTGRES_NETWORK = {"connect_timeout": 10, "keepalives_idle": 30, "keepalives_interval": 10}
_URL_REMEDY = "use sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE"


def open_engine(url: str) -> sa.Engine:
    """Return an engine for `sqlite:///FILE` or `postgresql+psycopg://…`; connects to nothing yet.

    Raises PipelineError for any other URL, or when the SQLite file's folder cannot be made.
    """
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise PipelineError(f"LOGWATCH_DB: '{_masked(url)}' is not a database URL; {_URL_REMEDY}") from None
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        return _open_sqlite(parsed)
    if parsed.drivername == "postgresql+psycopg":
        return _open_postgres(parsed)
    raise PipelineError(f"LOGWATCH_DB: '{parsed.drivername}' is not supported; {_URL_REMEDY}")


def _masked(url: str) -> str:
    return url if "@" not in url else "…@" + url.rpartition("@")[2]


def _open_sqlite(url: sa.URL) -> sa.Engine:
    if not url.database or url.database == ":memory:":
        raise PipelineError("LOGWATCH_DB: a SQLite database in memory loses its jobs; use sqlite:///FILE")
    try:
        Path(url.database).absolute().parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PipelineError(f"{url.database}: cannot make its folder: {error.strerror}") from None
    engine = sa.create_engine(url, poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=60)

    @sa.event.listens_for(engine, "connect")
    def set_up(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        assert isinstance(connection, sqlite3.Connection)
        connection.isolation_level = "IMMEDIATE"
        for pragma in (
            f"busy_timeout={_BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _open_postgres(url: sa.URL) -> sa.Engine:
    network = {name: value for name, value in _POSTGRES_NETWORK.items() if name not in url.query}
    engine = sa.create_engine(
        url, pool_size=_POSTGRES_CONNECTIONS, max_overflow=0, pool_timeout=60, connect_args=network
    )

    @sa.event.listens_for(engine, "connect")
    def set_up(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for name, value in _POSTGRES_SETTINGS.items():
            cursor.execute(f"SET {name} = '{value}'")
        cursor.close()
        # Committed: the pool rolls back what a connection comes back with, and a bare SET with it.
        connection.commit()

    # A lost server is to be noticed before a transaction, not in the middle of one. To ask before each would
    # be one more round trip for each, so only a connection that has rested is asked.
    @sa.event.listens_for(engine, "checkin")
    def rest(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        record.info["rests_since"] = time.monotonic()

    @sa.event.listens_for(engine, "checkout")
    def ask(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
        if time.monotonic() - record.info.get("rests_since", time.monotonic()) < _PING_AFTER_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error:
            raise sa.exc.DisconnectionError from None

    return engine


def is_sqlite(engine: sa.Engine) -> bool:
    """Tell whether this is the database without a server."""
    return engine.dialect.name == "sqlite"


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Open a transaction that may write; commits at the end, rolls back on any exception."""
    with engine.begin() as connection:
        if is_sqlite(engine):
            # Python's driver begins only at the first write: what is read before would be read outside.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Open a connection for statements that read, each for itself.

    On Postgres without a transaction around them: to begin and to end one are two round trips more.
    """
    with engine.connect() as connection:
        if not is_sqlite(engine):
            connection.execution_options(isolation_level="AUTOCOMMIT")
        yield connection


def database_now(engine: sa.Engine) -> sa.ColumnElement[float]:
    """Return SQL for the database's own clock, in epoch seconds: machines' clocks differ, leases must not."""
    if is_sqlite(engine):
        return sa.literal_column("((julianday('now') - 2440587.5) * 86400.0)", sa.Float)
    return sa.literal_column("extract(epoch from clock_timestamp())::double precision", sa.Float)


def now_ms() -> int:
    """Return this machine's time in epoch milliseconds, for what people read (never for leases)."""
    return time.time_ns() // 1_000_000
