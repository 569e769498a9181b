"""`add_job` lets in complete envelopes of ids and nothing else; what it refuses leaves no trace in any queue."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logwatch.pipeline.data.models import Job, ProductDraft
from logwatch.pipeline.envelope import MAX_ENVELOPE_BYTES, Envelope, create_workflow_job, read_envelope
from logwatch.pipeline.errors import EnvelopeRefusedError, Refusal
from logwatch.pipeline.stages import StageName
from tests.pipeline.conftest import House

WHOLE: dict[str, Any] = {
    "stage": "background_image_processing",
    "workflowId": "wf_1",
    "data": {"purchaseOrderId": "po_1", "merchantId": "m_1"},
}


def _without(*path: str) -> dict[str, Any]:
    return _with(None, *path)


def _with(value: object, *path: str) -> dict[str, Any]:
    body = {**WHOLE, "data": dict(WHOLE["data"])}
    *folders, last = path
    target = body
    for folder in folders:
        target = target[folder]
    if value is None:
        del target[last]
    else:
        target[last] = value
    return body


REFUSED: list[tuple[str, object, Refusal, str]] = [
    (
        "no stage",
        _without("stage"),
        Refusal.MISSING_STAGE,
        "Unknown workflow stage: undefined (Job data missing required field: stage)",
    ),
    (
        "an empty stage",
        _with("", "stage"),
        Refusal.MISSING_STAGE,
        "Unknown workflow stage: undefined (Job data missing required field: stage)",
    ),
    (
        "the incident's flat body",
        {"purchaseOrderId": "po_1", "merchantId": "m_1", "workflowId": "wf_1"},
        Refusal.MISSING_STAGE,
        "Unknown workflow stage: undefined (Job data missing required field: stage)",
    ),
    (
        "an unknown stage",
        _with("image_processing", "stage"),
        Refusal.UNKNOWN_STAGE,
        "Unknown workflow stage: image_processing",
    ),
    (
        "a queue's name for a stage",
        _with("ai-parsing", "stage"),
        Refusal.UNKNOWN_STAGE,
        "Unknown workflow stage: ai-parsing",
    ),
    (
        "a stage that is no text",
        _with(["x"], "stage"),
        Refusal.UNKNOWN_STAGE,
        'Unknown workflow stage: ["x"]',
    ),
    (
        "a stage that forges a line",
        _with("x\n2025-10-11 all is well\u202e", "stage"),
        Refusal.UNKNOWN_STAGE,
        "Unknown workflow stage: x\\n2025-10-11 all is well\\u202e",
    ),
    (
        "no workflow id",
        _without("workflowId"),
        Refusal.MISSING_WORKFLOW,
        "Job data missing required field: workflowId",
    ),
    (
        "a flat body with its stage",
        {"stage": "ai_parsing", "workflowId": "wf_1", "purchaseOrderId": "po_1", "merchantId": "m_1"},
        Refusal.FLAT_BODY,
        "Job data missing required field: data (purchaseOrderId and merchantId belong inside it)",
    ),
    (
        "no order",
        _without("data", "purchaseOrderId"),
        Refusal.MISSING_ORDER,
        "Job data missing required field: data.purchaseOrderId",
    ),
    (
        "no merchant",
        _without("data", "merchantId"),
        Refusal.MISSING_MERCHANT,
        "Job data missing required field: data.merchantId",
    ),
    (
        "drafts instead of ids",
        _with([{"id": "draft_1", "title": "Green Tea"}], "data", "productDrafts"),
        Refusal.ROWS_INSTEAD_OF_IDS,
        "Job data carries rows in data.productDrafts: pass ids and read fresh rows when the job runs",
    ),
    (
        "one row",
        _with({"id": "draft_1"}, "data", "draft"),
        Refusal.ROWS_INSTEAD_OF_IDS,
        "Job data carries rows in data.draft: pass ids and read fresh rows when the job runs",
    ),
    (
        "a row as its model",
        _with([ProductDraft(id="draft_1")], "data", "productDrafts"),
        Refusal.NOT_JSON,
        "Job data is not JSON: Object of type ProductDraft is not JSON serializable",
    ),
    (
        "a set",
        _with({"draft_1"}, "data", "drafts"),
        Refusal.NOT_JSON,
        "Job data is not JSON: Object of type set is not JSON serializable",
    ),
    (
        "a tuple, which reads back as a list",
        _with(("draft_1",), "data", "drafts"),
        Refusal.NOT_JSON,
        "Job data is not JSON: it does not read back as it was written",
    ),
    (
        "a key that is no text",
        dict[object, object](WHOLE) | {7: "x"},
        Refusal.NOT_JSON,
        "Job data is not JSON: it does not read back as it was written",
    ),
    (
        "too much",
        _with("x" * MAX_ENVELOPE_BYTES, "data", "note"),
        Refusal.TOO_LARGE,
        "Job data is 65668 bytes, over 65536: pass ids, not content",
    ),
    ("a list", [WHOLE], Refusal.NOT_AN_OBJECT, "Job data is not an object but list"),
    ("a text", "ai_parsing", Refusal.NOT_AN_OBJECT, "Job data is not an object but str"),
    ("nothing", None, Refusal.NOT_AN_OBJECT, "Job data is not an object but NoneType"),
    (
        "a key nobody knows",
        _with("x", "priority"),
        Refusal.BAD_DATA,
        "Job data is wrong at priority: Extra inputs are not permitted",
    ),
    (
        "data nobody knows",
        _with(["draft_1"], "data", "draftIds"),
        Refusal.BAD_DATA,
        "Job data is wrong at draftIds: Extra inputs are not permitted",
    ),
    (
        "an order that is a number",
        _with(7, "data", "purchaseOrderId"),
        Refusal.BAD_DATA,
        "Job data is wrong at purchaseOrderId: Input should be a valid string",
    ),
    (
        "an id that could be a delivery's",
        _with("wf_1#2", "workflowId"),
        Refusal.BAD_DATA,
        "Job data is wrong at workflowId: String should match pattern '^[A-Za-z0-9][A-Za-z0-9_.:-]*$'",
    ),
    (
        "an id with a line's end",
        _with("po_1\n", "data", "purchaseOrderId"),
        Refusal.BAD_DATA,
        "Job data is wrong at purchaseOrderId: String should match pattern '^[A-Za-z0-9][A-Za-z0-9_.:-]*$'",
    ),
    (
        "an id that no column holds",
        _with("w" * 65, "workflowId"),
        Refusal.BAD_DATA,
        "Job data is wrong at workflowId: String should have at most 64 characters",
    ),
]


@pytest.mark.parametrize(
    ("body", "refusal", "message"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED]
)
def test_what_is_no_complete_envelope_of_ids_is_refused_with_its_reason(
    sqlite_house: House, body: Mapping[str, object], refusal: Refusal, message: str
) -> None:
    door = sqlite_house.door
    with pytest.raises(EnvelopeRefusedError) as caught, door.transaction() as transaction:
        door.add_job(transaction, body)
    assert caught.value.refusal is refusal
    assert str(caught.value) == message
    assert sqlite_house.waiting() == []
    assert sqlite_house.rows(sa.select(Job.id)) == []
    assert "Refused to queue a job: " in sqlite_house.log
    assert "Job added to" not in sqlite_house.log
    assert door.metrics.refused.labels(refusal.value)._value.get() == 1


def test_every_reason_for_a_refusal_at_the_door_is_among_these_cases() -> None:
    # A stranger is refused where it is found, in the queue.
    assert {case[2] for case in REFUSED} == set(Refusal) - {Refusal.NO_SUCH_JOB}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"], ids=["nan", "inf", "surrogate"])
def test_values_that_json_has_no_word_for_are_refused(value: object) -> None:
    with pytest.raises(EnvelopeRefusedError, match=r"^Job data is not JSON: ") as caught:
        read_envelope(_with(value, "data", "note"))
    assert caught.value.refusal is Refusal.NOT_JSON


def test_the_limit_is_64_kib_to_the_byte() -> None:
    def sized(size_bytes: int) -> dict[str, Any]:
        empty = len(json.dumps(_with("", "data", "note")))
        return _with("x" * (size_bytes - empty), "data", "note")

    # At the limit it is let through to the next check, and refused for what it carries.
    with pytest.raises(EnvelopeRefusedError, match=r"^Job data is wrong at note: Extra inputs"):
        read_envelope(sized(64 * 1024))
    with pytest.raises(EnvelopeRefusedError, match=r"^Job data is 65537 bytes, over 65536: pass ids, not"):
        read_envelope(sized(64 * 1024 + 1))


def test_a_whole_envelope_is_queued_under_its_workflow_and_stage(house: House) -> None:
    door = house.door
    with door.transaction() as transaction:
        job_id = door.add_job(transaction, WHOLE)
    assert job_id == "wf_1-6"
    assert house.waiting() == [("wf_1-6", "background-image-processing", WHOLE)]


def test_create_workflow_job_checks_what_it_makes() -> None:
    job = create_workflow_job(StageName.AI_PARSING, "wf_1", WHOLE["data"])
    assert job.to_json() == _with("ai_parsing", "stage")
    with pytest.raises(EnvelopeRefusedError, match=r"^Unknown workflow stage: undefined_stage$"):
        create_workflow_job("undefined_stage", "wf_1", WHOLE["data"])
    with pytest.raises(EnvelopeRefusedError, match=r"^Job data missing required field: data\.merchantId$"):
        create_workflow_job("ai_parsing", "wf_1", {"purchaseOrderId": "po_1"})
    with pytest.raises(EnvelopeRefusedError, match=r"^Job data missing required field: data "):
        create_workflow_job("ai_parsing", "wf_1", None)  # type: ignore[arg-type]


def test_an_envelope_that_was_made_unchecked_is_checked_at_the_door(sqlite_house: House) -> None:
    forged = Envelope.model_construct(
        stage=StageName.AI_PARSING,
        workflowId="",
        data=create_workflow_job("ai_parsing", "wf_1", WHOLE["data"]).data,
    )
    with (
        pytest.raises(EnvelopeRefusedError, match=r"^Job data missing required field: workflowId$"),
        sqlite_house.door.transaction() as transaction,
    ):
        sqlite_house.door.add_job(transaction, forged)


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from([*StageName, "po_1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_BODIES = _VALUES | st.fixed_dictionaries(
    {},
    optional={
        "stage": _VALUES | st.sampled_from([name.value for name in StageName]),
        "workflowId": _VALUES | st.just("wf_1"),
        "data": _VALUES
        | st.fixed_dictionaries(
            {},
            optional={
                "purchaseOrderId": _VALUES | st.just("po_1"),
                "merchantId": _VALUES | st.just("m_1"),
                "drafts": _VALUES,
            },
        ),
    },
)


@given(body=_BODIES)
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_any_body_is_either_refused_with_a_reason_or_comes_back_as_it_was(body: object) -> None:
    try:
        envelope = read_envelope(body)
    except EnvelopeRefusedError as error:
        reason = str(error)
    else:
        reason = "let in"
        assert envelope.to_json() == body
        assert read_envelope(envelope.to_json()) == envelope
    assert reason
    assert reason.isprintable()
