"""`logwatch.yml`: what is watched and how it is judged, as a frozen `Config`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, timedelta, tzinfo
from operator import itemgetter
from pathlib import Path

import msgspec

from logwatch.errors import ConfigError, Location, LogwatchError, Problem
from logwatch.sources.stdin import STDIN
from logwatch.timespec import parse_zone
from logwatch.yamlfiles.fields import Field, Fields, Values
from logwatch.yamlfiles.fieldtypes import Choice, Integer, Json, Span, Spans, Text, Texts
from logwatch.yamlfiles.reader import Reader

FILE_NAME = "logwatch.yml"
MARKERS_NAME = "logwatch-deploys.jsonl"
BASELINES_NAME = "logwatch-baselines"
STATE_NAME = "logwatch-verify"
SERVE_STATE_NAME = "logwatch-serve"
VERSION = 1
JOURNAL = "journal:"
"""In `sources:`, systemd's journal; units, or arguments of journalctl, may follow."""
SHIPPED = "shipped"
"""In `rules:`, the rules that come with logwatch."""

_ASSURANCES = ("quick", "standard", "strict")

_VERSION = Field("version", Integer(1), "the version of this format", required=True)
_SOURCES = Field("sources", Texts(), "files, directories and globs that are read when none is named")
_RULES = Field("rules", Texts(), f"rule files and directories; '{SHIPPED}' are those that logwatch ships")
_TIMEZONE = Field("timezone", Text(), "the zone of times without one (default UTC)")
_LATENESS = Field("lateness", Span(), "how far records may be out of order (default 10s)")
_ASSURANCE = Field("assurance", Choice(_ASSURANCES), "how much a pass must rule out (default quick)")
_DEPLOYS = Field("deploys", Text(), f"the file of deploy markers (default {MARKERS_NAME})")
_BASELINES = Field("baselines", Text(), f"the folder of pinned baselines (default {BASELINES_NAME})")
_DEPLOYMENT_ATTRIBUTE = Field(
    "deployment_attribute", Text(), "the attribute that holds a record's deployment id (default deploymentId)"
)
_STATE = Field("state", Text(), f"the folder of the ledger (default {STATE_NAME})")
_CHECKLIST = Field("checklist", Text(), "the checklist to work through (default: the shipped one)")
_PROVIDER = Field("provider", Choice(("vercel",)), "who hosts the deployments (default: deploy markers tell)")
_PROJECT = Field("project", Text(), "the provider's project, by name or id")
_TEAM = Field("team", Text(), "the provider's team, by id")
_PIPELINE = Field(
    "pipeline", Text(r"https?://\S+", "http://127.0.0.1:8080"), "the API that test orders go to"
)
_MERCHANT = Field("merchant", Text(), "whose test orders are (default logwatch)")
_NOTIFY = Field(
    "notify", Texts(), "environment variables that hold webhooks to notify, as apprise writes them"
)
_VERIFY_FIELDS = Fields((_STATE, _CHECKLIST, _PROVIDER, _PROJECT, _TEAM, _PIPELINE, _MERCHANT, _NOTIFY))
_VERIFY = Field("verify", _VERIFY_FIELDS, "what logwatch verify works with")
_SERVE_STATE = Field("state", Text(), f"the folder of counters and offsets (default {SERVE_STATE_NAME})")
_WINDOWS = Field(
    "windows",
    Spans(timedelta(minutes=1), timedelta(days=7)),
    "the windows that are judged all the time (default 30m and 24h)",
)
_LISTEN = Field(
    "listen", Text(r"\S+:\d{1,5}", "127.0.0.1:9437"), "the address to serve (default 127.0.0.1:9437)"
)
_WEB_CONFIG = Field("web_config", Text(), "the file of TLS and passwords, as Prometheus's exporters read it")
_SERVE_FIELDS = Fields((_SERVE_STATE, _WINDOWS, _LISTEN, _WEB_CONFIG))
_SERVE = Field("serve", _SERVE_FIELDS, "what logwatch serve works with")
_FIELDS = Fields(
    (
        _VERSION,
        _SOURCES,
        _RULES,
        _TIMEZONE,
        _LATENESS,
        _ASSURANCE,
        _DEPLOYS,
        _BASELINES,
        _DEPLOYMENT_ATTRIBUTE,
        _VERIFY,
        _SERVE,
    )
)


class VerifyConfig(msgspec.Struct, frozen=True):
    """The mapping `verify:`. `checklist` None: the shipped one; `provider` None: deploy markers tell."""

    state: Path = Path(STATE_NAME)
    checklist: Path | None = None
    provider: str | None = None
    project: str | None = None
    team: str | None = None
    pipeline: str | None = None
    merchant: str = "logwatch"
    notify: tuple[str, ...] = ()


class ServeConfig(msgspec.Struct, frozen=True):
    """The mapping `serve:`. `windows` are called as they are written, the shortest first."""

    state: Path = Path(SERVE_STATE_NAME)
    windows: Mapping[str, timedelta] = msgspec.field(
        default_factory=lambda: {"30m": timedelta(minutes=30), "24h": timedelta(days=1)}
    )
    listen: str = "127.0.0.1:9437"
    web_config: Path | None = None


