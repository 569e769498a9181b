"""Bring a database to this version's tables, by alembic. (The job engine brings its own.)"""

from __future__ import annotations

import logging
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from logwatch.pipeline.errors import PipelineError

from .database import is_sqlite, writing

_VERSION_TABLE = "logwatch_pipeline_version"
_POSTGRES_LOCK = 7_246_301_950  # any number, as long as every version of logwatch uses the same


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["version_table"] = _VERSION_TABLE
    return config


def migrate(engine: sa.Engine) -> None:
    """Create or upgrade the tables; returns at once where they are current, waits where others do it now.

    Raises PipelineError when the database cannot be opened, or was written by a newer logwatch.
    """
    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = _config()
    script = ScriptDirectory.from_config(config)
    try:
        with writing(engine) as connection:
            if not is_sqlite(engine):
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_POSTGRES_LOCK)))
            context = MigrationContext.configure(connection, opts={"version_table": _VERSION_TABLE})
            current = context.get_current_revision()
            if current != script.get_current_head():
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
    except sa.exc.DBAPIError as error:
        said = str(error.orig).strip().partition("\n")[0]
        raise PipelineError(
            f"{engine.url.render_as_string()}: cannot open the database: {said}; "
            "check LOGWATCH_DB (--db), and that the server is up and lets you in"
        ) from None
    except CommandError as error:
        raise PipelineError(
            f"{engine.url.render_as_string()}: the tables are of a version unknown here ({error}); "
            "upgrade logwatch"
        ) from None
