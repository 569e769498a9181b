"""`http`: requests one after the other, each with what it expects of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from logwatch.evidence.escape import escape
from logwatch.evidence.redact import redact
from logwatch.timespec import format_span
from logwatch.verify.checklist import Item
from logwatch.verify.json_path import FORM, JsonPath
from logwatch.verify.kinds.http_expect import JSON, STATUS, Expectation, expectation, parsed, written
from logwatch.verify.kinds.kind import Kind
from logwatch.verify.placeholders import ENVIRONMENT, fault_of, fill, names_in, without_values
from logwatch.verify.web import Answer, NoAnswer, request
from logwatch.verify.work import Context, Result, failed, passed, unknown
from logwatch.yamlfiles.fields import Field, Fields, ListOf, Values
from logwatch.yamlfiles.fieldtypes import Choice, Span, Text
from logwatch.yamlfiles.fieldtypes import Json as Schema
from logwatch.yamlfiles.nodes import Node
from logwatch.yamlfiles.reader import Reader

_PROGRESS = "progress"
_LONGEST_EXCERPT = 500


@dataclass(frozen=True, slots=True)
class Step:
    """One request. Texts may hold placeholders; only what is written in the checklist is ever shown of them.

    `keep` names values of the answer for later steps. `within`: it is repeated until the answer is as
    expected, and fails after that time.
    """

    method: str
    url: str
    expected: Expectation
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    keep: Mapping[str, JsonPath] = field(default_factory=dict)
    within: timedelta | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.url}"

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything in which placeholders are filled in."""
        return (self.url, self.body, *self.headers.values())


class _Progress(msgspec.Struct):
    """How far the steps of a run have come, an interruption included; `began` is when the step at hand did."""

    done: int = 0
    began: datetime | None = None
    kept: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class HttpWork:
    """Takes the steps in order. One that was taken is not taken again, whatever interrupts the others."""

    steps: tuple[Step, ...]

    def run(self, item: Item, context: Context) -> Result:
        """Return a pass when all steps were taken; what is wrong with the first that could not be.

        Nobody answering is inconclusive; an answer that is not as expected fails, once `within` is over.
        """
        progress = _recalled(item, context)
        last = ""
        for number, step in enumerate(self.steps[progress.done :], start=progress.done + 1):
            begun, progress.began = progress.began is not None, progress.began or context.now
            if step.within and not begun:
                _remember(item, context, progress)
            try:
                answer = self._ask(step, context, progress)
            except NoAnswer as error:
                return self._not_yet(number, step, str(error), progress.began, context)
            last = f"status {answer.status}"
            fault = step.expected.fault(answer) or self._keep(step, answer, progress)
            if fault is not None:
                return self._not_yet(number, step, fault, progress.began, context, answer)
            progress.done, progress.began = number, None
            _remember(item, context, progress)
        return passed(
            escape(f"{len(self.steps)} of {len(self.steps)} steps; {self.steps[-1]}: {last or 'as before'}")
        )

    def _ask(self, step: Step, context: Context, progress: _Progress) -> Answer:
        def filled(text: str) -> str:
            return fill(text, context.window.deployment, context.environment, progress.kept)

        headers = {name: filled(text) for name, text in step.headers.items()}
        return request(step.method, filled(step.url), headers, filled(step.body).encode())

    def _keep(self, step: Step, answer: Answer, progress: _Progress) -> str | None:
        """Keep what later steps need; return what is missing, None where nothing is."""
        document = parsed(answer) if step.keep else None
        for name, path in step.keep.items():
            values = path.find(document.value) if document else []
            if not values:
                return f"nothing at {path.text} to keep as '{name}'"
            progress.kept[name] = written(values[0])
        return None

    def _not_yet(
        self,
        number: int,
        step: Step,
        fault: str,
        began: datetime,
        context: Context,
        answer: Answer | None = None,
    ) -> Result:
        fault = _without_secrets(fault, step, context)
        said = escape(f"step {number} of {len(self.steps)}, {step}: {fault}")
        if step.within is not None and context.now < began + step.within:
            return unknown(f"{said}; asked again for up to {format_span(began + step.within - context.now)}")
        if step.within is not None:
            said += f", after {format_span(step.within)}"
        elif answer is None:
            return unknown(said)
        result = failed(said)
        if answer is None:
            return result
        body = _without_secrets(answer.body.decode("utf-8", "backslashreplace"), step, context)
        return Result(result.status, result.summary, evidence=_excerpt(body))


