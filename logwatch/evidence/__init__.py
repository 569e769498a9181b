"""What is shown of a log line: its place, without its secrets, unable to drive what shows it."""

from logwatch.evidence.cite import Evidence, cite

__all__ = ["Evidence", "cite"]
