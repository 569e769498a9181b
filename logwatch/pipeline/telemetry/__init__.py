"""What the pipeline tells the world: log lines and metrics, in one place so that they cannot drift apart."""

from .clock import Clock, MachineClock
from .lines import JobLog, PipelineLog
from .metrics import PipelineMetrics
from .text import in_one_line, printable
from .writer import LineWriter, LogFormat

__all__ = [
    "Clock",
    "JobLog",
    "LineWriter",
    "LogFormat",
    "MachineClock",
    "PipelineLog",
    "PipelineMetrics",
    "in_one_line",
    "printable",
]
