"""The shipped rules as a loop over lines, as everybody writes it first. Prints "rule name count" lines."""

import re
import sys
from collections import Counter
from datetime import datetime

counts: Counter[str] = Counter()
seconds: Counter[str] = Counter()
since: dict[tuple[str, str], datetime] = {}

COUNTED = {
    "unknown-workflow-stage matches": r"Unknown workflow stage",
    "missing-stage-field matches": r"Job data missing required field: stage\b",
    "background-image-processor-error matches": r"PROCESSOR ERROR.*background_image_processing",
    "foreign-key-violation matches": r"[Ff]oreign key constraint violat|FOREIGN KEY constraint failed",
    "background-image-run started": r"processBackgroundImageProcessing - Starting",
    "background-image-run completed": r"Background image processing completed",
    "background-image-run failed": r"Background image processing failed",
    "background-image-run skipped": r"skipping background image processing",
    "queueing": r"ASYNC MODE: Queueing image processing in background",
    "queued": r"Background image processing job queued successfully",
    "fetching": r"Fetching product drafts from database",
    "processing": r"Processing \d+ product drafts? for images",
    "session": r"Created image review session",
    "manual-image-uploads matches": r"Manual image upload for purchase order (\S+)",
}
SUMMED = {
    "image-attachment numerator": r"- Images found for: (\d+) products?\b",
    "image-attachment denominator": r"- Processed: (\d+)/\d+ drafts?\b",
}
PAIRED = {
    "background-job": (
        r"PROCESSOR TRIGGERED for background_image_processing job (\S+)",
        r"Completed background_image_processing job (\S+) in (\d+)ms",
    ),
    "background-job-queued": (
        r"Job added to background-image-processing with ID: (\S+)",
        r"PROCESSOR TRIGGERED for background_image_processing job (\S+)",
    ),
    "workflow": (r"Starting workflow (\S+)", r"Completing workflow (\S+)"),
}
counted = {name: re.compile(pattern) for name, pattern in COUNTED.items()}
summed = {name: re.compile(pattern) for name, pattern in SUMMED.items()}
paired = {name: (re.compile(start), re.compile(end)) for name, (start, end) in PAIRED.items()}

with open(sys.argv[1], encoding="utf-8", errors="backslashreplace") as log:  # noqa: PTH123  as everybody writes it
    for line in log:
        for name, pattern in counted.items():
            if pattern.search(line):
                counts[name] += 1
        for name, pattern in summed.items():
            if found := pattern.search(line):
                counts[name] += int(found[1])
        for name, (start, end) in paired.items():
            if found := start.search(line):
                since[name, found[1]] = datetime.fromisoformat(line.split(" ", 1)[0])
            if (found := end.search(line)) and (begun := since.pop((name, found[1]), None)):
                counts[f"{name} completed"] += 1
                seconds[name] += (datetime.fromisoformat(line.split(" ", 1)[0]) - begun).total_seconds()

for name in counts:
    print(name, counts[name])  # noqa: T201
