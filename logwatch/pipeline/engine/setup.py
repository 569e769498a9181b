"""Makes a database ready: the pipeline's tables, then the job engine's."""

from __future__ import annotations

import logging

import sqlalchemy as sa
from dbos import DBOS

from logwatch.pipeline.data.migrate import migrate


def prepare(engine: sa.Engine) -> None:
    """Create or upgrade all tables; quick where they are current. Raises PipelineError."""
    migrate(engine)
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    logger.propagate = False
    DBOS.migrate(engine.url.render_as_string(hide_password=False))
