"""What logwatch is measured beside: tools that people use for the same question, with equivalent programs.

Each contender is a command that reads a log, and a reading of its output: the counts that it found, by the names of
`Truth`, so that nothing is called fast that is wrong.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench.worlds import GREPS

Counts = Mapping[str, int]
_PROGRAMS = Path(__file__).with_name("programs")

PATTERNS = (
    r"Unknown workflow stage",
    r"Job data missing required field: stage",
    r"PROCESSOR ERROR.*background_image_processing",
    r"[Ff]oreign key constraint violat|violates foreign key constraint|FOREIGN KEY constraint failed",
    r"PROCESSOR TRIGGERED for background_image_processing job \S+",
    r"Completed background_image_processing job \S+ in \d+ms",
    r"Job added to background-image-processing with ID: \S+",
    r"Starting workflow \S+",
    r"Completing workflow \S+",
    r"processBackgroundImageProcessing - Starting",
    r"Background image processing (completed|failed)|skipping background image processing",
    r"ASYNC MODE: Queueing image processing in background",
    r"Background image processing job queued successfully",
    r"Fetching product drafts from database",
    r"Processing \d+ product drafts? for images",
    r"Created image review session",
    r"- Images found for: \d+ products?",
    r"- Processed: \d+/\d+ drafts?",
    r"Manual image upload for purchase order \S+",
)
"""The shipped rules, as far as one pattern a line goes."""
_MTAIL_NAMES = {
    "unknown_workflow_stage": "unknown-workflow-stage matches",
    "processor_error": "background-image-processor-error matches",
    "jobs_started": "background-job attempts",
    "jobs_completed": "background-job completed",
    "jobs_queued": "background-job-queued started",
    "workflows_started": "workflow started",
    "runs_started": "background-image-run started",
    "runs_completed": "background-image-run completed",
    "images_found": "image-attachment numerator",
    "drafts_processed": "image-attachment denominator",
}


@dataclass(frozen=True)
class Contender:
    """A tool. `counts` reads its output. `slow`: it gets a smaller log of the same shape."""

    name: str
    command: Callable[[Path], list[str]]
    counts: Callable[[str], Counts]
    slow: bool = False

    def run(self, log: Path) -> str:
        """Run it to its end and return what it writes, through a pipe: to /dev/null, grep stops at its first match."""
        done = subprocess.run(self.command(log), capture_output=True, text=True, check=False)
        if done.returncode not in {0, 1, 3}:  # 1 and 3 are answers of grep and logwatch
            raise RuntimeError(f"{self.name} exits with {done.returncode}: {done.stderr}")
        return done.stdout


def logwatch(jobs: int) -> Contender:
    """Return logwatch itself, with its shipped rules."""
    program = [sys.executable, "-m", "logwatch", "check", "--format", "json", "--jobs", str(jobs)]
    return Contender(f"logwatch --jobs {jobs}", lambda log: [*program, str(log)], _of_logwatch)


def greps() -> Contender:
    """Return the incident page's four greps, one after the other."""
    script = "".join(f"grep '{pattern}' \"$1\" | wc -l\n" for pattern in GREPS)
    return Contender(
        "the four greps",
        lambda log: ["sh", "-c", script, "sh", str(log)],
        lambda output: {f"grep {p}": int(n) for p, n in zip(GREPS, output.split(), strict=True)},
    )


def ripgrep() -> Contender:
    """Return ripgrep with all patterns at once."""
    beside = Path(sys.executable).with_name("rg")
    program = [str(beside) if beside.exists() else "rg", "--count"]
    for pattern in PATTERNS:
        program += ["-e", pattern]
    return Contender("ripgrep", lambda log: [*program, str(log)], lambda output: {"matching": int(output)})


def mawk() -> Contender:
    """Return mawk with a program that counts, pairs and adds up."""
    program = str(_PROGRAMS / "check.awk")
    return Contender("mawk", lambda log: ["mawk", "-f", program, str(log)], _of_lines)


def mtail() -> Contender:
    """Return mtail with a program that does the same; its pairs are counted without regard to their order."""
    program = [
        "mtail",
        "--one_shot",
        "--one_shot_format",
        "prometheus",
        "--progs",
        str(_PROGRAMS / "mtail"),
        "--logs",
    ]
    return Contender("mtail", lambda log: [*program, str(log)], _of_mtail, slow=True)


def line_loop() -> Contender:
    """Return a loop over the lines in Python."""
    program = [sys.executable, str(_PROGRAMS / "loop.py")]
    return Contender("Python line loop", lambda log: [*program, str(log)], _of_lines, slow=True)


def decompressor() -> Contender:
    """Return the bare decompression of a gzip file, block by block, by the library that logwatch uses."""
    program = (
        "import sys; from isal import igzip\nfile = igzip.open(sys.argv[1])\nwhile file.read(1 << 20): pass"
    )
    return Contender("decompressor", lambda log: [sys.executable, "-c", program, str(log)], lambda _: {})


def missing(contender: Contender) -> bool:
    """Whether its program is not installed."""
    return shutil.which(contender.command(Path())[0]) is None


def _of_logwatch(output: str) -> Counts:
    counts = {
        (rule["id"], name): n for rule in json.loads(output)["rules"] for name, n in rule["counts"].items()
    }
    return {f"{rule} {name}": n for (rule, name), n in counts.items() if not isinstance(n, dict)}


def _of_lines(output: str) -> Counts:
    lines = (line.rpartition(" ") for line in output.splitlines())
    return {name: int(n) for name, _, n in lines}


def _of_mtail(output: str) -> Counts:
    lines = (line.split() for line in output.splitlines() if line and not line.startswith("#"))
    values = {name.partition("{")[0]: value for name, value in lines}
    return {said: int(float(values[name])) for name, said in _MTAIL_NAMES.items()}
