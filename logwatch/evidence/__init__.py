"""What is shown of a log line: its place, without its secrets, unable to drive what shows it."""

from logwatch.evidence.cite import LONGEST_TEXT, Evidence, shown
from logwatch.evidence.redact import may_hold_secret
from logwatch.evidence.value import redacted_capture, redacted_value

__all__ = ["LONGEST_TEXT", "Evidence", "may_hold_secret", "redacted_capture", "redacted_value", "shown"]
