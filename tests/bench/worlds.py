"""Logs of known truth for measurements: seeded, of any size, in the shapes that decide how fast a reader is.

Workers run workflows; of each, the lines that rules ask for are written in the order in which a healthy worker
writes them, some jobs fail, some are tried again, some never end. Between them stands what nobody asks for. The
same seed gives the same bytes.
"""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

BEGIN = datetime(2025, 10, 11, tzinfo=UTC)
_STEP_MILLISECONDS = 20
"""Lines follow each other by as much at most: a gigabyte is about a day."""
_AT_ONCE = 4
"""Workflows that run at the same time."""
_SILENCE = timedelta(minutes=30)
_BUFFER = 1 << 20


@dataclass(frozen=True)
class Shape:
    """How a log looks. `matching` is the share of its lines that rules ask for, `multi_line` that of records that go on
    over several lines.
    """

    name: str
    matching: float
    json_lines: bool = False
    multi_line: float = 0.0
    newest_first: bool = False
    gzipped: bool = False

    @property
    def file_name(self) -> str:
        """The name of its file."""
        return f"{self.name}.{'ndjson' if self.json_lines else 'log'}{'.gz' if self.gzipped else ''}"


SHAPES = {
    shape.name: shape
    for shape in (
        Shape("sparse", 0.01),
        Shape("dense", 0.6),
        Shape("json", 0.6, json_lines=True),
        Shape("multi-line", 0.05, multi_line=0.5),
        Shape("newest-first", 0.01, newest_first=True),
        Shape("gz", 0.01, gzipped=True),
    )
}


@dataclass
class Truth:
    """What a log holds.

    `counts` are those of the shipped rules, each named like `background-job started`; `greps` are lines by pattern,
    `matching` those that some rule asks for.
    """

    lines: int = 0
    bytes: int = 0
    matching: int = 0
    first: str = ""
    last: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    greps: Counter[str] = field(default_factory=Counter)


GREPS = (
    "Unknown workflow stage",
    "PROCESSOR ERROR.*background_image_processing",
    "processBackgroundImageProcessing - Starting",
    "Background image processing completed",
)
"""What the incident's page tells people to run."""
_GREPPED = {
    "unknown": GREPS[:1],
    "error": GREPS[1:2],
    "error unknown": GREPS[:2],
    "starting": GREPS[2:3],
    "completed": GREPS[3:4],
}


@dataclass(frozen=True)
class Said:
    """A line of a workflow. `grepped` is the key of the greps that find it."""

    text: str
    level: str = "info"
    grepped: str = ""


