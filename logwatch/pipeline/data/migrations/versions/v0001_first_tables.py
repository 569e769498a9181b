"""The first tables: orders and what becomes of them, jobs, dead letters, worker leases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table of the first version."""
    op.create_table(
        "dead_letters",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("envelope", sa.Text(), nullable=False),
        sa.Column("died_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letters")),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("workflow_id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=200), nullable=False),
        sa.Column("merchant_id", sa.String(length=200), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("queue", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("carrier", sa.String(length=100), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("deliveries", sa.Integer(), nullable=False),
        sa.Column("crashes", sa.Integer(), nullable=False),
        sa.Column("envelope", sa.Text(), nullable=False),
        sa.Column("queued_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("finished_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index(op.f("ix_jobs_carrier_state"), "jobs", ["carrier", "state"], unique=False)
    op.create_index(op.f("ix_jobs_finished_at_ms"), "jobs", ["finished_at_ms"], unique=False)
    op.create_index(op.f("ix_jobs_order_id"), "jobs", ["order_id"], unique=False)
    op.create_index(
        op.f("ix_jobs_state_queue_queued_at_ms"), "jobs", ["state", "queue", "queued_at_ms"], unique=False
    )
    op.create_table(
        "purchase_orders",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("merchant_id", sa.String(length=200), nullable=False),
        sa.Column("workflow_id", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.String(length=400), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("supplier", sa.String(length=400), nullable=True),
        sa.Column("number", sa.String(length=200), nullable=True),
        sa.Column("total_cents", sa.BigInteger(), nullable=True),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("started_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("completed_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("images_at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_orders")),
        sa.UniqueConstraint("id", "merchant_id", name=op.f("uq_purchase_orders_id_merchant_id")),
        sa.UniqueConstraint("workflow_id", name=op.f("uq_purchase_orders_workflow_id")),
    )
    op.create_index(
        op.f("ix_purchase_orders_merchant_id_created_at_ms"),
        "purchase_orders",
        ["merchant_id", "created_at_ms"],
        unique=False,
    )
    op.create_table(
        "worker_leases",
        sa.Column("executor_id", sa.String(length=64), nullable=False),
        sa.Column("host", sa.String(length=200), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.Float(precision=53), nullable=False),
        sa.Column("expires_at", sa.Float(precision=53), nullable=False),
        sa.PrimaryKeyConstraint("executor_id", name=op.f("pk_worker_leases")),
    )
    op.create_index(op.f("ix_worker_leases_expires_at"), "worker_leases", ["expires_at"], unique=False)
    op.create_table(
        "image_review_sessions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=64), nullable=False),
        sa.Column("merchant_id", sa.String(length=200), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id", "merchant_id"],
            ["purchase_orders.id", "purchase_orders.merchant_id"],
            name=op.f("image_review_sessions_order_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_image_review_sessions")),
        sa.UniqueConstraint("order_id", name=op.f("uq_image_review_sessions_order_id")),
    )
    op.create_table(
        "line_items",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("order_id", sa.String(length=64), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("sku", sa.String(length=200), nullable=True),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=14, scale=3, asdecimal=False), nullable=False),
        sa.Column("unit_price_cents", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["purchase_orders.id"], name=op.f("line_items_order_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_items")),
        sa.UniqueConstraint("order_id", "line_no", name=op.f("uq_line_items_order_id_line_no")),
    )
    op.create_table(
        "parsed_orders",
        sa.Column("order_id", sa.String(length=64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["purchase_orders.id"], name=op.f("parsed_orders_order_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_parsed_orders")),
    )
    op.create_table(
        "uploads",
        sa.Column("order_id", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["purchase_orders.id"], name=op.f("uploads_order_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_uploads")),
    )
    op.create_table(
        "product_drafts",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=64), nullable=False),
        sa.Column("merchant_id", sa.String(length=200), nullable=False),
        sa.Column("line_item_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=400), nullable=False),
        sa.Column("sku", sa.String(length=200), nullable=True),
        sa.Column("image_state", sa.String(length=20), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["line_item_id"],
            ["line_items.id"],
            name=op.f("product_drafts_line_item_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["order_id", "merchant_id"],
            ["purchase_orders.id", "purchase_orders.merchant_id"],
            name=op.f("product_drafts_order_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_drafts")),
        sa.UniqueConstraint("line_item_id", name=op.f("uq_product_drafts_line_item_id")),
    )
    op.create_index(op.f("ix_product_drafts_order_id"), "product_drafts", ["order_id"], unique=False)
    op.create_table(
        "product_images",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("draft_id", sa.String(length=64), nullable=False),
        sa.Column("review_session_id", sa.String(length=64), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("path", sa.String(length=1000), nullable=False),
        sa.Column("source", sa.String(length=1000), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["product_drafts.id"], name=op.f("product_images_draft_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["review_session_id"],
            ["image_review_sessions.id"],
            name=op.f("product_images_review_session_id_fkey"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_images")),
        sa.UniqueConstraint("draft_id", "sha256", name=op.f("uq_product_images_draft_id_sha256")),
    )
    op.create_index(
        op.f("ix_product_images_review_session_id"), "product_images", ["review_session_id"], unique=False
    )


def downgrade() -> None:
    """Drop them all, with what is in them."""
    op.drop_index(op.f("ix_product_images_review_session_id"), table_name="product_images")
    op.drop_table("product_images")
    op.drop_index(op.f("ix_product_drafts_order_id"), table_name="product_drafts")
    op.drop_table("product_drafts")
    op.drop_table("uploads")
    op.drop_table("parsed_orders")
    op.drop_table("line_items")
    op.drop_table("image_review_sessions")
    op.drop_index(op.f("ix_worker_leases_expires_at"), table_name="worker_leases")
    op.drop_table("worker_leases")
    op.drop_index(op.f("ix_purchase_orders_merchant_id_created_at_ms"), table_name="purchase_orders")
    op.drop_table("purchase_orders")
    op.drop_index(op.f("ix_jobs_state_queue_queued_at_ms"), table_name="jobs")
    op.drop_index(op.f("ix_jobs_order_id"), table_name="jobs")
    op.drop_index(op.f("ix_jobs_finished_at_ms"), table_name="jobs")
    op.drop_index(op.f("ix_jobs_carrier_state"), table_name="jobs")
    op.drop_table("jobs")
    op.drop_table("dead_letters")
