"""What the pipeline tells the world: log lines and metrics, in one place so that they cannot drift apart."""

from .lines import JobLog, PipelineLog
from .metrics import PipelineMetrics
from .writer import LineWriter, LogFormat

__all__ = ["JobLog", "LineWriter", "LogFormat", "PipelineLog", "PipelineMetrics"]
