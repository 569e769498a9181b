"""The page as HTML: everything that is filled in is escaped twice, for HTML and for the eye."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from logwatch import __version__
from logwatch.evidence.escape import escape
from logwatch.serve.http.page.assets import ASSETS
from logwatch.serve.http.page.chart import HEIGHT
from logwatch.serve.http.page.view import page
from logwatch.serve.snapshot import Snapshot
from logwatch.verdict.wording import percent


def _visible(value: object) -> object:
    """Show control characters and what turns the direction of text, before HTML is escaped."""
    return escape(value) if isinstance(value, str) and not isinstance(value, Markup) else value


_ENVIRONMENT: Final = Environment(
    loader=PackageLoader(__package__, "."),
    autoescape=True,
    finalize=_visible,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_ENVIRONMENT.filters["percent"] = percent
_ENVIRONMENT.globals |= {"assets": ASSETS, "height": HEIGHT, "version": __version__}


def status_page(snapshot: Snapshot, asked: str | None, now: datetime) -> str:
    """Return the page about `snapshot`, of the window `asked` (None: the first), as it is looked at `now`."""
    return _ENVIRONMENT.get_template("page.html").render(page=page(snapshot, asked, now))


def problem_page(status: int, text: str) -> str:
    """Return a page that says why there is nothing else to see."""
    return _ENVIRONMENT.get_template("problem.html").render(status=status, text=text)
