"""`pipeline`: a test purchase order sent through the real pipeline, one item for each thing to see of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from logwatch.evidence.escape import escape
from logwatch.timespec import format_span, iso_millis
from logwatch.verdict.wording import counted
from logwatch.verify.checklist import Item
from logwatch.verify.kinds.kind import Kind
from logwatch.verify.pipeline_api import Order, PipelineApi, Refused
from logwatch.verify.work import Context, Result, failed, passed, unknown
from logwatch.yamlfiles.fields import Field, Fields, Values
from logwatch.yamlfiles.fieldtypes import Choice, Span, Text
from logwatch.yamlfiles.reader import Reader

_ORDER = "order"
_SENT = "sent at"


class See(StrEnum):
    """What an item sees to."""

    UPLOAD = "upload"
    """The order is taken."""
    WORKFLOW = "workflow"
    """Its workflow completes in time."""
    BACKGROUND_JOB = "background-job"
    """The background job comes to its end in time."""
    IMAGES = "images"
    """Products of the order have images."""
    REVIEW_SESSION = "review-session"
    """There is a session in which the merchant reviews them."""


@dataclass(frozen=True, slots=True)
class UploadWork:
    """Uploads `file`, once: what is interrupted after the pipeline took the order goes on with that order."""

    file: str

    def run(self, item: Item, context: Context) -> Result:
        """Return a pass with the order's id; a fail where the pipeline refuses the file."""
        pipeline = _pipeline(context)
        if isinstance(pipeline, Result):
            return pipeline
        order_id = context.memory.recall(item.id, _ORDER)
        if order_id is None:
            path = context.folder / self.file
            try:
                content = path.read_bytes()
            except OSError as error:
                return unknown(escape(f"{path}: cannot be read ({error.strerror}); name a purchase order"))
            try:
                order_id = pipeline.submit(path.name, content)
            except Refused as error:
                return failed(escape(f"{path.name} was refused: {error}"))
            context.memory.remember(item.id, _SENT, iso_millis(context.now))
            context.memory.remember(item.id, _ORDER, order_id)  # the last: it says that all is known
        return passed(escape(f"order {order_id} taken"))


@dataclass(frozen=True, slots=True)
class OrderWork:
    """Looks at the order that the item `upload` sent. `within` is how long what it sees to may take.

    Times are those that the pipeline gives; while it gives none, the clock says whether it is too late.
    """

    see: See
    upload: str
    within: timedelta

    def run(self, item: Item, context: Context) -> Result:
        """Return what there is to see: a fail where it comes too late, or is not as it should be."""
        pipeline = _pipeline(context)
        if isinstance(pipeline, Result):
            return pipeline
        order_id, sent = (context.memory.recall(self.upload, key) for key in (_ORDER, _SENT))
        if order_id is None or sent is None:
            return unknown(f"there is no order to look at: '{self.upload}' has sent none")
        try:
            order = pipeline.order(order_id)
        except Refused as error:
            return failed(escape(f"order {order_id} cannot be seen any more: {error}"))
        return _SEEN[self.see](order, self, context.now - datetime.fromisoformat(sent))


def _pipeline(context: Context) -> PipelineApi | Result:
    return context.pipeline or unknown(
        "no pipeline to send an order through; write verify: {pipeline: URL} in logwatch.yml"
    )


def _workflow(order: Order, work: OrderWork, waited: timedelta) -> Result:
    return _took(order, work, order.created_at_ms, order.completed_at_ms, waited, "workflow", "completed")


def _background_job(order: Order, work: OrderWork, waited: timedelta) -> Result:
    """From the end of the workflow on: what the job waits for is not its own time."""
    began = order.completed_at_ms or order.created_at_ms
    return _took(order, work, began, order.images_at_ms, waited, "background job", "ended")


def _took(
    order: Order,
    work: OrderWork,
    began_ms: int,
    ended_ms: int | None,
    waited: timedelta,
    what: str,
    ended: str,
) -> Result:
    limit = format_span(work.within)
    if ended_ms is None:
        so_far = f"{what} not {ended} after {format_span(waited)}, limit {limit}"
        return _late(order, so_far) if waited > work.within else _early(order, so_far)
    took = timedelta(milliseconds=max(0, ended_ms - began_ms))
    said = f"{what} {ended} in {format_span(took)}, limit {limit}"
    return _late(order, said) if took > work.within else passed(escape(f"{said} (order {order.id})"))


def _images(order: Order, work: OrderWork, waited: timedelta) -> Result:
    with_images = sum(bool(draft.images) for draft in order.drafts)
    said = f"{with_images} of {counted(len(order.drafts), 'product')} with images"
    if with_images:
        return passed(escape(f"{said} (order {order.id})"))
    if order.images_at_ms is not None or waited > work.within:
        return _late(order, f"{said} after {format_span(waited)}")
    return _early(order, f"{said} after {format_span(waited)}")


def _review_session(order: Order, work: OrderWork, waited: timedelta) -> Result:
    if order.review_session:
        return passed(escape(f"review session {order.review_session} (order {order.id})"))
    said = f"no review session after {format_span(waited)}"
    if order.images_at_ms is not None or waited > work.within:
        return _late(order, said)
    return _early(order, said)


_SEEN: dict[See, Callable[[Order, OrderWork, timedelta], Result]] = {
    See.WORKFLOW: _workflow,
    See.BACKGROUND_JOB: _background_job,
    See.IMAGES: _images,
    See.REVIEW_SESSION: _review_session,
}


def _late(order: Order, said: str) -> Result:
    return failed(escape(f"{said} (order {order.id}, status {order.status})"))


def _early(order: Order, said: str) -> Result:
    return unknown(escape(f"{said} (order {order.id}, status {order.status})"))


SEE = Field("see", Choice(tuple(see.value for see in See)), "what the item sees to", required=True)
FILE = Field("file", Text(), "the purchase order to upload, from the checklist's folder")
ORDER = Field("order", Text(), "the item that uploads the order")
WITHIN = Field(
    "within", Span(), "how long it may take: of the workflow, else since it completed or was uploaded"
)


def _check(reader: Reader, values: Values) -> None:
    """An upload has a file and nothing else; whatever looks at an order says which, and how long it may take."""
    see = values.get(SEE)
    if see is None:
        return
    wanted, unwanted = ((FILE,), (ORDER, WITHIN)) if see == See.UPLOAD else ((ORDER, WITHIN), (FILE,))
    for field in wanted:
        if field.name not in values.names:
            reader.problem(values.node.location, f"see: {see} has no '{field.name}': {field.meaning}")
    for field in unwanted:
        if field.name in values.names:
            reader.problem(values.location(field), f"see: {see} has no use for '{field.name}'; remove it")


def _build(values: Values) -> UploadWork | OrderWork:
    see = See(values[SEE])
    if see is See.UPLOAD:
        return UploadWork(values[FILE])
    return OrderWork(see, values[ORDER], values[WITHIN])


PIPELINE_KIND = Kind(Fields((SEE, FILE, ORDER, WITHIN)), _build, check=_check, item=ORDER, live=True)
