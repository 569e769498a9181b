"""dbos's own rows, put into the state that a crash leaves them in."""

from __future__ import annotations

import sqlalchemy as sa

from logwatch.pipeline.data.database import is_sqlite


def set_delivery(engine: sa.Engine, delivery: str, **values: object) -> None:
    """Change columns of one delivery in dbos's table, as a process that is gone would have left them."""
    table = "workflow_status" if is_sqlite(engine) else "dbos.workflow_status"
    assignments = ", ".join(f"{name} = :{name}" for name in values)
    with engine.begin() as connection:
        changed = connection.execute(
            sa.text(f"UPDATE {table} SET {assignments} WHERE workflow_uuid = :delivery"),
            {**values, "delivery": delivery},
        )
    assert changed.rowcount == 1


def begun_by_the_dead(engine: sa.Engine, delivery: str, executor: str) -> None:
    """Leave a delivery as a worker leaves it that was killed while it ran."""
    set_delivery(engine, delivery, status="PENDING", executor_id=executor, owner_xid=f"{executor}-{delivery}")