class Config(msgspec.Struct, frozen=True):
    """What `logwatch.yml` says. Paths are as they resolve from the file's own directory.

    `file` is None where there is no configuration. `rules` empty: the shipped ones.
    """

    file: Path | None = None
    sources: tuple[str, ...] = ()
    rules: tuple[Path, ...] = ()
    zone: tzinfo = UTC
    lateness: timedelta = timedelta(seconds=10)
    assurance: str = "quick"
    deploys: Path = Path(MARKERS_NAME)
    baselines: Path = Path(BASELINES_NAME)
    deployment_attribute: str = "deploymentId"
    verify: VerifyConfig = VerifyConfig()
    serve: ServeConfig = ServeConfig()


def find_config(asked: Path | None, environment: Mapping[str, str], directory: Path) -> Path | None:
    """Return the configuration file to read; None where there is none.

    `asked` (--config), else `LOGWATCH_CONFIG`, else `logwatch.yml` in `directory`, else in the user's
    configuration directory (`XDG_CONFIG_HOME` or `~/.config`, under `logwatch/`). The first two are returned
    whether they exist or not: what is asked for and missing is an error.
    """
    if asked is not None:
        return asked
    if named := environment.get("LOGWATCH_CONFIG"):
        return Path(named)
    home = environment.get("HOME")
    user = environment.get("XDG_CONFIG_HOME") or (f"{home}/.config" if home else None)
    places = [directory / FILE_NAME, *([Path(user, "logwatch", FILE_NAME)] if user else [])]
    return next((place for place in places if place.is_file()), None)


def load_config(path: Path | None, shipped: Path) -> Config:
    """Return what the file says; the defaults for None. `shipped` is the directory that 'shipped' stands for.

    Raises `ConfigError` with all problems of the file.
    """
    if path is None:
        return Config()
    reader = Reader()
    node = reader.read(path)
    values = _FIELDS.read(reader, node, "the file") if node is not None else None
    zone: tzinfo = UTC
    if values is not None:
        zone = _zone(reader, values)
        version = values.get(_VERSION)
        if version not in {None, VERSION}:
            where = values.location(_VERSION)
            reader.problem(where, f"'version' is {version}; this logwatch reads version {VERSION}")
    reader.raise_problems()
    assert values is not None
    base = path.parent
    rules = tuple(shipped if name == SHIPPED else _from(base, name) for name in values.get(_RULES) or ())
    return Config(
        file=path,
        sources=tuple(_source(base, name) for name in values.get(_SOURCES) or ()),
        rules=rules,
        zone=zone,
        deploys=_from(base, values.get(_DEPLOYS) or MARKERS_NAME),
        baselines=_from(base, values.get(_BASELINES) or BASELINES_NAME),
        verify=_verify(values.get(_VERIFY), base),
        serve=_serve(values.get(_SERVE), base),
        **values.given(_LATENESS, _ASSURANCE, _DEPLOYMENT_ATTRIBUTE),
    )


def no_sources(config: Config) -> ConfigError:
    """Return the error of a command that was given no sources and finds none configured."""
    if config.file is None:
        return ConfigError(
            f"no sources: name log files, or write a {FILE_NAME} with 'sources:' (see the README for one)"
        )
    where = Location(str(config.file))
    return ConfigError(Problem(where, "names no sources; add 'sources:', or name log files"))


def config_schema() -> Json:
    """Return the JSON Schema (draft 2020-12) of `logwatch.yml`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "logwatch configuration",
        **_FIELDS.schema(),
    }


def _verify(values: Values | None, base: Path) -> VerifyConfig:
    if values is None:
        return VerifyConfig(state=base / STATE_NAME)
    checklist = values.get(_CHECKLIST)
    return VerifyConfig(
        state=_from(base, values.get(_STATE) or STATE_NAME),
        checklist=None if checklist is None else _from(base, checklist),
        **values.given(_PROVIDER, _PROJECT, _TEAM, _PIPELINE, _MERCHANT, _NOTIFY),
    )


def _serve(values: Values | None, base: Path) -> ServeConfig:
    if values is None:
        return ServeConfig(state=base / SERVE_STATE_NAME)
    web_config = values.get(_WEB_CONFIG)
    windows = values.get(_WINDOWS) or ServeConfig().windows
    return ServeConfig(
        state=_from(base, values.get(_SERVE_STATE) or SERVE_STATE_NAME),
        windows=dict(sorted(windows.items(), key=itemgetter(1))),
        web_config=None if web_config is None else _from(base, web_config),
        **values.given(_LISTEN),
    )


def _source(base: Path, name: str) -> str:
    """Return a source as it resolves; what is no path stays as it is."""
    return name if name == STDIN or name.startswith(JOURNAL) else str(_from(base, name))


def _from(base: Path, name: str) -> Path:
    return base / Path(name).expanduser()


def _zone(reader: Reader, values: Values) -> tzinfo:
    text = values.get(_TIMEZONE)
    if text is None:
        return UTC
    try:
        return parse_zone(text)
    except LogwatchError:
        where = values.location(_TIMEZONE)
        reader.problem(
            where,
            f"'timezone' is '{text}', which is no time zone; write it like UTC, Europe/Berlin or +02:00",
        )
        return UTC
