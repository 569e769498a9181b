"""Every log line of the pipeline: the very wording that monitors of this system look for, and nowhere else.

Names, titles and reasons come from outside: they are shown on one line, so that they cannot forge a record.
"""

from __future__ import annotations

from dataclasses import dataclass

from .text import in_one_line, printable
from .writer import LineIds, LineWriter

# The real workers mark these lines so; the rules and the greps of the incident know them with the mark.
_MARK = "[PERMANENT FIX]"
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class JobLog:
    """The lines about one job."""

    writer: LineWriter
    ids: LineIds

    def _info(self, *messages: str) -> None:
        self.writer.write("info", *messages, ids=self.ids)

    def _event_ms(self, real_ms: int) -> int:
        return round(self.writer.clock.event_seconds(real_ms))

    # The wrappers around every stage

    def queued(self, queue: str) -> None:
        """Say that the job is in its queue; never said of a retry."""
        self._info(f"✅ {_MARK} Job added to {queue} with ID: {self.ids.job_id}")

    def triggered(self, stage: str, workflow_id: str | None, named_stage: str | None, attempt: int) -> None:
        """Say that a worker has begun the job; `named_stage` is the envelope's own, which may be missing."""
        said_stage = "undefined" if named_stage is None else _name(named_stage)
        shown_stage = "undefined" if named_stage is None else f"'{said_stage}'"
        shown_workflow = "undefined" if workflow_id is None else f"'{_name(workflow_id)}'"
        self._info(
            f"🎯 {_MARK} PROCESSOR TRIGGERED for {stage} job {self.ids.job_id}",
            f"📋 Job details: {{\n  workflowId: {shown_workflow},\n"
            f"  stage: {shown_stage},\n  attempts: {attempt - 1}\n}}",
            f"🎭 Processing job for stage: {said_stage}",
        )

    def completed(self, stage: str, took_ms: int) -> None:
        """Say that the job is done."""
        self._info(f"✅ {_MARK} Completed {stage} job {self.ids.job_id} in {self._event_ms(took_ms)}ms")

    def failed(self, stage: str, took_ms: int, reason: str) -> None:
        """Say that this attempt failed, and why on the record's second line."""
        self.writer.write(
            "error",
            f"💥 {_MARK} PROCESSOR ERROR in {stage} job {self.ids.job_id} after {self._event_ms(took_ms)}ms: "
            f"\n{in_one_line(reason)}",
            ids=self.ids,
        )

    def retrying(self, stage: str, attempt: int, attempts: int, wait_seconds: float) -> None:
        """Say when the next attempt comes."""
        self.writer.write(
            "warning",
            f"🔁 Retrying {stage} job {self.ids.job_id}: attempt {attempt} of {attempts} "
            f"in {self.writer.clock.event_seconds(wait_seconds):.1f} s",
            ids=self.ids,
        )

    def dead(self, stage: str, attempts: int) -> None:
        """Say that the job is given up. Not why: its error was told, and would be counted twice."""
        times = "1 attempt" if attempts == 1 else f"{attempts} attempts"
        self.writer.write(
            "error",
            f"☠️ Moved {stage} job {self.ids.job_id} to dead letter after {times}; "
            f"logwatch pipeline dead show {self.ids.job_id}",
            ids=self.ids,
        )

    def duplicate_ignored(self, stage: str) -> None:
        """Say that a delivery came twice and changed nothing."""
        self.writer.write(
            "warning",
            f"♊ Duplicate delivery of {stage} job {self.ids.job_id} ignored: already decided",
            ids=self.ids,
        )

    # The stages of the workflow

    def stage_status(self, stage: str, status: str) -> None:
        """Say how far the workflow is."""
        self._info(f"📊 Updated workflow {self.ids.workflow_id}: {stage} -> {status}")

    def workflow_started(self, filename: str) -> None:
        """Say that the workflow begins."""
        self._info(f"🎬 Starting workflow {self.ids.workflow_id} for file: {printable(filename)}")

    def workflow_completed(self) -> None:
        """Say that the order is through; its images may still be on their way."""
        self._info(
            f"🎉 Completing workflow {self.ids.workflow_id}",
            f"✅ Workflow {self.ids.workflow_id} marked as completed in database",
            f"✅ Purchase order {self.ids.order_id} status updated to: completed",
        )

    def workflow_failed(self, stage: str) -> None:
        """Say that the order will not get through unless somebody requeues its job."""
        self.writer.write(
            "error", f"🛑 Workflow {self.ids.workflow_id} failed at stage: {stage}", ids=self.ids
        )

    def parsed(self, filename: str, lines: int, parser: str) -> None:
        """Say what the parser read."""
        self._info(f"🤖 processAIParsing - Read {lines} line items from {printable(filename)} ({parser})")

    def saved(self, lines: int) -> None:
        """Say that the line items are in the database."""
        self._info(f"💾 processDatabaseSave - Saved {lines} line items")

    def drafts_created(self, drafts: int) -> None:
        """Say that the drafts are in the database."""
        self._info(f"📝 processProductDraftCreation - Created {drafts} product drafts")

    def attaching_in_background(self) -> None:
        """Say that the workflow does not wait for images."""
        self._info(
            "🖼️ processImageAttachment - Queueing background image processing...",
            "⚡ ASYNC MODE: Queueing image processing in background, continuing workflow immediately",
        )

    def background_queued(self) -> None:
        """Say that the background job is queued (said after the commit)."""
        self._info("✅ Background image processing job queued successfully")

    # The background job

    def background_started(self, order_id: str, merchant_id: str) -> None:
        """Say that the search for images begins."""
        self._info(
            "🖼️🔄 processBackgroundImageProcessing - Starting async image processing...",
            "🖼️🔄 Background image processing: {\n"
            f"  purchaseOrderId: '{order_id}',\n  merchantId: '{merchant_id}',\n"
            f"  workflowId: '{self.ids.workflow_id}'\n}}",
            "📥 Fetching product drafts from database...",
        )

    def background_skipped(self) -> None:
        """Say that no drafts are left: nothing to do, which is no failure."""
        self._info("⚠️ No product drafts found - skipping background image processing")

    def background_processing(self, drafts: int) -> None:
        """Say how many drafts there are."""
        self._info(f"🖼️🔄 Processing {drafts} product drafts for images...")

    def searching(self, number: int, of: int, title: str) -> None:
        """Say which draft is looked up."""
        self._info(f"🔍 [{number}/{of}] Searching images for: {printable(title)}")

    def found(self, images: int, title: str) -> None:
        """Say what was found for a draft."""
        if images:
            self._info(f"   ✅ Found {images} images")
        else:
            self._info(f"   ⚠️ No images found for: {printable(title)}")

    def image_not_saved(self, number: int, reason: str) -> None:
        """Say that an image could not be written."""
        self.writer.write(
            "warning", f"⚠️ Failed to save image {number}: \n{in_one_line(reason)}", ids=self.ids
        )

    def images_saved(self, images: int) -> None:
        """Say how many images were written (said after the commit)."""
        self._info(f"   💾 Saved {images} images to database")

    def background_completed(self, processed: int, drafts: int, with_images: int) -> None:
        """Say what came of it: drafts processed, and products with images."""
        self._info(
            "🖼️🔄 Background image processing completed:",
            f"   - Processed: {processed}/{drafts} drafts",
            f"   - Images found for: {with_images} products",
        )

    def review_session(self, session_id: str) -> None:
        """Say that the merchant can look through what was found."""
        self._info(f"✅ Created image review session: {session_id}")

    def background_failed(self, reason: str) -> None:
        """Say that the search failed."""
        self.writer.write(
            "error", f"❌ Background image processing failed: {in_one_line(reason)}", ids=self.ids
        )

    def manual_upload(self) -> None:
        """Say that somebody uploaded an image by hand.

        Which is what happens when the background job does not.
        """
        self._info(f"📤 Manual image upload for purchase order {self.ids.order_id}")


