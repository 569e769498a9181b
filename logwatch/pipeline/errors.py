"""What goes wrong in the pipeline, by what has to happen next: tell the person, retry, or give up at once."""

from __future__ import annotations

from enum import Enum


class PipelineError(Exception):
    """Something a person has to mend; the text says where, what and the remedy. Shown without a traceback."""


class UnreadableOrderError(PipelineError):
    """An uploaded purchase order cannot be read; carries every fault found, each with its row and column."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


class NotFoundError(PipelineError):
    """No such order, draft or dead letter, or another merchant's (the two look alike on purpose)."""


class Refusal(Enum):
    """Why an envelope is turned away; the value is the `reason` label of the refused-envelopes counter."""

    NOT_AN_OBJECT = "not_an_object"
    NOT_JSON = "not_json"
    TOO_LARGE = "too_large"
    MISSING_STAGE = "missing_stage"
    UNKNOWN_STAGE = "unknown_stage"
    MISSING_WORKFLOW = "missing_workflow"
    FLAT_BODY = "flat_body"
    MISSING_ORDER = "missing_order"
    MISSING_MERCHANT = "missing_merchant"
    ROWS_INSTEAD_OF_IDS = "rows_instead_of_ids"
    BAD_DATA = "bad_data"
    NO_SUCH_JOB = "no_such_job"  # complete, but nobody queued it through the door


class EnvelopeRefusedError(PipelineError):
    """A job envelope is malformed: it was not queued, or, found in a queue, is not retried."""

    def __init__(self, refusal: Refusal, message: str) -> None:
        self.refusal = refusal
        super().__init__(message)


class PermanentError(Exception):
    """The job can never succeed: straight to dead letter, no retry."""


class RetryableError(Exception):
    """The job failed for now (a time-out, a busy server). `after_seconds` is the least wait asked for."""

    def __init__(self, message: str, after_seconds: float = 0.0) -> None:
        self.after_seconds = after_seconds
        super().__init__(message)


class StageTimeoutError(RetryableError):
    """A stage went over its time limit; whatever it still does cannot be committed."""


class SupersededError(Exception):
    """Another delivery of this job has already decided it: nothing was written, nothing is to be reported."""
