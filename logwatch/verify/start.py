"""The beginning of a run, and finding it again: which deployment, since when, by which checklist."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from logwatch.deploys import Deployment, read_markers, window_of
from logwatch.errors import ConfigError, UsageError, did_you_mean
from logwatch.ruleset.model import RuleSet
from logwatch.verdict.verdict import Status
from logwatch.verify.board import board_of
from logwatch.verify.checklist import Checklist
from logwatch.verify.events import Started
from logwatch.verify.ledger import FILE_NAME, Events, Ledger
from logwatch.verify.load import load_checklist
from logwatch.verify.provider import DeploymentStatus, Provider, ProviderUnreachable
from logwatch.verify.run import Run


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be verified, as it was asked for: `deployment` by id, commit or URL (empty: the last marked).

    `live_from` None: the provider or the deploy marker tells. `phases` empty: all of them. `sources` empty: the
    configured ones.
    """

    deployment: str
    live_from: datetime | None = None
    phases: tuple[str, ...] = ()
    by: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Anchor:
    """The deployment and when it went live; `promoted_at` None: it has not yet, or nobody can tell."""

    id: str
    commit: str
    note: str
    promoted_at: datetime | None

    @property
    def deployment(self) -> Deployment | None:
        """The deployment; None while it is not live."""
        return Deployment(self.id, self.promoted_at, self.commit, self.note) if self.promoted_at else None


def anchor(asked: Asked, provider: Provider | None, markers: Path, now: datetime) -> Anchor:
    """Return the deployment that is asked for, by what was said, by its provider, or else by its marker.

    Raises `UsageError` where nothing tells of it.
    """
    if asked.live_from is not None:
        if not asked.deployment:
            raise UsageError("--deployed-at says when, but not what; name the deployment with --deploy ID")
        return Anchor(asked.deployment, "", "", asked.live_from)
    marked = _marked(asked.deployment, markers, now, hosted=provider is not None)
    wanted = asked.deployment or (marked.id if marked else "")
    commit, note, time = (marked.commit, marked.note, marked.time) if marked else ("", "", None)
    if provider is None:
        return Anchor(marked.id if marked else wanted, commit, note, time)
    try:
        state = provider.deployment(wanted)
    except ProviderUnreachable:
        return Anchor(wanted, commit, note, time)
    if state.status is DeploymentStatus.PENDING:
        time = None  # what is marked already is not live yet
    expected = commit or (wanted if state.commit.startswith(wanted) else state.commit)
    return Anchor(state.id or wanted, expected, note, state.promoted_at or time)


def _marked(wanted: str, file: Path, now: datetime, *, hosted: bool) -> Deployment | None:
    """Return the marked deployment; None where there is none, and its provider tells of it."""
    markers = read_markers(file)
    if wanted and hosted and not any(wanted in marker.names for marker in markers):
        return None
    try:
        return window_of(markers, wanted, file, now).deployment
    except UsageError as error:
        remedy = "say when it went live with --deployed-at TIME"
        if not wanted:
            remedy = "name it with --deploy ID" + ("" if hosted else f", and {remedy}")
        said = [str(problem) for problem in error.problems]
        raise UsageError(
            *(f"{one}{' Or' if one.endswith('?') else '; or'} {remedy}" for one in said)
        ) from None


def begin(
    ledger: Ledger,
    state: Path,
    asked: Asked,
    found: Anchor,
    checklist_file: Path,
    ruleset: RuleSet,
    now: datetime,
) -> Run:
    """Begin a run. Its checklist is kept beside the ledger, so that it ends by the one it began with.

    Raises `ConfigError` for a checklist with problems, `UsageError` for a phase that is not in it, and where
    another run is not decided yet.
    """
    checklist = load_checklist(checklist_file, ruleset)
    known = [phase.id for phase in checklist.phases]
    for phase in asked.phases:
        if phase not in known:
            hint = did_you_mean(phase, known) or f"; there are {', '.join(known)}"
            raise UsageError(f"--phase: the checklist has no phase '{phase}'{hint}")

    def allow(run: int, events: Events) -> None:
        if run:
            _decided(state, run, events, ruleset, now)

    content = checklist_file.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    _keep(_kept(state, digest), content)
    started = Started(
        at=now,
        deployment=found.id,
        commit=found.commit,
        note=found.note,
        promoted_at=found.promoted_at,
        checklist=digest,
        folder=str(checklist_file.parent.resolve()),
        phases=asked.phases,
        by=asked.by,
        sources=asked.sources,
    )
    return Run(ledger, ledger.begin(started, allow), checklist)


def last_run(state: Path, ruleset: RuleSet) -> Run:
    """Return the run that was begun last. Raises `UsageError` where there is none."""
    if not (state / FILE_NAME).is_file():
        raise UsageError(
            f"nothing is being verified in {state}; begin with: logwatch verify start --deploy ID"
        )
    ledger = Ledger(state)
    number = ledger.last_run()
    if not number:
        raise UsageError(
            f"nothing is being verified in {state}; begin with: logwatch verify start --deploy ID"
        )
    return Run(ledger, number, _checklist(state, ledger.events(number), ruleset))


def _decided(state: Path, number: int, events: Events, ruleset: RuleSet, now: datetime) -> None:
    """Check that a run needs no more carrying on before another one takes its place."""
    board = board_of(_checklist(state, events, ruleset), number, events, now)
    if not board.finished and board.status is not Status.FAIL:
        raise UsageError(
            f"the verification of {board.label} is not finished; carry it on with: logwatch verify resume, "
            "or give it up with: logwatch verify abort"
        )


def _checklist(state: Path, events: Events, ruleset: RuleSet) -> Checklist:
    started = events[0]
    assert isinstance(started, Started)
    path = _kept(state, started.checklist)
    try:
        same = hashlib.sha256(path.read_bytes()).hexdigest() == started.checklist
    except OSError:
        same = False
    if not same:
        raise ConfigError(
            f"{path}: is not the checklist that the run began with; restore it, or take another --state and start again"
        )
    return load_checklist(path, ruleset)


def _kept(state: Path, digest: str) -> Path:
    return state / f"checklist-{digest[:12]}.yml"


def _keep(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; it is on the disk when this returns."""
    temporary = path.with_suffix(".new")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror}); check its permissions") from None