@dataclass(frozen=True, slots=True)
class PipelineLog:
    """The lines about the worker itself, and the way to the lines about one job."""

    writer: LineWriter

    def job(self, job_id: str, workflow_id: str | None, order_id: str | None, stage: str) -> JobLog:
        """Return the lines of one job."""
        # An envelope that got in unchecked may call its workflow anything.
        workflow = None if workflow_id is None else _name(workflow_id)
        return JobLog(self.writer, LineIds(job_id, workflow, order_id, stage))

    def order(self, order_id: str, workflow_id: str | None = None) -> JobLog:
        """Return the lines of one order, outside any job."""
        return JobLog(self.writer, LineIds(None, workflow_id, order_id, None))

    def worker_started(self, executor_id: str, queues: tuple[tuple[str, str, int], ...]) -> None:
        """Say which (stage, queue, concurrency) this worker serves."""
        self.writer.write("info", f"🚀 {_MARK} Initializing all processors, executor {executor_id}")
        for stage, queue, concurrency in queues:
            self.writer.write(
                "info",
                f"🔧 {_MARK} Registering processor for {stage} on queue {queue} "
                f"with concurrency {concurrency}",
            )
        self.writer.write("info", f"🎉 {_MARK} All processors initialized successfully")

    def draining(self, signal_name: str) -> None:
        """Say that no new job is begun."""
        self.writer.write(
            "info", f"🧹 {_MARK} Cleaning up registered processors... ({signal_name}: draining)"
        )

    def stopped(self, left: int) -> None:
        """Say that the worker is gone, and how many jobs others will take over."""
        tail = "" if left == 0 else f"; {left} unfinished jobs go to the next worker"
        self.writer.write("info", f"✅ {_MARK} Worker stopped{tail}")

    def recovered(self, executor_id: str, jobs: int) -> None:
        """Say that a dead worker's jobs are taken over."""
        self.writer.write("warning", f"🚑 Lease of worker {executor_id} ran out: recovering {jobs} jobs")

    def lease_lost(self, executor_id: str) -> None:
        """Say that this worker must stop: others have been told it is dead."""
        self.writer.write("error", f"🛑 Lease of worker {executor_id} (this one) ran out: stopping")

    def envelope_refused(self, message: str) -> None:
        """Say that somebody tried to queue something that is no job."""
        self.writer.write("error", f"🚫 Refused to queue a job: {in_one_line(message)}")

    def engine(self, level: str, message: str) -> None:
        """Pass on what the job engine itself has to say."""
        self.writer.write(level, f"⚙️ dbos: {printable(message)}")

    def pruned(self, jobs: int) -> None:
        """Say that finished jobs past their keep were deleted."""
        self.writer.write("info", f"🗑️ Pruned {jobs} finished jobs")


def _name(text: str) -> str:
    return printable(text[:_LONGEST_NAME])
