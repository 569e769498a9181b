"""`rules`: what `logwatch check` would say of the window since the deployment went live."""

from __future__ import annotations

from dataclasses import dataclass

from logwatch.verdict.verdict import Assurance
from logwatch.verify.checklist import Item
from logwatch.verify.kinds.kind import Kind
from logwatch.verify.logs import Question, judge_logs
from logwatch.verify.work import Context, Result
from logwatch.yamlfiles.fields import Field, Fields, Values
from logwatch.yamlfiles.fieldtypes import Choice, Texts

RULES = Field("rules", Texts(unique=True), "the rules to judge; all of them decide", required=True)
ASSURANCE = Field(
    "assurance",
    Choice(tuple(a.value for a in Assurance)),
    "how much a pass must rule out (else as configured)",
)


@dataclass(frozen=True, slots=True)
class RulesWork:
    """Judges `rules` over the window."""

    rules: tuple[str, ...]
    assurance: Assurance | None = None

    def run(self, item: Item, context: Context) -> Result:
        """Return the verdict of the rules."""
        return judge_logs(Question(self.rules, self.assurance), context)


def _build(values: Values) -> RulesWork:
    assurance = values.get(ASSURANCE)
    return RulesWork(values[RULES], Assurance(assurance) if assurance else None)


RULES_KIND = Kind(Fields((RULES, ASSURANCE)), _build, rules=RULES)