class World:
    """Writes one log, line by line; what it writes is counted in `truth`."""

    def __init__(self, shape: Shape, seed: int) -> None:
        self._shape = shape
        self._random = random.Random(seed)
        self._moment = BEGIN
        self._workflows = 0
        self._running: list[deque[Said]] = []
        self._stopping = False
        self.truth = Truth()

    def lines(self, size: int) -> Iterator[bytes]:
        """Yield records of about `size` bytes in all, oldest first, then what is needed to let every workflow end."""
        chance, matching = self._random.random, self._shape.matching
        written = 0
        while True:
            self._stopping = written >= size
            if self._stopping and not self._running:
                break
            said = self._next() if chance() < matching else None
            self.truth.matching += said is not None
            line = self._line(said or Said(self._noise()))
            written += len(line)
            yield line
        self._moment += _SILENCE  # what has not ended by now has timed out
        yield self._line(Said(self._noise()))
        self.truth.last = self._shown()

    def _next(self) -> Said | None:
        """Return the next line of one of the running workflows."""
        if not self._stopping:
            while len(self._running) < _AT_ONCE:
                self._running.append(deque(self._workflow()))
        if not self._running:
            return None
        number = self._random.randrange(len(self._running))
        workflow = self._running[number]
        said = workflow.popleft()
        if not workflow:
            self._running.pop(number)
        return said

    def _line(self, said: Said) -> bytes:
        truth, shape = self.truth, self._shape
        self._moment += timedelta(milliseconds=self._random.randint(0, _STEP_MILLISECONDS))
        truth.first = truth.first or self._shown()
        for pattern in _GREPPED.get(said.grepped, ()):
            truth.greps[pattern] += 1
        if shape.json_lines:
            line = self._json(said)
        else:
            line = f"{self._shown()} [{said.level}] {said.text}\n".encode()
            if shape.multi_line and self._random.random() < shape.multi_line:
                line += self._dump()
        truth.lines += line.count(b"\n")
        truth.bytes += len(line)
        return line

    def _shown(self) -> str:
        return self._moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _json(self, said: Said) -> bytes:
        record = {
            "id": f"{self._random.getrandbits(64):020d}",
            "timestamp": int(self._moment.timestamp() * 1000),
            "level": said.level,
            "source": "lambda",
            "host": "app.example.com",
            "message": said.text,
            "requestId": f"iad1::{self._random.getrandbits(32):08x}",
        }
        return json.dumps(record, ensure_ascii=False).encode() + b"\n"

    def _dump(self) -> bytes:
        order = self._random.getrandbits(40)
        dumped = (
            "{",
            f"  purchaseOrderId: 'po_{order:010x}',",
            "  hasAiResult: false,",
            "  hasDbResult: true,",
            f"  productDraftCount: {order % 9}",
            "}",
        )
        return "".join(f"{line}\n" for line in dumped).encode()

    def _noise(self) -> str:
        number = self._random.getrandbits(32)
        return _NOISE[number % len(_NOISE)].format(number, number % 97, number % 13)

    def _workflow(self) -> Iterator[Said]:
        """Yield the lines of one workflow and its background job, and count what rules make of them."""
        count = self.truth.counts
        self._workflows += 1
        job, name = (
            self._workflows,
            f"workflow_{1760000000000 + self._workflows}_{self._random.getrandbits(40):09x}",
        )
        fate = self._random.random()
        count.update(
            (
                "workflow started",
                "workflow completed",
                "background-job-queued started",
                "background-job-queued completed",
                "background-job started",
            )
        )
        yield Said(f"🎬 Starting workflow {name} for file: PO-{job}.pdf")
        yield Said("⚡ ASYNC MODE: Queueing image processing in background, continuing workflow immediately")
        yield Said(f"✅ [PERMANENT FIX] Job added to background-image-processing with ID: {job}")
        yield Said("✅ Background image processing job queued successfully")
        yield Said(f"🎉 Completing workflow {name}")
        yield Said(f"🎉 Completing workflow {name}")
        count["workflow duplicate_end"] += 1
        count["background-job attempts"] += 1
        yield Said(f"🎯 [PERMANENT FIX] PROCESSOR TRIGGERED for background_image_processing job {job}")
        if fate < 0.01:
            count.update(
                (
                    "background-job failed",
                    "unknown-workflow-stage matches",
                    "background-image-processor-error matches",
                )
            )
            yield self._refused(job)
            return
        if fate < 0.03:
            count.update(
                (
                    "background-job attempts",
                    "unknown-workflow-stage matches",
                    "background-image-processor-error matches",
                    "background-job-queued duplicate_end",
                )
            )
            yield self._refused(job)
            yield Said(f"🎯 [PERMANENT FIX] PROCESSOR TRIGGERED for background_image_processing job {job}")
        count["background-image-run started"] += 1
        yield Said(
            "🖼️🔄 processBackgroundImageProcessing - Starting async image processing...", grepped="starting"
        )
        yield Said("📥 Fetching product drafts from database...")
        drafts = self._random.randint(1, 9)
        found = self._random.randint(1, drafts)
        yield Said(f"🖼️🔄 Processing {drafts} product drafts for images...")
        yield Said("🖼️🔄 Background image processing completed:", grepped="completed")
        yield Said(f"   - Processed: {drafts}/{drafts} drafts")
        yield Said(f"   - Images found for: {found} products")
        count.update(
            {
                "background-image-run completed": 1,
                "image-attachment denominator": drafts,
                "image-attachment numerator": found,
            }
        )
        yield Said(f"✅ Created image review session: cm{self._random.getrandbits(90):023x}")
        if fate < 0.031:
            count["background-job timed_out"] += 1
            return
        count["background-job completed"] += 1
        took = self._random.randint(20, 900)
        yield Said(f"✅ [PERMANENT FIX] Completed background_image_processing job {job} in {took}ms")

    @staticmethod
    def _refused(job: int) -> Said:
        return Said(
            f"💥 [PERMANENT FIX] PROCESSOR ERROR in background_image_processing job {job} after 0ms: "
            "Unknown workflow stage: undefined",
            "error",
            "error unknown",
        )


def write_world(shape: Shape, size: int, seed: int, directory: Path) -> tuple[Path, Truth]:
    """Write a log of about `size` bytes (before compression) and return where it is and what it holds."""
    path = directory / shape.file_name
    world = World(shape, seed)
    with gzip.open(path, "wb", 6) if shape.gzipped else path.open("wb", _BUFFER) as file:
        file.writelines(world.lines(size))
    if shape.newest_first:
        _turn(path)
    return path, world.truth


def _turn(path: Path) -> None:
    """Write the lines of a file last first."""
    turned = path.with_suffix(".turned")
    with path.open("rb") as file, turned.open("wb", _BUFFER) as into:
        end = file.seek(0, 2)
        begun = b""
        while end:
            start = max(0, end - _BUFFER)
            file.seek(start)
            begun, *whole = (file.read(end - start) + begun).splitlines(keepends=True)
            into.writelines(reversed(whole))
            end = start
        into.write(begun)
    turned.replace(path)


_NOISE = (
    "🔌 [REDIS] Connecting to 127.0.0.1:{1}",
    "📊 Updated workflow workflow_{0}: image_attachment -> completed",
    "📋 [PERMANENT FIX] Adding job to queue: shopify-sync",
    "✅ [PERMANENT FIX] Found registered queue for shopify-sync (job type: shopify_sync)",
    "🎯 [PERMANENT FIX] PROCESSOR TRIGGERED for shopify_sync job {1}",
    "🎭 Processing job for stage: image_attachment",
    "🔍 [{2}/13] Searching images for: Green Tea {0}",
    "   ✅ Found {2} images via scraping",
    "   💾 Saved {2} images to database",
    'GET /api/orders/{0} 200 {1}ms user-agent="Mozilla/5.0 (X11; Linux x86_64)" bytes={0}',
    "🛍️ Syncing purchase order po_{0} to Shopify...",
    "✅ [PERMANENT FIX] Completed image_attachment job {1} in {2}ms",
)
