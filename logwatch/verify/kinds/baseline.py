"""`baseline`: a rate or a count, against a window that was pinned while all was well."""

from __future__ import annotations

from dataclasses import dataclass

from logwatch.baselines import load_baseline
from logwatch.verdict.verdict import Assurance
from logwatch.verify.checklist import Item
from logwatch.verify.kinds.kind import Kind
from logwatch.verify.kinds.rules import ASSURANCE, RULES
from logwatch.verify.logs import Question, judge_logs
from logwatch.verify.work import Context, Result, unknown
from logwatch.yamlfiles.fields import Field, Fields, Values
from logwatch.yamlfiles.fieldtypes import Text

BASELINE = Field("baseline", Text(), "the name of the pinned window", required=True)


@dataclass(frozen=True, slots=True)
class BaselineWork:
    """Judges `rules` over the window against the pinned window called `baseline`."""

    rules: tuple[str, ...]
    baseline: str
    assurance: Assurance | None = None

    def run(self, item: Item, context: Context) -> Result:
        """Return the verdict of the rules; inconclusive where the pinned window has no tally of one."""
        tallies = load_baseline(context.logs.config.baselines, self.baseline).tallies
        missing = [rule for rule in self.rules if rule not in tallies]
        if missing:
            names = ", ".join(missing)
            return unknown(
                f"baseline '{self.baseline}' knows nothing of {names}; pin it again: "
                f"logwatch baseline pin {self.baseline} --from TIME --to TIME"
            )
        return judge_logs(Question(self.rules, self.assurance, tallies), context)


def _build(values: Values) -> BaselineWork:
    assurance = values.get(ASSURANCE)
    return BaselineWork(values[RULES], values[BASELINE], Assurance(assurance) if assurance else None)


BASELINE_KIND = Kind(Fields((RULES, BASELINE, ASSURANCE)), _build, rules=RULES)
