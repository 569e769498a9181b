"""What a run works with, from the configuration: provider, pipeline, logs, webhooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from logwatch.config import Config, no_sources
from logwatch.deploys import Deployment
from logwatch.ruleset.model import RuleSet
from logwatch.verify.logs import Logs
from logwatch.verify.marked import MarkedDeployments
from logwatch.verify.notify import webhooks
from logwatch.verify.pipeline_api import PipelineApi
from logwatch.verify.provider import HostingProvider, Provider
from logwatch.verify.runner import World

PIPELINE_TOKEN = "LOGWATCH_PIPELINE_TOKEN"  # noqa: S105 - the name of a variable
"""The environment variable that holds the merchant's token."""


def open_provider(config: Config, environment: Mapping[str, str]) -> HostingProvider | None:
    """Return the hosting provider that is configured; None: deploy markers tell. Raises `ConfigError`."""
    if config.verify.provider is None:
        return None
    from logwatch.verify.providers import PROVIDERS  # noqa: PLC0415 - only where one is configured

    return PROVIDERS[config.verify.provider](config.verify, environment)


def open_world(
    config: Config,
    ruleset: RuleSet,
    provider: Provider | None,
    given: Deployment | None,
    environment: Mapping[str, str],
    clock: Callable[[], datetime],
    sleep: Callable[[timedelta], None],
) -> World:
    """Return what a run works with. `given` is its deployment, which need not be marked; None: not live yet.

    Raises `ConfigError`.
    """
    if not config.sources:
        raise no_sources(config)
    verify = config.verify
    token = environment.get(PIPELINE_TOKEN)
    return World(
        clock=clock,
        sleep=sleep,
        logs=Logs(config, ruleset),
        provider=provider or MarkedDeployments(config.deploys, clock(), given),
        pipeline=PipelineApi(verify.pipeline, verify.merchant, token) if verify.pipeline else None,
        environment=environment,
        markers=config.deploys,
        notifier=webhooks(verify.notify, environment),
    )
