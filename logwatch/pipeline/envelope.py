"""The one envelope of every job, `{stage, workflowId, data: {purchaseOrderId, merchantId, …}}`.

Jobs carry ids, never rows: a row in a job is a copy that is stale by the time the job runs (the first of the
incident's two bugs), and a body without `stage` cannot be routed (the second).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from .errors import EnvelopeRefusedError, Refusal
from .stages import StageName
from .telemetry.text import printable

MAX_ENVELOPE_BYTES: Final = 64 * 1024
MISSING_STAGE: Final = "Job data missing required field: stage"

# What JSON can say; an envelope is nothing else.
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

# No `#` in it: `JOB#n` is the n-th delivery of JOB.
_IDENTIFIER = r"^[A-Za-z0-9][A-Za-z0-9_.:-]*$"
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_IDENTIFIER)]
WorkflowId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_IDENTIFIER)]


class JobData(BaseModel):
    """What every stage is told: which order, and whose. Further keys must be ids or lists of ids."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    purchaseOrderId: Identifier  # noqa: N815 - the wire names are those of the incident's system
    merchantId: Identifier  # noqa: N815


# Stage by stage, so that a stage which needs more can say so; a stage that is not here does not start.
DATA_MODELS: Final[Mapping[StageName, type[JobData]]] = {
    StageName.AI_PARSING: JobData,
    StageName.DATABASE_SAVE: JobData,
    StageName.PRODUCT_DRAFT_CREATION: JobData,
    StageName.IMAGE_ATTACHMENT: JobData,
    StageName.STATUS_UPDATE: JobData,
    StageName.BACKGROUND_IMAGE_PROCESSING: JobData,
}


class Envelope(BaseModel):
    """A job as it is queued. Make one with `create_workflow_job` only."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    stage: Annotated[StageName, Field(strict=False)]
    workflowId: WorkflowId  # noqa: N815
    data: JobData

    def to_json(self) -> dict[str, Json]:
        """Return the envelope as JSON data."""
        return {
            "stage": self.stage.value,
            "workflowId": self.workflowId,
            "data": self.data.model_dump(),
        }


def create_workflow_job(stage: StageName | str, workflow_id: str, data: Mapping[str, object]) -> Envelope:
    """Return the checked envelope of a job: the only way to make one. Raises EnvelopeRefusedError."""
    return read_envelope({"stage": str(stage), "workflowId": workflow_id, "data": data})


def read_envelope(body: object) -> Envelope:
    """Return the envelope that `body` is, or raise EnvelopeRefusedError with the first fault.

    They are looked for in the order of routing: an object, JSON, size, stage, workflow id, nesting, order,
    merchant, ids only, then the stage's own data model.
    """
    if not isinstance(body, dict):
        raise EnvelopeRefusedError(
            Refusal.NOT_AN_OBJECT, f"Job data is not an object but {type(body).__name__}"
        )
    _check_json(body)
    stage = body.get("stage")
    if stage is None or stage == "":
        # Both texts: the routing switch's (the one the incident's greps look for) and the validation's.
        raise EnvelopeRefusedError(
            Refusal.MISSING_STAGE, f"Unknown workflow stage: undefined ({MISSING_STAGE})"
        )
    if not isinstance(stage, str) or stage not in {name.value for name in StageName}:
        shown = stage if isinstance(stage, str) else json.dumps(stage)
        raise EnvelopeRefusedError(Refusal.UNKNOWN_STAGE, f"Unknown workflow stage: {_quoted(shown)}")
    if not body.get("workflowId"):
        raise EnvelopeRefusedError(Refusal.MISSING_WORKFLOW, "Job data missing required field: workflowId")
    data = body.get("data")
    if not isinstance(data, dict):
        raise EnvelopeRefusedError(
            Refusal.FLAT_BODY,
            "Job data missing required field: data (purchaseOrderId and merchantId belong inside it)",
        )
    if not data.get("purchaseOrderId"):
        raise EnvelopeRefusedError(
            Refusal.MISSING_ORDER, "Job data missing required field: data.purchaseOrderId"
        )
    if not data.get("merchantId"):
        raise EnvelopeRefusedError(
            Refusal.MISSING_MERCHANT, "Job data missing required field: data.merchantId"
        )
    _check_ids_only(data)
    try:
        model = DATA_MODELS[StageName(stage)]
        return Envelope.model_validate({**body, "data": model.model_validate(data)})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = _quoted(".".join(str(part) for part in first["loc"]))
        raise EnvelopeRefusedError(
            Refusal.BAD_DATA, f"Job data is wrong at {where}: {first['msg']}"
        ) from None


def _check_json(body: dict[str, object]) -> None:
    try:
        text = json.dumps(body, allow_nan=False, ensure_ascii=False)
        size_bytes = len(text.encode("utf-8"))
        plain = json.loads(text) == body
    except (TypeError, ValueError, RecursionError) as error:
        raise EnvelopeRefusedError(Refusal.NOT_JSON, f"Job data is not JSON: {error}") from None
    # A tuple or an int key is written as JSON but read back as something else.
    if not plain:
        raise EnvelopeRefusedError(
            Refusal.NOT_JSON, "Job data is not JSON: it does not read back as it was written"
        )
    if size_bytes > MAX_ENVELOPE_BYTES:
        raise EnvelopeRefusedError(
            Refusal.TOO_LARGE,
            f"Job data is {size_bytes} bytes, over {MAX_ENVELOPE_BYTES}: pass ids, not content",
        )


def _check_ids_only(data: dict[str, object]) -> None:
    for key, value in data.items():
        items = value if isinstance(value, list) else [value]
        if any(isinstance(item, (dict, list)) for item in items):
            raise EnvelopeRefusedError(
                Refusal.ROWS_INSTEAD_OF_IDS,
                f"Job data carries rows in data.{_quoted(key)}: "
                "pass ids and read fresh rows when the job runs",
            )


def _quoted(text: str) -> str:
    """Return what a message quotes of an envelope: bounded, and on one line."""
    return printable(text[:100])
