"""Panels of rules whose records belong together: pairs, sequences, ratios."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from logwatch.render.dashboard.panels import ALL_IS_GOOD, Form, Panel, Query
from logwatch.render.dashboard.queries import RANGE, STEP, among, at, grown, quantile
from logwatch.ruleset.model import Rule
from logwatch.serve import names


def pairs(rules: Sequence[Rule]) -> Iterator[Panel]:
    """Yield success, outcomes, durations, and what is in flight."""
    these = among("pair", rules)

    def success(span: str) -> str:
        good = grown("pair", span, names.PAIR_COMPLETED, these)
        bad = (grown("pair", span, name, these) for name in (names.PAIR_FAILED, names.PAIR_TIMED_OUT))
        return f"{good} / ({' + '.join((good, *bad))})"

    yield Panel(
        "Success, of all that is shown",
        Form.GAUGE,
        (Query(success(RANGE), "{{pair}}", now=True),),
        unit="percentunit",
        steps=ALL_IS_GOOD,
    )
    yield Panel(
        "Success of the last hour",
        Form.LINES,
        (Query(success("1h"), "{{pair}}"),),
        unit="percentunit",
    )
    outcomes = {
        "completed": names.PAIR_COMPLETED,
        "failed": names.PAIR_FAILED,
        "timed out": names.PAIR_TIMED_OUT,
        "skipped": names.PAIR_SKIPPED,
    }
    yield _side_by_side("Runs by outcome", "pair", outcomes, these)
    shares = {"median": 0.5, "95th percentile": 0.95}
    yield Panel(
        "Durations of completed runs",
        Form.LINES,
        tuple(
            Query(quantile(share, "pair", names.PAIR_DURATION, these), f"{{{{pair}}}} {said}")
            for said, share in shares.items()
        ),
        unit="s",
    )
    yield Panel(
        "In flight",
        Form.LINES,
        (Query(f"sum by (pair) ({at(names.PAIR_IN_FLIGHT, these)})", "{{pair}}"),),
        columns=4,
    )
    yield Panel(
        "Age of the oldest in flight",
        Form.LINES,
        (Query(f"time() - min by (pair) ({at(names.PAIR_OLDEST_START, these)})", "{{pair}}"),),
        unit="s",
        columns=4,
    )
    oddities = {
        "late": names.PAIR_LATE_COMPLETIONS,
        "superseded": names.PAIR_SUPERSEDED,
        "evicted": names.PAIR_EVICTED,
        "lost with its log": names.PAIR_UNKNOWN_GAP,
    }
    strays = Query(grown("pair, oddity", STEP, names.PAIR_STRAYS, these), "{{pair}} {{oddity}}")
    odd = _side_by_side("What is odd", "pair", oddities, these)
    yield Panel(odd.title, odd.form, (*odd.queries, strays), bars=True)


def sequences(rules: Sequence[Rule]) -> Iterator[Panel]:
    """Yield how many reach each step."""
    these = among("sequence", rules)
    reached = grown("sequence, step", RANGE, names.SEQUENCE_REACHED, these)
    yield Panel(
        "Steps reached, of all that is shown",
        Form.GAUGE,
        (Query(reached, "{{sequence}}: {{step}}", now=True),),
    )
    yield Panel(
        "Steps reached",
        Form.LINES,
        (Query(grown("sequence, step", STEP, names.SEQUENCE_REACHED, these), "{{sequence}}: {{step}}"),),
    )
    yield Panel(
        "Ended before a step with nothing to do",
        Form.LINES,
        (Query(grown("sequence, step", STEP, names.SEQUENCE_SKIPPED, these), "{{sequence}}: {{step}}"),),
        bars=True,
    )


def ratios(rules: Sequence[Rule]) -> Iterator[Panel]:
    """Yield the ratios, and both of their sides."""
    these = among("ratio", rules)

    def share(span: str) -> str:
        above, below = (
            grown("ratio", span, name, these) for name in (names.RATIO_NUMERATOR, names.RATIO_DENOMINATOR)
        )
        return f"{above} / {below}"

    yield Panel(
        "Ratio, of all that is shown",
        Form.GAUGE,
        (Query(share(RANGE), "{{ratio}}", now=True),),
        unit="percentunit",
        steps=ALL_IS_GOOD,
    )
    yield Panel("Ratio of the last hour", Form.LINES, (Query(share("1h"), "{{ratio}}"),), unit="percentunit")
    sides = {"numerator": names.RATIO_NUMERATOR, "denominator": names.RATIO_DENOMINATOR}
    yield _side_by_side("Both sides", "ratio", sides, these)


def _side_by_side(title: str, by: str, counters: Mapping[str, str], these: str) -> Panel:
    queries = (Query(grown(by, STEP, name, these), f"{{{{{by}}}}} {said}") for said, name in counters.items())
    return Panel(title, Form.LINES, tuple(queries), bars=True)