def _without_secrets(text: str, step: Step, context: Context) -> str:
    """Return `text` without what the environment gave to the request: an answer may repeat it."""
    names = {name for filled in step.texts for name in names_in(filled) if name.startswith(ENVIRONMENT)}
    return without_values(text, context.environment, [name.removeprefix(ENVIRONMENT) for name in names])


def _excerpt(body: str) -> tuple[str, ...]:
    """Return the beginning of what was answered, without secrets and safe to show."""
    text = redact(body, keep=_LONGEST_EXCERPT)
    return tuple(escape(line) for line in text.splitlines() if line.strip())


def _recalled(item: Item, context: Context) -> _Progress:
    told = context.memory.recall(item.id, _PROGRESS)
    return msgspec.json.decode(told, type=_Progress) if told else _Progress()


def _remember(item: Item, context: Context, progress: _Progress) -> None:
    context.memory.remember(item.id, _PROGRESS, msgspec.json.encode(progress).decode())


@dataclass(frozen=True, slots=True)
class _TextsByName:
    """A mapping of names to texts; each text must match `form`."""

    text: Text

    def read(self, reader: Reader, node: Node, what: str) -> dict[str, str] | None:
        entries = reader.mapping(node, what)
        if entries is None:
            return None
        read = {name: self.text.read(reader, value, f"'{name}'") for name, value in entries.items()}
        return {name: text for name, text in read.items() if text is not None}

    def schema(self) -> Schema:
        return {"type": "object", "additionalProperties": self.text.schema()}


METHOD = Field("method", Choice(("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")), "default GET")
URL = Field(
    "url", Text(r"\S+", "https://host/path"), "where to; ${env.NAME} and ${deployment.id} are filled in", True
)
HEADERS = Field("headers", _TextsByName(Text()), "headers by name; secrets as ${env.NAME}")
BODY = Field("body", Text(), "what is sent")
KEEP = Field(
    "keep", _TextsByName(Text(FORM, "id or drafts[0].id")), "names for values of the answer, for later steps"
)
WITHIN = Field("within", Span(), "repeat until the answer is as expected, and fail after this long")
_STEP = Fields((METHOD, URL, HEADERS, BODY, STATUS, JSON, KEEP, WITHIN))
STEPS = Field("steps", ListOf(_STEP, "step"), "the requests, in order", required=True)


def _check(reader: Reader, values: Values) -> None:
    """Note placeholders that stand for nothing."""
    kept: tuple[str, ...] = ()
    for step in values.get(STEPS) or ():
        headers = " ".join((step.get(HEADERS) or {}).values())
        texts = ((URL, step.get(URL)), (BODY, step.get(BODY)), (HEADERS, headers))
        for where, text in texts:
            for name in names_in(text or ""):
                fault = fault_of(name, kept)
                if fault is not None:
                    reader.problem(step.location(where), fault)
        kept += tuple(step.get(KEEP) or ())


def _build(values: Values) -> HttpWork:
    return HttpWork(
        tuple(
            Step(
                step.get(METHOD) or "GET",
                step[URL],
                expectation(step),
                step.get(HEADERS) or {},
                step.get(BODY) or "",
                {name: JsonPath(path) for name, path in (step.get(KEEP) or {}).items()},
                step.get(WITHIN),
            )
            for step in values[STEPS]
        )
    )


HTTP_KIND = Kind(Fields((STEPS,)), _build, check=_check, live=True)
