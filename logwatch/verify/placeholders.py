"""Placeholders in texts of a checklist: `${deployment.id}`, `${env.TOKEN}`, `${order}`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from logwatch.deploys import Deployment
from logwatch.errors import LogwatchError, did_you_mean

_PLACE = re.compile(r"\$\{([^}]*)\}")
KNOWN = ("deployment.id", "deployment.commit")
ENVIRONMENT = "env."
_SHORTEST = 6
"""Characters of a value that is hidden where it is repeated; shorter ones are too common."""


class NotGiven(LogwatchError):  # noqa: N818 - it reads as what it says
    """A placeholder has no value here."""

    exit_code = 3


def names_in(text: str) -> Iterator[str]:
    """Yield the names between `${` and `}`."""
    return (match[1] for match in _PLACE.finditer(text))


def fault_of(name: str, kept: tuple[str, ...]) -> str | None:
    """Return what is wrong with a placeholder's name where `kept` are the values kept before; None: nothing."""
    known = (*KNOWN, *kept)
    if name in known or (name.startswith(ENVIRONMENT) and len(name) > len(ENVIRONMENT)):
        return None
    hint = did_you_mean(name[:100], known) or f"; known here: {', '.join(known)}, {ENVIRONMENT}NAME"
    return f"'${{{name}}}' stands for nothing{hint}"


def fill(text: str, deployment: Deployment, environment: Mapping[str, str], kept: Mapping[str, str]) -> str:
    """Return `text` with its placeholders replaced. Raises `NotGiven` for one that has no value."""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name in kept:
            return kept[name]
        if name.startswith(ENVIRONMENT):
            variable = name.removeprefix(ENVIRONMENT)
            if variable not in environment:
                raise NotGiven(f"the environment has no {variable}; set it for logwatch")
            return environment[variable]
        found = {"deployment.id": deployment.id, "deployment.commit": deployment.commit}.get(name)
        if not found:
            raise NotGiven(f"{match[0]} is not known of this deployment")
        return found

    return _PLACE.sub(value, text)


def without_values(text: str, environment: Mapping[str, str], names: Iterable[str]) -> str:
    """Return `text` with the values of these variables replaced by what they are called: it may repeat what it got."""
    for name in names:
        value = environment.get(name, "")
        if len(value) >= _SHORTEST:
            text = text.replace(value, f"[{ENVIRONMENT}{name}]")
    return text
