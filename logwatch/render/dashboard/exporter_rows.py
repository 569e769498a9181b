"""Rows of what is read, and of the exporter that reads it."""

from __future__ import annotations

from logwatch.render.dashboard.panels import NONE_IS_GOOD, Form, Panel, Query, Row
from logwatch.render.dashboard.queries import STEP, at, grown, rate
from logwatch.serve import names

_INPUT = "{{input}} {{instance}}"
_HERE = "{{instance}}"


def sources_row() -> Row:
    """Return the row of logs: what is read of them, and how far behind."""
    by = f"{names.INPUT}, instance"
    return Row(
        "Sources",
        (
            Panel("Lines a second", Form.LINES, (Query(rate(by, names.LINES_READ), _INPUT),), columns=6),
            Panel(
                "Bytes a second", Form.LINES, (Query(rate(by, names.READ_BYTES), _INPUT),), "Bps", columns=6
            ),
            Panel(
                "Behind what is written", Form.LINES, (Query(at(names.INPUT_LAG), _INPUT),), "s", columns=6
            ),
            Panel("Unread", Form.LINES, (Query(at(names.INPUT_UNREAD_BYTES), _INPUT),), "bytes", columns=6),
            Panel(
                "Since the last event",
                Form.LINES,
                (Query(f"time() - {at(names.INPUT_LAST_EVENT)}", _INPUT),),
                "s",
                columns=6,
            ),
            Panel(
                "Rotations, truncations, losses",
                Form.LINES,
                tuple(
                    Query(grown(by, STEP, name), f"{_INPUT} {said}")
                    for said, name in (
                        ("rotated", names.INPUT_ROTATIONS),
                        ("truncated", names.INPUT_TRUNCATIONS),
                        ("lost", names.INPUT_GAPS),
                    )
                ),
                columns=6,
                bars=True,
            ),
            Panel(
                "Records with something wrong",
                Form.LINES,
                (
                    Query(
                        grown(f"{by}, {names.REASON}", STEP, names.PARSE_ERRORS), f"{_INPUT} {{{{reason}}}}"
                    ),
                ),
                columns=6,
                bars=True,
            ),
            Panel(
                "Cannot be read",
                Form.STAT,
                (Query(f"sum by (instance) ({at(names.INPUT_UNREADABLE)})", _HERE, now=True),),
                columns=6,
                steps=NONE_IS_GOOD,
            ),
        ),
    )


def exporter_row() -> Row:
    """Return the row of the exporters themselves."""
    yes_no = {1: ("yes", "green"), 0: ("no", "red")}
    return Row(
        "Exporter",
        (
            Panel("Answers", Form.STAT, (Query(at("up"), _HERE, now=True),), columns=4, says=yes_no),
            Panel(
                "Configuration loaded",
                Form.STAT,
                (Query(at(names.CONFIG_RELOAD_SUCCESSFUL), _HERE, now=True),),
                columns=4,
                says=yes_no,
            ),
            Panel(
                "Version",
                Form.STAT,
                (Query(at(names.BUILD_INFO), "{{instance}} {{version}}", now=True),),
                columns=4,
                says={1: ("", "text")},
            ),
            Panel(
                "State stored",
                Form.LINES,
                (
                    Query(grown("instance", STEP, names.STATE_COMMITS), _HERE),
                    Query(grown("instance", STEP, names.STATE_COMMIT_FAILURES), f"{_HERE} failed"),
                ),
                columns=6,
            ),
            Panel(
                "Behind the clock",
                Form.LINES,
                (Query(f"time() - {at(names.WATERMARK)}", _HERE),),
                "s",
                columns=6,
            ),
            Panel(
                "What should not happen",
                Form.LINES,
                (
                    Query(grown("rule", STEP, names.REGEX_TIMEOUTS), "{{rule}} pattern out of time"),
                    Query(grown("rule", STEP, names.LABEL_VALUES_DROPPED), "{{rule}} too many label values"),
                    Query(grown("instance", STEP, names.LATE_EVENTS), f"{_HERE} events too late"),
                    Query(grown("instance", STEP, names.STATE_DAMAGED), f"{_HERE} state damaged"),
                ),
                columns=24,
                bars=True,
            ),
        ),
    )
