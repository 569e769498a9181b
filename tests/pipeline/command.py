"""`python -m tests.pipeline.command …` is `logwatch pipeline …`, in a process that a test may kill."""

from __future__ import annotations

from logwatch.cli.pipeline import pipeline

if __name__ == "__main__":
    pipeline(prog_name="logwatch pipeline")
