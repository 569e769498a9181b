"""Alembic migrations of the pipeline's tables."""
