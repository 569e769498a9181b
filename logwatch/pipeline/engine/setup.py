"""Makes a database ready: the pipeline's tables, then the job engine's."""

from __future__ import annotations

import sqlalchemy as sa

from logwatch.pipeline.data.migrate import migrate

from . import dbos_port


def prepare(engine: sa.Engine) -> None:
    """Create or upgrade all tables; quick where they are current. Raises PipelineError."""
    migrate(engine)
    dbos_port.migrate(engine)
