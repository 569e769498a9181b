"""What Prometheus knows the exporter by: the names of its metrics and of their labels.

Written once, for the exporter that exports them and for the alerts and dashboards that ask for them. Names are those
of samples: counters end in `_total`, a histogram's samples add `_bucket`, `_sum` and `_count`.
"""

from __future__ import annotations

import re

PREFIX = "logwatch"

# Labels.
RULE = "rule"
PAIR = "pair"
SEQUENCE = "sequence"
RATIO = "ratio"
STEP = "step"
WINDOW = "window"
INPUT = "input"
KEY = "key"
ODDITY = "oddity"
OUTCOME = "outcome"
REASON = "reason"

# Rules, by RULE.
RULE_MATCHES = f"{PREFIX}_rule_matches_total"
"""Records that match a rule, by the labels of the rule (`metric_label`), an expect rule with `expected` by KEY. Those
without any stand in the series that has no label but RULE; summed up they are RULE_RECORDS. Series come when their
values do."""
RULE_RECORDS = f"{PREFIX}_rule_matching_records_total"
"""Records that match a rule, whatever their labels: there from the beginning at 0, so that the first is an increase."""
RULE_VERDICT = f"{PREFIX}_rule_verdict"
"""1 pass, 0 fail, -1 inconclusive; by RULE and WINDOW. Rules for information have none."""
REGEX_TIMEOUTS = f"{PREFIX}_regex_timeouts_total"
LABEL_VALUES_DROPPED = f"{PREFIX}_label_values_dropped_total"

# Pairs, by PAIR: the id of the rule.
PAIR_STARTED = f"{PREFIX}_pair_started_total"
PAIR_COMPLETED = f"{PREFIX}_pair_completed_total"
PAIR_FAILED = f"{PREFIX}_pair_failed_total"
PAIR_SKIPPED = f"{PREFIX}_pair_skipped_total"
PAIR_TIMED_OUT = f"{PREFIX}_pair_timed_out_total"
PAIR_LATE_COMPLETIONS = f"{PREFIX}_pair_late_completions_total"
PAIR_EVICTED = f"{PREFIX}_pair_evicted_total"
PAIR_SUPERSEDED = f"{PREFIX}_pair_superseded_total"
PAIR_UNKNOWN_GAP = f"{PREFIX}_pair_unknown_gap_total"
PAIR_STRAYS = f"{PREFIX}_pair_stray_records_total"
"""Records that fit no run; by ODDITY."""
PAIR_DURATION = f"{PREFIX}_pair_duration_seconds"
"""A histogram of completed runs."""
PAIR_IN_FLIGHT = f"{PREFIX}_pair_in_flight"
PAIR_OLDEST_START = f"{PREFIX}_pair_oldest_start_timestamp_seconds"
"""The last start of the oldest run in flight; no sample while there is none."""

# Sequences, by SEQUENCE: the id of the rule.
SEQUENCE_REACHED = f"{PREFIX}_sequence_steps_reached_total"
"""Runs, or records of a funnel, that reached a step; by STEP."""
SEQUENCE_SKIPPED = f"{PREFIX}_sequence_steps_skipped_total"
"""Those that ended, legitimately, where STEP would have come next."""

SEQUENCE_RUNS = f"{PREFIX}_sequence_runs_total"
"""Runs of a sequence with a key; by OUTCOME."""

# Ratios, by RATIO: the id of the rule.
RATIO_NUMERATOR = f"{PREFIX}_ratio_numerator_total"
RATIO_DENOMINATOR = f"{PREFIX}_ratio_denominator_total"

# Measures, by RULE: histograms of what was captured, by its unit.
MEASURED_SECONDS = f"{PREFIX}_measured_seconds"
MEASURED_BYTES = f"{PREFIX}_measured_bytes"
MEASURED_VALUES = f"{PREFIX}_measured_values"

# What is read, by INPUT: the name of the file, journal or pipe.
LINES_READ = f"{PREFIX}_lines_read_total"
READ_BYTES = f"{PREFIX}_read_bytes_total"
PARSE_ERRORS = f"{PREFIX}_parse_errors_total"
"""Records by what is wrong with them, REASON: `undated` (no time of their own), `truncated`, `ahead` (dated in the
future, and passed over)."""
INPUT_UNREAD_BYTES = f"{PREFIX}_input_unread_bytes"
INPUT_LAG = f"{PREFIX}_input_lag_seconds"
"""How far reading is behind what is written; 0 where nothing is unread."""
INPUT_LAST_EVENT = f"{PREFIX}_input_last_event_timestamp_seconds"
INPUT_ROTATIONS = f"{PREFIX}_input_rotations_total"
INPUT_TRUNCATIONS = f"{PREFIX}_input_truncations_total"
INPUT_GAPS = f"{PREFIX}_input_gaps_total"
"""Times that something was lost before it could be read."""
INPUT_GAP_BYTES = f"{PREFIX}_input_gap_bytes_total"
INPUT_HALF_LINES = f"{PREFIX}_input_half_lines_total"
INPUT_NUL_BYTES = f"{PREFIX}_input_nul_bytes_total"
INPUT_UNREADABLE = f"{PREFIX}_input_unreadable"
"""1 while it cannot be read, else 0."""

# The exporter itself.
LATE_EVENTS = f"{PREFIX}_late_events_total"
WATERMARK = f"{PREFIX}_watermark_timestamp_seconds"
STATE_DAMAGED = f"{PREFIX}_state_damaged_total"
STATE_COMMITS = f"{PREFIX}_state_commits_total"
STATE_COMMIT_FAILURES = f"{PREFIX}_state_commit_failures_total"
CONFIG_RELOAD_SUCCESSFUL = f"{PREFIX}_config_last_reload_successful"
CONFIG_RELOAD_TIME = f"{PREFIX}_config_last_reload_success_timestamp_seconds"
BUILD_INFO = f"{PREFIX}_build_info"

_TAKEN = {
    RULE,
    PAIR,
    SEQUENCE,
    RATIO,
    STEP,
    WINDOW,
    INPUT,
    KEY,
    ODDITY,
    OUTCOME,
    REASON,
    "job",
    "instance",
    "le",
    "quantile",
}


def metric_label(name: str) -> str:
    """Return the label of Prometheus for a label of a rule: a capture or `attributes.NAME`.

    What Prometheus has a meaning for, or the exporter, gets `captured_` in front: it would be lost, or hide theirs.
    """
    label = exemplar_label(name)
    return f"captured_{label}" if label in _TAKEN or label.startswith("__") else label


def exemplar_label(name: str) -> str:
    """Return the label of an exemplar for a part of a rule's key; those have names of their own."""
    label = re.sub(r"[^a-zA-Z0-9_]", "_", name.removeprefix("attributes."))
    return f"captured_{label}" if label[0].isdigit() else label
