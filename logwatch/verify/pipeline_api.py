"""The job pipeline as its HTTP API shows it: one order in, and how far it has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import quote

import msgspec

from logwatch.verify.web import Answer, NoAnswer, request

T = TypeVar("T")


class Draft(msgspec.Struct, frozen=True):
    """One product of an order, and the images it has."""

    title: str = ""
    images: tuple[object, ...] = ()


class Order(msgspec.Struct, frozen=True):
    """One order; times are epoch milliseconds, None for what has not happened yet."""

    id: str
    status: str
    created_at_ms: int
    completed_at_ms: int | None = None
    images_at_ms: int | None = None
    review_session: str | None = None
    drafts: tuple[Draft, ...] = ()


class _Submitted(msgspec.Struct):
    id: str


class _Refusal(msgspec.Struct):
    error: str = ""


class Refused(Exception):  # noqa: N818 - it reads as what it says
    """The pipeline answered, and would not."""


@dataclass(frozen=True, slots=True)
class PipelineApi:
    """The API at `url`, asked as `merchant`; `token` is a secret, and None where only this machine may ask."""

    url: str
    merchant: str
    token: str | None = field(default=None, repr=False)

    def submit(self, filename: str, content: bytes) -> str:
        """Upload a purchase order; return its id. Raises `NoAnswer`, and `Refused` where it is not taken."""
        return self._ask(_Submitted, "POST", f"/purchase-orders?filename={quote(filename)}", content).id

    def order(self, order_id: str) -> Order:
        """Return the order as it is now. Raises `NoAnswer`, and `Refused` where it is not shown."""
        return self._ask(Order, "GET", f"/purchase-orders/{quote(order_id, safe='')}")

    def _ask(self, wanted: type[T], method: str, place: str, content: bytes = b"") -> T:
        answer = request(method, self.url.rstrip("/") + place, self._headers(), content)
        if not 200 <= answer.status < 300:
            raise _refusal(answer)
        try:
            return msgspec.json.decode(answer.body, type=wanted)
        except msgspec.DecodeError as error:
            raise NoAnswer(f"answered with something else than an order: {error}") from None

    def _headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {"X-Merchant-Id": self.merchant}


def _refusal(answer: Answer) -> Exception:
    """Return the error of an answer that is no success: an overloaded or broken server is as good as none."""
    try:
        said = msgspec.json.decode(answer.body, type=_Refusal).error
    except msgspec.DecodeError:
        said = ""
    text = f"status {answer.status}" + (f": {said}" if said else "")
    if answer.status in (401, 403):  # of who asks, and not of the deployment
        return NoAnswer(f"{text}; check LOGWATCH_PIPELINE_TOKEN and verify: merchant")
    return NoAnswer(text) if answer.status >= 500 or answer.status == 429 else Refused(text)
