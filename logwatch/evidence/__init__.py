"""What is shown of a log line: its place, without its secrets, unable to drive what shows it."""

from logwatch.evidence.cite import Evidence, cite
from logwatch.evidence.value import redacted_capture, redacted_value

__all__ = ["Evidence", "cite", "redacted_capture", "redacted_value"]
