"""The tables. Real foreign keys and unique constraints: what must not happen twice cannot be written twice.

Times are epoch milliseconds (`…_ms`), money is in cents (`…_cents`). Every row a merchant may see carries
`merchant_id`, tied to its order's by a composite foreign key, so that no row can belong to one merchant and
its order to another.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# Names that do not depend on the database, so that a violated constraint reads the same in every log.
_NAMING = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "%(table_name)s_%(column_0_name)s_fkey",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}


class OrderStatus(StrEnum):
    """Where an order is."""

    RECEIVED = "received"  # uploaded; its workflow is queued
    PROCESSING = "processing"  # its workflow runs
    COMPLETED = "completed"  # the workflow is through; images may still be on their way
    FAILED = "failed"  # a stage of the workflow went to dead letter


class ImageState(StrEnum):
    """Where the images of a draft are."""

    NONE = "none"  # the draft was just made
    QUEUED = "queued"  # the background job is queued
    FOUND = "found"
    NOT_FOUND = "not_found"  # looked for, none there
    MANUAL = "manual"  # somebody uploaded one by hand


class JobState(StrEnum):
    """Where a job is."""

    QUEUED = "queued"  # waits in its queue, for a retry, or runs right now
    DONE = "done"
    SKIPPED = "skipped"  # nothing to do was left; not a failure, not a completion with work
    DEAD = "dead"  # in dead letter
    DROPPED = "dropped"  # taken out of dead letter by a person


class Base(DeclarativeBase):
    """What alembic migrates."""

    metadata = MetaData(naming_convention=_NAMING)


class PurchaseOrder(Base):
    """An uploaded order; `workflow_id` names the run that works on it."""

    __tablename__ = "purchase_orders"
    __table_args__ = (UniqueConstraint("id", "merchant_id"), Index(None, "merchant_id", "created_at_ms"))

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(String(200))
    workflow_id: Mapped[str] = mapped_column(String(64), unique=True)
    filename: Mapped[str] = mapped_column(String(400))
    status: Mapped[str] = mapped_column(String(20))
    supplier: Mapped[str | None] = mapped_column(String(400))
    number: Mapped[str | None] = mapped_column(String(200))
    total_cents: Mapped[int | None] = mapped_column(BigInteger)
    created_at_ms: Mapped[int] = mapped_column(BigInteger)
    started_at_ms: Mapped[int | None] = mapped_column(BigInteger)
    completed_at_ms: Mapped[int | None] = mapped_column(BigInteger)
    images_at_ms: Mapped[int | None] = mapped_column(BigInteger)


class Upload(Base):
    """The file as it came; in the database, so that order, file and first job are one transaction."""

    __tablename__ = "uploads"

    order_id: Mapped[str] = mapped_column(
        ForeignKey("purchase_orders.id", ondelete="CASCADE"), primary_key=True
    )
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ParsedOrder(Base):
    """What the parser read, as JSON, until `database_save` turns it into line items."""

    __tablename__ = "parsed_orders"

    order_id: Mapped[str] = mapped_column(
        ForeignKey("purchase_orders.id", ondelete="CASCADE"), primary_key=True
    )
    document: Mapped[str] = mapped_column(Text)


class LineItem(Base):
    """One line of an order; `line_no` counts from 1."""

    __tablename__ = "line_items"
    __table_args__ = (UniqueConstraint("order_id", "line_no"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("purchase_orders.id", ondelete="CASCADE"))
    line_no: Mapped[int] = mapped_column(Integer)
    sku: Mapped[str | None] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(400))
    quantity: Mapped[float] = mapped_column(Numeric(14, 3, asdecimal=False))
    unit_price_cents: Mapped[int | None] = mapped_column(BigInteger)


class ProductDraft(Base):
    """A product to be, one per line item."""

    __tablename__ = "product_drafts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["order_id", "merchant_id"],
            ["purchase_orders.id", "purchase_orders.merchant_id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("line_item_id"),
        Index(None, "order_id"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    order_id: Mapped[str] = mapped_column(String(64))
    merchant_id: Mapped[str] = mapped_column(String(200))
    line_item_id: Mapped[int] = mapped_column(ForeignKey("line_items.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(400))
    sku: Mapped[str | None] = mapped_column(String(200))
    image_state: Mapped[str] = mapped_column(String(20))
    created_at_ms: Mapped[int] = mapped_column(BigInteger)


class ImageReviewSession(Base):
    """What was found for one order, grouped for its merchant to look through; one per order."""

    __tablename__ = "image_review_sessions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["order_id", "merchant_id"],
            ["purchase_orders.id", "purchase_orders.merchant_id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("order_id"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    order_id: Mapped[str] = mapped_column(String(64))
    merchant_id: Mapped[str] = mapped_column(String(200))
    created_at_ms: Mapped[int] = mapped_column(BigInteger)


class ProductImage(Base):
    """An image of a draft. The same picture (by content) belongs to a draft once."""

    __tablename__ = "product_images"
    __table_args__ = (UniqueConstraint("draft_id", "sha256"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    draft_id: Mapped[str] = mapped_column(ForeignKey("product_drafts.id", ondelete="CASCADE"))
    review_session_id: Mapped[str | None] = mapped_column(
        ForeignKey("image_review_sessions.id", ondelete="SET NULL"), index=True
    )
    sha256: Mapped[str] = mapped_column(String(64))
    path: Mapped[str] = mapped_column(String(1000))  # where the file is, as fsspec is told it
    source: Mapped[str] = mapped_column(String(1000))  # where it was found, or "manual upload"
    created_at_ms: Mapped[int] = mapped_column(BigInteger)


class Job(Base):
    """One job of one workflow, whatever the number of its deliveries.

    `carrier` is the engine's id of the delivery that may decide this job; all others find themselves
    superseded. A stage's effects, the change of `state` and the jobs it queues are one transaction: that is
    what makes at-least-once delivery have its effects once.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        Index(None, "state", "queue", "queued_at_ms"),
        # Both columns: with the carrier alone, SQLite would rather walk through everything that is queued.
        Index(None, "carrier", "state"),
        Index(None, "order_id"),
        Index(None, "finished_at_ms"),  # what is past its keep
    )

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    workflow_id: Mapped[str] = mapped_column(String(64))
    # No foreign key: a job outlives a deleted order long enough to find that nothing is left to do.
    order_id: Mapped[str] = mapped_column(String(200))
    merchant_id: Mapped[str] = mapped_column(String(200))
    stage: Mapped[str] = mapped_column(String(40))
    queue: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(20))
    carrier: Mapped[str] = mapped_column(String(100))
    attempt: Mapped[int] = mapped_column(Integer)  # of this life: a requeue from dead letter starts at 1
    deliveries: Mapped[int] = mapped_column(Integer)  # of all lives: the n of JOB#n
    # 0: none of its workers died. 1: one died that had claimed it, perhaps not begun. Then one more at each
    # start: what it stands at when the worker dies again.
    crashes: Mapped[int] = mapped_column(Integer)
    envelope: Mapped[str] = mapped_column(Text)
    queued_at_ms: Mapped[int] = mapped_column(BigInteger)
    finished_at_ms: Mapped[int | None] = mapped_column(BigInteger)
    error: Mapped[str | None] = mapped_column(Text)


class DeadLetter(Base):
    """A job given up, or an envelope that could never be routed; `id` is the engine's id of that delivery."""

    __tablename__ = "dead_letters"

    # Text where the words are those of whoever put the envelope in: no limit of ours may keep it out of here.
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    job_id: Mapped[str] = mapped_column(Text)
    queue: Mapped[str] = mapped_column(Text)
    stage: Mapped[str] = mapped_column(String(40))  # the queue's stage: the envelope's may be missing
    reason: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(Integer)
    envelope: Mapped[str] = mapped_column(Text)
    died_at_ms: Mapped[int] = mapped_column(BigInteger)


class WorkerLease(Base):
    """A worker lives until `expires_at` (epoch seconds, database's clock). Executor ids are never reused."""

    __tablename__ = "worker_leases"

    executor_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    host: Mapped[str] = mapped_column(String(200))
    pid: Mapped[int] = mapped_column(Integer)
    started_at: Mapped[float] = mapped_column(Float(53))
    expires_at: Mapped[float] = mapped_column(Float(53), index=True)
