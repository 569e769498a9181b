"""The hosting providers that can be asked, each a package of its own behind `logwatch.verify.provider`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from logwatch.config import VerifyConfig
from logwatch.verify.provider import HostingProvider
from logwatch.verify.providers.vercel.provider import open_vercel

PROVIDERS: Mapping[str, Callable[[VerifyConfig, Mapping[str, str]], HostingProvider]] = {
    "vercel": open_vercel
}
"""By the name that `verify: provider:` knows them by; each is opened with the configuration and the environment.

Raises `ConfigError`, with the remedy, where something is missing there.
"""
